"""Comments and side questions about a case (讨论、询问): beside the record of acts, each with its own readers.

What somebody thinks aloud is neither an opinion nor evidence: no document quotes a remark, no gate reads one. Who may
read it is settled by whoever makes it, and asked anew at each look: whoever no longer sees the case reads nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, Text, and_, cast, not_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from workflows import ledger, outbox
from workflows.actors import Actor, Person, acting
from workflows.calendar import clock
from workflows.cases import access, circles, ending, entering, recusals
from workflows.cases.file import Case
from workflows.desk import receipts, texts
from workflows.desk.tasks import Task
from workflows.errors import Forbidden, Invalid, NotFound, Problem, Stale
from workflows.ledger import events
from workflows.store import Row, Utc

COMMENT, QUESTION, ANSWER = "comment", "question", "answer"
MOST_READERS = 30
PAGE = 30
"""Comments and questions of a page, each with its answer."""
VISIBILITIES: Mapping[str, tuple[str, str]] = {**circles.CIRCLES, "people": ("指定人员", "Named people")}
"""Visibility → (Chinese, English). The author, and whoever a question is put to, read it in any case."""


class Remark(Row):
    """One comment, question or answer. `to_id` and `answered_at`: of a question; `reply_to_id`: of an answer."""

    __tablename__ = "remark"
    __table_args__ = (
        Index("ix_remark_case_id_made_at", "case_id", "made_at"),
        Index("ix_remark_to_id_answered_at", "to_id", "answered_at"),
    )
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"))  # the step about which, if one
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(10))
    visibility: Mapped[str] = mapped_column(String(10))
    people: Mapped[list[str]] = mapped_column(JSON, default=list)  # person ids, where they are named
    to_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    reply_to_id: Mapped[str | None] = mapped_column(ForeignKey("remark.id"))
    text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Utc)
    answered_at: Mapped[datetime | None] = mapped_column(Utc)
    case: Mapped[Case] = relationship()
    task: Mapped[Task | None] = relationship()
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    to: Mapped[Person | None] = relationship(foreign_keys=[to_id])


@dataclass(frozen=True, slots=True)
class Threads:
    """A page of the remarks on a case: comments and questions, oldest first, and the answers to these.

    earlier: the id of the newest one before the page, empty where there is none; later: whether there are newer ones.
    """

    said: Sequence[Remark] = ()
    answers: Sequence[Remark] = ()
    earlier: str = ""
    later: bool = False


def make_remark(
    session: Session, actor: Actor, case_id: str, text: str, *, visibility: str, key: str,
    people: Collection[str] = (), task_id: str | None = None,
) -> str:  # fmt: skip
    """Comment on a case, or on one of its steps; gives back the remark's id. Named people are told of it.

    people: who reads it, for the visibility "people". Raises NotFound, Forbidden("remark.looking_on",
    "remark.withdrawn"), Invalid("remark.*") with a problem for each field.
    """
    arguments = {"case": case_id, "text": text, "visibility": visibility, "people": sorted(set(people)),
                 "task": task_id}  # fmt: skip
    case = _locked(session, actor, case_id)
    if (earlier := receipts.replay(session, actor, key, "make_remark", arguments)) is not None:
        return str(earlier["remark"])
    made = _make(session, actor, case, COMMENT, text, visibility, people, task_id)
    for person_id in made.people:
        _tell(session, actor, case, person_id, "remark_made")
    receipts.keep(session, actor, key, "make_remark", arguments, {"remark": made.id})
    return made.id


def put_question(
    session: Session, actor: Actor, case_id: str, text: str, to_id: str, *, visibility: str, key: str,
    people: Collection[str] = (), task_id: str | None = None,
) -> str:  # fmt: skip
    """Ask somebody who sees the case something about it; gives back the remark's id. It holds nothing up.

    Raises as `make_remark`, and Invalid("remark.to_oneself", "remark.sees_nothing", "remark.withdrew").
    """
    arguments = {"case": case_id, "text": text, "to": to_id, "visibility": visibility, "people": sorted(set(people)),
                 "task": task_id}  # fmt: skip
    case = _locked(session, actor, case_id)
    if (earlier := receipts.replay(session, actor, key, "put_question", arguments)) is not None:
        return str(earlier["remark"])
    if to_id == actor.person_id:
        raise Invalid("remark.to_oneself", [Problem("remark.to_oneself", "to")])
    _require_seeing(session, case, to_id, "to")
    readers = {*people, to_id} if visibility == "people" else people  # who is asked reads it anyway
    made = _make(session, actor, case, QUESTION, text, visibility, readers, task_id, to_id=to_id)
    for person_id in sorted({to_id, *made.people}):
        _tell(session, actor, case, person_id, "remark_asked" if person_id == to_id else "remark_made")
    receipts.keep(session, actor, key, "put_question", arguments, {"remark": made.id})
    return made.id


def answer_question(session: Session, actor: Actor, remark_id: str, text: str, *, key: str) -> str:
    """Answer a question that was put to one; gives back the answer's id. It has the question's readers.

    Raises NotFound, Forbidden("remark.not_asked", "case.you_recused"), Stale("remark.answered"),
    Invalid("remark.text").
    """
    question = session.get(Remark, remark_id)
    if question is not None and question.to_id == actor.person_id:  # who was asked is told why he can't answer
        recusals.require_none(session, actor, question.case_id)
    if question is None or not visible(session, actor, question):
        raise NotFound("remark.unknown")
    case = _locked(session, actor, question.case_id)
    arguments = {"remark": remark_id, "text": text}
    if (earlier := receipts.replay(session, actor, key, "answer_question", arguments)) is not None:
        return str(earlier["remark"])
    session.refresh(question)
    if question.to_id != actor.person_id:
        raise Forbidden("remark.not_asked")
    if question.answered_at is not None:
        raise Stale("remark.answered")
    made = _make(session, actor, case, ANSWER, text, question.visibility, question.people, question.task_id,
                 reply_to=question)  # fmt: skip
    question.answered_at = made.made_at
    _tell(session, actor, case, question.author_id, "remark_answered")
    receipts.keep(session, actor, key, "answer_question", arguments, {"remark": made.id})
    return made.id


def threads(session: Session, actor: Actor, case_id: str, until: str = "") -> Threads:
    """A page of the remarks on a case that the actor may read. until: the id of the one with which it ends, or of an
    answer to that; the newest page without one that there is.

    Nothing for who does not see the case, nor for who withdrew from it (回避), whatever was addressed to them before.
    """
    sides = _sides(session, actor, case_id)
    if not sides:
        return Threads()
    read = select(Remark).where(Remark.case_id == case_id, Remark.reply_to_id.is_(None), _readable(actor, sides))
    last = _last(session, actor, case_id, until)
    page = read if last is None else read.where(not_(_newer(last)))
    rows = session.execute(page.order_by(Remark.made_at.desc(), Remark.id.desc()).limit(PAGE + 1)).scalars().all()
    said, earlier = rows[:PAGE][::-1], rows[PAGE].id if len(rows) > PAGE else ""
    answers = select(Remark).where(Remark.reply_to_id.in_([one.id for one in said])).order_by(Remark.made_at, Remark.id)
    newer = None if last is None else session.execute(
        read.where(_newer(last)).with_only_columns(Remark.id).limit(1)
    ).scalar_one_or_none()  # fmt: skip
    return Threads(said, session.execute(answers).scalars().all(), earlier, newer is not None)


def _newer(last: Remark) -> ColumnElement[bool]:
    """What was said after a remark."""
    return or_(Remark.made_at > last.made_at, and_(Remark.made_at == last.made_at, Remark.id > last.id))


def _last(session: Session, actor: Actor, case_id: str, until: str) -> Remark | None:
    """The comment or question with which a page is asked to end."""
    found = session.get(Remark, until) if until else None
    if found is None or found.case_id != case_id or not visible(session, actor, found):
        return None
    return session.get(Remark, found.reply_to_id) if found.reply_to_id else found


def _sides(session: Session, actor: Actor, case_id: str) -> frozenset[str]:
    """The circles of a case that are the actor's."""
    seen = access.visible_id(session, actor, case_id)
    return circles.of(session, actor, session.get_one(Case, case_id)) if seen else frozenset()


