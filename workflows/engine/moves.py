"""Moving tokens against the flow: back to an earlier step, so that all from there is done again.

BPMN knows no such move; what it means in every topology is decided in docs/decisions/0010-desk-operators.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from SpiffWorkflow.task import Task

from workflows.engine import lineage
from workflows.engine.elements import Element
from workflows.engine.lineage import Line, Path, Visit
from workflows.engine.places import Place
from workflows.errors import Stale


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier step that a step can go back to. id: names it for `go_back`, until the instance moves on.

    whole: whether it is a subprocess or call, which begins anew.
    """

    id: str
    element: Element
    process_key: str
    package_hash: str
    whole: bool


def earlier(task: Task) -> list[Earlier]:
    """Where a step can go back to: the steps behind it on its own line, nearest first; those of the scopes around
    follow those of its own. Of a step that a loop has led to once more, also those of the round that ended there.
    """
    found: list[Earlier] = []
    for token in _levels(task):
        line, scope, lines = lineage.of(token), token.workflow, _lines(token)
        for id, visit in sorted(line.past.items(), key=lambda entry: -entry[1].number):
            ways = (line, _furthest(lines, id, visit))
            if id == token.task_spec.bpmn_id or any(_reopened(way, visit.path) is None for way in ways):
                continue
            spec, owner = scope.spec.task_specs[id], scope.definition
            found.append(Earlier(
                f"{_name(token)}:{id}", spec.drawn.element, owner.key, owner.hash, spec.drawn.element.kind != "userTask"
            ))
    return found


def go_back(task: Task, target: str) -> None:
    """Go back from a step to an earlier one: what came of that is taken away, and one token stands there again.

    Raises Stale ("engine.not_earlier") unless `earlier` offers the target.
    """
    for token in _levels(task):
        for id, visit in lineage.of(token).past.items():
            if f"{_name(token)}:{id}" != target:
                continue
            line = _furthest(_lines(token), id, visit)
            if (reopened := _reopened(line, visit.path)) is not None:
                return _go_back(token, line, id, visit, reopened)
    raise Stale("engine.not_earlier", target=target)


def _go_back(token: Task, line: Line, id: str, visit: Visit, reopened: list[tuple[int, str]]) -> None:
    scope, specs = token.workflow, token.workflow.spec.task_specs
    Place.record(token.task_spec, token, {"to": id}, kind="return")
    shortest = reopened[0][0] if reopened else len(visit.path)
    for other in list(scope.task_tree.children):
        # An event subprocess, on watch or running, came of the whole scope and not of any step in it.
        if not other.task_spec.drawn.by_event and _came_of(lineage.of(other).path, visit, shortest):
            scope.drop(other)
    rolled = line.before(visit.number).seen_from(visit.path)
    joins = {gate: arrived for gate, arrived in rolled.joins.items() if gate not in {gate for _, gate in reopened}}
    scope.place(specs[id], **replace(rolled, joins=joins).to_json())
    for depth, gate in reopened:
        for flow, path in line.joins[gate].items():
            if path[:depth + 1] != visit.path[:depth + 1]:
                scope.place(specs[gate], flow=flow, **line.arrived(path).to_json())


def _lines(token: Task) -> list[Line]:
    """The lines of all tokens of a scope."""
    return [lineage.of(other) for other in token.workflow.task_tree.children]


def _furthest(lines: list[Line], id: str, visit: Visit) -> Line:
    """Of the lines that lead through a visit, the one that has passed most joins since: another branch that came of the
    visit may be behind a join that the step which goes back has not passed, and it is taken back with that join.
    """
    through = [line for line in lines if id in line.past and line.past[id].number == visit.number]
    return min(through, key=lambda line: lineage.common(line.path, visit.path))


def _came_of(path: Path, visit: Visit, shortest: int) -> bool:
    """Whether a token with this path came of the visit: it stands on the same line, or split off from it later."""
    return any(
        path[:length] == visit.path[:length]
        and (len(path) == length or lineage.fork(path[length]) > visit.number)
        for length in range(shortest, len(visit.path) + 1)
    )


def _reopened(line: Line, path: Path) -> list[tuple[int, str]] | None:
    """The joins that must be open again for a token at `path`, each with the depth of its split, outer ones first;
    None if the line has not passed the join of one of the splits: then the path is another branch, not an earlier step.
    """
    found: list[tuple[int, str]] = []
    for depth in range(lineage.common(line.path, path), len(path)):
        gates = [
            gate for gate, arrived in line.joins.items()
            if any(other[:depth + 1] == path[:depth + 1] for other in arrived.values())
            and any(len(other) > depth and other[:depth] == path[:depth] and other[depth] != path[depth]
                    and lineage.fork(other[depth]) == lineage.fork(path[depth]) for other in arrived.values())
        ]
        if not gates:
            return None
        found.append((depth, gates[0]))
    return found


def _levels(task: Task) -> Iterator[Task]:
    """The token of a step in its own scope, then the tokens of the activities around it, outwards."""
    current: Any = task
    while current is not None:
        token = lineage.place_in_scope(current)
        yield token
        current = getattr(token.workflow, "holder", None)


def _name(token: Task) -> str:
    holder = getattr(token.workflow, "holder", None)
    return holder.id.hex if holder is not None else ""
