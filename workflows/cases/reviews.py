"""Legal review: opinions by review point, findings, answers to findings, and the legal officer's conclusion."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows import ledger
from workflows.store import Row, Utc

REVIEW_POINTS: dict[str, tuple[str, str]] = {
    "RP1": ("主体适格、未超越权限，执法人员具备资格", "Competent body, within its powers, officers qualified"),
    "RP2": ("事实清楚", "Facts clear"),
    "RP3": ("证据确凿", "Evidence conclusive"),
    "RP4": ("程序正当", "Due procedure"),
    "RP5": ("适用法律法规准确", "Law applied correctly"),
    "RP6": ("裁量适当", "Discretion appropriate"),
    "RP7": ("文书完备规范", "Documents complete and in form"),
    "RP8": ("是否涉嫌犯罪需要移送", "Whether a crime must be referred"),
    "RP9": ("时效", "Limitation"),
    "RP10": ("一事不二罚、追缴", "No second fine; recovery"),
    "RP11": ("执法人员利益冲突", "Officers' conflict of interest"),
}
"""Domain brief, section 3."""

ledger.name_codes("point", lambda: {key: {"zh": zh, "en": en} for key, (zh, en) in REVIEW_POINTS.items()})

STAGES_OF_REVIEW = ("before_notice", "after_hearing", "revised")
"""When a case is reviewed: before the notice, after the parties were heard, and a changed draft once more."""

OPINION_TYPES: dict[str, tuple[str, str]] = {
    "agree": ("同意", "Agree"),
    "supplement": ("建议补充", "Supplement"),
    "correct": ("建议纠正", "Correct"),
    "return": ("退回", "Return"),
    "refer": ("移送", "Refer"),
    "disagree": ("不同意", "Disagree"),
}
"""Only a concluded `agree` on the current draft opens the decision gate (行政处罚法 58)."""


class Opinion(Row):
    """A reviewer's opinion on one draft. level: legal_review | counsel_review | conclusion."""

    __tablename__ = "opinion"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"))
    draft_digest: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20))  # before_notice | after_hearing | revised
    opinion: Mapped[str] = mapped_column(String(20))  # OPINION_TYPES
    text: Mapped[str] = mapped_column(Text)
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime] = mapped_column(Utc)
    adopts_counsel: Mapped[str | None] = mapped_column(String(10))  # conclusion only: yes | partly | no
    adoption_reason: Mapped[str] = mapped_column(Text, default="")
    findings: Mapped[list[Finding]] = relationship(order_by="Finding.position")


class Finding(Row):
    """What a reviewer found at one review point, and how the handling unit answered."""

    __tablename__ = "finding"
    opinion_id: Mapped[str] = mapped_column(ForeignKey("opinion.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    point: Mapped[str] = mapped_column(String(8))  # REVIEW_POINTS
    result: Mapped[str] = mapped_column(String(10))  # pass | defect | na
    blocking: Mapped[bool] = mapped_column(Boolean, default=False)  # would make the decision void (行政处罚法 38)
    text: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    basis: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str | None] = mapped_column(String(10))  # adopted | partly | rejected
    answer_reason: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Utc)

    @property
    def noted(self) -> bool:
        """Whether something wrong is written here: also where older records call the point passed all the same."""
        return self.result == "defect" or self.blocking or bool(self.text)
