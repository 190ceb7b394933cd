"""Machines outside: admitted and revoked, and the external tasks that they did or failed at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MachineAdmitted:
    """A program outside may do external tasks of these topics."""

    machine_id: str
    name: str
    topics: list[str]


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MachineRevoked:
    """A program outside may do nothing any more."""

    machine_id: str
    name: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ExternalTaskCompleted:
    """A machine completed an external task. place: which of those that waited, oldest first; passed: as TaskCompleted.

    error: the code of the BPMN error that it reported, empty where it succeeded.
    """

    external_id: str
    instance_id: str
    element_id: str
    name: str
    topic: str
    place: int
    worker: str
    error: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    passed: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ExternalTaskFailed:
    """A machine could not do an external task. retries: how often it will be tried again; 0: an administrator must."""

    external_id: str
    instance_id: str
    element_id: str
    name: str
    topic: str
    worker: str
    retries: int
    message: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ExternalTaskRetried:
    """An administrator let a failed external task be tried again."""

    external_id: str
    instance_id: str
    element_id: str
    name: str
    retries: int
