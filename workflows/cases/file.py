"""The case and its parts: parties, officers, matters, and the draft that is reviewed and decided."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Boolean, Date, ForeignKey, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from workflows.actors import Person, Unit
from workflows.calendar import clock
from workflows.errors import NotFound
from workflows.store import Base, Row, Utc

CASE_STATES: dict[str, tuple[str, str]] = {
    "lead": ("线索", "Lead"),
    "refused": ("不予立案", "Not filed"),
    "filed": ("已立案", "Filed"),
    "investigating": ("调查取证", "Investigation"),
    "reported": ("调查终结", "Investigation closed"),
    "reviewing": ("法制审核", "Legal review"),
    "noticed": ("已告知", "Notice served"),
    "hearing": ("听证", "Hearing"),
    "deliberating": ("集体讨论", "Collective discussion"),
    "deciding": ("待决定", "Awaiting decision"),
    "decided": ("已决定", "Decided"),
    "served": ("已送达", "Served"),
    "performing": ("履行中", "Performing"),
    "closed": ("已结案", "Closed"),
    "archived": ("已归档", "Archived"),
    "terminated": ("已终止", "Terminated"),
}
"""State of the file (domain brief 4b), set by the statutory acts."""

CRIME_STATES: dict[str, tuple[str, str]] = {
    "none": ("未发现涉嫌犯罪", "No suspicion"),
    "suspected": ("涉嫌犯罪待核实", "Suspected, to be verified"),
    "confirmed": ("已核实待审批", "Verified, awaiting approval"),
    "approved": ("已批准移送", "Referral approved"),
    "transferred": ("已移送公安机关", "Transferred to police"),
    "accepted": ("公安机关已立案", "Police opened a case"),
    "refused": ("正职负责人不批准移送", "Head refused referral"),
    "cleared": ("核实不涉嫌犯罪", "Suspicion not confirmed"),
    "returned": ("退回行政处理", "Returned to the bureau"),
}
"""Where a suspicion of crime stands (310号令; domain brief 5). G9 reads it."""


class Case(Row):
    """One matter under review with its file."""

    __tablename__ = "case_file"
    number: Mapped[str | None] = mapped_column(String(80), unique=True)  # given at filing
    kind: Mapped[str] = mapped_column(String(32))  # admin_penalty | …
    title: Mapped[str] = mapped_column(String(200))  # 案由
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)  # 承办机构
    bureau_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)  # the legal subject that decides
    state: Mapped[str] = mapped_column(String(20), default="lead", index=True)
    source: Mapped[str] = mapped_column(String(32), default="inspection")
    summary: Mapped[str] = mapped_column(Text, default="")
    conduct_on: Mapped[date | None] = mapped_column(Date)  # day of the conduct: picks the substantive law
    found_on: Mapped[date] = mapped_column(Date)
    opened_at: Mapped[datetime] = mapped_column(Utc)
    opened_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    filed_at: Mapped[datetime | None] = mapped_column(Utc)
    closed_at: Mapped[datetime | None] = mapped_column(Utc)
    suspended_at: Mapped[datetime | None] = mapped_column(Utc)  # held up: nobody completes a step
    suspended_for: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    archived_at: Mapped[datetime | None] = mapped_column(Utc)
    crime: Mapped[str] = mapped_column(String(20), default="none")
    fine_suspended: Mapped[bool] = mapped_column(Boolean, default=False)  # state of the case while a referral runs
    complex: Mapped[bool] = mapped_column(Boolean, default=False)  # 情节复杂/疑难复杂
    public_interest: Mapped[bool] = mapped_column(Boolean, default=False)  # 重大公共利益
    draft_id: Mapped[str | None] = mapped_column(String(32))  # the current draft
    disputed_at: Mapped[datetime | None] = mapped_column(Utc)  # the unit insisted against the review; None: settled
    leader_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))  # 分管负责人: who approved the filing
    archive_number: Mapped[str] = mapped_column(String(80), default="")  # 卷号
    archive_pages: Mapped[int | None] = mapped_column(Integer)
    retention: Mapped[str] = mapped_column(String(12), default="")  # permanent | long | short
    version: Mapped[int] = mapped_column(Integer, default=1)
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    bureau: Mapped[Unit] = relationship(foreign_keys=[bureau_id])
    parties: Mapped[list[Party]] = relationship(back_populates="case", order_by="Party.position")
    officers: Mapped[list[CaseOfficer]] = relationship(back_populates="case", order_by="CaseOfficer.position")
    matters: Mapped[list[CaseMatter]] = relationship(back_populates="case", order_by="CaseMatter.position")


class CaseOfficer(Row):
    """An officer handling the case (行政处罚法 42: two with certificates). Never deleted: `until` ends the part."""

    __tablename__ = "case_officer"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)  # 0: the lead officer
    since: Mapped[datetime] = mapped_column(Utc, default=clock.now)
    until: Mapped[datetime | None] = mapped_column(Utc)
    case: Mapped[Case] = relationship(back_populates="officers")
    person: Mapped[Person] = relationship()


class CaseReader(Base):
    """Somebody who may read the case though no post of theirs says so: whoever had a task in it, an outside counsel."""

    __tablename__ = "case_reader"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    since: Mapped[datetime] = mapped_column(Utc)
    reason: Mapped[str] = mapped_column(String(200), default="")


class Party(Row):
    """A party: an entity or a person."""

    __tablename__ = "party"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    kind: Mapped[str] = mapped_column(String(10))  # entity | person
    name: Mapped[str] = mapped_column(String(200))
    id_number: Mapped[str] = mapped_column(String(40), default="")  # 统一社会信用代码 or 身份证号
    address: Mapped[str] = mapped_column(String(300), default="")
    representative: Mapped[str] = mapped_column(String(64), default="")  # legal representative of an entity
    phone: Mapped[str] = mapped_column(String(40), default="")
    role: Mapped[str] = mapped_column(String(32), default="")  # 主要负责人 …, for persons
    case: Mapped[Case] = relationship(back_populates="parties")


class CaseMatter(Row):
    """A matter of the catalogue alleged in the case."""

    __tablename__ = "case_matter"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    matter_code: Mapped[str] = mapped_column(ForeignKey("matter.code"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    case: Mapped[Case] = relationship(back_populates="matters")


class Draft(Row):
    """One version of the proposed decision: what reviewers review, the meeting discusses and the leader signs.

    `digest` is the SHA-256 over facts, evidence, law, discretion, penalties and the evidence files; opinions and
    conclusions are bound to it, so that a later change reopens the review (G4).
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("case_id", "version"),)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(20))  # penalise | minor | unproven | refer
    facts: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    law: Mapped[str] = mapped_column(Text)
    discretion: Mapped[str] = mapped_column(Text, default="")
    statement_recheck: Mapped[str] = mapped_column(Text, default="")  # 对陈述申辩/听证意见的复核
    digest: Mapped[str] = mapped_column(String(64))
    # against the noticed draft: none | lighter | heavier | new_facts
    change: Mapped[str] = mapped_column(String(20), default="none")
    created_at: Mapped[datetime] = mapped_column(Utc)
    created_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    penalties: Mapped[list[DraftPenalty]] = relationship(order_by="DraftPenalty.position")