def _readable(actor: Actor, sides: Collection[str]) -> ColumnElement[bool]:
    """What of the comments and questions of a case is read by somebody who belongs to these circles."""
    named = cast(Remark.people, Text).contains(f'"{actor.person_id}"', autoescape=True)
    return or_(
        Remark.author_id == actor.person_id, Remark.to_id == actor.person_id, Remark.visibility.in_(sides),
        and_(Remark.visibility == "people", named),
    )  # fmt: skip


def may_speak(session: Session, actor: Actor, case: Case) -> bool:
    """Whether the actor may comment and ask in the case now."""
    if not circles.speaks(actor) or ending.why_settled(session, case) is not None:
        return False
    return bool(circles.of(session, actor, case))


def visible(session: Session, actor: Actor, remark: Remark) -> bool:
    """Whether the actor may read a remark; an answer is read by whoever reads its question."""
    sides = _sides(session, actor, remark.case_id)
    wanted = select(Remark.id).where(Remark.id == (remark.reply_to_id or remark.id), _readable(actor, sides))
    return bool(sides) and session.execute(wanted).first() is not None


def questions_to(session: Session, actor: Actor, case_id: str | None = None) -> list[Remark]:
    """The questions that wait for the actor's answer, oldest first, of one case or of all that he still sees."""
    wanted = select(Remark).where(
        *([Remark.case_id == case_id] if case_id else []),
        Remark.to_id == actor.person_id, Remark.answered_at.is_(None),
        Remark.case_id.in_(select(Case.id).where(access.visible_cases(session, actor))),
    )  # fmt: skip
    found = session.execute(wanted.order_by(Remark.made_at, Remark.id)).scalars()
    return [one for one in found if actor.person_id not in circles.withdrawn(session, one.case_id)]


