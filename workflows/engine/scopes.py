"""Where tokens live: SpiffWorkflow's workflows, with the live tasks only and with variables of their own.

A *scope* is one running process or subprocess. Its tree is flat: below the root hang the live tasks (the tokens),
below an activity its boundary events, below a multi-instance its instances. A task that is done leaves the tree at
once, so that a case of a thousand rounds costs what a case of one round costs, and no join can count a token of an
earlier round. SpiffWorkflow's own tree grows for ever, is predicted ahead, and is walked to a depth of 1,000 only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine import lineage, stuck
from workflows.engine.expressions import Expression
from workflows.engine.variables import seen_by
from workflows.errors import Incident

if TYPE_CHECKING:
    from workflows.engine.definition import Definition
    from workflows.engine.elements import Flow
    from workflows.engine.plan import ScopePlan

MAX_STEPS = 1_000
"""Engine steps in one command; a diagram that needs more never comes to rest."""
MAX_DEPTH = 20
"""Scopes inside each other; a process that calls itself ends here."""
TOKEN_WORK = 400
"""What placing a token counts as."""
MAX_WORK = 5_000_000
"""How much one command may read and copy, in characters of expressions and values, weighed by what they cost: about a
second or two. Steps alone do not bound the time: one may copy a large variable or ask hundreds of conditions."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One element that was passed, for the ledger.

    inputs: names and values that the choice was made from (a gateway's variables, a table's inputs, a timer's due
    moment); taken: ids of the flows that were taken; index: number of the instance in a multi-instance, from 0.
    """

    element_id: str
    kind: str
    name: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    taken: tuple[str, ...] = ()
    process_key: str = ""
    index: int | None = None


class ClosedScriptEngine(PythonScriptEngine):  # type: ignore[misc]
    """Stands in for SpiffWorkflow's engine, which calls `eval` and `exec`: evaluates what the house has parsed."""

    def __init__(self) -> None:
        super().__init__(environment=self)

    def evaluate(self, task: Task, expression: Any, external_context: Any = None) -> Any:
        """The value of a parsed expression over what the task sees. Raises TypeError for anything else."""
        if not isinstance(expression, Expression):
            raise TypeError("only parsed expressions are evaluated")
        return expression.evaluate(seen_by(task))

    def execute(self, task: Task, script: Any, external_context: Any = None) -> Any:
        """Refused: there are no scripts. Raises TypeError."""
        raise TypeError("scripts are never executed")

    def call_service(self, task: Task, **kwargs: Any) -> Any:
        """Refused: service tasks run registered handlers. Raises TypeError."""
        raise TypeError("services are never called from here")

    def validate(self, expression: Any) -> None:
        """Refused: expressions are parsed when the diagram is read. Raises TypeError."""
        raise TypeError("expressions are parsed by the house")


class _Tokens:
    """What the outermost process and the scopes inside of it share."""

    spec: ScopePlan
    tasks: dict[Any, Task]
    task_tree: Task
    completed: bool
    definition: Definition
    variables: dict[str, Any] | None
    top_workflow: Run

    def plant(self) -> None:
        """Make the root below which the tokens hang."""
        self.task_tree = Task(self, self.spec.start, state=TaskState.COMPLETED)

    def begin(self) -> None:
        """Put event subprocesses on watch and a token on the start event."""
        for watch in self.spec.watches:
            self.place(watch)
        self.place(self.spec.entry)

    def place(self, spec: Any, parent: Task | None = None, data: dict[str, Any] | None = None, **internal: Any) -> Task:
        """A new token at an element; `internal` is stored with it."""
        task = Task(self, spec, parent or self.task_tree, state=TaskState.FUTURE)
        task.internal_data["n"] = self.top_workflow.next_number()
        task.internal_data.update(internal)
        self.top_workflow.at = task
        self.top_workflow.spend(TOKEN_WORK)
        if data is not None:
            task.data = data
        spec._update(task)
        return task

    def send_on(self, flows: Sequence[Flow], inherited: Sequence[Mapping[str, Any]]) -> None:
        """A new token on each flow, with what it inherits."""
        for flow, given in zip(flows, inherited, strict=True):
            self.place(self.spec.task_specs[flow.target], flow=flow.id, **given)

    def live(self) -> list[Task]:
        """Every token of this scope, oldest first."""
        return [task for task in self.tasks.values() if task is not self.task_tree]

    def drop(self, task: Task) -> None:
        """Take a token away, with everything below it and every scope that runs inside of it."""
        for child in task.children:
            self.drop(child)
        inner = self.top_workflow.subprocesses.pop(task.id, None)
        if inner is not None:
            inner.clear()
        if task.has_state(TaskState.NOT_FINISHED_MASK):
            self.top_workflow.withdraw(task)
            task._set_state(TaskState.CANCELLED)
        self._remove_task(task.id)  # type: ignore[attr-defined]

    def clear(self) -> None:
        """Take all tokens away; nothing more happens here."""
        self.completed = True
        for task in self.task_tree.children:
            self.drop(task)

    def settle(self) -> None:
        """End the scope if nothing is left in it but event subprocesses on watch."""
        if not self.completed and all(task.task_spec.on_watch(task) for task in self.live()):
            self.finish()

    def finish(self) -> None:
        """End the scope: drop what is left; the activity around it goes on."""
        self.clear()