class DraftPenalty(Row):
    """What the draft proposes for one party. Amounts are in fen; `types` are penalty types of 行政处罚法 9."""

    __tablename__ = "draft_penalty"
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    matter_code: Mapped[str] = mapped_column(ForeignKey("matter.code"))
    stage: Mapped[str] = mapped_column(String(20), default="initial")  # initial | overdue | refuse | serious …
    types: Mapped[list[str]] = mapped_column(JSON, default=list)  # PENALTY_TYPES ids
    fine_fen: Mapped[int | None] = mapped_column(BigInteger)
    confiscation: Mapped[str] = mapped_column(Text, default="")  # what is confiscated
    confiscation_fen: Mapped[int | None] = mapped_column(BigInteger)
    measures: Mapped[str] = mapped_column(Text, default="")  # orders that go with it (责令…)
    mitigation: Mapped[str] = mapped_column(String(20), default="")  # "" | reduced (减轻: 行政处罚法 32)
    mitigation_ground: Mapped[str] = mapped_column(Text, default="")
    base_fen: Mapped[int | None] = mapped_column(BigInteger)  # 计罚基数: income, illegal gains, an earlier fine
    base_days: Mapped[int | None] = mapped_column(Integer)  # days of a fine that repeats daily


PENALTY_TYPES: dict[str, tuple[str, str]] = {
    "warning": ("警告", "Warning"),
    "criticism": ("通报批评", "Circulated criticism"),
    "fine": ("罚款", "Fine"),
    "confiscate_gains": ("没收违法所得", "Confiscation of illegal gains"),
    "confiscate_goods": ("没收非法财物", "Confiscation of illegal property"),
    "suspend_permit": ("暂扣许可证件", "Temporary seizure of permit"),
    "lower_qualification": ("降低资质等级", "Lowering of qualification"),
    "revoke_permit": ("吊销许可证件", "Revocation of permit"),
    "restrict_operation": ("限制开展生产经营活动", "Restriction of operation"),
    "suspend_business": ("责令停产停业", "Suspension of production or business"),
    "close_down": ("责令关闭", "Closure"),
    "restrict_employment": ("限制从业", "Restriction of employment"),
    "detention": ("行政拘留", "Administrative detention (by police)"),
}
"""行政处罚法 9."""


def lock_case(session: Session, case_id: str) -> Case:
    """The case with its row locked until the unit of work ends. Raises NotFound."""
    case = session.execute(
        select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if case is None:
        raise NotFound("case.unknown", case=case_id)
    return case


def current_draft(session: Session, case: Case) -> Draft | None:
    """The draft that counts now."""
    return session.get(Draft, case.draft_id) if case.draft_id else None


HAND = 99
"""Position of those who had a hand in a step of the officers without being one: behind all officers, their part ended
with that act."""


def officer_ids(session: Session, case_id: str) -> set[str]:
    """Everybody who handles or ever handled the case: they may not review it, chair its hearing or vote on it."""
    return set(session.execute(select(CaseOfficer.person_id).where(CaseOfficer.case_id == case_id)).scalars())


def party_names(case: Case) -> str:
    """Parties' names, joined as officials write them."""
    return "、".join(party.name for party in case.parties)


