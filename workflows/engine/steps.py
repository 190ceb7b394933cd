"""How tokens pass activities: work of people, decisions, handlers, subprocesses, calls, and many instances of these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine import handlers, lineage
from workflows.engine.elements import Copy, Drawn, Trigger
from workflows.engine.expressions import Expression
from workflows.engine.moments import read_due
from workflows.engine.places import Choosing
from workflows.engine.scopes import Scope
from workflows.engine.variables import COUNTERS, assign, may_name, plain, seen_by, weight
from workflows.engine.waits import Waiting, end_race
from workflows.errors import Incident, Invalid

DEFAULT_PRIORITY = 50  # as in Camunda


class Activity(Choosing):
    """Something that is done: with local inputs, outputs, and boundary events on watch while it runs.

    Its flows are asked after its outputs are set, while its local variables are still there.

    body: name of the multi-instance that this is one instance of; None for an activity that is done once.
    """

    def __init__(self, plan: Any, drawn: Drawn, body: str | None = None, *, manual: bool = False) -> None:
        super().__init__(plan, drawn, f"{drawn.id} [child]" if body else drawn.id, manual=manual)
        self.body = body

    def was_work(self, task: Task) -> bool:
        """Whether a step of people inside of it was done."""
        return "work" in task.internal_data

    @property
    def is_instance(self) -> bool:
        """Whether this is one instance of a multi-instance."""
        return self.body is not None

    def enter(self, task: Task) -> bool:
        """Put boundary events on watch, set inputs, begin."""
        if self.body is None:
            for boundary in task.workflow.spec.attached.get(self.drawn.id, ()):
                task.workflow.place(boundary, parent=task)
        for name, expression in self.drawn.inputs:
            task.data[name] = plain(self.value(task, expression))
        return self.begin(task)

    def begin(self, task: Task) -> bool:
        """Begin the work. True if the token may go on at once."""
        return True

    def ends_early(self) -> bool:
        """Whether it may be over before all that is done inside of it is."""
        return False

    def give_out(self, task: Task, scope: Scope) -> None:
        """Copy variables out of a scope that ends inside; only a call has any to give."""

    def scope_done(self, task: Task, scope: Scope) -> None:
        """The scope inside has ended."""
        task.workflow.top_workflow.subprocesses.pop(task.id, None)
        self.give_out(task, scope)
        task.complete()

    def found(self, task: Task) -> Mapping[str, Any] | None:
        """What the ledger should know of how this was done."""
        return None

    def go_on(self, task: Task, found: Mapping[str, Any] | None) -> None:
        """Leave by the flows whose conditions hold; `found` goes to the ledger beside what the conditions read."""
        inputs: dict[str, Any] = {}
        flows = self.chosen(task, inputs) if self.drawn.flows_out else []  # an event subprocess has none
        self.leave(task, flows, {**inputs, **(found or {})})

    def _on_complete(self, my_task: Task) -> None:
        outputs = {name: self.value(my_task, expression) for name, expression in self.drawn.outputs}
        assign(my_task, outputs, local=False)
        if self.body is None:
            self.go_on(my_task, self.found(my_task))
        else:
            self.record(my_task, self.found(my_task))
            my_task.parent.task_spec.instance_done(my_task.parent, my_task)


class UserStep(Activity):
    """A step of people: waits, READY, until `Instance.complete`."""

    def __init__(self, plan: Any, drawn: Drawn, body: str | None = None) -> None:
        super().__init__(plan, drawn, body, manual=True)

    def begin(self, task: Task) -> bool:
        """Settle who may do it and until when; this stays as it is now, whatever the variables become."""
        assignment = self.drawn.assignment
        if assignment is None:
            return True
        due, priority = self._text(task, assignment.due), self._text(task, assignment.priority)
        now = task.workflow.top_workflow.now
        try:
            moment = read_due(due, now, end_of_day=True).isoformat() if due else None
        except Invalid as error:
            raise self.incident(task, error.code, **error.facts) from error
        if priority and not re.fullmatch("[0-9]{1,6}", priority):
            raise self.incident(task, "engine.priority", value=priority)
        task.internal_data["step"] = {
            "assignee": self._text(task, assignment.assignee),
            "users": self._names(task, assignment.users), "groups": self._names(task, assignment.groups),
            "due": moment, "priority": int(priority) if priority else DEFAULT_PRIORITY,
        }
        return True

    def was_work(self, task: Task) -> bool:
        """It is work, also if an event ended it."""
        return True

    def _on_complete(self, my_task: Task) -> None:
        lineage.mark_work(my_task)
        super()._on_complete(my_task)

    def _text(self, task: Task, expression: Expression | None) -> str | None:
        value = self.value(task, expression) if expression is not None else None
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self.incident(task, "engine.not_text", value=value)
        return str(value)

    def _names(self, task: Task, expressions: tuple[Expression, ...]) -> list[str]:
        names: list[str] = []
        for expression in expressions:
            value = self.value(task, expression)
            several = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else None
            if several is None or not all(isinstance(name, str) for name in several):
                raise self.incident(task, "engine.not_text", value=value)
            names.extend(name.strip() for name in several if name.strip())
        return list(dict.fromkeys(names))


class ReceiveStep(Activity, Waiting):
    """A receive task: waits for a message."""

    def begin(self, task: Task) -> bool:
        """Wait."""
        self.arm(task)
        return False

    def fire(self, task: Task, payload: Mapping[str, Any]) -> None:
        """The message has come."""
        end_race(task)
        assign(task, payload)
        task._ready()


class DecisionStep(Activity):
    """A business rule task: asks a decision table of the package."""

    def _run_hook(self, my_task: Task) -> bool:
        decision = self.drawn.decision
        if decision is None:
            raise TypeError(f"{self.name} has no decision")
        table, variables = my_task.workflow.definition.tables[decision.id], seen_by(my_task)
        my_task.workflow.top_workflow.spend(table.cells * 50)
        try:
            decided = table.explain(variables)
            result = plain(table.map_result(decision.how, decided.outcome))
        except Incident as incident:
            raise self.incident(my_task, incident.code, **incident.facts) from incident
        read = {name: variables[name] for name in sorted(table.inputs) if name in variables}
        read[f"{decision.id}.rules"] = list(decided.rules)
        my_task.internal_data["found"] = {**read, decision.variable: result}
        assign(my_task, {decision.variable: result})
        return True

    def found(self, task: Task) -> Mapping[str, Any] | None:
        """What the table read, the numbers of the rules that hit, and the result."""
        read: Mapping[str, Any] = deepcopy(task.internal_data["found"])
        return read


class HandlerStep(Activity):
    """A service task: runs a registered handler."""

    def _run_hook(self, my_task: Task) -> bool:
        seen = seen_by(my_task)
        my_task.workflow.top_workflow.spend(2 * weight(seen))
        answer = handlers.handle(str(self.drawn.handler), deepcopy(seen))
        if bad := [name for name in answer if not may_name(name)]:
            raise self.incident(my_task, "engine.variable_name", name=bad[0])
        assign(my_task, answer)
        return True


class ExternalStep(Activity):
    """A service or send task of a topic: waits until a worker has done it."""

    def begin(self, task: Task) -> bool:
        """Wait."""
        task._set_state(TaskState.WAITING)
        return False

    def may_act(self, task: Task) -> bool:
        """A worker may answer."""
        return bool(task.state == TaskState.WAITING)

    @property
    def topic(self) -> str:
        """What kind of worker does it."""
        return str(self.drawn.topic)


class SubprocessStep(Activity):
    """An embedded subprocess: a scope of tokens that shares the variables around it."""

    def begin(self, task: Task) -> bool:
        """Open the scope and let its tokens go."""
        task._set_state(TaskState.STARTED)
        definition, top = task.workflow.definition, task.workflow.top_workflow
        top.open(task, definition, definition.plans[self.drawn.id], None).begin()
        return False


class CallStep(Activity):
    """A call activity: another process, which sees only what is mapped in and gives only what is mapped out."""

    def begin(self, task: Task) -> bool:
        """Start the called process. Raises Incident ("engine.called_missing") if the instance has not pinned it."""
        call, top = self.drawn.call, task.workflow.top_workflow
        definition = top.called.get(call.key) if call else None
        if call is None or definition is None:
            raise self.incident(task, "engine.called_missing", called=call.key if call else "")
        given: dict[str, Any] = {}
        for copy in call.into:
            given.update(self._copied(task, copy, seen_by(task)))
        top.spend(weight(given))
        task._set_state(TaskState.STARTED)
        top.open(task, definition, definition.plans[definition.process_id], plain(given)).begin()
        return False

    def give_out(self, task: Task, scope: Scope) -> None:
        """Set what camunda:out names."""
        for copy in self.drawn.call.out if self.drawn.call else ():
            values = self._copied(task, copy, scope.variables or {})
            task.workflow.top_workflow.spend(weight(values))
            assign(task, values)

    def _copied(self, task: Task, copy: Copy, source: Mapping[str, Any]) -> dict[str, Any]:
        if copy.source is None or copy.target is None:
            return {name: value for name, value in source.items() if name not in COUNTERS}
        if copy.optional and not copy.source.names <= source.keys():
            return {copy.target: None}
        return {copy.target: copy.source.evaluate(source)}


class EventSubprocess(Waiting, SubprocessStep):
    """An event subprocess: one task on watch for its start event, and one for each time that it runs."""

    def __init__(self, plan: Any, drawn: Drawn, start: Drawn) -> None:
        super().__init__(plan, drawn)
        self.start = start

    def awaits(self) -> Any:
        """What its start event waits for."""
        return self.start.trigger

    def on_watch(self, task: Task) -> bool:
        """Whether this is the watch and not a run."""
        return bool(task.state == TaskState.WAITING)

    def interrupter(self, task: Task) -> Trigger | None:
        """What ends everything else in its scope."""
        return self.awaits() if self.start.interrupting and self.on_watch(task) else None

    def enter(self, task: Task) -> bool:
        """The watch waits; a run begins."""
        if task.internal_data.get("run"):
            return self.begin(task)
        self.arm(task)
        return False

    def fire(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Run; an interrupting one ends everything else in its scope."""
        scope, timed = task.workflow, self.awaits().timer is not None
        assign(scope.task_tree, payload)
        if self.start.interrupting:
            for other in [other for other in scope.task_tree.children if other is not task]:
                scope.drop(other)
            scope.drop(task)
        elif timed and not self.rearm(task):
            scope.drop(task)
        scope.place(self, run=True)