class Scope(_Tokens, BpmnSubWorkflow):  # type: ignore[misc]
    """A running subprocess or called process inside an instance."""

    def __init__(
        self, definition: Definition, plan: ScopePlan, holder: Task, variables: dict[str, Any] | None
    ) -> None:
        super().__init__(plan, holder.id, holder.workflow.top_workflow, deserializing=True)
        self.definition, self.holder, self.variables = definition, holder, variables
        if self.depth > MAX_DEPTH:
            raise holder.task_spec.incident(holder, "engine.depth", limit=MAX_DEPTH, called=definition.key)
        self.plant()

    def finish(self) -> None:
        """End the scope and tell the activity around it."""
        self.clear()
        self.holder.task_spec.scope_done(self.holder, self)


class Run(_Tokens, BpmnWorkflow):  # type: ignore[misc]
    """A whole instance: the outermost process, the scopes inside of it, and what has happened since it was loaded.

    called: the definitions it may call, by process key, pinned at its start.
    """

    def __init__(self, definition: Definition, called: Mapping[str, Definition], variables: dict[str, Any]) -> None:
        plan = definition.plans[definition.process_id]
        super().__init__(plan, script_engine=ClosedScriptEngine(), deserializing=True)
        self.definition, self.called, self.variables = definition, called, variables
        self.now: datetime | None = None
        self.at: Task | None = None
        self.agenda: deque[Task] = deque()
        self.trace: list[Passed] = []
        self.withdrawn: list[str] = []
        self._number = self._steps = self._work = 0
        self.plant()

    def next_number(self) -> int:
        """Numbers tokens in the order in which they arise."""
        self._number += 1
        return self._number

    def numbered(self, number: int) -> None:
        """Count on from `number` (when tokens are restored)."""
        self._number = max(self._number, number)

    def open(
        self, holder: Task, definition: Definition, plan: ScopePlan, variables: dict[str, Any] | None
    ) -> Scope:
        """A scope inside of an activity; its tokens are yet to be placed."""
        scope = Scope(definition, plan, holder, variables)
        self.subprocesses[holder.id] = scope
        return scope

    def scopes(self) -> Iterator[_Tokens]:
        """The process and all scopes inside, outer ones first."""
        yield self
        yield from list(self.subprocesses.values())

    def withdraw(self, task: Task) -> None:
        """Remember that a step offered to people is no longer offered."""
        if task.task_spec.manual and task.state == TaskState.READY:
            self.withdrawn.append(task.id.hex)

    def count_step(self, task: Task) -> None:
        """The token moves now. Raises Incident ("engine.step_limit") when a command has made too many steps."""
        self.at = task
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise task.task_spec.incident(task, "engine.step_limit", limit=MAX_STEPS)

    def spend(self, amount: int) -> None:
        """Count work that was done or is about to be, in characters. Raises Incident ("engine.work_limit")."""
        self._work += amount
        if self._work > MAX_WORK:
            raise Incident("engine.work_limit", limit=MAX_WORK)

    def whereabouts(self) -> dict[str, Any]:
        """Where the command is, for an incident that does not say it: element, line, process of the last move."""
        return self.at.task_spec.whereabouts(self.at) if self.at is not None else {"process": self.definition.key}

    def drain(self) -> None:
        """Move all tokens that can move by themselves, until people, timers or messages are needed."""
        while self.agenda or self._ask_conditions() or self._join():
            if not self.agenda:
                continue
            task = self.agenda.popleft()
            if task.state != TaskState.READY:
                continue
            self.count_step(task)
            task.run()
        self._check_stuck()
        for scope in self.scopes():
            lineage.shorten(scope)

    def reset_steps(self) -> None:
        """A new command begins to count."""
        self._steps = self._work = 0

    def tokens(self) -> list[Task]:
        """The live tasks of all scopes, oldest first."""
        tasks = [task for scope in self.scopes() for task in scope.live()]
        return sorted(tasks, key=lambda task: task.internal_data["n"])

    def _ask_conditions(self) -> bool:
        """Fire the oldest conditional event whose condition has come true, now that nothing else moves."""
        if not any(scope.spec.conditional for scope in self.scopes()):
            return False
        for task in self.tokens():
            if task.task_spec.came_true(task):
                self.count_step(task)
                task.task_spec.fire(task, {})
                return True
        return False

    def _join(self) -> bool:
        """Let one inclusive join go on, if all that can reach it have arrived; now, since nothing else moves."""
        for scope in self.scopes():
            for gateway in scope.spec.inclusive:
                if gateway.join(scope):
                    return True
        return False

    def _check_stuck(self) -> None:
        for scope in self.scopes():
            if stuck.is_stuck(scope):
                first = next(task for task in scope.live() if task.task_spec.at_join(task))
                raise first.task_spec.incident(first, "engine.stuck")
