"""Running cases moved to another version of their process: asked for, approved, carried out, undone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MigrationAsked:
    """An administrator asked that running cases be moved. elements: id in the old version → id in the new one.

    chosen: ids of the instances, None for all that run on the old version.
    """

    migration_id: str
    key: str
    source_hash: str
    target_hash: str
    elements: dict[str, str]
    reason: str
    legal_basis: str
    chosen: list[str] | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MigrationApproved:
    """Another administrator approved it, as it was asked for. cases: how many instances it is about."""

    migration_id: str
    key: str
    source_hash: str
    target_hash: str
    elements: dict[str, str]
    decision: str
    cases: int


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MigrationRejected:
    """Another administrator refused it, and said why."""

    migration_id: str
    key: str
    decision: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MigrationWithdrawn:
    """It was taken back before it was approved."""

    migration_id: str
    key: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MigrationUndoAsked:
    """An administrator asked that moved cases go back to where they were. cases: how many instances."""

    migration_id: str
    key: str
    reason: str
    cases: int


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MigrationEnded:
    """Every case has its result. moved: on the new version now; refused: stayed; undone: went back."""

    migration_id: str
    key: str
    moved: int
    refused: int
    undone: int


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class InstanceMigrated:
    """A running process of a case goes on by another version. pins: what it and all that it calls run on from now on.

    forgotten: process key and element of the earlier steps to which nobody can go back any more; steps: names of the
    steps at which it stands.
    """

    instance_id: str
    migration_id: str
    process_key: str
    from_hash: str
    to_hash: str
    from_version: int
    to_version: int
    pins: dict[str, str]
    elements: dict[str, str]
    reason: str
    legal_basis: str
    asked_by_id: str
    approved_by_id: str
    forgotten: list[list[str]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    passed: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class InstanceMigrationUndone:
    """It is as it was before it was moved. pins: what it ran on then."""

    instance_id: str
    migration_id: str
    process_key: str
    from_hash: str
    to_hash: str
    from_version: int
    to_version: int
    pins: dict[str, str]
    reason: str
    by_id: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class TaskMoved:
    """Somebody's step stays theirs and stands for this element of the other version."""

    task_id: str
    element_id: str
    name: str
    package_hash: str
    act: str | None = None
