"""How tokens pass gateways and plain elements: SpiffWorkflow task specs with BPMN's token rules.

What SpiffWorkflow does otherwise, and why these differ, stands beside each. Specs are shared by all instances of a
definition and sealed once built: SpiffWorkflow writes on its own specs while it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine import lineage
from workflows.engine.elements import Drawn, Flow, Trigger
from workflows.engine.expressions import Expression
from workflows.engine.scopes import Passed
from workflows.engine.variables import seen_by, weight
from workflows.errors import Incident


class Place(BpmnTaskSpec):  # type: ignore[misc]
    """An element through which tokens pass: each one that arrives is a task, leaves by the flows, and is gone."""

    def __init__(self, plan: Any, drawn: Drawn, name: str | None = None, *, manual: bool = False) -> None:
        super().__init__(plan, name or drawn.id, lane=drawn.element.lane, documentation=drawn.element.documentation,
                         description=drawn.element.kind, manual=manual)
        self.bpmn_id, self.bpmn_name, self.drawn = drawn.id, drawn.element.name, drawn

    def seal(self) -> None:
        """From now on the spec can't be changed."""
        self.__dict__["sealed"] = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self.__dict__.get("sealed"):
            raise AttributeError(f"{self.name} is shared by all instances and sealed")
        super().__setattr__(name, value)

    def _predict(self, my_task: Task, *_args: Any, **_kwargs: Any) -> None:
        """Nothing: only tokens that exist are in the tree."""

    def _update(self, my_task: Task) -> None:
        if self.enter(my_task):
            my_task._ready()

    def _on_ready(self, my_task: Task) -> None:
        if not self.manual:
            my_task.workflow.top_workflow.agenda.append(my_task)

    def _run_hook(self, my_task: Task) -> bool:
        return True

    def _on_complete(self, my_task: Task) -> None:
        self.leave(my_task, self.drawn.flows_out)

    def enter(self, task: Task) -> bool:
        """A token arrives. True if it may go on at once; otherwise the state says what it waits for."""
        return True

    def leave(self, task: Task, flows: Iterable[Flow], inputs: Mapping[str, Any] | None = None) -> None:
        """The token goes on by `flows`; the scope ends if it was the last one."""
        taken = tuple(flows)
        self.record(task, inputs, taken)
        self.move(task, taken)

    def move(self, task: Task, flows: Iterable[Flow]) -> None:
        """As `leave`, when it has been noted already."""
        scope = task.workflow
        scope.send_on(flows := tuple(flows), lineage.onward(task, flows))
        scope.drop(task)
        scope.settle()

    def record(self, task: Task, inputs: Mapping[str, Any] | None = None, taken: tuple[Flow, ...] = (),
               kind: str | None = None) -> None:
        """Note for the ledger that the element was passed."""
        element, shown = self.drawn.element, tuple(flow.id for flow in taken if not flow.link)
        task.workflow.top_workflow.trace.append(Passed(
            element.id, kind or element.kind, element.name, dict(inputs or {}), shown,
            task.workflow.definition.key, task.internal_data.get("index"),
        ))

    def was_work(self, task: Task) -> bool:
        """Whether people had work here, so that a later step can go back to it."""
        return False

    def on_watch(self, task: Task) -> bool:
        """Whether the task is an event subprocess on watch, which keeps no scope alive."""
        return False

    def at_join(self, task: Task) -> bool:
        """Whether the token waits for others to arrive."""
        return False

    def may_act(self, task: Task) -> bool:
        """Whether something from outside of the instance (a person, a program, the clock) can move the token."""
        return bool(self.manual and task.state == TaskState.READY)

    def interrupter(self, task: Task) -> Trigger | None:
        """What the task waits for, if that would end the activity or scope on which it keeps watch."""
        return None

    def came_true(self, task: Task) -> bool:
        """Whether a condition that the task waits for has come true."""
        return False

    def counters(self, task: Task) -> Mapping[str, Any]:
        """What a multi-instance tells its instances."""
        return {}

    def value(self, task: Task, expression: Expression) -> Any:
        """Evaluate; an incident names the element."""
        run = task.workflow.top_workflow
        try:
            run.spend(20 * len(expression.source) + 20)
            value = run.script_engine.evaluate(task, expression)
            run.spend(4 * weight(value))
        except Incident as incident:
            raise self.incident(task, incident.code, **incident.facts) from incident
        return value

    def incident(self, task: Task, code: str, **facts: Any) -> Incident:
        """An incident at this element, with its line in the diagram."""
        return Incident(code, **{**facts, **self.whereabouts(task)})

    def whereabouts(self, task: Task) -> dict[str, Any]:
        """Where a token is: element, what people call it, its line in the diagram's file, and process key."""
        element, process = self.drawn.element, task.workflow.definition.key
        return {"element": element.id, "label": element.name or element.id, "line": element.line, "process": process}


