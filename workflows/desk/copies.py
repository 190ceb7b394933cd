"""Copies for reading (抄送) with a receipt (阅知): somebody else is to know of a case, and says when they read of it.

A copy makes nobody responsible: it is no task, holds nothing up, and gives the right to read the case, nothing more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from workflows import ledger, outbox, pulse
from workflows.actors import ROLES, Actor, Person, Post, subtree
from workflows.calendar import clock
from workflows.cases import access, ending, entering, recusals
from workflows.cases.file import Case, lock_case
from workflows.desk import receipts, texts
from workflows.desk.tasks import STEP, Task, TaskCandidate
from workflows.errors import FashenError, Forbidden, Invalid, NotFound, Problem
from workflows.ledger import events
from workflows.store import Row, Utc

AT_ONCE = 30
"""People to whom one command sends copies."""

READERS = frozenset(ROLES) - {"sys_admin", "sec_admin"}
"""Roles that may be sent copies: administrators see no case (domain brief, section 1)."""

ACTING = ("handling_unit_head", "legal_reviewer", "bureau_leader", "bureau_head", "hearing_officer")
"""Roles that act in a case without a task of their own in it."""


class CaseCopy(Row):
    """A case, or one step of it, sent to somebody to be read. `read_at` is the receipt."""

    __tablename__ = "case_copy"
    __table_args__ = (
        Index("ix_case_copy_person_id_sent_at", "person_id", "sent_at"),
        Index("ix_case_copy_person_id_read_at", "person_id", "read_at"),
    )
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"))  # the step about which, if one
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    sent_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[datetime] = mapped_column(Utc)
    note: Mapped[str] = mapped_column(String(texts.LONGEST_NOTE), default="")
    read_at: Mapped[datetime | None] = mapped_column(Utc)
    case: Mapped[Case] = relationship()
    task: Mapped[Task | None] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    sent_by: Mapped[Person] = relationship(foreign_keys=[sent_by_id])


pulse.watched(CaseCopy, "person_id", "sent_by_id", "case_id")


def send_copies(
    session: Session, actor: Actor, case_id: str, person_ids: Collection[str], *, note: str, key: str,
    task_id: str | None = None,
) -> int:  # fmt: skip
    """Send copies of a case to people of the bureau; gives back how many. They may read the case from now on.

    task_id: the step about which. Whoever holds an unread copy of the same is not sent another. Raises
    NotFound("case.unknown"), Forbidden("copy.not_acting") for somebody who has no part in the case, and Invalid for
    a case that has ended, nobody, too many, oneself, a note that is too long or somebody who may not be sent it, as
    who withdrew from the case ("copy.recused").
    """
    case = entering.enter(session, actor, case_id)
    arguments = {"case": case_id, "people": sorted(set(person_ids)), "note": note, "task": task_id}
    if (earlier := receipts.replay(session, actor, key, "send_copies", arguments)) is not None:
        return int(earlier["sent"])
    if not acts_in(session, actor, case):
        raise Forbidden("copy.not_acting")
    ending.require_unsettled(session, case)
    if task_id is not None and session.execute(
        select(Task.id).where(Task.id == task_id, Task.case_id == case_id)
    ).first() is None:  # fmt: skip
        raise NotFound("task.unknown", task=task_id)
    people = _readers(session, actor, case, person_ids, note)
    waiting = set(session.execute(
        select(CaseCopy.person_id).where(
            CaseCopy.case_id == case_id, CaseCopy.task_id == task_id, CaseCopy.read_at.is_(None)
        )
    ).scalars())  # fmt: skip
    sent = [_send(session, actor, case, person, note, task_id) for person in people if person.id not in waiting]
    receipts.keep(session, actor, key, "send_copies", arguments, {"sent": len(sent)})
    return len(sent)


def acknowledge_copy(session: Session, actor: Actor, copy_id: str) -> CaseCopy:
    """Say that one has read of it; once said, saying it again changes nothing.

    Also for who withdrew from the case since: what came before is read or not, and the case does not change by it.
    Raises NotFound("copy.unknown") for a copy that was not sent to the actor.
    """
    copy = session.get(CaseCopy, copy_id)
    if copy is None or copy.person_id != actor.person_id:
        raise NotFound("copy.unknown")
    case = lock_case(session, copy.case_id)
    session.refresh(copy)
    if copy.read_at is not None:
        return copy
    copy.read_at = clock.now()
    event = events.CopyAcknowledged(copy_id=copy.id, person_id=actor.person_id, name=actor.name)
    ledger.append(session, f"case:{case.id}", event, actor=actor, case_id=case.id)
    outbox.send(session, copy.sent_by_id, "copy_read", {"reader": actor.name, "title": case.title}, case_id=case.id)
    return copy


def acts_in(session: Session, actor: Actor, case: Case) -> bool:
    """Whether the actor handles the case, has or had a task in it, or stands above it by a role.

    A request that was taken away before it was answered is no task that one had.
    """
    try:
        access.require_officer(session, actor, case)
    except FashenError:
        pass
    else:
        return True
    if has_task(session, case.id, actor.person_id):
        return True
    try:
        access.require_role(session, actor, case, *ACTING)
    except Forbidden:
        return False
    return True


def has_task(session: Session, case_id: str, person_id: str, *, offered: bool = False) -> bool:
    """Whether somebody has or had a task in the case; offered: or may or might have claimed one."""
    mine = [Task.assignee_id == person_id, Task.ended_by_id == person_id]
    if offered:
        mine.append(Task.id.in_(select(TaskCandidate.task_id).where(TaskCandidate.person_id == person_id)))
    asked = or_(Task.kind == STEP, Task.state != "cancelled")
    had = select(Task.id).where(Task.case_id == case_id, or_(*mine), asked)
    return session.execute(had.limit(1)).first() is not None


def has_copy(session: Session, case_id: str, person_id: str) -> bool:
    """Whether somebody was sent a copy of the case."""
    sent = select(CaseCopy.id).where(CaseCopy.case_id == case_id, CaseCopy.person_id == person_id)
    return session.execute(sent.limit(1)).first() is not None


def readers(session: Session, actor: Actor, case: Case) -> list[tuple[Person, Post]]:
    """Everybody of the bureau to whom a copy may be sent, each with the post that comes first, by unit and rank."""
    wanted = (
        select(Person, Post).join(Post, Post.person_id == Person.id)
        .where(Post.unit_id.in_(subtree(session, case.bureau_id)), Post.role.in_(READERS), Person.disabled_at.is_(None),
               Person.id != actor.person_id)
        .order_by(Post.unit_id, Post.rank, Person.name, Person.id)
    )  # fmt: skip
    today = clock.today()
    found: dict[str, tuple[Person, Post]] = {}
    for person, post in session.execute(wanted):
        if post.holds(today):
            found.setdefault(person.id, (person, post))
    return list(found.values())


def copies_of(session: Session, case_id: str) -> Sequence[CaseCopy]:
    """The copies of a case with their receipts, newest first."""
    wanted = select(CaseCopy).where(CaseCopy.case_id == case_id).order_by(CaseCopy.sent_at.desc(), CaseCopy.id)
    return session.execute(wanted).scalars().all()


def _readers(session: Session, actor: Actor, case: Case, person_ids: Collection[str], note: str) -> list[Person]:
    wanted = set(person_ids)
    if not wanted:
        raise Invalid("copy.nobody", [Problem("copy.nobody", "people")])
    if len(wanted) > AT_ONCE:
        raise Invalid("copy.too_many", [Problem("copy.too_many", "people", facts={"most": AT_ONCE})], most=AT_ONCE)
    texts.note(note)
    people = [person for person, _post in readers(session, actor, case) if person.id in wanted]
    if len(people) != len(wanted):
        raise Invalid("copy.not_for_them", [Problem("copy.not_for_them", "people")])
    gone = recusals.recused(session, case.id)
    if names := "、".join(person.name for person in people if person.id in gone):
        raise Invalid("copy.recused", [Problem("copy.recused", "people", facts={"name": names})], name=names)
    return people


def _send(session: Session, actor: Actor, case: Case, person: Person, note: str, task_id: str | None) -> CaseCopy:
    copy = CaseCopy(
        case_id=case.id, task_id=task_id, person_id=person.id, sent_by_id=actor.person_id, sent_at=clock.now(),
        note=note.strip(),
    )  # fmt: skip
    session.add(copy)
    session.flush()
    access.admit(session, case, person.id, reason="抄送阅知")
    outbox.send(session, person.id, "case_copied", {"title": case.title, "sender": actor.name}, case_id=case.id)
    event = events.CaseCopied(copy_id=copy.id, person_id=person.id, name=person.name, note=copy.note, task_id=task_id)
    ledger.append(session, f"case:{case.id}", event, actor=actor, case_id=case.id)
    return copy
