"""What happened to instances and tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class InstanceStarted:
    """A case began to run a process. called: process key → package hash, as pinned."""

    instance_id: str
    process_key: str
    package_hash: str
    called: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class InstanceEnded:
    """The process came to its end. outcome: "completed" or "terminated"."""

    instance_id: str
    process_key: str
    outcome: str = "completed"
    variables: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class StepAdvanced:
    """The engine passed elements without a person. passed: [{element_id, kind, name, inputs}], in their order."""

    instance_id: str
    element_id: str
    name: str
    passed: list[dict[str, Any]] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskOffered:
    """A step waits for a person: the assignee, else whoever of the candidates claims it.

    nobody: the role to which it is offered because nobody holds its own.
    """

    task_id: str
    instance_id: str
    element_id: str
    name: str
    act: str | None = None
    assignee_id: str | None = None
    candidate_ids: list[str] = field(default_factory=list)
    role: str | None = None
    due_at: datetime | None = None
    nobody: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskClaimed:
    """A candidate took the step."""

    task_id: str
    element_id: str
    name: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskReleased:
    """The assignee gave the step back to the candidates."""

    task_id: str
    element_id: str
    name: str
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskGivenUp:
    """Whoever held the step, or answered it, withdrew from the case (行政处罚法 43), or did another step from which the
    process keeps it apart: it is offered anew without him, and an answer of his that still waited for signatures counts
    no more. person_id: "" where it was nobody's and one more is charged with the case; nobody: as in TaskOffered.
    """

    task_id: str
    element_id: str
    name: str
    person_id: str
    person_name: str
    assignee_id: str | None = None
    candidate_ids: list[str] = field(default_factory=list)
    nobody: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskCompleted:
    """A person completed a step: the answer, what the engine was given, and what it passed with it.

    passed: [{element_id, kind, name, inputs}], the gateway inputs among them. by_id: whose answer it is, where the
    actor is another, the last who signed after it; for_id: the absent person for whom it was given. by_name, signed_by:
    where people signed after it, who did the step, and the names of those who agreed.
    """

    task_id: str
    element_id: str
    name: str
    act: str | None = None
    answer: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    passed: list[dict[str, Any]] = field(default_factory=list)
    instance_id: str = ""
    by_id: str | None = None
    for_id: str | None = None
    by_name: str = ""
    signed_by: list[str] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskCancelled:
    """The process took the step away before somebody completed it."""

    task_id: str
    element_id: str
    name: str
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TimerFired:
    """A timer of the diagram came due. passed as in TaskCompleted."""

    instance_id: str
    element_id: str
    name: str
    due_at: datetime
    passed: list[dict[str, Any]] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class IncidentRaised:
    """The engine could not advance; the case stays where it was."""

    instance_id: str
    code: str
    element_id: str = ""
    name: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