class Origin(Place):
    """The root of a scope's tree; no element of the diagram."""

    def __init__(self, plan: Any, drawn: Drawn) -> None:
        super().__init__(plan, drawn, "(origin)")


class Choosing(Place):
    """Asks the conditions of its flows."""

    def chosen(self, task: Task, inputs: dict[str, Any]) -> list[Flow]:
        """Every flow whose condition holds or that has none; else the default; else an incident. As in Camunda, BPMN
        2.0.2, 13.3.2. What was read goes into `inputs`.
        """
        flows = [
            flow for flow in self.drawn.flows_out
            if flow.id != self.drawn.default and self.holds(task, flow, inputs)
        ]
        return flows or self.default(task, inputs)

    def holds(self, task: Task, flow: Flow, inputs: dict[str, Any]) -> bool:
        """Whether a flow's condition holds; what it read goes into `inputs`."""
        if flow.condition is None:
            return True
        variables = seen_by(task)
        inputs.update({name: variables[name] for name in sorted(flow.condition.names) if name in variables})
        answer = self.value(task, flow.condition)
        if not isinstance(answer, bool):
            raise self.incident(task, "engine.not_boolean", flow=flow.id, value=answer)
        return answer

    def default(self, task: Task, inputs: Mapping[str, Any]) -> list[Flow]:
        """The default flow. Raises Incident ("engine.no_flow") when there is none."""
        found = [flow for flow in self.drawn.flows_out if flow.id == self.drawn.default]
        if not found:
            raise self.incident(task, "engine.no_flow", inputs=dict(inputs))
        return found


class Exclusive(Choosing):
    """The first flow whose condition holds, in the order of the file; else the default; else an incident."""

    def _on_complete(self, my_task: Task) -> None:
        inputs: dict[str, Any] = {}
        for flow in self.drawn.flows_out:
            if flow.id != self.drawn.default and self.holds(my_task, flow, inputs):
                return self.leave(my_task, [flow], inputs)
        return self.leave(my_task, self.default(my_task, inputs), inputs)


class _Joining(Place):
    def at_join(self, task: Task) -> bool:
        """Whether it waits."""
        return bool(task.state == TaskState.WAITING)

    def arrived(self, scope: Any) -> dict[str, Task]:
        """The oldest token that waits on each incoming flow."""
        found: dict[str, Task] = {}
        for task in scope.live():
            if task.task_spec is self and task.has_state(TaskState.FUTURE | TaskState.WAITING):
                found.setdefault(task.internal_data["flow"], task)
        return found


class Parallel(_Joining):
    """Takes one token from each incoming flow, gives one to each outgoing flow.

    SpiffWorkflow counts joins of earlier rounds, so that after a return one of two reviews would do.
    """

    def enter(self, task: Task) -> bool:
        """Go on if every other incoming flow has a token too."""
        arrived = self.arrived(task.workflow)
        if len(arrived) < len(self.drawn.flows_in):
            task._set_state(TaskState.WAITING)
            return False
        lineage.join(task, arrived)
        for other in arrived.values():
            if other is not task:
                task.workflow.drop(other)
        return True


class Inclusive(_Joining, Choosing):
    """Every flow whose condition holds; as a join, waits for those that can still come (BPMN 2.0.2, 13.4.3).

    reach: incoming flow → elements from which a path leads there that does not pass this gateway.
    """

    def __init__(self, plan: Any, drawn: Drawn, reach: Mapping[str, frozenset[str]]) -> None:
        super().__init__(plan, drawn)
        self.reach = reach

    def enter(self, task: Task) -> bool:
        """Wait until nothing else moves; then `join` decides."""
        if len(self.drawn.flows_in) == 1:
            return True
        task._set_state(TaskState.WAITING)
        return False

    def join(self, scope: Any) -> bool:
        """Go on with the waiting tokens unless another can still reach an empty flow. True if it went on."""
        if len(self.drawn.flows_in) == 1 or not (arrived := self.arrived(scope)):
            return False
        filled = [self.reach[flow] for flow in arrived]
        empty = [places for flow, places in self.reach.items() if flow not in arrived]
        for task in scope.live():
            place = task.task_spec.bpmn_id
            if task.task_spec is not self and any(place in places for places in empty) and (
                not any(place in places for places in filled)
            ):
                return False
        first, *others = arrived.values()
        lineage.join(first, arrived)
        for other in others:
            scope.drop(other)
        first._ready()
        return True

    def _on_complete(self, my_task: Task) -> None:
        inputs: dict[str, Any] = {}
        self.leave(my_task, self.chosen(my_task, inputs), inputs)


class EventGateway(Place):
    """Waits for the first of several events; the others are then no longer waited for."""

    def _on_complete(self, my_task: Task) -> None:
        scope, line = my_task.workflow, lineage.of(my_task).to_json()
        self.record(my_task)
        scope.send_on(self.drawn.flows_out, [{**line, "race": my_task.id.hex} for _ in self.drawn.flows_out])
        scope.drop(my_task)
