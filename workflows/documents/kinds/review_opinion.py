"""法制审核意见书: the legal officer's conclusion by review point, the counsel's advice and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflows.documents import dates
from workflows.documents.kinds.parts import CFF, Frame, Sections, law_sentence
from workflows.documents.layout.blocks import Block, Head, Paragraph, Signature, SignLine, field, paragraphs
from workflows.documents.layout.tables import Column, Table
from workflows.documents.reading import Reader

POINTS: Mapping[str, str] = {
    "RP1": "主体适格、未超越权限，执法人员具备执法资格",
    "RP2": "事实清楚",
    "RP3": "证据合法充分",
    "RP4": "程序合法",
    "RP5": "适用法律、法规、规章准确",
    "RP6": "裁量适当",
    "RP7": "文书完备、规范",
    "RP8": "不涉嫌犯罪，或者已依法移送",
    "RP9": "未超过行政处罚时效",
    "RP10": "未违反一事不二罚，违法所得依法处理",
    "RP11": "执法人员无应当回避而未回避的情形",
}
RESULTS: Mapping[str, str] = {"pass": "符合", "defect": "存在问题", "na": "不涉及"}
STAGES: Mapping[str, str] = {"before_notice": "处罚告知前", "after_hearing": "听证后", "revised": "修改后重新送审"}
OPINIONS: Mapping[str, tuple[str, str]] = {
    "agree": ("同意", "审核通过，可以提请本机关负责人作出决定。"),
    "supplement": ("建议补充", "审核未通过。请承办机构补充调查、补正材料后重新送审。"),
    "correct": ("建议纠正", "审核未通过。请承办机构纠正后重新送审。"),
    "return": ("退回", "审核未通过，退回承办机构。"),
    "refer": ("移送", "审核未通过。请承办机构依法办理案件移送。"),
    "disagree": ("不同意", "审核未通过。承办机构有异议的，应当研究后重新送审；仍不能达成一致的，提请集体讨论。"),
}
"""Opinion → (its name, what follows from it). Only 同意 lets a decision be made (行政处罚法 58)."""
ADOPTED: Mapping[str, str] = {"yes": "采纳", "partly": "部分采纳", "no": "未采纳"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PointPart:
    """The result at one review point: point RP1…RP11, result pass | defect | na, text, evidence, basis.

    blocking: the defect would make the decision void (行政处罚法 38).
    """

    point: str
    result: str
    text: str = ""
    evidence: str = ""
    basis: str = ""
    blocking: bool = False

    @classmethod
    def read(cls, reader: Reader) -> PointPart:
        """Fields as named above; a defect must be described."""
        result = reader.choice("result", RESULTS)
        return cls(
            point=reader.choice("point", POINTS), result=result, text=reader.text("text", optional=result != "defect"),
            evidence=reader.text("evidence", optional=True), basis=reader.text("basis", optional=True),
            blocking=reader.flag("blocking"),
        )

    def row(self, number: int) -> list[str]:
        """A row of the table."""
        lines = [self.text]
        lines += [f"证据：{self.evidence}"] if self.evidence else []
        lines += [f"依据：{self.basis}"] if self.basis else []
        lines += ["该问题可能导致行政处罚无效。"] if self.blocking else []
        said = "\n".join(filter(None, lines)) or "—"
        return [str(number), POINTS.get(self.point, ""), RESULTS.get(self.result, ""), said]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounselPart:
    """The counsel's advice: name, firm, opinion (agree …), text; adopted yes | partly | no, with the reason."""

    name: str
    firm: str
    opinion: str
    text: str
    adopted: str
    reason: str

    @classmethod
    def read(cls, reader: Reader) -> CounselPart:
        """Fields as named above; a reason is asked where the advice is not fully adopted."""
        adopted = reader.choice("adopted", ADOPTED)
        return cls(
            name=reader.text("name"), firm=reader.text("firm", optional=True),
            opinion=reader.choice("opinion", OPINIONS), text=reader.text("text"), adopted=adopted,
            reason=reader.text("reason", optional=adopted == "yes"),
        )

    def blocks(self) -> list[Block]:
        """Advice and adoption."""
        firm = f"{self.firm}" if self.firm else "本机关法律顾问"
        lead = f"{firm}{self.name}经审查提出“{OPINIONS[self.opinion][0]}”的意见："
        reason = f"理由：{self.reason}" if self.reason else ""
        return [*paragraphs(lead + self.text), *paragraphs(f"采纳情况：{ADOPTED[self.adopted]}。{reason}")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOpinion:
    """The content of a 法制审核意见书.

    handling_unit: 承办机构; submitted_on: day it sent the case; stage: before_notice | after_hearing | revised;
    parties: names; cause; proposal: what the unit proposes; facts; basis: the law it cites; draft_digest: of the
    reviewed draft; materials: what was sent; points; counsel: may be missing; opinion: agree | supplement | correct |
    return | refer | disagree, with its text; reviewers: names; attachments.
    """

    frame: Frame
    handling_unit: str
    submitted_on: date
    stage: str
    parties: tuple[str, ...]
    cause: str
    proposal: str
    facts: str
    basis: str
    draft_digest: str
    materials: tuple[str, ...]
    points: tuple[PointPart, ...]
    counsel: CounselPart | None
    opinion: str
    text: str
    reviewers: tuple[str, ...]
    attachments: tuple[str, ...]

    title = "法制审核意见书"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReviewOpinion:
        """Read and check. Raises Invalid("document.content_invalid") naming every missing field."""
        reader = Reader(data)
        counsel = reader.maybe("counsel")
        content = cls(
            frame=Frame.read(reader), handling_unit=reader.text("handling_unit"),
            submitted_on=reader.on("submitted_on"),
            stage=reader.choice("stage", STAGES, default="before_notice"), parties=reader.texts("parties"),
            cause=reader.text("cause"), proposal=reader.text("proposal"), facts=reader.text("facts"),
            basis=reader.text("basis"), draft_digest=reader.text("draft_digest", optional=True),
            materials=reader.texts("materials", optional=True),
            points=tuple(PointPart.read(one) for one in reader.children("points")),
            counsel=CounselPart.read(counsel) if counsel else None, opinion=reader.choice("opinion", OPINIONS),
            text=reader.text("text"), reviewers=reader.texts("reviewers"),
            attachments=reader.texts("attachments", optional=True),
        )
        reader.finish(cls.title)
        return content

    @property
    def subject(self) -> str:
        """What the file is about, for its description."""
        return f"{'、'.join(self.parties)}：{self.cause}"

    def blocks(self) -> list[Block]:
        """The document from head to signatures."""
        sections = Sections()
        return [
            Head(self.frame.agency, self.title, self.frame.number),
            Paragraph(f"{self.handling_unit}：", indent=0, keep=True),
            Paragraph(
                f"你单位{dates.day(self.submitted_on)}送审的{'、'.join(self.parties)}{self.cause}一案材料收悉。依据{CFF}第五十八条的"
                f"规定，我们对该案进行了法制审核（{STAGES[self.stage]}）。现提出审核意见如下："
            ),
            sections.heading("送审案件基本情况"),
            *self._case(),
            sections.heading("逐项审核意见"),
            Table(
                [Column("序号", 2.6, "center"), Column("审核要点", 7.6), Column("审核结果", 4.3, "center"),
                 Column("审核意见", 14)],
                [one.row(number) for number, one in enumerate(self.points, start=1)],
            ),
            *([sections.heading("法律顾问意见及采纳情况"), *self.counsel.blocks()] if self.counsel else []),
            sections.heading("审核结论"),
            *self._conclusion(),
            *self._attachments(),
            *[SignLine("审核人员（签名）", None) for _ in self.reviewers],
            Signature(self.frame.agency, self.frame.issued_on),
        ]  # fmt: skip

    def _case(self) -> list[Block]:
        rows: list[Block] = [
            field("案件名称", f"{'、'.join(self.parties)}{self.cause}案"),
            field("送审机构", self.handling_unit),
        ]
        if self.materials:
            rows.append(field("送审材料", "；".join(f"{n}.{name}" for n, name in enumerate(self.materials, start=1))))
        if self.draft_digest:
            rows.append(field("送审文书校验码", self.draft_digest[:16]))
        return [
            *rows,
            *_labelled("拟认定的事实：", self.facts),
            *_labelled("拟适用的依据：", law_sentence(self.basis) + "。"),
            *_labelled("拟处理意见：", self.proposal),
        ]

    def _conclusion(self) -> list[Block]:
        name, follows = OPINIONS[self.opinion]
        blocks: list[Block] = [Paragraph(f"审核结论为：{name}。{follows}"), *paragraphs(self.text)]
        if self.opinion != "agree":
            blocks.append(
                Paragraph(
                    f"依据{CFF}第五十八条的规定，未经法制审核或者审核未通过的，不得作出行政处罚决定。请承办机构逐条研究，"
                    "书面反馈采纳情况；不采纳的，应当说明理由。"
                )
            )
        return blocks

    def _attachments(self) -> list[Block]:
        if len(self.attachments) == 1:
            return [Paragraph(f"附件：{self.attachments[0]}", indent=2, hang=5)]
        return [
            Paragraph(f"{'附件：' if number == 1 else '　　　'}{number}.{name}", indent=2, hang=6)
            for number, name in enumerate(self.attachments, start=1)
        ]


def _labelled(label: str, text: str) -> list[Block]:
    return list(paragraphs(label + text))
