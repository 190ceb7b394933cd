"""行政处罚决定书: the contents of 行政处罚法 59, in the order of the ministry's form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflows.documents import dates
from workflows.documents.kinds.parts import (
    CFF,
    EvidencePart,
    Frame,
    PartyPart,
    PenaltyPart,
    ReliefPart,
    Sections,
    evidence_blocks,
    law_sentence,
)
from workflows.documents.layout.blocks import Block, Foot, Head, Paragraph, Signature, paragraphs
from workflows.documents.reading import Reader

STATEMENTS = ("none", "made", "waived")
HEARINGS = ("not_applicable", "none", "waived", "held", "forfeited")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePart:
    """How the party was heard (行政处罚法 44, 45, 62–65).

    number: of the 告知书; served_on: its service; statement: none | made | waived, with statement_text and recheck
    where made; hearing: not_applicable | none (not asked for) | waived | held | forfeited, with hearing_on and
    hearing_text where held.
    """

    number: str
    served_on: date
    statement: str
    statement_text: str = ""
    recheck: str = ""
    hearing: str = "not_applicable"
    hearing_on: date | None = None
    hearing_text: str = ""

    @classmethod
    def read(cls, reader: Reader) -> NoticePart:
        """Fields as named above."""
        statement = reader.choice("statement", STATEMENTS)
        hearing = reader.choice("hearing", HEARINGS, default="not_applicable")
        return cls(
            number=reader.text("number", optional=True), served_on=reader.on("served_on"),
            statement=statement, hearing=hearing,
            statement_text=reader.text("statement_text", optional=statement != "made"),
            recheck=reader.text("recheck", optional=statement != "made"),
            hearing_on=reader.day("hearing_on", optional=hearing != "held"),
            hearing_text=reader.text("hearing_text", optional=hearing != "held"),
        )

    def blocks(self, you: str) -> list[Block]:
        """What was told and what came of it."""
        rights = "陈述、申辩" if self.hearing == "not_applicable" else "陈述、申辩、要求听证"
        told = (
            f"{dates.day(self.served_on)}，本机关向{you}送达{self.number}《行政处罚告知书》，告知拟作出的行政处罚内容及事实、"
            f"理由、依据，并告知{you}依法享有{rights}等权利。"
        )
        outcome = self._outcome(you)
        blocks: list[Block] = [Paragraph(told + outcome)]
        if self.statement == "made":
            blocks += paragraphs(f"{you}提出如下陈述、申辩意见：{self.statement_text}")
            blocks += paragraphs(f"经复核，本机关认为：{self.recheck}")
        if self.hearing == "held" and self.hearing_on is not None:
            blocks += paragraphs(f"应{you}要求，本机关于{dates.day(self.hearing_on)}举行听证。{self.hearing_text}")
        return blocks

    def _outcome(self, you: str) -> str:
        if self.statement == "none" and self.hearing == "none":
            return f"{you}在法定期限内未提出陈述、申辩意见，也未要求听证。"
        statement = {
            "none": f"{you}在规定期限内未提出陈述、申辩意见。",
            "waived": f"{you}书面明确放弃陈述、申辩权利。",
        }.get(self.statement, "")
        hearing = {
            "none": f"{you}在法定期限内未要求听证。",
            "waived": f"{you}书面明确放弃听证权利。",
            "forfeited": f"{you}要求听证后，无正当理由拒不出席听证，依据{CFF}第六十四条第六项的规定，"
            "视为放弃听证权利，本机关终止听证。",
        }.get(self.hearing, "")
        return statement + hearing


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPart:
    """How a fine is paid (行政处罚法 67): bank, account_name, account; days: from receipt, 15 by law."""

    bank: str
    account: str
    account_name: str = ""
    days: int = 15

    @classmethod
    def read(cls, reader: Reader) -> PaymentPart:
        """Fields as named above."""
        return cls(
            bank=reader.text("bank"), account=reader.text("account"),
            account_name=reader.text("account_name", optional=True), days=reader.number("days", least=1, default=15),
        )

    def where(self) -> str:
        """The bank, with name and number of the account."""
        name = f"户名：{self.account_name}，" if self.account_name else ""
        return f"{self.bank}（{name}账号：{self.account}）"


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyDecision:
    """The content of a 行政处罚决定书.

    cause: 案由; origin: how the matter came up and was filed, as full sentences; facts: what was found; violated: the
    norm that was breached; basis: the norm that punishes; discretion: why this much; collective_on: day of the
    collective discussion, if there was one; performance: how what is not money is to be done (asked where nothing is to
    be paid).
    """

    frame: Frame
    party: PartyPart
    cause: str
    origin: str
    facts: str
    evidence: tuple[EvidencePart, ...]
    notice: NoticePart
    violated: str
    basis: str
    discretion: str
    collective_on: date | None
    penalty: PenaltyPart
    payment: PaymentPart | None
    performance: str
    relief: ReliefPart
    copies: str

    title = "行政处罚决定书"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PenaltyDecision:
        """Read and check. Raises Invalid("document.content_invalid") naming every missing field."""
        reader = Reader(data)
        penalty = PenaltyPart.read(reader.child("penalty"))
        content = cls(
            frame=Frame.read(reader), party=PartyPart.read(reader.child("party")), cause=reader.text("cause"),
            origin=reader.text("origin"), facts=reader.text("facts"), evidence=EvidencePart.read_all(reader),
            notice=NoticePart.read(reader.child("notice")), violated=reader.text("violated"),
            basis=reader.text("basis"),
            discretion=reader.text("discretion", optional=True), penalty=penalty,
            collective_on=reader.day("collective_on", optional=True),
            payment=PaymentPart.read(reader.child("payment")) if penalty.pays else None,
            performance=reader.text("performance", optional=penalty.pays),
            relief=ReliefPart.read(reader.child("relief")), copies=reader.text("copies", optional=True),
        )
        reader.finish(cls.title)
        return content

    @property
    def subject(self) -> str:
        """What the file is about, for its description."""
        return f"{self.party.name}：{self.cause}"

    def blocks(self) -> list[Block]:
        """The document from head to foot."""
        sections = Sections()
        you = self.party.you
        return [
            Head(self.frame.agency, self.title, self.frame.number),
            *self.party.fields("被处罚单位", "被处罚人"),
            *paragraphs(self.origin),
            sections.heading("违法事实和证据"),
            *paragraphs(self.facts if self.facts.startswith("经") else f"经查，{self.facts}"),
            Paragraph("以上事实，有下列证据证明：", keep=True),
            *evidence_blocks(self.evidence),
            sections.heading("告知和听取意见情况"),
            *self.notice.blocks(you),
            sections.heading("行政处罚的种类和依据"),
            *self._decision(you),
            sections.heading("履行方式和期限"),
            *self._performance(),
            sections.heading("申请行政复议、提起行政诉讼的途径和期限"),
            *self._relief(you),
            Signature(self.frame.agency, self.frame.issued_on),
            Foot([self.copies or f"本文书一式两份：一份由应急管理部门备案，一份交{self._who}。"]),
        ]

    @property
    def _who(self) -> str:
        return "被处罚单位" if self.party.kind == "entity" else "被处罚人"

    def _decision(self, you: str) -> list[Block]:
        discussed = f"经本机关负责人{dates.day(self.collective_on)}集体讨论，" if self.collective_on else ""
        blocks: list[Block] = [Paragraph(f"以上事实违反了{law_sentence(self.violated)}的规定。")]
        blocks += paragraphs(self.discretion)
        blocks += self.penalty.blocks(f"依据{law_sentence(self.basis)}的规定，{discussed}决定给予{you}")
        return blocks + list(paragraphs(self.penalty.measures))

    def _performance(self) -> list[Block]:
        blocks: list[Block] = []
        if self.payment is not None:
            what = "罚款" if self.penalty.fine_fen else "没收的违法所得"
            if self.penalty.fine_fen and self.penalty.confiscation_fen:
                what = "罚没款"
            blocks.append(Paragraph(f"{what}自收到本决定书之日起{self.payment.days}日内缴至{self.payment.where()}。"))
        if self.penalty.fine_fen:
            blocks.append(
                Paragraph(
                    f"到期不缴纳罚款的，依据{CFF}第七十二条第一款第一项的规定，每日按罚款数额的3%加处罚款，"
                    "加处罚款的数额不超出罚款的数额。确有经济困难，需要延期或者分期缴纳罚款的，可以向本机关提出申请，"
                    "经批准后暂缓或者分期缴纳。"
                )
            )
        said = self.penalty.measures.splitlines()  # an order that goes along is said once
        lines = [line for line in self.performance.splitlines() if line not in said]
        return blocks + list(paragraphs("\n".join(lines) if lines or blocks else self.performance))

    def _relief(self, you: str) -> list[Block]:
        return [
            Paragraph(
                self.relief.text(you) + "申请行政复议或者提起行政诉讼的，行政处罚不停止执行，法律另有规定的除外。"
            ),
            Paragraph("逾期不申请行政复议、不提起行政诉讼，又不履行本决定的，本机关将依法申请人民法院强制执行。"),
        ]
