"""An instance: starts, completes steps, fires timers, hears messages. Pure of sessions and of the system clock.

Every command runs until people, timers or messages are needed. If it fails, the instance is spoilt and must be loaded
anew; nothing of it may be saved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine import kept_lines, limits, migrating, moves, rows, throws
from workflows.engine.definition import Definition
from workflows.engine.instances import MultiInstance
from workflows.engine.moves import Earlier
from workflows.engine.offers import External, Live, Step, external, is_external, is_offered, step
from workflows.engine.payload import dump, from_outside
from workflows.engine.scopes import Passed, Run
from workflows.engine.ticking import due
from workflows.engine.variables import assign
from workflows.engine.waits import Waiting
from workflows.errors import FashenError, Incident, Invalid, Stale

__all__ = ["Earlier", "External", "Instance", "Live", "Passed", "Step"]


@dataclass(frozen=True, slots=True)
class Held:
    """The variables that one running process holds; process_key: whose it is."""

    process_key: str
    variables: Mapping[str, Any]


class Instance:
    """A running instance. Made by `start`, or by `state.load`."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._spoilt = False

    @classmethod
    def start(
        cls, definition: Definition, called: Mapping[str, Definition], variables: Mapping[str, Any], now: datetime
    ) -> Instance:
        """Start an instance and move it to its first steps.

        called: the definitions it may call, by process key. Raises Invalid ("engine.*") for variables that are no JSON,
        Incident when it can't come to rest.
        """
        instance = cls(Run(definition, called, from_outside(variables)))
        with instance._command(now):
            instance.run.begin()
        return instance

    @property
    def definition(self) -> Definition:
        """The definition of the outermost process."""
        return self.run.definition

    @property
    def finished(self) -> bool:
        """Whether the whole has ended."""
        return bool(self.run.completed)

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the outermost process, a copy."""
        return deepcopy(self.run.variables or {})

    @property
    def trace(self) -> list[Passed]:
        """What was passed since the last save, in order."""
        return self.run.trace

    @property
    def withdrawn(self) -> list[str]:
        """Ids of steps that are no longer offered though nobody completed them, since the last save."""
        return self.run.withdrawn

    @property
    def spoilt(self) -> bool:
        """Whether a command failed; then nothing of this object may be used."""
        return self._spoilt

    def spoil(self) -> None:
        """Make this object unusable."""
        self._spoilt = True

    def steps(self) -> list[Step]:
        """The steps that people can do now, oldest first."""
        self._check()
        copies: dict[int, Any] = {}  # what a thousand steps see is copied once
        return [step(task, copies) for task in self.run.tokens() if is_offered(task)]

    def step(self, step_id: str) -> Step:
        """One step that can be done now. Raises Stale ("step.not_ready") for any other id."""
        self._check()
        return step(self._ready(step_id))

    def live(self) -> list[Live]:
        """Where tokens are; boundary events and event subprocesses on watch are not told."""
        self._check()
        found: dict[Live, None] = {}
        for task in self.run.tokens():
            watching = isinstance(task.task_spec, Waiting) and task.parent is not task.workflow.task_tree
            if task.task_spec.on_watch(task) or watching:
                continue
            definition = task.workflow.definition
            state = "ready" if is_offered(task) else "started" if task.state == TaskState.STARTED else "waiting"
            found[Live(task.task_spec.bpmn_id, definition.key, definition.hash, state)] = None
        return list(found)

    def complete(self, step_id: str, variables: Mapping[str, Any], now: datetime) -> None:
        """Complete a step with the variables that its answer sets, and move on.

        Raises Stale ("step.not_ready") unless the step can be done now, Invalid for variables that are no JSON or have
        a reserved name; then the instance stays usable. Raises Incident when it can't move on; then it is spoilt.
        """
        self._check()
        task, values = self._ready(step_id), from_outside(variables)
        with self._command(now):
            self.run.count_step(task)
            assign(task, values)
            task.run()

    def joining(self) -> list[str]:
        """The ids of the tokens that wait at a join for others to arrive, oldest first."""
        self._check()
        return [task.id.hex for task in self.run.tokens() if task.task_spec.at_join(task)]

    def earlier(self, step_id: str) -> list[Earlier]:
        """The earlier steps that a step can go back to, nearest first; or a token that waits at a join.

        Raises Stale ("step.not_ready").
        """
        self._check()
        return moves.earlier(self._standing(step_id))

    def go_back(self, step_id: str, target: str, now: datetime) -> None:
        """Go back from a step, or a token that waits at a join, to an earlier one: all that came of that is withdrawn,
        and it is offered again.

        Raises Stale ("step.not_ready", "engine.not_earlier") and Incident as `complete` does.
        """
        self._check()
        task = self._standing(step_id)
        if target not in {step.id for step in moves.earlier(task)}:
            raise Stale("engine.not_earlier", target=target)
        with self._command(now):
            moves.go_back(task, target)

    def migrate(
        self, called: Mapping[str, Definition], elements: migrating.Elements, now: datetime,
        forgotten: kept_lines.Forgotten = (),
    ) -> Instance:
        """A new instance on other versions of its processes, at the same steps; this one stays as it is.

        called: the new definitions by process key, that of the outermost process too; elements: what has another id
        there; forgotten: steps to which nobody can go back any more.
        Raises Stale ("engine.ended"); Invalid ("migration.refused") with a problem for each token that can't move;
        Incident where the new version can't come to rest at these steps.
        """
        self._check()
        if self.finished:
            raise Stale("engine.ended")
        run, anew = migrating.prepare(self.run, called, elements, forgotten)
        moved = Instance(run)
        with moved._command(now):
            for put in anew:
                put.place(run)
        return moved

    def copy(self) -> Instance:
        """The same instance once more, as it would be read back from where it is stored."""
        self._check()
        run = self.run
        scopes, tasks = rows.scope_rows(run).values(), rows.task_rows(run).values()
        return Instance(rows.restore(run.definition, run.called, dump(run.variables), self.finished, scopes, tasks))

    def terminate(self, now: datetime) -> None:
        """End the whole, wherever it stands; nothing is offered any more. Nothing happens to one that has ended."""
        self._check()
        if not self.finished:
            with self._command(now):
                self.run.finish()

    def add_signer(
        self, step_id: str, item: Any, now: datetime, *, before: bool = False, noted: bool = True, holder: Any = None
    ) -> None:  # fmt: skip
        """One more in the round (multi-instance) that a step is one of: beside the others; in a sequence next, or now.

        item: what its element variable holds; noted: whether `added` tells of it; holder: what that of the step holds
        when it comes again, None where that stays. Raises Stale ("step.not_ready", "engine.no_round"), Incident.
        """
        self._check()
        task = self._ready(step_id)
        whole, new = _round(task), from_outside({"item": item, "holder": holder})
        with self._command(now):
            whole.task_spec.add(whole, new["item"], before=task if before else None, noted=noted, holder=new["holder"])

    def remove_signer(self, step_id: str, index: int, now: datetime) -> None:
        """One less in the round that a step is one of, by its number; only one that is not done.

        Raises Stale ("step.not_ready", "engine.no_round", "engine.no_instance"), Incident.
        """
        self._check()
        whole = _round(self._ready(step_id))
        with self._command(now):
            whole.task_spec.remove(whole, index)

    def signers(self, step_id: str) -> dict[int, Any]:
        """Number → item of those who have not signed in the round that a step is one of, this step's too.

        Raises Stale ("step.not_ready", "engine.no_round").
        """
        self._check()
        whole = _round(self._ready(step_id))
        return dict(whole.task_spec.left(whole))

    def added(self, step_id: str) -> frozenset[int]:
        """The numbers of those who joined a step's round after it had begun. Raises Stale as `signers` does."""
        self._check()
        whole = _round(self._ready(step_id))
        return frozenset(whole.task_spec.added(whole))

    def assign(self, step_id: str, variables: Mapping[str, Any], now: datetime) -> None:
        """Set variables as a step would, which stays where it is; what waits for them is asked.

        Raises Stale ("step.not_ready"), Invalid and Incident as `complete` does.
        """
        self._check()
        task, values = self._ready(step_id), from_outside(variables)
        with self._command(now):
            assign(task, values)

    def held(self) -> list[Held]:
        """The variables of the process and of each process called inside of it, oldest first."""
        self._check()
        return [Held(scope.definition.key, deepcopy(scope.variables or {})) for scope in _holders(self.run)]

    def put_right(self, place: int, name: str, value: Any, now: datetime) -> None:
        """Set a variable that exists, past all steps; what waits for it is asked. place: as in `held`.

        Raises Stale ("engine.no_such_variable"), Invalid and Incident as `complete` does.
        """
        self._check()
        values, scopes = from_outside({name: value}), _holders(self.run)
        variables = scopes[place].variables if 0 <= place < len(scopes) else None
        if variables is None or name not in variables:
            raise Stale("engine.no_such_variable", name=name)
        with self._command(now):
            variables[name] = values[name]

    def external(self) -> list[External]:
        """The tasks that wait for workers, oldest first."""
        self._check()
        return [external(task) for task in self.run.tokens() if is_external(task)]

    def complete_external(self, task_id: str, variables: Mapping[str, Any], now: datetime) -> None:
        """A worker has done its task. Raises Stale ("step.not_ready") unless it waits, Invalid and Incident alike."""
        self._check()
        task, values = self._external(task_id), from_outside(variables)
        with self._command(now):
            self.run.count_step(task)
            assign(task, values)
            task._ready()

    def fail_external(self, task_id: str, code: str, variables: Mapping[str, Any], now: datetime) -> None:
        """A worker reports an error that the diagram handles: the boundary event of the task, or one further out.

        Raises as `complete_external` does, and Incident ("engine.error_uncaught") if nothing handles the code.
        """
        self._check()
        task, values = self._external(task_id), from_outside(variables)
        with self._command(now):
            self.run.count_step(task)
            assign(task, values)
            throws.fail(task, code)

    def wake(self, now: datetime) -> int:
        """Fire the timers that are due, the earliest first; the number of those that fired. Raises Incident."""
        self._check()
        fired = 0
        with self._command(now):
            while ripe := [task for task in self.run.tokens() if (moment := due(task)) is not None and moment <= now]:
                task = min(ripe, key=lambda task: (due(task), task.internal_data["n"]))
                self.run.count_step(task)
                task.task_spec.fire(task, {})
                self.run.drain()
                fired += 1
        return fired

    def send(self, name: str, payload: Mapping[str, Any], now: datetime) -> None:
        """Deliver a message or a signal: a signal to all that wait for it, a message to one.

        Raises Stale ("engine.not_awaited") if nothing waits for it, Invalid ("engine.ambiguous") if several wait for
        the message.
        """
        self._check()
        waiting = [task for task in self.run.tokens() if _awaits(task, name)]
        messages = [task for task in waiting if task.task_spec.awaits().kind == "message"]
        if not waiting:
            raise Stale("engine.not_awaited", name=name)
        if messages and len(waiting) > 1:  # of several, or a message and a signal of one name
            raise Invalid("engine.ambiguous", name=name)
        values = from_outside(payload)
        with self._command(now):
            for task in waiting:
                if task.state == TaskState.WAITING:  # an interrupting event may have ended what others waited in
                    self.run.count_step(task)
                    task.task_spec.fire(task, values)

    def awaited(self) -> frozenset[str]:
        """Names of the messages and signals that are waited for now."""
        self._check()
        triggers = [task.task_spec.awaits() for task in self.run.tokens() if _is_waiting(task)]
        return frozenset(trigger.name for trigger in triggers if trigger.kind in ("message", "signal") and trigger.name)

    def next_due(self) -> datetime | None:
        """The earliest moment at which a timer fires."""
        return min((moment for task in self.run.tokens() if (moment := due(task)) is not None), default=None)

    @contextmanager
    def _command(self, now: datetime) -> Iterator[None]:
        if now.tzinfo is None:
            raise ValueError("now has no zone")
        self.run.now = now
        self.run.reset_steps()
        try:
            yield
            self.run.drain()
            limits.check(self.run)
        except Incident as incident:
            self._spoilt = True
            if "line" in incident.facts:
                raise
            raise Incident(incident.code, **{**self.run.whereabouts(), **incident.facts}) from incident
        except BaseException as error:
            self._spoilt = True
            if isinstance(error, FashenError) or not isinstance(error, Exception):
                raise
            # Nobody at the desk can act on a KeyError, but the administrator must learn which case stopped, and where.
            where = self.run.whereabouts()
            raise Incident("engine.failed", reason=f"{type(error).__name__}: {error}"[:500], **where) from error

    def _check(self) -> None:
        if self._spoilt:
            raise Incident("engine.spoilt")

    def _ready(self, step_id: str) -> Task:
        found = next((task for task in self.run.tokens() if task.id.hex == step_id and is_offered(task)), None)
        if found is None:
            raise Stale("step.not_ready", step=step_id)
        return found

    def _standing(self, token_id: str) -> Task:
        """A step that can be done now, or a token that waits at a join."""
        joining = (task for task in self.run.tokens() if task.task_spec.at_join(task))
        return next((task for task in joining if task.id.hex == token_id), None) or self._ready(token_id)

    def _external(self, task_id: str) -> Task:
        found = next((task for task in self.run.tokens() if task.id.hex == task_id and is_external(task)), None)
        if found is None:
            raise Stale("step.not_ready", step=task_id)
        return found


def _round(task: Task) -> Task:
    if not isinstance(task.parent.task_spec, MultiInstance):
        raise Stale("engine.no_round", element=task.task_spec.bpmn_id)
    return task.parent


def _is_waiting(task: Task) -> bool:
    return isinstance(task.task_spec, Waiting) and task.state == TaskState.WAITING


def _awaits(task: Task, name: str) -> bool:
    if not _is_waiting(task):
        return False
    trigger = task.task_spec.awaits()
    return trigger.kind in ("message", "signal") and trigger.name == name


def _holders(run: Run) -> list[Any]:
    """The scopes that have variables of their own, oldest first; embedded subprocesses share those around them."""
    inner = [scope for scope in run.subprocesses.values() if scope.variables is not None]
    return [run, *sorted(inner, key=lambda scope: int(scope.holder.internal_data["n"]))]
