"""What a move is to another version of a process: which instances it is about, and what one of them becomes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflows.cases.file import Case
from workflows.desk.migrating import order
from workflows.desk.migrating.tables import Migration
from workflows.diagrams import standing
from workflows.engine import packages
from workflows.engine.definition import Definition
from workflows.engine.runtime import Instance
from workflows.engine.state import FINISHED, EngineInstance, StoredInstance
from workflows.errors import Invalid, NotFound, Stale


@dataclass(frozen=True, slots=True)
class Terms:
    """Instances that run on `source`, or may call it, go on by `target`. elements: id in the old → id in the new."""

    key: str
    source: str
    target: str
    elements: Mapping[str, str]

    @classmethod
    def of(cls, row: Migration) -> Terms:
        """The terms of a migration."""
        return cls(row.process_key, row.source_hash, row.target_hash, row.elements)


@dataclass(frozen=True, slots=True)
class Become:
    """What an instance becomes. forgotten: steps to which nobody can go back any more; pins: what it runs on then."""

    instance: Instance
    pins: dict[str, str]
    forgotten: list[tuple[str, str]]


def running_on(key: str, package_hash: str) -> Select[str, str | None]:
    """The query of the instances under way on a version of a process, and their cases; the oldest first."""
    return (
        select(EngineInstance.id, EngineInstance.case_id)
        .join(Case, Case.id == EngineInstance.case_id)
        .where(EngineInstance.status != FINISHED, EngineInstance.ended_at.is_(None),
               EngineInstance.pins.contains(f'"{key}":"{package_hash}"', autoescape=True))
        .order_by(EngineInstance.created_at, EngineInstance.id)
    )  # fmt: skip


def become(session: Session, instance: StoredInstance, terms: Terms, now: datetime) -> Become:
    """What an instance becomes by a move; nothing is written, and the instance stays as it is.

    Raises Stale ("migration.elsewhere", "engine.ended"), Invalid ("migration.refused") with the reasons, Incident
    where the new version can't come to rest at its steps, NotFound ("engine.process_unknown") for a call of nothing.
    """
    if instance.pins.get(terms.key) != terms.source:
        raise Stale("migration.elsewhere")
    pins = _pins(session, instance.pins, terms)
    called = {key: packages.definition(session, hash) for key, hash in pins.items()}
    elements = {terms.key: terms.elements}
    if problems := order.other_acts(instance, called[terms.key], terms.elements):
        raise Invalid("migration.refused", problems)
    moved = instance.migrate(called, elements, now)
    version = standing.version(instance.definition.key, called)
    if problems := version.problems(moved):
        raise Invalid("migration.refused", problems)
    own = partial(_acts_behind, instance)
    if problems := order.left_behind(session, instance.case_id, moved, version, own):
        raise Invalid("migration.refused", problems)
    lost = standing.returns_that_fail(version, moved)
    if lost:  # what its own version would not have done either is no loss
        lost -= {(key, terms.elements.get(id, id) if key == terms.key else id)
                 for key, id in standing.returns_that_fail(_own(instance), instance)}  # fmt: skip
    forgotten = sorted(lost)
    return Become(instance.migrate(called, elements, now, forgotten) if forgotten else moved, pins, forgotten)


def _acts_behind(instance: StoredInstance) -> frozenset[str]:
    return _own(instance).behind(instance)


def _own(instance: StoredInstance) -> standing.Version:
    called: Mapping[str, Definition] = {key: instance.run.called[key] for key in instance.pins}
    return standing.version(instance.definition.key, called)


def _pins(session: Session, before: Mapping[str, str], terms: Terms) -> dict[str, str]:
    """What the instance runs on afterwards: what it called stays, what it newly calls has its present version."""
    pins = {**before, terms.key: terms.target}
    queue = [terms.key]
    while queue:
        for key in sorted(packages.definition(session, pins[queue.pop()]).calls):
            if key not in pins:
                present = packages.current(session, key)
                if present is None:
                    raise NotFound("engine.process_unknown", key=key)
                pins[key] = present
                queue.append(key)
    return dict(sorted(pins.items()))


def pinned(instance: EngineInstance, key: str) -> str | None:
    """The version of a process that an instance runs on, or would call."""
    found: str | None = json.loads(instance.pins).get(key)
    return found
