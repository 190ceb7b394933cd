"""案件移送书: a suspected crime goes to the police, a copy to the procuratorate.

Sources: 国务院令310号 arts 3, 5, 6, 12; 应急〔2019〕54号 art. 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflows.documents import dates
from workflows.documents.kinds.parts import CFF, ORDINALS, Frame, PartyPart, Sections, law_sentence
from workflows.documents.layout.blocks import Block, Foot, Head, Pair, Paragraph, Signature, paragraphs, subheading
from workflows.documents.layout.tables import Column, Table
from workflows.documents.reading import Reader

APPROVERS = ("正职负责人", "主持工作的负责人")
DECREE_310 = "《行政执法机关移送涉嫌犯罪案件的规定》"
MEASURE_54 = "《安全生产行政执法与刑事司法衔接工作办法》"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialPart:
    """A line of the list of materials: name, copies (份), pages (页, 0: not counted), note."""

    name: str
    copies: int = 1
    pages: int = 0
    note: str = ""

    @classmethod
    def read(cls, reader: Reader) -> MaterialPart:
        """Fields as named above."""
        return cls(
            name=reader.text("name"), copies=reader.number("copies", least=1, default=1),
            pages=reader.number("pages", default=0), note=reader.text("note", optional=True),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsPart:
    """A line of the list of goods: name, quantity with its unit, place where they are kept, note."""

    name: str
    quantity: str
    place: str = ""
    note: str = ""

    @classmethod
    def read(cls, reader: Reader) -> GoodsPart:
        """Fields as named above."""
        return cls(
            name=reader.text("name"), quantity=reader.text("quantity"), place=reader.text("place", optional=True),
            note=reader.text("note", optional=True),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralLetter:
    """The content of a 案件移送书.

    to: the police; suspects: entities and persons; cause: 案由; offence: 涉嫌罪名, with 罪; offence_basis: the article
    of the criminal law; source: how the matter came up; facts: what was found; approved_on: the day the head approved;
    approver: 正职负责人 (or 主持工作的负责人, 310号 5); penalties: what was already imposed, if anything; materials,
    goods: the lists; handler, phone: whom to reach; copied_to: the procuratorate.
    """

    frame: Frame
    to: str
    suspects: tuple[PartyPart, ...]
    cause: str
    offence: str
    offence_basis: str
    source: str
    facts: str
    approved_on: date
    approver: str
    penalties: str
    materials: tuple[MaterialPart, ...]
    goods: tuple[GoodsPart, ...]
    handler: str
    phone: str
    copied_to: str

    title = "案件移送书"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReferralLetter:
        """Read and check. Raises Invalid("document.content_invalid") naming every missing field."""
        reader = Reader(data)
        content = cls(
            frame=Frame.read(reader), to=reader.text("to"), cause=reader.text("cause"), offence=reader.text("offence"),
            suspects=tuple(PartyPart.read(one) for one in reader.children("suspects")),
            offence_basis=reader.text("offence_basis"), source=reader.text("source"), facts=reader.text("facts"),
            approved_on=reader.on("approved_on"),
            approver=reader.choice("approver", APPROVERS, default=APPROVERS[0]),
            penalties=reader.text("penalties", optional=True),
            materials=tuple(MaterialPart.read(one) for one in reader.children("materials")),
            goods=tuple(GoodsPart.read(one) for one in reader.children("goods", optional=True)),
            handler=reader.text("handler"), phone=reader.text("phone"), copied_to=reader.text("copied_to"),
        )
        reader.finish(cls.title)
        return content

    @property
    def subject(self) -> str:
        """What the file is about, for its description."""
        return f"{self.cause}（涉嫌{self.offence}）"

    def blocks(self) -> list[Block]:
        """The document from head to foot."""
        sections = Sections()
        names = "、".join(one.name for one in self.suspects)
        return [
            Head(self.frame.agency, self.title, self.frame.number),
            Paragraph(f"{self.to}：", indent=0, keep=True),
            Paragraph(
                f"本机关在查处{self.cause}一案中，发现{names}涉嫌{self.offence}。"
                f"依据{CFF}第二十七条、{DECREE_310}第三条和{MEASURE_54}的有关规定，经本机关{self.approver}于"
                f"{dates.day(self.approved_on)}批准，现将该案移送你单位依法处理。"
            ),
            sections.heading("涉嫌犯罪单位（人员）基本情况"),
            *self._suspects(),
            sections.heading("案件来源和主要事实"),
            *paragraphs(self.source),
            *paragraphs(self.facts if self.facts.startswith("经") else f"经查，{self.facts}"),
            sections.heading("涉嫌罪名和依据"),
            Paragraph(f"上述行为涉嫌触犯{law_sentence(self.offence_basis)}的规定，涉嫌{self.offence}。"),
            sections.heading("行政处罚情况"),
            *paragraphs(self.penalties or "截至移送之日，本机关对该违法行为尚未作出行政处罚决定。"),
            sections.heading("移送材料和涉案物品"),
            *self._lists(),
            sections.heading("移送要求"),
            Paragraph(
                f"请你单位在接收本移送书的回执上签字，依照{DECREE_310}的规定对移送案件进行审查，作出立案或者不予立案的决定后"
                "书面通知本机关，并抄送同级人民检察院；决定不予立案的，请说明理由，并退回有关材料。"
            ),
            Pair(("案件主办人", self.handler), ("联系电话", self.phone)),
            Signature(self.frame.agency, self.frame.issued_on),
            Foot([f"抄送：{self.copied_to}。"]),
        ]

    def _suspects(self) -> list[Block]:
        blocks: list[Block] = []
        for number, one in enumerate(self.suspects):
            if len(self.suspects) > 1:
                blocks.append(subheading(f"（{ORDINALS[number]}）{one.name}"))
            blocks += one.fields("单位名称", "姓名")
        return blocks

    def _lists(self) -> list[Block]:
        blocks: list[Block] = [
            Paragraph("随本移送书移送下列材料：", keep=True),
            Table(
                [Column("序号", 2.6, "center"), Column("材料名称", 14), Column("份数", 2.5, "center"),
                 Column("页数", 2.5, "center"), Column("备注", 7)],
                [
                    [str(number), one.name, str(one.copies), str(one.pages) if one.pages else "—", one.note]
                    for number, one in enumerate(self.materials, start=1)
                ],
            ),
        ]  # fmt: skip
        if not self.goods:
            return [*blocks, Paragraph("本案无涉案物品。")]
        return [
            *blocks,
            Paragraph(
                f"涉案物品清单如下，公安机关决定立案的，本机关自接到立案通知书之日起3日内依照{DECREE_310}第十二条的规定办理移交：",
                keep=True,
            ),
            Table(
                [Column("序号", 2.6, "center"), Column("物品名称", 9), Column("数量", 4, "center"),
                 Column("存放地点", 8), Column("备注", 5)],
                [
                    [str(number), one.name, one.quantity, one.place, one.note]
                    for number, one in enumerate(self.goods, start=1)
                ],
            ),
        ]  # fmt: skip
