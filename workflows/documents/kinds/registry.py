"""The closed list of kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from workflows.documents.kinds.discussion_record import DiscussionRecord
from workflows.documents.kinds.no_penalty_decision import NoPenaltyDecision
from workflows.documents.kinds.parts import Frame
from workflows.documents.kinds.penalty_decision import PenaltyDecision
from workflows.documents.kinds.penalty_notice import PenaltyNotice
from workflows.documents.kinds.referral_letter import ReferralLetter
from workflows.documents.kinds.review_opinion import ReviewOpinion
from workflows.documents.layout.blocks import Block
from workflows.errors import Invalid


class Content(Protocol):
    """What every kind's content can do."""

    @property
    def frame(self) -> Frame:
        """Agency, number, day."""

    @property
    def subject(self) -> str:
        """What the file is about, for its description."""

    def blocks(self) -> list[Block]:
        """The document from head to foot."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its names, the letters in its number, and how its content is read."""

    zh: str
    en: str
    letters: str
    read: Callable[[Mapping[str, Any]], Content]


KINDS: Mapping[str, Kind] = {
    "review_opinion": Kind("法制审核意见书", "Legal review opinion", "法审", ReviewOpinion.from_json),
    "discussion_record": Kind("集体讨论记录", "Record of collective discussion", "集讨", DiscussionRecord.from_json),
    "penalty_notice": Kind("行政处罚告知书", "Penalty notice", "告", PenaltyNotice.from_json),
    "penalty_decision": Kind("行政处罚决定书", "Penalty decision", "罚", PenaltyDecision.from_json),
    "no_penalty_decision": Kind("不予行政处罚决定书", "Decision not to penalise", "不罚", NoPenaltyDecision.from_json),
    "referral_letter": Kind("案件移送书", "Letter of referral", "移", ReferralLetter.from_json),
}
"""Letters 罚, 告, 不罚, 移 are the ministry's; 法审 and 集讨 are this program's and can be changed per bureau."""


def kind_of(type: str) -> Kind:
    """The kind named `type`. Raises Invalid("document.type_unknown")."""
    if type not in KINDS:
        raise Invalid("document.type_unknown", type=type)
    return KINDS[type]
