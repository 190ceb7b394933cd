"""How events throw: signals and messages inside of the instance, errors and escalations outwards; ends that end all.

BPMN 2.0.2, 10.5.6 and 13.5. Nothing that is thrown leaves the instance.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.elements import Thrown
from workflows.engine.places import Place
from workflows.engine.waits import Waiting


class Throw(Place):
    """An end event or intermediate event: does what it throws, then goes on if that has left it anything to do."""

    def _on_complete(self, my_task: Task) -> None:
        scope, thrown = my_task.workflow, self.drawn.throws
        named = thrown is not None and thrown.name
        self.record(my_task, {"name" if self._is_named else "code": thrown.name} if thrown and named else None,
                    self.drawn.flows_out)
        if thrown is not None:
            self._throw(my_task, thrown)
        if my_task.id in scope.tasks:  # otherwise what it has thrown has ended the scope that it lay in
            self.move(my_task, self.drawn.flows_out)

    @property
    def _is_named(self) -> bool:
        return self.drawn.throws is not None and self.drawn.throws.kind in ("message", "signal")

    def _throw(self, task: Task, thrown: Thrown) -> None:
        match thrown.kind:
            case "terminate":
                task.workflow.finish()
            case "signal":
                send_signal(task, thrown.name)
            case "message":
                self._send_message(task, thrown.name)
            case "cancel":
                hand_outwards(task, "cancel", None)
            case "escalation":
                hand_outwards(task, "escalation", thrown.name)
            case "error" if not hand_outwards(task, "error", thrown.name):
                raise self.incident(task, "engine.error_uncaught", error=thrown.name)

    def _send_message(self, task: Task, name: str) -> None:
        """To the one place of this instance that waits for it; to nobody would be lost without a sound."""
        waiting = _waiting(task, "message", name)
        if len(waiting) != 1:
            raise self.incident(task, "engine.ambiguous" if waiting else "engine.message_unawaited", name=name)
        waiting[0].task_spec.fire(waiting[0], {})


def send_signal(task: Task, name: str) -> None:
    """To all places of this instance that wait for it now; nobody is no mistake."""
    for other in _waiting(task, "signal", name):
        if other.state == TaskState.WAITING:  # an interrupting event may have ended what others waited in
            other.task_spec.fire(other, {})


def fail(task: Task, code: str) -> None:
    """An external task has failed with an error that the diagram handles. Raises Incident ("engine.error_uncaught")."""
    activity = task.parent if task.task_spec.is_instance else task
    if found := _catching(activity.children, "error", code):
        return _catch(found, code)
    if not hand_outwards(task, "error", code):
        raise task.task_spec.incident(task, "engine.error_uncaught", error=code)
    return None


def hand_outwards(task: Task, kind: str, code: str | None) -> bool:
    """Hand an error, escalation or cancellation outwards to the first that catches it; False if nobody does.

    A called process gives its mapped variables out with it, as in Camunda. What an event subprocess throws does not
    start the same event subprocess again.
    """
    scope, handler, left = task.workflow, None, list[tuple[Task, Any]]()
    while True:
        watches = [
            other for other in scope.live() if other.task_spec.on_watch(other) and other.task_spec is not handler
        ]
        holder = getattr(scope, "holder", None)
        if found := _catching(watches, kind, code):
            break
        if holder is None:
            return False
        left.append((holder, scope))
        activity = holder.parent if holder.task_spec.is_instance else holder
        if found := _catching(activity.children, kind, code):
            break
        scope, handler = holder.workflow, holder.task_spec
    for around, inner in left:
        around.task_spec.give_out(around, inner)
    _catch(found, code)
    return True


def _catch(found: Task, code: str | None) -> None:
    name = found.task_spec.awaits().code_variable
    found.task_spec.fire(found, {name: code} if name else {})


def _catching(tasks: Iterable[Task], kind: str, code: str | None) -> Task | None:
    found = [
        task for task in tasks if isinstance(task.task_spec, Waiting) and task.state == TaskState.WAITING
        and task.task_spec.awaits().kind == kind and task.task_spec.awaits().name in (code, None)
    ]
    found.sort(key=lambda task: task.task_spec.awaits().name is None)  # the one that names the code first
    return found[0] if found else None


def _waiting(task: Task, kind: str, name: str) -> list[Task]:
    return [
        other for other in task.workflow.top_workflow.tokens()
        if isinstance(other.task_spec, Waiting) and other.state == TaskState.WAITING
        and (other.task_spec.awaits().kind, other.task_spec.awaits().name) == (kind, name)
    ]
