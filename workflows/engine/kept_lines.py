"""The lines of an instance's tokens (`lineage`), in the words of another version of its process."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from SpiffWorkflow.task import Task

from workflows.engine import lineage
from workflows.engine.counterparts import Counterparts
from workflows.engine.lineage import Line, Path, Visit

Forgotten = Collection[tuple[str, str]]
"""Process key and id (in the new version) of steps to which nobody can go back any more."""


def of_scope(scope: Any, pair: Counterparts, forgotten: Forgotten) -> dict[Task, Line]:
    """The line of each token of a scope: steps that the new version has too stay behind it, and so do its joins.

    Branches whose join is no more, of a split that splits no more, are one line from now on.
    """
    before = {token: lineage.of(token) for token in scope.task_tree.children}
    gone: set[str] = set()
    for line in before.values():
        for gate, arrived in line.joins.items():
            depth = lineage.common(*arrived.values())
            entries = [path[depth] for path in arrived.values() if len(path) > depth]
            if _join(pair, gate, arrived) is None and not any(pair.still_splits(entry) for entry in entries):
                gone.update(entries)
    found = {token: _line(line, pair, forgotten) for token, line in before.items()}
    return {token: line.without(frozenset(gone)) for token, line in found.items()} if gone else found


def _line(line: Line, pair: Counterparts, forgotten: Forgotten) -> Line:
    past: dict[str, Visit] = {}
    for id, visit in line.past.items():
        new = pair.alike(id)
        if new is None or (pair.new.key, new.id) in forgotten:
            continue
        if new.id not in past or past[new.id].number < visit.number:
            past[new.id] = visit
    joins = {}
    for gate, arrived in line.joins.items():
        if (found := _join(pair, gate, arrived)) is not None:
            joins[found[0]] = found[1]
    return Line(line.path, past, joins)


def _join(pair: Counterparts, gate: str, arrived: Mapping[str, Path]) -> tuple[str, dict[str, Path]] | None:
    """A join that was passed: its id in the new version, and by which flows the branches came; None if it is none."""
    new = pair.alike(gate)
    if new is None:
        return None
    flows = {flow: pair.arrival(new, flow) for flow in arrived}
    if None in flows.values() or len(set(flows.values())) < len(flows):
        return None
    return new.id, {str(flows[flow]): path for flow, path in arrived.items()}
