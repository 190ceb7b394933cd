"""Moving a running instance to other versions of its processes: every token keeps its step, or the move is refused.

The instance that results has the future of one that runs on the new versions and stands at those steps. What is kept of
a token: its variables, who holds its step, the due moments of its timers, and the steps behind it to which it can go
back. Decided in docs/decisions/0019-migration.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from SpiffWorkflow.task import Task

from workflows.engine import kept_lines, rows
from workflows.engine.counterparts import Counterparts, same_rounds, same_wait, same_work
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn
from workflows.engine.kept_lines import Forgotten
from workflows.engine.payload import dump
from workflows.engine.scopes import Run
from workflows.errors import Invalid, Problem

Elements = Mapping[str, Mapping[str, str]]
"""Process key → id in the old version → id in the new one, for elements that have another id there."""


def prepare(
    run: Run, called: Mapping[str, Definition], elements: Elements, forgotten: Forgotten
) -> tuple[Run, list[Put]]:
    """An instance on other versions with the tokens that stay as they are, and those that are yet to be placed.

    Raises Invalid ("migration.refused") with a problem for each token that can't move; place: its element.
    """
    move = _Move(run, called, elements, forgotten)
    tasks, scopes = move.rows()
    if move.problems:
        raise Invalid("migration.refused", move.problems)
    moved = rows.restore(called[run.definition.key], called, dump(run.variables), False, scopes, tasks)
    moved.numbered(max(task.internal_data["n"] for task in run.tokens()))
    return moved, move.anew


@dataclass(frozen=True, slots=True)
class Put:
    """A token that is placed anew. scope: id of the task that holds its scope, "" for the outermost; on: the activity
    at whose border it keeps watch; borders: what the boundary events on it held before, None for one that is spent.
    """

    scope: str
    element: str
    internal: Mapping[str, Any]
    on: str = ""
    borders: Mapping[str, Mapping[str, Any] | None] | None = None

    def place(self, run: Run) -> None:
        """Put the token into an instance; what waited at its border before goes on waiting as it did."""
        scope: Any = run.subprocesses[UUID(self.scope)] if self.scope else run
        if self.on and UUID(self.on) not in scope.tasks:
            return
        parent = scope.tasks[UUID(self.on)] if self.on else None
        task = scope.place(scope.spec.task_specs[self.element], parent, **self.internal)
        for border in list(task.children) if self.borders else ():
            if border.task_spec.name not in (self.borders or {}):
                continue
            held = (self.borders or {})[border.task_spec.name]
            if held is None:
                scope.drop(border)
            else:
                border.internal_data.update(held)


class _Move:
    """One instance on its way: what of its rows stays, what is placed anew, and why a token can't move."""

    def __init__(
        self, run: Run, called: Mapping[str, Definition], elements: Elements, forgotten: Forgotten
    ) -> None:
        self.run, self.called, self.elements, self.forgotten = run, called, elements, forgotten
        self.pairs: dict[str, Counterparts] = {}
        self.names: dict[str, str] = {}
        self.bodies: dict[str, dict[str, Any]] = {}
        self.anew: list[Put] = []
        self.problems: list[Problem] = []

    def rows(self) -> tuple[list[rows.TaskRow], list[rows.ScopeRow]]:
        """Rows of the tasks and scopes that stay, with what they are in the new versions."""
        self._scope(self.run)
        scopes = rows.scope_rows(self.run)
        tasks = []
        for id, row in rows.task_rows(self.run).items():
            if id in self.names:
                body = json.loads(row.body)
                body["internal"] = self.bodies[id]
                tasks.append(replace(row, element=self.names[id], body=dump({k: v for k, v in body.items() if v})))
        kept = []
        for id, held in scopes.items():
            if id in self.names:
                plan = self._pair(self.run.subprocesses[UUID(id)]).scope(held.plan) or held.plan
                kept.append(replace(held, plan=plan))
        return tasks, kept

    def _pair(self, scope: Any) -> Counterparts:
        old: Definition = scope.definition
        if old.key not in self.pairs:
            self.pairs[old.key] = Counterparts(old, self.called[old.key], self.elements.get(old.key, {}))
        return self.pairs[old.key]

    def _scope(self, scope: Any) -> None:
        pair, holder = self._pair(scope), getattr(scope, "holder", None)
        name = holder.id.hex if holder is not None else ""
        lines = kept_lines.of_scope(scope, pair, self.forgotten)
        races: dict[str, list[Task]] = {}
        for token in sorted(scope.task_tree.children, key=lambda task: task.internal_data["n"]):
            if token.task_spec.on_watch(token):
                self._watch(token, pair)
                continue
            self._token(token, pair, name, lines[token].to_json())
            if race := token.internal_data.get("race"):
                races.setdefault(race, []).append(token)
        for tokens in races.values():
            self._race(tokens, pair, name, lines[tokens[0]].to_json())
        plan = pair.new.plans[pair.scope(scope.spec.name) or pair.new.process_id]
        interrupted = any(task.internal_data.get("run") and task.task_spec.start.interrupting
                          for task in scope.task_tree.children)
        for watch in plan.watches:
            if not interrupted and self._is_unwatched(pair, watch.drawn):
                self.anew.append(Put(name, watch.name, {}))

    def _token(self, token: Task, pair: Counterparts, scope: str, line: dict[str, Any]) -> None:
        spec, old = token.task_spec, token.task_spec.drawn
        new = pair.node(old.id)
        if new is None:
            return self._refuse("migration.gone", token)
        if pair.alike(old.id) is None:
            kinds = {"kind": old.element.kind, "now": new.element.kind}
            code = "migration.kind" if kinds["kind"] != kinds["now"] else "migration.scope"
            return self._refuse(code, token, **kinds)
        if spec.at_join(token):
            return self._rejoin(token, pair, new, scope, line)
        if not same_rounds(old, new):
            if old.element.kind == "userTask" and not _begun(token):
                return self._again(token, pair, new, scope, line)
            return self._refuse("migration.round", token)
        match old.element.kind:
            case "userTask" | "serviceTask" | "sendTask" if not same_work(old, new):
                if _begun(token):
                    return self._refuse("migration.round", token)
                return self._again(token, pair, new, scope, line)
            case "callActivity" if old.call and new.call and old.call.key != new.call.key:
                return self._refuse("migration.called", token, called=old.call.key, now=new.call.key)
            case "receiveTask" | "intermediateCatchEvent" if not same_wait(old.trigger, new.trigger):
                return self._refuse("migration.waits", token)
        if bool(token.internal_data.get("race")) != _behind_race(new, pair.new):
            return self._refuse("migration.race", token)
        self._keep(token, pair, new, line)
        return None

    def _keep(self, task: Task, pair: Counterparts, new: Drawn, line: dict[str, Any]) -> None:
        """The task stays, with what hangs below it and runs inside of it."""
        self._stay(task, pair, new, line)
        inner = self.run.subprocesses.get(task.id)
        if inner is not None:
            self._scope(inner)
        known = set()
        for child in task.children:
            if child.task_spec.drawn.attached_to is None:  # one instance of several
                self._keep(child, pair, new, {})
            elif (border := self._border(pair, child.task_spec.drawn, new)) is not None:
                self._stay(child, pair, border, {})
                known.add(border.id)
        if task.parent is task.workflow.task_tree:
            self._new_borders(task, pair, new)

    def _stay(self, task: Task, pair: Counterparts, new: Drawn, line: dict[str, Any]) -> None:
        old, id = task.task_spec.drawn, task.id.hex
        self.names[id] = new.id + task.task_spec.name.removeprefix(old.id)
        internal = {key: value for key, value in task.internal_data.items() if key not in ("n", "line", "flow")}
        if (flow := task.internal_data.get("flow")) is not None:
            internal["flow"] = _arrived_by(pair, new, flow)
        if old.trigger and new.trigger and old.trigger.condition != new.trigger.condition:
            internal.pop("asked", None)
        self.bodies[id] = {**internal, **line}

    def _new_borders(self, task: Task, pair: Counterparts, new: Drawn) -> None:
        """Boundary events that only the new version has begin to watch."""
        scope = getattr(task.workflow, "holder", None)
        for other in pair.new.nodes.values():
            if other.attached_to == new.id and self._is_unwatched(pair, other):
                self.anew.append(Put(scope.id.hex if scope is not None else "", other.id, {}, on=task.id.hex))

    def _border(self, pair: Counterparts, old: Drawn, activity: Drawn) -> Drawn | None:
        """The boundary event that goes on watching for one of the old version."""
        found = pair.alike(old.id)
        fits = found is not None and found.attached_to == activity.id and same_wait(old.trigger, found.trigger)
        return found if fits else None

    def _is_unwatched(self, pair: Counterparts, new: Drawn) -> bool:
        """Whether nothing of the old version watched for what this event watches for; what is spent stays spent."""
        if new.by_event:
            before = [old for old in pair.old.nodes.values() if old.by_event and pair.node(old.id) is new]
            return not any(same_wait(_start(pair.old, old).trigger, _start(pair.new, new).trigger) for old in before)
        before = [old for old in pair.old.nodes.values() if old.attached_to and pair.node(old.id) is new]
        activity = pair.new.nodes[new.attached_to or ""]
        return not any(
            self._border(pair, old, activity) is new and pair.node(old.attached_to or "") is activity for old in before
        )

    def _watch(self, token: Task, pair: Counterparts) -> None:
        """An event subprocess on watch goes on watching, if there is one in the new version."""
        old = token.task_spec.drawn
        new = pair.alike(old.id)
        if new is not None and same_wait(_start(pair.old, old).trigger, _start(pair.new, new).trigger):
            self._stay(token, pair, new, {})
            if _start(pair.old, old).trigger != _start(pair.new, new).trigger:
                self.bodies[token.id.hex].pop("asked", None)

    def _rejoin(self, token: Task, pair: Counterparts, new: Drawn, scope: str, line: dict[str, Any]) -> None:
        """A token that waits at a join arrives there anew: the last that was missing may be missing no more."""
        flow = pair.arrival(new, token.internal_data["flow"])
        if flow is None:
            return self._refuse("migration.branch", token)
        self.anew.append(Put(scope, new.id, {**line, "flow": flow}))
        return None

    def _again(self, token: Task, pair: Counterparts, new: Drawn, scope: str, line: dict[str, Any]) -> None:
        """The step changed: it begins anew. Its timers keep their moments, and what has fired does not fire again."""
        internal = dict(line)
        if "race" in token.internal_data or _behind_race(new, pair.new):
            return self._refuse("migration.race", token)
        if (flow := token.internal_data.get("flow")) is not None:
            internal["flow"] = _arrived_by(pair, new, flow)
        alive = {child.task_spec.drawn.id: child for child in token.children if child.task_spec.drawn.attached_to}
        borders: dict[str, Mapping[str, Any] | None] = {}
        for old in pair.old.nodes.values():
            if old.attached_to == token.task_spec.drawn.id and (border := self._border(pair, old, new)) is not None:
                held = alive[old.id].internal_data if old.id in alive else None
                same = old.trigger == border.trigger
                kept = (*_TIMED, "asked") if same else _TIMED
                borders[border.id] = held and {key: value for key, value in held.items() if key in kept}
        self.anew.append(Put(scope, new.id, internal, borders=borders))
        return None

    def _race(self, tokens: list[Task], pair: Counterparts, scope: str, line: dict[str, Any]) -> None:
        """Events behind one event-based gateway must be behind one again; those that are new join the race."""
        if any(token.id.hex not in self.names for token in tokens):
            return None
        old = pair.flow_before(tokens[0].internal_data["flow"])
        gate = pair.node(old.source) if old is not None else None
        targets = {flow.target: flow.id for flow in gate.flows_out} if gate is not None else {}
        if any(self.names[token.id.hex] not in targets for token in tokens):
            return self._refuse("migration.race", tokens[0])
        race = tokens[0].internal_data["race"]
        held = {self.names[token.id.hex] for token in tokens}
        for target, flow in targets.items():
            if target not in held:
                self.anew.append(Put(scope, target, {**line, "flow": flow, "race": race}))
        return None

    def _refuse(self, code: str, token: Task, **facts: Any) -> None:
        element, key = token.task_spec.drawn.element, token.workflow.definition.key
        label = element.name or element.id
        self.problems.append(Problem(code, element.id, element.line, {"label": label, "process": key, **facts}))


_TIMED = ("due", "left", "every", "since", "nth")
"""What a timer holds."""


def _begun(token: Task) -> int:
    """How much of a round is done."""
    return int(token.internal_data.get("done", 0))


def _start(definition: Definition, scope: Drawn) -> Drawn:
    return next(node for node in definition.nodes.values()
                if node.element.kind == "startEvent" and node.element.scope == scope.id)  # fmt: skip


def _behind_race(new: Drawn, definition: Definition) -> bool:
    return any(definition.nodes[flow.source].element.kind == "eventBasedGateway" for flow in new.flows_in)


def _arrived_by(pair: Counterparts, new: Drawn, flow: str) -> str:
    """The flow by which a token came; of no matter but at joins and races."""
    found = pair.arrival(new, flow)
    return found if found is not None else new.flows_in[0].id if new.flows_in else flow
