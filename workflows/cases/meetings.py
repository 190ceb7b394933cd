"""Collective discussion (行政处罚法 57 para. 2): a meeting takes many cases; one vote per member and case."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from workflows.actors import Person, holders, subtree
from workflows.store import Row, Utc

LEADERS = ("bureau_head", "bureau_leader", "panel_member")
"""Whose posts entitle them to sit in a collective discussion."""


class Meeting(Row):
    """One meeting of the bureau's leaders. state: called | open | closed."""

    __tablename__ = "meeting"
    bureau_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(200))
    planned_at: Mapped[datetime] = mapped_column(Utc)
    opened_at: Mapped[datetime | None] = mapped_column(Utc)
    closed_at: Mapped[datetime | None] = mapped_column(Utc)
    host_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    recorder_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    observers: Mapped[str] = mapped_column(Text, default="")  # 列席人员
    state: Mapped[str] = mapped_column(String(10), default="called")
    members: Mapped[list[MeetingMember]] = relationship(order_by="MeetingMember.position")
    items: Mapped[list[AgendaItem]] = relationship(order_by="AgendaItem.position", back_populates="meeting")


class MeetingMember(Row):
    """A leader who should attend (应到), and whether they did (实到)."""

    __tablename__ = "meeting_member"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meeting.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    position: Mapped[int] = mapped_column(Integer, default=0)
    present: Mapped[bool | None] = mapped_column(Boolean)
    absence_reason: Mapped[str] = mapped_column(String(200), default="")


REPORTS = "本案办案人员，汇报案情，不参加表决"
"""Why an officer of the case does not vote in its discussion (SOD-4): no interest that keeps from the case itself."""


class AgendaItem(Row):
    """One case on the agenda, its recusals, its conclusion."""

    __tablename__ = "agenda_item"
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meeting.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    purpose: Mapped[str] = mapped_column(String(20))  # decision | dispute
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"))
    draft_digest: Mapped[str] = mapped_column(String(64))
    attendance: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # [{person_id, present, reason}]
    recused: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # [{person_id, reason}]
    voters: Mapped[list[str]] = mapped_column(JSON, default=list)  # person ids entitled to vote after recusal
    round: Mapped[int] = mapped_column(Integer, default=1)
    state: Mapped[str] = mapped_column(String(12), default="listed")  # listed | voting | concluded | postponed |
    # withdrawn (taken off before the meeting came to it)
    conclusion: Mapped[str | None] = mapped_column(String(12))  # approve | change | return | refer
    resolution: Mapped[str] = mapped_column(Text, default="")
    resolved_penalties: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # with conclusion "change": [{party_id, types, fine_fen, confiscation, measures}]
    presiders: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    # 另行指定的主持人, the last one counts: [{person_id, instead_id, reason}]
    concluded_at: Mapped[datetime | None] = mapped_column(Utc)
    meeting: Mapped[Meeting] = relationship(back_populates="items")
    votes: Mapped[list[Vote]] = relationship(order_by="Vote.cast_at")


class Vote(Row):
    """One member's vote and words on one agenda item and round."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("item_id", "round", "person_id"),)
    item_id: Mapped[str] = mapped_column(ForeignKey("agenda_item.id"), index=True)
    round: Mapped[int] = mapped_column(Integer, default=1)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    choice: Mapped[str] = mapped_column(String(12))  # approve | change | return | refer | abstain
    opinion: Mapped[str] = mapped_column(Text)
    cast_at: Mapped[datetime] = mapped_column(Utc)


def presiding(item: AgendaItem) -> str:
    """Who presides over an item: who was appointed to, else the meeting's host, else the first who votes; the next one
    where somebody is away or withdrew. Empty where nobody is left.
    """
    appointed = [entry["person_id"] for entry in reversed(item.presiders or ())]
    order = [*appointed[:1], item.meeting.host_id, *(member.person_id for member in item.meeting.members)]
    return next((person_id for person_id in order if person_id in voting(item)), "")


def voting(item: AgendaItem) -> list[str]:
    """Ids of those entitled to vote on an item who are still there."""
    here = {entry["person_id"] for entry in item.attendance if entry["present"]}
    return [person_id for person_id in item.voters if person_id in here]


def voted(item: AgendaItem) -> set[str]:
    """Ids of those who have voted on an item in its present round."""
    return {vote.person_id for vote in item.votes if vote.round == item.round}


def leaders(session: Session, bureau_id: str, on: date | None = None) -> list[Person]:
    """Everybody entitled to sit in the bureau's collective discussion on a day (today if not given), called or not."""
    units = subtree(session, bureau_id)
    found: dict[str, Person] = {}
    for role in LEADERS:
        for person in holders(session, role, units, on):
            found.setdefault(person.id, person)
    return list(found.values())


def heads(session: Session, bureau_id: str, on: date | None = None) -> set[str]:
    """Ids of the bureau's head, or of whoever is in charge of its work: the holders of that post on a day."""
    return {person.id for person in holders(session, "bureau_head", subtree(session, bureau_id), on)}
