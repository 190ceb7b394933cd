"""How tokens wait for timers, messages, signals and errors, and how ends throw errors or end everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.elements import Timer, Trigger
from workflows.engine.moments import read_cycle, read_duration, read_moment
from workflows.engine.places import Place
from workflows.engine.variables import assign
from workflows.errors import Incident, Invalid


class Waiting(Place):
    """An element that waits for a timer, a message or a signal (a boundary event or a watch also for an error)."""

    def awaits(self) -> Trigger:
        """What is waited for."""
        if self.drawn.trigger is None:
            raise TypeError(f"{self.name} waits for nothing")
        return self.drawn.trigger

    def arm(self, task: Task) -> None:
        """Begin to wait. A timer's due moment is computed now, once; SpiffWorkflow would ask the system's clock."""
        task._set_state(TaskState.WAITING)
        timer = self.awaits().timer
        if timer is None:
            return
        text, now = self.value(task, timer.value), task.workflow.top_workflow.now
        try:
            task.internal_data.update(_due(timer, text, now))
        except Invalid as error:
            raise self.incident(task, error.code, **error.facts) from error

    def rearm(self, task: Task) -> bool:
        """Set a repeated timer to its next moment that lies ahead; False if there is none. Missed ones have fired."""
        left, every = task.internal_data.get("left"), task.internal_data.get("every")
        if every is None:
            return False
        now, due = task.workflow.top_workflow.now, datetime.fromisoformat(task.internal_data["due"])
        duration = read_duration(every)
        if duration.months == 0 and now > due:
            length = duration.after(due) - due
            missed = (now - due) // length
            due, left = due + missed * length, None if left is None else left - missed
        while due <= now:
            due, left = duration.after(due), None if left is None else left - 1
        if left is not None and left <= 0:
            return False
        task.internal_data.update(due=due.isoformat(), left=left)
        return True

    def fire(self, task: Task, payload: Mapping[str, Any]) -> None:
        """What was waited for has come."""
        raise NotImplementedError


class Catch(Waiting):
    """An intermediate event that waits."""

    def enter(self, task: Task) -> bool:
        """Wait."""
        self.arm(task)
        return False

    def fire(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Go on; the other events of an event-based gateway are given up."""
        end_race(task)
        assign(task, payload)
        task._ready()

    def _on_complete(self, my_task: Task) -> None:
        due = my_task.internal_data.get("due")
        self.leave(my_task, self.drawn.flows_out, {"due": due} if due else None)


class Boundary(Waiting):
    """Waits at the border of an activity, as long as that runs."""

    def enter(self, task: Task) -> bool:
        """Wait."""
        self.arm(task)
        return False

    def fire(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Leave by the event's flow; an interrupting event ends the activity, with everything inside of it."""
        scope, activity, due = task.workflow, task.parent, task.internal_data.get("due")
        assign(scope.task_tree, payload)
        if self.drawn.interrupting:
            scope.drop(activity)
        elif due is not None and not self.rearm(task):
            scope.drop(task)
        self.record(task, {"due": due} if due else None, self.drawn.flows_out)
        for flow in self.drawn.flows_out:
            scope.place(scope.spec.task_specs[flow.target], flow=flow.id)


class End(Place):
    """Ends a path, throws an error, or ends its whole scope."""

    def _on_complete(self, my_task: Task) -> None:
        scope = my_task.workflow
        self.record(my_task, {"code": self.drawn.error_code} if self.drawn.throws == "error" else None)
        scope.drop(my_task)
        if self.drawn.throws == "error":
            throw(scope, str(self.drawn.error_code))
        elif self.drawn.throws == "terminate":
            scope.finish()
        else:
            scope.settle()


def end_race(task: Task) -> None:
    """Give up the other events that wait behind the same event-based gateway."""
    race = task.internal_data.get("race")
    for other in task.workflow.live() if race else ():
        if other is not task and other.internal_data.get("race") == race:
            task.workflow.drop(other)


def throw(scope: Any, code: str) -> None:
    """Hand an error outwards to the first that catches it. Raises Incident ("engine.error_uncaught") if nobody does.

    A called process gives its mapped variables out with the error too, as in Camunda.
    """
    while True:
        watches = [task for task in scope.live() if task.task_spec.on_watch(task)]
        if _caught(watches, code):
            return
        holder = getattr(scope, "holder", None)
        if holder is None:
            raise Incident("engine.error_uncaught", error=code, process=scope.definition.key)
        holder.task_spec.give_out(holder, scope)
        activity = holder.parent if holder.task_spec.is_instance else holder
        if _caught(activity.children, code):
            return
        scope = holder.workflow


def _caught(tasks: Iterable[Task], code: str) -> bool:
    found = [
        task for task in tasks if isinstance(task.task_spec, Waiting) and task.state == TaskState.WAITING
        and task.task_spec.awaits().kind == "error" and task.task_spec.awaits().name in (code, None)
    ]
    found.sort(key=lambda task: task.task_spec.awaits().name is None)  # the one that names the code first
    if found:
        name = found[0].task_spec.awaits().code_variable
        found[0].task_spec.fire(found[0], {name: code} if name else {})
    return bool(found)


def _due(timer: Timer, text: Any, now: datetime) -> dict[str, Any]:
    if not isinstance(text, str):
        raise Invalid("timer.not_text", value=text)
    if timer.kind == "date":
        return {"due": read_moment(text).isoformat()}
    if timer.kind == "duration":
        return {"due": read_duration(text).after(now).isoformat()}
    count, every = read_cycle(text)
    return {"due": every.after(now).isoformat(), "left": count, "every": text[text.index("/") + 1:].strip()}
