"""What people did with steps besides completing them: handing on, signing together, going back, holding up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskReassigned:
    """转办: somebody else holds the step from now on."""

    task_id: str
    element_id: str
    name: str
    to_id: str
    to_name: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskDelegated:
    """委派: somebody prepares the step for the one who answers for it."""

    task_id: str
    element_id: str
    name: str
    to_id: str
    to_name: str
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskHandedBack:
    """交回: what was delegated goes back to the one who answers for it."""

    task_id: str
    element_id: str
    name: str
    to_id: str
    to_name: str
    note: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class SubstituteNamed:
    """委托代理: for some days somebody acts for an absent person."""

    order_id: str
    person_id: str
    name: str
    substitute_id: str
    substitute_name: str
    roles: list[str]
    starts_on: date
    ends_on: date
    reason: str = ""
    processes: list[str] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class SubstituteEnded:
    """A standing order to act for somebody ended before its last day."""

    order_id: str
    person_id: str
    name: str
    substitute_name: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class SubtaskOffered:
    """Somebody is asked to sign, to advise or to do an earlier step again, beside a step that stays where it is.

    kind: before | after | beside | advice | rework.
    """

    task_id: str
    parent_id: str
    kind: str
    element_id: str
    name: str
    person_id: str
    person_name: str
    question: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class SubtaskAnswered:
    """Whoever was asked has answered. instance_id: filled where the answer set variables of the process."""

    task_id: str
    parent_id: str
    kind: str
    element_id: str
    name: str
    answer: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    instance_id: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class SubtaskRemoved:
    """减签, or the step that it stood beside was taken away."""

    task_id: str
    parent_id: str
    kind: str
    element_id: str
    name: str
    person_name: str = ""
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RoundChanged:
    """A signing round got one signer more or less. index: of the one that was removed; -1 for one that was added.

    holder_id, holder_name: whose place it is before which somebody was put, where it was given to him (转办).
    """

    task_id: str
    instance_id: str
    element_id: str
    name: str
    person_id: str
    person_name: str
    index: int = -1
    before: bool = False
    noted: bool = False  # whether the engine keeps who joined; versions before 0.4 did not
    holder_id: str = ""
    holder_name: str = ""
    reason: str = ""
    variables: dict[str, Any] = field(default_factory=dict)  # that the change set, before it
    passed: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskAnswered:
    """The step's own answer is in; it is completed when those who sign after it have signed."""

    task_id: str
    element_id: str
    name: str
    act: str | None = None
    answer: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskReturned:
    """退回: all from an earlier step on is done again. target: as the engine names it; to: its element."""

    task_id: str
    instance_id: str
    element_id: str
    name: str
    target: str
    to: str
    to_name: str
    reason: str
    passed: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskWithdrawn:
    """撤回: whoever completed a step takes it back, before anybody acted on it. step: the one it was taken from; or
    join: the number of the token, among those that waited at a join, oldest first.
    """

    task_id: str
    instance_id: str
    element_id: str
    name: str
    step: str
    target: str
    join: int = -1
    reason: str = ""
    passed: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskUrged:
    """催办: whoever holds the step was reminded."""

    task_id: str
    element_id: str
    name: str
    to_names: list[str] = field(default_factory=list)
    note: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CaseSuspended:
    """中止: nobody completes a step until it is resumed. Statutory time limits go on."""

    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CaseResumed:
    """恢复: the steps can be done again."""

    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CaseTerminated:
    """终止, or 撤回 by whoever opened it: the case ends without a decision."""

    reason: str
    instance_ids: list[str] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class LeadWithdrawn:
    """撤回 by whoever opened the case: nobody had acted, its processes end, the form of the lead is the opener's again.

    task_id, element_id, name: of the task on which the lead is corrected and sent again.
    """

    task_id: str
    element_id: str
    name: str
    reason: str = ""
    instance_ids: list[str] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class LeadSentAgain:
    """The form of a lead that was taken back was sent again; its process begins anew."""

    task_id: str
    element_id: str
    name: str
    answer: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RemarkMade:
    """讨论: a comment or a question beside the record of acts. Its text is in the remark."""

    remark_id: str
    kind: str
    visibility: str
    task_id: str | None = None
