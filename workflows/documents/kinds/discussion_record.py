"""集体讨论记录: the leaders' collective discussion of one case (行政处罚法 57 para. 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflows.calendar import clock
from workflows.documents import dates
from workflows.documents.kinds.parts import Frame, Sections
from workflows.documents.layout.blocks import Block, Head, Paragraph, SignLine, field, paragraphs
from workflows.documents.layout.tables import Column, Table
from workflows.documents.reading import Reader

CHOICES: Mapping[str, str] = {
    "approve": "同意", "change": "变更", "return": "退回", "refer": "移送", "abstain": "弃权",
}
"""What a member may vote for: 同意承办机构意见 | 变更处理意见 | 退回补充调查 | 移送 | 弃权."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPart:
    """Who should attend: name, post, present; reason of absence or recusal; recused: withdrew from this case."""

    name: str
    post: str
    present: bool
    reason: str = ""
    recused: bool = False

    @classmethod
    def read(cls, reader: Reader) -> MemberPart:
        """Fields as named above; a reason is asked of the absent and the recused."""
        present, recused = reader.flag("present", default=True), reader.flag("recused")
        return cls(
            name=reader.text("name"), post=reader.text("post"), present=present, recused=recused,
            reason=reader.text("reason", optional=present and not recused),
        )

    def row(self, number: int) -> list[str]:
        """A row of the attendance."""
        state = "缺席" if not self.present else "回避" if self.recused else "出席"
        return [str(number), self.name, self.post, state, self.reason or "—"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VotePart:
    """One vote: name, choice, and the member's words on the case."""

    name: str
    choice: str
    opinion: str

    @classmethod
    def read(cls, reader: Reader) -> VotePart:
        """Fields as named above."""
        return cls(name=reader.text("name"), choice=reader.choice("choice", CHOICES), opinion=reader.text("opinion"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscussionRecord:
    """The content of a 集体讨论记录.

    cause, parties: of the case; began_at, ended_at, place, host, recorder, reporter; observers: names with posts;
    members; report: the case as reported; review: the legal review's opinion; discussion: what was said beyond the
    votes, may be missing; votes; conclusion: as carried.
    """

    frame: Frame
    cause: str
    parties: tuple[str, ...]
    began_at: datetime
    ended_at: datetime
    place: str
    host: str
    recorder: str
    reporter: str
    observers: tuple[str, ...]
    members: tuple[MemberPart, ...]
    report: str
    review: str
    discussion: str
    votes: tuple[VotePart, ...]
    conclusion: str

    title = "集体讨论记录"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DiscussionRecord:
        """Read and check. Raises Invalid("document.content_invalid") naming every missing field.

        Votes of somebody who was absent, recused or not a member are wrong, as are two votes of one member.
        """
        reader = Reader(data)
        content = cls(
            frame=Frame.read(reader), cause=reader.text("cause"), parties=reader.texts("parties"),
            began_at=reader.at("began_at"), ended_at=reader.at("ended_at"), place=reader.text("place"),
            host=reader.text("host"), recorder=reader.text("recorder"), reporter=reader.text("reporter"),
            observers=reader.texts("observers", optional=True),
            members=tuple(MemberPart.read(one) for one in reader.children("members")),
            report=reader.text("report"), review=reader.text("review"),
            discussion=reader.text("discussion", optional=True),
            votes=tuple(VotePart.read(one) for one in reader.children("votes")), conclusion=reader.text("conclusion"),
        )
        voters = [one.name for one in content.votes]
        entitled = {one.name for one in content.members if one.present and not one.recused}
        if len(set(voters)) != len(voters) or not entitled.issuperset(voters):
            reader.note("document.field_wrong", "votes")
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
            Head(self.frame.agency, f"重大行政处罚案件{self.title}", self.frame.number),
            field("案件名称", f"{'、'.join(self.parties)}{self.cause}案"),
            field("讨论时间", self._time()),
            field("讨论地点", self.place),
            field("主持人", self.host),
            field("汇报人", self.reporter),
            field("记录人", self.recorder),
            *([field("列席人员", "、".join(self.observers))] if self.observers else []),
            sections.heading("出席情况"),
            *self._attendance(),
            sections.heading("案情汇报"),
            *paragraphs(self.report),
            sections.heading("法制审核意见"),
            *paragraphs(self.review),
            sections.heading("讨论意见"),
            *paragraphs(self.discussion),
            *[block for vote in self.votes for block in self._speech(vote)],
            sections.heading("表决情况"),
            *self._votes(),
            sections.heading("讨论结论"),
            *paragraphs(self.conclusion),
            Paragraph("以上记录经核对无误。出席人员签名：", keep=True),
            self._signatures(),
            SignLine("主持人（签名）"),
            SignLine("记录人（签名）"),
        ]

    def _time(self) -> str:
        start, end = clock.local(self.began_at), clock.local(self.ended_at)
        last = f"{end.hour}时{end.minute:02d}分" if start.date() == end.date() else dates.moment(end)
        return f"{dates.moment(start)}至{last}"

    def _attendance(self) -> list[Block]:
        present = sum(1 for one in self.members if one.present)
        recused = [one for one in self.members if one.recused and one.present]
        text = f"应到{len(self.members)}人，实到{present}人"
        text += f"，其中回避{len(recused)}人" if recused else ""
        return [
            Paragraph(f"{text}。", keep=True),
            Table(
                [Column("序号", 2.6, "center"), Column("姓名", 4, "center"), Column("职务", 8),
                 Column("出席情况", 4, "center"), Column("说明", 9.4)],
                [one.row(number) for number, one in enumerate(self.members, start=1)],
            ),
        ]  # fmt: skip

    def _speech(self, vote: VotePart) -> list[Block]:
        post = next((one.post for one in self.members if one.name == vote.name), "")
        return list(paragraphs(f"{vote.name}（{post}）：{vote.opinion}"))

    def _votes(self) -> list[Block]:
        count = Counter(vote.choice for vote in self.votes)
        tally = "，".join(f"{name}{count[choice]}票" for choice, name in CHOICES.items() if count[choice])
        return [
            Paragraph(f"参加表决{len(self.votes)}人，{tally}。", keep=True),
            Table(
                [Column("序号", 2.6, "center"), Column("姓名", 6, "center"),
                 *(Column(name, 4, "center") for name in CHOICES.values())],
                [
                    [str(number), vote.name, *("√" if vote.choice == choice else "" for choice in CHOICES)]
                    for number, vote in enumerate(self.votes, start=1)
                ],
            ),
        ]  # fmt: skip

    def _signatures(self) -> Block:
        return Table(
            [Column("姓名", 5, "center"), Column("职务", 9), Column("签名", 8), Column("日期", 6, "center")],
            [[one.name, one.post, "", ""] for one in self.members if one.present],
            tall=True,
        )
