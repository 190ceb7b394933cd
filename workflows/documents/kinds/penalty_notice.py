"""行政处罚告知书: what is proposed and the party's rights (行政处罚法 44, 45, 63, 64)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.documents.kinds.parts import (
    CFF,
    EvidencePart,
    Frame,
    PartyPart,
    PenaltyPart,
    Sections,
    evidence_blocks,
    law_sentence,
)
from workflows.documents.layout.blocks import Block, Foot, Head, Pair, Paragraph, Signature, field, paragraphs
from workflows.documents.reading import Reader

COUNT = "零一二三四五六七八九十"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPart:
    """Whom the party can reach: person, phone, address, postcode."""

    person: str
    phone: str
    address: str
    postcode: str = ""

    @classmethod
    def read(cls, reader: Reader) -> ContactPart:
        """Fields as named above; postcode may be missing."""
        return cls(
            person=reader.text("person"), phone=reader.text("phone"), address=reader.text("address"),
            postcode=reader.text("postcode", optional=True),
        )

    def blocks(self) -> list[Block]:
        """Labelled lines."""
        rows: list[Block] = [field("本机关地址", self.address)]
        if self.postcode:
            rows.append(field("邮政编码", self.postcode))
        return [*rows, Pair(("联系人", self.person), ("联系电话", self.phone))]


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyNotice:
    """The content of a 行政处罚告知书.

    cause, facts, evidence, violated, basis, discretion, penalty: as in the decision, proposed. statement_days: working
    days to state and defend (no statutory number; the bureau's setting); hearing: whether a hearing may be asked for,
    within five working days by law.
    """

    frame: Frame
    party: PartyPart
    cause: str
    facts: str
    evidence: tuple[EvidencePart, ...]
    violated: str
    basis: str
    discretion: str
    penalty: PenaltyPart
    statement_days: int
    hearing: bool
    contact: ContactPart
    copies: str

    title = "行政处罚告知书"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PenaltyNotice:
        """Read and check. Raises Invalid("document.content_invalid") naming every missing field."""
        reader = Reader(data)
        content = cls(
            frame=Frame.read(reader), party=PartyPart.read(reader.child("party")), cause=reader.text("cause"),
            facts=reader.text("facts"), evidence=EvidencePart.read_all(reader), violated=reader.text("violated"),
            basis=reader.text("basis"), discretion=reader.text("discretion", optional=True),
            penalty=PenaltyPart.read(reader.child("penalty")), hearing=reader.flag("hearing"),
            statement_days=reader.number("statement_days", least=1), contact=ContactPart.read(reader.child("contact")),
            copies=reader.text("copies", optional=True),
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
        lead = f"依据{law_sentence(self.basis)}的规定，本机关拟给予{you}"
        return [
            Head(self.frame.agency, self.title, self.frame.number),
            Paragraph(f"{self.party.name}：", indent=0, keep=True),
            Paragraph(
                f"{you}{self.cause}一案，本机关已调查终结。依据{CFF}第四十四条的规定，现将拟作出的行政处罚内容及事实、"
                "理由、依据告知如下："
            ),
            sections.heading("违法事实和证据"),
            *paragraphs(self.facts if self.facts.startswith("经") else f"经查，{self.facts}"),
            Paragraph("以上事实，有下列证据证明：", keep=True),
            *evidence_blocks(self.evidence),
            sections.heading("拟作出行政处罚的理由、依据和内容"),
            Paragraph(f"以上事实违反了{law_sentence(self.violated)}的规定。"),
            *paragraphs(self.discretion),
            *self.penalty.blocks(lead),
            *paragraphs(self.penalty.measures),
            sections.heading(f"{you}依法享有的权利"),
            *self._rights(you),
            *self.contact.blocks(),
            Signature(self.frame.agency, self.frame.issued_on),
            Foot([self.copies or "本文书一式两份：一份由应急管理部门备案，一份交当事人。"]),
        ]

    def _rights(self, you: str) -> list[Block]:
        days = COUNT[self.statement_days] if self.statement_days <= 10 else str(self.statement_days)
        blocks: list[Block] = [
            Paragraph(
                f"依据{CFF}第四十四条、第四十五条的规定，{you}有权进行陈述和申辩。如需陈述、申辩，应当自收到本告知书之日起"
                f"{days}个工作日内向本机关提出；逾期未提出的，视为放弃陈述、申辩权利。本机关不因陈述、申辩而给予更重的处罚。"
            )
        ]
        if self.hearing:
            blocks.append(
                Paragraph(
                    f"依据{CFF}第六十三条、第六十四条的规定，{you}有权要求举行听证。要求听证的，应当自收到本告知书之日起"
                    f"五个工作日内向本机关提出；逾期未提出的，视为放弃听证权利。{you}不承担本机关组织听证的费用。"
                )
            )
        return blocks