def _locked(session: Session, actor: Actor, case_id: str) -> Case:
    if not access.visible_id(session, actor, case_id):
        raise NotFound("case.unknown", case=case_id)
    if not circles.speaks(actor):
        raise Forbidden("remark.looking_on")
    case = entering.lock_for(session, actor, case_id)
    if actor.person_id in circles.withdrawn(session, case_id):
        raise Forbidden("remark.withdrawn")
    return case


def _make(
    session: Session, actor: Actor, case: Case, kind: str, text: str, visibility: str, people: Collection[str],
    task_id: str | None, *, to_id: str | None = None, reply_to: Remark | None = None,
) -> Remark:  # fmt: skip
    named = sorted(set(people) - {actor.person_id})
    _check(session, case, text, visibility, named if reply_to is None else [], task_id, answers=reply_to is not None)
    made = Remark(
        case_id=case.id, task_id=task_id, author_id=actor.person_id, kind=kind, visibility=visibility,
        people=list(people) if reply_to else named, to_id=to_id, reply_to_id=reply_to.id if reply_to else None,
        text=text.strip(), made_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    told = events.RemarkMade(remark_id=made.id, kind=kind, visibility=visibility, task_id=task_id)
    ledger.append(session, f"case:{case.id}", told, actor=actor, case_id=case.id)
    return made


def _check(
    session: Session, case: Case, text: str, visibility: str, named: list[str], task_id: str | None, *, answers: bool
) -> None:
    ending.require_unsettled(session, case)
    problems: list[Problem] = []
    if unsaid := texts.wrong(text, "text", texts.LONGEST_QUESTION, long="remark.text", missing="remark.text"):
        problems.append(unsaid)
    if visibility not in VISIBILITIES:
        problems.append(Problem("remark.visibility", "visibility"))
    elif not answers and (visibility == "people") != bool(named):
        problems.append(Problem("remark.people", "people"))
    if len(named) > MOST_READERS:
        problems.append(Problem("remark.too_many", "people", facts={"most": MOST_READERS}))
    if problems:
        raise Invalid(problems[0].code, problems, **problems[0].facts)
    if task_id is not None and session.execute(
        select(Task.id).where(Task.id == task_id, Task.case_id == case.id)
    ).first() is None:  # fmt: skip
        raise NotFound("task.unknown", task=task_id)
    for person_id in named:
        _require_seeing(session, case, person_id, "people")


def _require_seeing(session: Session, case: Case, person_id: str, field: str) -> None:
    """Nobody comes to see a case by a remark: that is what copies are for; nor does who withdrew come back by one."""
    reader = acting(session, person_id)
    facts: dict[str, Any] = {"name": reader.name}
    if not access.visible_id(session, reader, case.id):
        raise Invalid("remark.sees_nothing", [Problem("remark.sees_nothing", field, facts=facts)], **facts)
    if person_id in circles.withdrawn(session, case.id):
        raise Invalid("remark.withdrew", [Problem("remark.withdrew", field, facts=facts)], **facts)


def _tell(session: Session, actor: Actor, case: Case, person_id: str, kind: str) -> None:
    if person_id != actor.person_id:
        outbox.send(session, person_id, kind, {"title": case.title, "by": actor.name}, case_id=case.id)
