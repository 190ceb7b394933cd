"""The bureau's own value of a legal parameter, from a day on: one system administrator asks, another one approves.

What was asked stands in the ledger and nowhere else: nobody can alter a request between its asking and its approval. A
value that held stays as it was: it ends the day before the next one begins, and is asked by the day ever after.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import Actor, Unit, holders
from workflows.calendar import clock
from workflows.cases.catalogue import BureauRule
from workflows.cases.parameters import parameters, require_value
from workflows.errors import Forbidden, Invalid, NotFound, Problem, Stale
from workflows.ledger import events
from workflows.staff import realm
from workflows.store import new_id

ROLE = "sys_admin"
LONGEST_SOURCE = 500
_DAY = timedelta(days=1)


def own(session: Session, bureau_id: str, name: str) -> list[BureauRule]:
    """The bureau's own values of a parameter, in the order of their first days."""
    wanted = select(BureauRule).where(BureauRule.bureau_id == bureau_id, BureauRule.name == name)
    return sorted(session.execute(wanted).scalars(), key=lambda row: row.effective_from or date.min)


def bureaus(session: Session, actor: Actor) -> list[Unit]:
    """The bureaus whose parameters the actor looks after."""
    wanted = select(Unit).where(Unit.legal_subject.is_(True), Unit.id.in_(realm.units_of(session, actor)))
    return [unit for unit in session.execute(wanted.order_by(Unit.name)).scalars() if unit.ended_on is None]


def ask(
    session: Session, actor: Actor, bureau_id: str, name: str, *, value: Mapping[str, Any] | None,
    effective_from: date, source: str, reason: str,
) -> str:  # fmt: skip
    """Ask that a bureau's own value hold from a day on; the id of the request, the one that waits if it is the same.

    value: None for what the program proposes, from that day on. source: the paper it rests on. Raises Forbidden,
    NotFound, Stale("rule.another") while another request waits, Invalid for value, day, source or reason.
    """
    actor.require(ROLE)
    why, paper = realm.reasoned(reason), source.strip()
    if name not in parameters():
        raise NotFound("rule.unknown", rule=name[:64], day=effective_from)
    if value is not None:
        require_value(name, value)
    if not 0 < len(paper) <= LONGEST_SOURCE:
        label = {"zh": "依据（文件名称、文号）", "en": "Basis (title and number of the paper)"}
        raise Invalid("form.invalid", [Problem("field.required", "source", facts={"label": label})], count=1)
    ledger.lock_stream(session, "bureau")
    unit = realm.unit(session, actor, bureau_id)
    if not unit.legal_subject:
        raise NotFound("unit.unknown", name="")
    _require_day(session, bureau_id, name, effective_from, end=value is None)
    facts: dict[str, Any] = {"bureau_id": bureau_id, "name": name, "value": None if value is None else dict(value),
                             "effective_from": effective_from, "source": paper, "reason": why}  # fmt: skip
    for entry, asked in waiting(session):
        if (asked.bureau_id, asked.name) == (bureau_id, name):
            if entry.actor_id == actor.person_id and all(getattr(asked, key) == one for key, one in facts.items()):
                return asked.request_id
            raise Stale("rule.another", by=entry.actor_name, at=entry.recorded_at)
    told = events.RuleAsked(request_id=new_id(), unit=unit.name, title=parameters()[name].names[0], **facts)
    ledger.append(session, "bureau", told, actor=actor)
    units = session.execute(select(Unit.id)).scalars().all()
    for person in holders(session, ROLE, units):
        if person.id != actor.person_id:
            outbox.send(session, person.id, "rule_asked", {"name": told.title, "unit": unit.name, "by": actor.name})
    return told.request_id


def approve(session: Session, actor: Actor, request_id: str) -> None:
    """Let the value hold that another administrator asked for.

    Raises Forbidden ("rule.own_request"), NotFound, Stale("rule.decided"), and Invalid where its day has passed.
    """
    entry, asked = _deciding(session, actor, request_id)
    if entry.actor_id == actor.person_id:
        raise Forbidden("rule.own_request")
    if asked.value is not None:  # an older version may have let it be asked for
        require_value(asked.name, asked.value)
    _require_day(session, asked.bureau_id, asked.name, asked.effective_from, end=asked.value is None)
    for row in own(session, asked.bureau_id, asked.name):
        if row.effective_to is None or row.effective_to >= asked.effective_from:
            row.effective_to = asked.effective_from - _DAY
    if asked.value is not None:
        session.add(BureauRule(name=asked.name, bureau_id=asked.bureau_id, value=asked.value,
                               effective_from=asked.effective_from, source=asked.source))  # fmt: skip
    session.flush()
    told = events.RuleSet(
        request_id=request_id, bureau_id=asked.bureau_id, unit=asked.unit, name=asked.name, title=asked.title,
        value=asked.value, effective_from=asked.effective_from, source=asked.source,
    )  # fmt: skip
    ledger.append(session, "bureau", told, actor=actor)
    outbox.send(session, entry.actor_id, "rule_approved", {"name": asked.title, "unit": asked.unit, "by": actor.name})


def refuse(session: Session, actor: Actor, request_id: str, *, decision: str) -> None:
    """Refuse a request, or take one's own back, and say why. Raises as `approve`, and Invalid without a reason."""
    why = realm.reasoned(decision)
    entry, asked = _deciding(session, actor, request_id)
    told = events.RuleRefused(request_id=request_id, unit=asked.unit, title=asked.title, reason=why)
    ledger.append(session, "bureau", told, actor=actor)
    if entry.actor_id != actor.person_id:
        facts = {"name": asked.title, "unit": asked.unit, "by": actor.name, "reason": why}
        outbox.send(session, entry.actor_id, "rule_refused", facts)


def waiting(session: Session) -> list[tuple[ledger.Entry, events.RuleAsked]]:
    """The requests that nobody has decided on, oldest first, each with its entry."""
    decided = {entry.data["request_id"] for name in ("RuleSet", "RuleRefused")
               for entry in ledger.of_event(session, "bureau", name)}  # fmt: skip
    found = [(entry, entry.typed()) for entry in ledger.of_event(session, "bureau", "RuleAsked")
             if entry.data["request_id"] not in decided]  # fmt: skip
    return [(entry, asked) for entry, asked in found if isinstance(asked, events.RuleAsked)]


def _deciding(session: Session, actor: Actor, request_id: str) -> tuple[ledger.Entry, events.RuleAsked]:
    actor.require(ROLE)
    ledger.lock_stream(session, "bureau")
    units = realm.units_of(session, actor)
    for entry, asked in waiting(session):
        if asked.request_id == request_id and asked.bureau_id in units:
            return entry, asked
    if any(one.data["request_id"] == request_id for one in ledger.of_event(session, "bureau", "RuleAsked")):
        raise Stale("rule.decided")
    raise NotFound("rule.request_unknown")


def _require_day(session: Session, bureau_id: str, name: str, first: date, *, end: bool) -> None:
    """A value begins today or later, and after all others: what held on a day is never changed afterwards."""
    held = own(session, bureau_id, name)
    problems = []
    if first < clock.today():
        problems.append(Problem("rule.day_passed", "effective_from"))
    elif any(row.effective_from is not None and row.effective_from >= first for row in held):
        problems.append(Problem("rule.day_taken", "effective_from"))
    elif end and not any(row.effective_to is None or row.effective_to >= first for row in held):
        problems.append(Problem("rule.nothing_own", "value"))
    if problems:
        raise Invalid(problems[0].code, problems)
