"""不予行政处罚决定书 (行政处罚法 33, 36, 57 para. 1 nos. 2 and 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.documents.kinds.parts import (
    CFF,
    EvidencePart,
    Frame,
    PartyPart,
    ReliefPart,
    Sections,
    evidence_blocks,
    law_sentence,
)
from workflows.documents.layout.blocks import Block, Foot, Head, Paragraph, Signature, paragraphs
from workflows.documents.reading import Reader

GROUNDS: Mapping[str, tuple[str, str]] = {
    "minor": (
        "违法行为轻微并及时改正，没有造成危害后果",
        "第三十三条第一款关于“违法行为轻微并及时改正，没有造成危害后果的，不予行政处罚”和第五十七条第一款第二项",
    ),
    "first": (
        "属于初次违法，危害后果轻微并及时改正",
        "第三十三条第一款关于“初次违法且危害后果轻微并及时改正的，可以不予行政处罚”和第五十七条第一款第二项",
    ),
    "no_fault": (
        "有证据足以证明没有主观过错",
        "第三十三条第二款关于“当事人有证据足以证明没有主观过错的，不予行政处罚”",
    ),
    "limitation": ("违法行为在法定期限内未被发现", "第三十六条"),
    "unproven": ("违法事实不能成立", "第五十七条第一款第三项关于“违法事实不能成立的，不予行政处罚”"),
}
"""Ground → (what is established of the party, the rule of the Administrative Penalty Law)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPenaltyDecision:
    """The content of a 不予行政处罚决定书.

    ground: minor | first | no_fault | limitation | unproven; reason: why it applies, as full sentences; violated: the
    norm that was breached (not where nothing is proven); correction: how and when the party corrected; education: what
    the party was taught (33 para. 3). reason is always asked; correction for minor and first.
    """

    frame: Frame
    party: PartyPart
    cause: str
    origin: str
    facts: str
    evidence: tuple[EvidencePart, ...]
    ground: str
    reason: str
    violated: str
    correction: str
    education: str
    relief: ReliefPart
    copies: str

    title = "不予行政处罚决定书"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> NoPenaltyDecision:
        """Read and check. Raises Invalid("document.content_invalid") naming every missing field."""
        reader = Reader(data)
        ground = reader.choice("ground", GROUNDS)
        corrected = ground in ("minor", "first")
        content = cls(
            frame=Frame.read(reader), party=PartyPart.read(reader.child("party")), cause=reader.text("cause"),
            origin=reader.text("origin"), facts=reader.text("facts"), evidence=EvidencePart.read_all(reader),
            ground=ground, reason=reader.text("reason"),
            violated=reader.text("violated", optional=ground == "unproven"),
            correction=reader.text("correction", optional=not corrected),
            education=reader.text("education", optional=ground == "unproven"),
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
        proven = self.ground != "unproven"
        return [
            Head(self.frame.agency, self.title, self.frame.number),
            *self.party.fields("当事人", "当事人"),
            *paragraphs(self.origin),
            sections.heading("违法事实和证据" if proven else "调查情况和证据"),
            *paragraphs(self.facts if self.facts.startswith("经") else f"经查，{self.facts}"),
            Paragraph("以上事实，有下列证据证明：", keep=True),
            *evidence_blocks(self.evidence),
            sections.heading("不予行政处罚的理由和依据"),
            *self._decision(you),
            *(self._education(sections, you) if self.education else []),
            sections.heading("申请行政复议、提起行政诉讼的途径和期限"),
            Paragraph(self.relief.text(you)),
            Signature(self.frame.agency, self.frame.issued_on),
            Foot([self.copies or "本文书一式两份：一份由应急管理部门备案，一份交当事人。"]),
        ]

    def _decision(self, you: str) -> list[Block]:
        established, rule = GROUNDS[self.ground]
        blocks: list[Block] = []
        if self.violated:
            blocks.append(Paragraph(f"以上事实违反了{law_sentence(self.violated)}的规定。"))
        blocks += paragraphs(self.reason)
        blocks += paragraphs(self.correction)
        return [
            *blocks,
            Paragraph(f"本机关认为，{you}{established}。依据{CFF}{rule}的规定，决定对{you}不予行政处罚。"),
        ]

    def _education(self, sections: Sections, you: str) -> list[Block]:
        lead = f"依据{CFF}第三十三条第三款的规定，本机关对{you}进行教育："
        return [sections.heading("教育和要求"), *paragraphs(lead + self.education)]
