"""Ending a matter of the catalogue: conduct from a day on is not penalised by it any more.

Whoever acted before that day is still judged by it, however late that is found out (行政处罚法 37): the matter stays in
the catalogue and can be chosen for such conduct. The day lies ahead, so that every running case keeps what it has.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases.catalogue import Matter, matter_of
from workflows.errors import Invalid, Problem
from workflows.ledger import events

ROLES = ("legal_reviewer", "sys_admin")
LONGEST_REASON = 500
_DAY = timedelta(days=1)


def end_matter(session: Session, actor: Actor, code: str, *, ends_from: date | None, reason: str) -> Matter:
    """Let a matter end; whoever says the same again changes nothing.

    ends_from: the first day whose conduct it does not cover, tomorrow at the earliest; None takes back an end that has
    not come yet. reason: the paper that repeals it, and why. Raises Forbidden, NotFound("matter.unknown"),
    Invalid("matter.ended_already") for one that has ended, and Invalid at the wrong field.
    """
    actor.require(*ROLES)
    why = reason.strip()
    ledger.lock_stream(session, "bureau")
    matter = matter_of(session, code)
    session.refresh(matter)
    today = clock.today()
    if matter.effective_to is not None and matter.effective_to < today:
        raise Invalid("matter.ended_already", matter=code, day=matter.effective_to)
    last = None if ends_from is None else ends_from - _DAY
    if matter.effective_to == last:
        return matter
    problems = []
    if not 0 < len(why) <= LONGEST_REASON:
        label = {"zh": "依据和理由", "en": "Basis and reason"}
        problems.append(Problem("field.required", "reason", facts={"label": label}))
    if ends_from is not None and (ends_from <= today or (matter.effective_from or date.min) >= ends_from):
        problems.append(Problem("matter.end_day_bad", "ends_from"))
    if problems:
        raise Invalid("form.invalid", problems, count=len(problems))
    matter.effective_to = last
    session.flush()
    told = events.MatterEnded(code=code, name=matter.name, effective_to=last, reason=why)
    ledger.append(session, "bureau", told, actor=actor)
    return matter


def covers(matter: Matter, conduct: date) -> bool:
    """Whether conduct of a day is penalised by the matter, as far as its end goes."""
    return matter.effective_to is None or conduct <= matter.effective_to
