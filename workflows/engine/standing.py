"""Where an instance stands, as plain values: which elements hold a token, and what runs inside of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workflows.engine.instances import MultiInstance, Repeated
from workflows.engine.scopes import Run


@dataclass(frozen=True, slots=True)
class Stand:
    """One token. branch: at a join the flow by which it came, "" elsewhere; within: the scopes that run inside of it,
    None for one of several instances that is somebody's step.
    """

    element_id: str
    branch: str = ""
    within: tuple[Stage | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A running process or subprocess. scope: its id. Event subprocesses on watch are not told."""

    process_key: str
    scope: str
    stands: tuple[Stand, ...]


def standing(run: Run) -> Stage:
    """Where an instance stands. Events that wait behind an event-based gateway are told as one token at the gateway."""
    return _stage(run)


def _stage(scope: Any) -> Stage:
    stands: list[Stand] = []
    races: set[str] = set()
    for token in sorted(scope.task_tree.children, key=lambda task: task.internal_data["n"]):
        if token.task_spec.on_watch(token):
            continue
        race = token.internal_data.get("race")
        if race is None:
            branch = token.internal_data["flow"] if token.task_spec.at_join(token) else ""
            stands.append(Stand(token.task_spec.bpmn_id, branch, _within(scope, token)))
        elif race not in races:
            races.add(race)
            stands.append(Stand(_gate(scope, token)))
    return Stage(scope.definition.key, scope.spec.name, tuple(stands))


def _within(scope: Any, token: Any) -> tuple[Stage | None, ...]:
    top = scope.top_workflow
    if not isinstance(token.task_spec, (MultiInstance, Repeated)):
        inner = top.subprocesses.get(token.id)
        return (_stage(inner),) if inner is not None else ()
    instances = [child for child in token.children if child.task_spec.drawn.attached_to is None]
    return tuple(_stage(top.subprocesses[one.id]) if one.id in top.subprocesses else None for one in instances)


def _gate(scope: Any, token: Any) -> str:
    """The event-based gateway before an event."""
    nodes = scope.definition.nodes
    sources: Iterator[str] = (flow.source for flow in token.task_spec.drawn.flows_in)
    return next(one for one in sources if nodes[one].element.kind == "eventBasedGateway")
