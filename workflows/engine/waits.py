"""How tokens wait: for timers, messages, signals, conditions, and at the border of an activity for what it throws."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine import lineage
from workflows.engine.elements import Timer, Trigger
from workflows.engine.moments import read_cycle, read_duration, read_moment
from workflows.engine.places import Place
from workflows.engine.variables import assign, seen_by
from workflows.errors import Incident, Invalid

_NOT_THERE = frozenset({"expression.unknown_name", "expression.unknown_key"})


class Waiting(Place):
    """An element that waits for a timer, message, signal or condition, or for what is thrown inside of an activity."""

    def awaits(self) -> Trigger:
        """What is waited for."""
        if self.drawn.trigger is None:
            raise TypeError(f"{self.name} waits for nothing")
        return self.drawn.trigger

    def may_act(self, task: Task) -> bool:
        """Whether a timer, message or signal may come; a condition comes true only by what somebody else does."""
        return bool(task.state == TaskState.WAITING) and self.awaits().kind in ("timer", "message", "signal")

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
        held, now = task.internal_data, task.workflow.top_workflow.now
        if held.get("every") is None:
            return False
        # Counted from where it began: a month after 31 January is in February, two months after it 31 March.
        # A timer of an earlier version, which did not keep that, counts from the moment for which it was set last.
        every, since = read_duration(held["every"]), datetime.fromisoformat(held.get("since", held["due"]))
        nth = begun = held.get("nth", 0)
        if every.months == 0:
            nth = max(begun, (now - since) // (every.after(since) - since) - 1)
        while (due := every.times(nth).after(since)) <= now:
            nth += 1
        left = None if held["left"] is None else held["left"] - (nth - begun)
        if left is not None and left <= 0:
            return False
        held.update(due=due.isoformat(), left=left, since=since.isoformat(), nth=nth)
        return True

    def came_true(self, task: Task) -> bool:
        """Whether variables that the condition watches have changed since it was last asked, and it holds now.

        What is not there yet makes it false, as in Camunda: one waits for an answer that nobody has given.
        """
        trigger = self.awaits()
        if trigger.condition is None or task.state != TaskState.WAITING:
            return False
        variables = seen_by(task)
        values = json.dumps([[name, variables[name]] for name in sorted(trigger.watched) if name in variables])
        task.workflow.top_workflow.spend(len(values) + 50)
        print = hashlib.sha256(values.encode()).hexdigest()[:32]
        if task.internal_data.get("asked") == print:
            return False
        task.internal_data["asked"] = print
        try:
            holds = self.value(task, trigger.condition)
        except Incident as incident:
            if incident.facts.get("reason") in _NOT_THERE:
                return False
            raise
        if not isinstance(holds, bool):
            raise self.incident(task, "engine.not_boolean", value=holds)
        return holds

    def told(self, task: Task) -> Mapping[str, Any] | None:
        """What the ledger should know of why it fired: a timer's due moment, the variables that a condition read."""
        trigger, due = self.awaits(), task.internal_data.get("due")
        if trigger.condition is not None:
            variables = seen_by(task)
            return {name: variables[name] for name in sorted(trigger.condition.names) if name in variables}
        return {"due": due} if due else None

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
        self.leave(my_task, self.drawn.flows_out, self.told(my_task))


class Boundary(Waiting):
    """Waits at the border of an activity, as long as that runs."""

    def interrupter(self, task: Task) -> Trigger | None:
        """What ends the activity."""
        return self.awaits() if self.drawn.interrupting and task.state == TaskState.WAITING else None

    def enter(self, task: Task) -> bool:
        """Wait."""
        self.arm(task)
        return False

    def fire(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Leave by the event's flow; an interrupting event ends the activity, with everything inside of it."""
        scope, activity, told = task.workflow, task.parent, self.told(task)
        inherited = lineage.onward(task, self.drawn.flows_out, beside=not self.drawn.interrupting)
        assign(scope.task_tree, payload)
        if self.drawn.interrupting:
            scope.drop(activity)
        elif self.awaits().timer is not None and not self.rearm(task):
            scope.drop(task)
        self.record(task, told, self.drawn.flows_out)
        scope.send_on(self.drawn.flows_out, inherited)


def end_race(task: Task) -> None:
    """Give up the other events that wait behind the same event-based gateway."""
    race = task.internal_data.get("race")
    for other in task.workflow.live() if race else ():
        if other is not task and other.internal_data.get("race") == race:
            task.workflow.drop(other)


def _due(timer: Timer, text: Any, now: datetime) -> dict[str, Any]:
    if not isinstance(text, str):
        raise Invalid("timer.not_text", value=text)
    if timer.kind == "date":
        return {"due": read_moment(text).isoformat()}
    if timer.kind == "duration":
        return {"due": read_duration(text).after(now).isoformat()}
    count, every = read_cycle(text)
    return {"due": every.after(now).isoformat(), "left": count, "every": text[text.index("/") + 1:].strip(),
            "since": now.isoformat(), "nth": 1}
