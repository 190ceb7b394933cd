"""What administrators did to a process that stood still, or to the processes of the installation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class InstanceRetried:
    """An administrator had an instance that stood still read, checked and stored anew; nothing was due in it."""

    instance_id: str
    code: str
    name: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RepairAsked:
    """An administrator asked that a value of a process be put right. old, new: of the variable, or ids of people.

    kind: "variable" or "assignee"; name: of the variable, or of the step.
    """

    repair_id: str
    instance_id: str
    kind: str
    name: str
    old: str | int | float | bool | None
    new: str | int | float | bool | None
    reason: str
    process_key: str
    scope: int = 0
    task_id: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RepairApproved:
    """Another administrator approved it. What came of it follows as VariableRepaired or TaskReassigned."""

    repair_id: str
    instance_id: str
    name: str
    decision: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RepairRejected:
    """Another administrator refused it; nothing has changed."""

    repair_id: str
    instance_id: str
    name: str
    decision: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RepairWithdrawn:
    """Whoever asked took it back; nothing has changed."""

    repair_id: str
    instance_id: str
    name: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class VariableRepaired:
    """A variable of a process was put right. scope: whose it is, by the age of the process inside the instance.

    passed: what moved because it was, as in TaskCompleted.
    """

    repair_id: str
    instance_id: str
    process_key: str
    scope: int
    name: str
    old: str | int | float | bool | None
    new: str | int | float | bool | None
    passed: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ProcessSuspended:
    """No new cases are opened on a process, or on one version of it. holds: whether running ones are held too; cases:
    how many of them ran on it or were bound to it, of which whoever did it was told; None where none are held, and
    in entries of before.
    """

    suspension_id: str
    key: str
    package_hash: str | None
    holds: bool
    reason: str
    cases: int | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ProcessResumed:
    """New cases are opened on it again, and what was held goes on."""

    suspension_id: str
    key: str
    package_hash: str | None
    reason: str
