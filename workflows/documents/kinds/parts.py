"""What several kinds share: head, party, evidence, penalty, relief, and how they are worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from workflows.documents import money
from workflows.documents.layout.blocks import Block, Pair, Paragraph, heading
from workflows.documents.layout.blocks import field as labelled
from workflows.documents.layout.tables import Column, Table
from workflows.documents.reading import Reader

CFF = "《中华人民共和国行政处罚法》"
ORDINALS = "一二三四五六七八九十"


class Sections:
    """Numbers headings of the first level: 一、二、三、…"""

    def __init__(self) -> None:
        self._count = 0

    def heading(self, text: str) -> Block:
        """The next heading."""
        self._count += 1
        return heading(f"{ORDINALS[self._count - 1]}、{text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """On every document. agency: name of the issuing agency; number: 文号, "" on a draft; issued_on: its day."""

    agency: str
    number: str
    issued_on: date

    @classmethod
    def read(cls, reader: Reader) -> Frame:
        """Fields agency, number (optional), issued_on of the content itself."""
        return cls(
            agency=reader.text("agency"), number=reader.text("number", optional=True), issued_on=reader.on("issued_on")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyPart:
    """The party: kind entity | person; id_number: 统一社会信用代码 or 身份证号码.

    A representative is asked of an entity only.
    """

    kind: str
    name: str
    address: str
    id_number: str = ""
    representative: str = ""
    representative_post: str = ""
    phone: str = ""
    postcode: str = ""
    sex: str = ""
    employer: str = ""
    role: str = ""

    @classmethod
    def read(cls, reader: Reader) -> PartyPart:
        """Fields as named above."""
        kind = reader.choice("kind", ("entity", "person"))
        optional = ("id_number", "representative_post", "phone", "postcode", "sex", "employer", "role")
        return cls(
            kind=kind, name=reader.text("name"), address=reader.text("address"),
            representative=reader.text("representative", optional=kind != "entity"),
            **{name: reader.text(name, optional=True) for name in optional},
        )

    @property
    def you(self) -> str:
        """How the document speaks to the party."""
        return "你单位" if self.kind == "entity" else "你"

    def fields(self, entity_label: str, person_label: str) -> list[Block]:
        """The labelled lines at the head of a document."""
        if self.kind == "entity":
            rows: list[Block] = [labelled(entity_label, self.name)]
            rows += _optional("统一社会信用代码", self.id_number)
            rows += _address(self.address, self.postcode)
            rows += _pair(("法定代表人（负责人）", self.representative), ("职务", self.representative_post))
            return rows + _optional("联系电话", self.phone)
        rows = _pair((person_label, self.name), ("性别", self.sex))
        rows += _optional("身份证号码", self.id_number)
        rows += _address(self.address, self.postcode, "住址")
        rows += _pair(("所在单位", self.employer), ("职务", self.role))
        return rows + _optional("联系电话", self.phone)


def _optional(label: str, value: str) -> list[Block]:
    return [labelled(label, value)] if value else []


def _pair(left: tuple[str, str], right: tuple[str, str]) -> list[Block]:
    present = [pair for pair in (left, right) if pair[1]]
    return [Pair(*present)] if len(present) == 2 else [labelled(*pair) for pair in present]


def _address(address: str, postcode: str, label: str = "地址") -> list[Block]:
    return [labelled(label, address), *_optional("邮政编码", postcode)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePart:
    """A piece of evidence (行政处罚法 46). proves: what it proves; source: where it is from or lies in the file."""

    name: str
    proves: str = ""
    source: str = ""

    @classmethod
    def read_all(cls, reader: Reader, name: str = "evidence", *, optional: bool = False) -> tuple[EvidencePart, ...]:
        """A list of objects with name, proves, source."""
        return tuple(
            cls(
                name=one.text("name"), proves=one.text("proves", optional=True),
                source=one.text("source", optional=True),
            )
            for one in reader.children(name, optional=optional)
        )


def evidence_blocks(evidence: Sequence[EvidencePart]) -> list[Block]:
    """As a table when it is said what a piece proves or where it is from; else as a numbered list."""
    if not any(piece.proves or piece.source for piece in evidence):
        return numbered([piece.name for piece in evidence])
    columns = [Column("序号", 2.6, "center"), Column("证据名称", 9), Column("证明内容", 11)]
    with_source = any(piece.source for piece in evidence)
    if with_source:
        columns.append(Column("来源", 6))
    rows = [
        [str(number), piece.name, piece.proves, *([piece.source] if with_source else [])]
        for number, piece in enumerate(evidence, start=1)
    ]
    return [Table(columns, rows)]


def numbered(items: Sequence[str]) -> list[Block]:
    """A list 1. 2. 3. whose items end with ； and the last one with 。, whatever they ended with."""
    ends = ["；"] * (len(items) - 1) + ["。"]
    bare = [item.rstrip("。；;，, ") for item in items]
    return [
        Paragraph(f"{number}.{item}{end}") for number, (item, end) in enumerate(zip(bare, ends, strict=True), start=1)
    ]


PENALTY_WORDS: Mapping[str, str] = {
    "warning": "警告",
    "criticism": "通报批评",
    "fine": "罚款",
    "confiscate_gains": "没收违法所得",
    "confiscate_goods": "没收非法财物",
    "suspend_permit": "暂扣许可证件",
    "lower_qualification": "降低资质等级",
    "revoke_permit": "吊销许可证件",
    "restrict_operation": "限制开展生产经营活动",
    "suspend_business": "责令停产停业",
    "close_down": "责令关闭",
    "restrict_employment": "限制从业",
}
"""行政处罚法 9, less 行政拘留, which only the police decide (18 para. 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyPart:
    """What is (to be) imposed on one party.

    types: ids of PENALTY_WORDS; fine_fen, confiscation_fen: amounts in fen; confiscation: the goods confiscated;
    details: fuller words for a type, e.g. {"revoke_permit": "吊销《安全生产许可证》"}; measures: orders that go along
    (责令…), as full sentences.
    """

    types: tuple[str, ...]
    fine_fen: int | None = None
    confiscation: str = ""
    confiscation_fen: int | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    measures: str = ""

    @classmethod
    def read(cls, reader: Reader) -> PenaltyPart:
        """Fields as named above; fine_fen is asked where there is a fine, confiscation where goods are confiscated."""
        types = reader.texts("types")
        if any(one not in PENALTY_WORDS for one in types):
            reader.note("document.field_wrong", "types")
        words = reader.maybe("details")
        return cls(
            types=tuple(one for one in types if one in PENALTY_WORDS),
            fine_fen=reader.number("fine_fen", least=1) if "fine" in types else None,
            confiscation=reader.text("confiscation", optional="confiscate_goods" not in types),
            confiscation_fen=reader.number("confiscation_fen", least=1) if "confiscate_gains" in types else None,
            details={one: words.text(one) for one in PENALTY_WORDS if words.has(one)} if words else {},
            measures=reader.text("measures", optional=True),
        )

    @property
    def pays(self) -> bool:
        """Whether money is to be paid."""
        return "fine" in self.types or "confiscate_gains" in self.types

    def items(self) -> list[str]:
        """Each penalty in words, in the order of `types`; amounts in capitals and figures."""
        return [self._item(one) for one in self.types]

    def _item(self, one: str) -> str:
        if one in self.details:
            return self.details[one]
        if one == "fine" and self.fine_fen is not None:
            return f"罚款{amount(self.fine_fen)}"
        if one == "confiscate_gains" and self.confiscation_fen is not None:
            return f"没收违法所得{amount(self.confiscation_fen)}"
        if one == "confiscate_goods" and self.confiscation:
            return f"没收非法财物（{self.confiscation}）"
        return PENALTY_WORDS[one]

    def blocks(self, lead: str) -> list[Block]:
        """`lead` (… 决定给予你单位) completed by one penalty, or by a list of several."""
        items = self.items()
        if len(items) == 1:
            return [Paragraph(f"{lead}{items[0]}的行政处罚。")]
        return [Paragraph(f"{lead}以下行政处罚：", keep=True), *numbered(items)]


def amount(fen: int) -> str:
    """An amount in capitals and figures: 人民币叁万元整（￥30,000.00）."""
    return f"人民币{money.capitals(fen)}（￥{money.figures(fen)}）"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefPart:
    """Where the party may turn: reconsideration: the body that hears 行政复议; court: the people's court."""

    reconsideration: str
    court: str

    @classmethod
    def read(cls, reader: Reader) -> ReliefPart:
        """Fields reconsideration, court."""
        return cls(reconsideration=reader.text("reconsideration"), court=reader.text("court"))

    def text(self, you: str) -> str:
        """行政复议法 20 (60 days), 行政诉讼法 46 (six months)."""
        return (
            f"如不服本决定，{you}可以自收到本决定书之日起六十日内向{self.reconsideration}申请行政复议，"
            f"也可以自收到本决定书之日起六个月内依法向{self.court}提起行政诉讼。"
        )


def law_sentence(text: str) -> str:
    """A basis as it stands before 的规定: without a closing stop, and without 的规定 said twice."""
    return text.rstrip("。；，").removesuffix("的规定").removesuffix("之规定")
