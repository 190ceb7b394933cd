"""Who has withdrawn from a case because of an interest in it (回避, 行政处罚法 43): nothing of it is theirs again.

Three ways lead here: an officer's part ended by recusal, a member of the discussion by the leaders declared it, and
whoever takes part otherwise declared it or was told to (`CaseRecusal`; decision 0022).
Somebody who left for another reason (工作调动) took no such distance; separation of duties is told elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from workflows import ledger, pulse
from workflows.actors import Actor, Person, acting
from workflows.cases import access
from workflows.cases.file import Case, CaseOfficer
from workflows.cases.meetings import REPORTS, AgendaItem
from workflows.errors import Forbidden
from workflows.store import Row, Utc

LEADERS = ("bureau_leader", "bureau_head")
SAID = "回避"
"""The word by which a reason says so, whether or not its writer ticked it: nobody who wrote it is charged again."""


class CaseRecusal(Row):
    """Somebody withdrew from a case. ordered_by_id: who decided that he must; empty where he declared it himself."""

    __tablename__ = "case_recusal"
    __table_args__ = (UniqueConstraint("case_id", "person_id"),)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[datetime] = mapped_column(Utc)
    reason: Mapped[str] = mapped_column(String(1000))
    ordered_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    ordered_by: Mapped[Person | None] = relationship(foreign_keys=[ordered_by_id])


pulse.watched(CaseRecusal, "person_id", "case_id")


def says(reason: str, *, recused: bool = False) -> bool:
    """Whether an officer who leaves for a reason withdraws because of an interest. recused: what its writer ticked."""
    return recused or SAID in reason


def recused(session: Session, case_id: str) -> set[str]:
    """Ids of those who have withdrawn from the case because of an interest in it."""
    parts = session.execute(
        select(CaseOfficer.person_id, CaseOfficer.until).where(CaseOfficer.case_id == case_id)
    ).all()  # fmt: skip
    handling = {person for person, until in parts if until is None}
    found: set[str] = set()
    if any(until is not None for _person, until in parts):
        for entry in ledger.history(session, f"case:{case_id}", only={"OfficerRemoved"}):
            if says(entry.data.get("reason", ""), recused=entry.data.get("recused", False)):
                found.add(str(entry.data["person_id"]))
    found -= handling
    told = select(CaseRecusal.person_id).where(CaseRecusal.case_id == case_id)
    return found | in_discussion(session, case_id) | set(session.execute(told).scalars())


@dataclass(frozen=True, slots=True)
class Left:
    """Why an officer left the case. recused: because of an interest in it, ticked or written."""

    reason: str
    recused: bool


def left(session: Session, case_id: str) -> dict[str, Left]:
    """Person id → why that officer left the case, the last time where there were several."""
    return {
        str(one.data["person_id"]): Left(reason, says(reason, recused=one.data.get("recused", False)))
        for one in ledger.history(session, f"case:{case_id}", only={"OfficerRemoved"})
        for reason in (one.data.get("reason", ""),)
    }


def of(session: Session, case_id: str) -> Sequence[CaseRecusal]:
    """Who declared it or was told to outside of a discussion, first come first."""
    wanted = select(CaseRecusal).where(CaseRecusal.case_id == case_id).order_by(CaseRecusal.since, CaseRecusal.id)
    return session.execute(wanted).scalars().all()


def in_discussion(session: Session, case_id: str) -> set[str]:
    """Ids of those who declared an interest in the discussion of a case; not of the officers, who only don't vote."""
    declared = session.execute(select(AgendaItem.recused).where(AgendaItem.case_id == case_id)).scalars()
    return {str(one["person_id"]) for each in declared for one in each or () if one.get("reason") != REPORTS}


def why(session: Session, actor: Actor, case_id: str) -> Forbidden | None:
    """Forbidden("case.you_recused") for an actor who has withdrawn from the case, None for anybody else."""
    return Forbidden("case.you_recused") if actor.person_id in recused(session, case_id) else None


def require_none(session: Session, actor: Actor, case_id: str) -> None:
    """Raise what `why` gives: who has withdrawn from a case does nothing more in it, by any command."""
    if (refusal := why(session, actor, case_id)) is not None:
        raise refusal


def deciding(session: Session, case: Case, person_id: str) -> tuple[str, ...]:
    """The roles that decide on somebody's recusal: of a leader the bureau's head, of the officers also the unit's head.

    A leader who handles the case too is a leader.
    """
    roles = acting(session, person_id).roles
    if roles & set(LEADERS):
        return ("bureau_head",)
    return ("handling_unit_head", *LEADERS) if person_id in _officers(session, case.id) else LEADERS


def require_deciding(session: Session, actor: Actor, case: Case, person_id: str) -> None:
    """Raise Forbidden("actor.role_missing") unless the actor decides on somebody's recusal; all declare their own."""
    if person_id != actor.person_id:
        access.require_role(session, actor, case, *deciding(session, case, person_id))


def _officers(session: Session, case_id: str) -> set[str]:
    """Ids of those who handle the case now."""
    rows = select(CaseOfficer.person_id).where(CaseOfficer.case_id == case_id, CaseOfficer.until.is_(None))
    return set(session.execute(rows).scalars())


Follower = Callable[[Session, Actor, Case, str, str], None]
"""What is done when somebody has withdrawn: session, actor, case (locked), person id, reason."""
_followers: list[Follower] = []


def follows(follower: Follower) -> Follower:
    """Register what is done, in the same unit of work, whenever somebody withdraws; for rooms above this one."""
    _followers.append(follower)
    return follower


def took_effect(session: Session, actor: Actor, case: Case, person_id: str, reason: str) -> None:
    """Said by whatever records that somebody withdraws from a case, after it did: what was his goes to others."""
    session.flush()
    for follower in _followers:
        follower(session, actor, case, person_id, reason)
