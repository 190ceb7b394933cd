"""What happens between bureau and party: notices, statements, hearings, seizures, service, publication, performance."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store import Row, Utc


class Notice(Row):
    """行政处罚告知 to one party about one draft (行政处罚法 44, 62, 63)."""

    __tablename__ = "notice"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"))
    draft_digest: Mapped[str] = mapped_column(String(64))
    document_id: Mapped[str | None] = mapped_column(String(32))
    served_on: Mapped[date] = mapped_column(Date)
    served_at: Mapped[datetime] = mapped_column(Utc)
    method: Mapped[str] = mapped_column(String(20))
    hearing_right: Mapped[bool] = mapped_column(Boolean, default=False)
    statement: Mapped[str | None] = mapped_column(String(10))  # none | made | waived (in writing)
    statement_text: Mapped[str] = mapped_column(Text, default="")
    statement_on: Mapped[date | None] = mapped_column(Date)
    recheck: Mapped[str] = mapped_column(Text, default="")  # 复核意见
    hearing_request: Mapped[str | None] = mapped_column(String(10))  # none | requested | waived
    hearing_requested_on: Mapped[date | None] = mapped_column(Date)


class Hearing(Row):
    """听证 (行政处罚法 63–65). state: notified | held | forfeited | withdrawn |
    superseded (called, and another one instead).
    """

    __tablename__ = "hearing"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"))
    chair_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    notified_on: Mapped[date] = mapped_column(Date)
    planned_at: Mapped[datetime] = mapped_column(Utc)
    place: Mapped[str] = mapped_column(String(200), default="")
    open_to_public: Mapped[bool] = mapped_column(Boolean, default=True)
    state: Mapped[str] = mapped_column(String(12), default="notified")
    held_at: Mapped[datetime | None] = mapped_column(Utc)
    transcript_material_id: Mapped[str | None] = mapped_column(ForeignKey("material.id"))
    opinion: Mapped[str] = mapped_column(Text, default="")
    facts_changed: Mapped[bool] = mapped_column(Boolean, default=False)


class Seizure(Row):
    """查封/扣押 (行政强制法 18–28).

    state: requested | withdrawn (before anybody decided) | approved | refused | in_force | released | confiscated |
    handed_over.
    """

    __tablename__ = "seizure"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10), default="")  # seal | seize; "" until it is carried out
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    basis: Mapped[str] = mapped_column(Text, default="")
    goods: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # [{name, quantity, place, note}]
    approved_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Utc)
    taken_at: Mapped[datetime | None] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    approval_opinion: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(12), default="requested")
    handling: Mapped[str] = mapped_column(Text, default="")


class OnSiteAct(Row):
    """An act on site (检查, 询问, 查封扣押 …) and who carried it out; G1 counts their certificates (行政处罚法 42)."""

    __tablename__ = "on_site_act"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    done_on: Mapped[date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(200), default="")
    officer_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(Text, default="")


class Referral(Row):
    """行刑衔接: the referral of one suspicion (310号令). `steps` repeats what the ledger holds, for the case page."""

    __tablename__ = "referral"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    offence: Mapped[str] = mapped_column(String(200))
    grounds: Mapped[str] = mapped_column(Text)
    raised_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    raised_at: Mapped[datetime] = mapped_column(Utc)
    team_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    police: Mapped[str] = mapped_column(String(200), default="")
    procuratorate: Mapped[str] = mapped_column(String(200), default="")
    approved_at: Mapped[datetime | None] = mapped_column(Utc)
    transferred_at: Mapped[datetime | None] = mapped_column(Utc)
    result: Mapped[str | None] = mapped_column(String(20))  # accepted | returned | refused | cleared
    criminal_result: Mapped[str | None] = mapped_column(String(20))  # punished | not_punished | returned
    criminal_outcome: Mapped[str] = mapped_column(Text, default="")
    outcome_on: Mapped[date | None] = mapped_column(Date)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class Decision(Row):
    """One decision for one party (several a case). `document_id` is the issued document."""

    __tablename__ = "decision"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    party_id: Mapped[str | None] = mapped_column(ForeignKey("party.id"))
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"))
    draft_digest: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(20))  # penalty | no_penalty_minor | no_penalty_unproven | referred
    collective: Mapped[bool] = mapped_column(Boolean, default=False)
    agenda_item_id: Mapped[str | None] = mapped_column(ForeignKey("agenda_item.id"))
    fine_fen: Mapped[int | None] = mapped_column(BigInteger)
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    decided_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(Utc)
    document_id: Mapped[str | None] = mapped_column(String(32))
    served_on: Mapped[date | None] = mapped_column(Date)
    served_method: Mapped[str] = mapped_column(String(20), default="")
    published_on: Mapped[date | None] = mapped_column(Date)
    publication_place: Mapped[str] = mapped_column(String(200), default="")
    paid_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    performed_on: Mapped[date | None] = mapped_column(Date)
    measures_done: Mapped[bool] = mapped_column(Boolean, default=False)
    demanded_on: Mapped[date | None] = mapped_column(Date)  # 催告书送达
    court_applied_on: Mapped[date | None] = mapped_column(Date)  # 申请法院强制执行
    position: Mapped[int] = mapped_column(Integer, default=0)
