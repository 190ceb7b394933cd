"""How a multi-instance or a loop runs: one token for the whole, one below it for each instance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.elements import Flow, Multi, Repeat
from workflows.engine.steps import Activity
from workflows.engine.variables import assign, plain, weight
from workflows.errors import Stale

MAX_INSTANCES = 1_000


class Repeated(Activity):
    """The body of a standard loop: one instance after the other, as long as the condition holds.

    `loopCounter` is the number of the instance, from 0; for the condition the number of those that are done.
    """

    @property
    def repeat(self) -> Repeat:
        """Until when."""
        if self.drawn.repeat is None:
            raise TypeError(f"{self.name} is done once")
        return self.drawn.repeat

    def enter(self, task: Task) -> bool:
        """Begin the first instance, unless the condition is asked before it and does not hold."""
        for boundary in task.workflow.spec.attached.get(self.drawn.id, ()):
            task.workflow.place(boundary, parent=task)
        task.internal_data["done"] = 0
        if self.repeat.before and not self._again(task):
            return True
        task._set_state(TaskState.STARTED)
        self._instance(task)
        return False

    def instance_done(self, task: Task, instance: Task) -> None:
        """Once more, or go on."""
        task.internal_data["done"] += 1
        task.workflow.drop(instance)
        if self._again(task):
            self._instance(task)
        else:
            task.complete()

    def counters(self, task: Task) -> Mapping[str, Any]:
        """How many are done."""
        return {"loopCounter": task.internal_data["done"]} if "done" in task.internal_data else {}

    def _again(self, task: Task) -> bool:
        if self.repeat.maximum is not None and task.internal_data["done"] >= self.repeat.maximum:
            return False
        again = True if self.repeat.condition is None else self.value(task, self.repeat.condition)
        if not isinstance(again, bool):
            raise self.incident(task, "engine.not_boolean", value=again)
        return again

    def _instance(self, task: Task) -> None:
        index = task.internal_data["done"]
        spec = task.workflow.spec.task_specs[f"{self.drawn.id} [child]"]
        task.workflow.place(spec, parent=task, data={"loopCounter": index}, index=index)

    def record(self, task: Task, inputs: Mapping[str, Any] | None = None, taken: tuple[Flow, ...] = (),
               kind: str | None = None) -> None:
        """Note the whole as "loop", beside its instances."""
        super().record(task, {**(inputs or {}), "loopCounter": task.internal_data["done"]}, taken, "loop")


class MultiInstance(Activity):
    """The body of a multi-instance: its instances hang below it; it goes on when enough of them are done.

    SpiffWorkflow lets the results overwrite the collection, gives no counters, and does not end early on most
    conditions; here instances have local variables, and the condition is asked after each of them.
    """

    @property
    def multi(self) -> Multi:
        """How often, over what, until when."""
        if self.drawn.multi is None:
            raise TypeError(f"{self.name} is done once")
        return self.drawn.multi

    def ends_early(self) -> bool:
        """A condition or a rule of signing may be fulfilled before all instances are done."""
        return not self.multi.sequential and (self.multi.condition is not None or self.multi.signing is not None)

    def enter(self, task: Task) -> bool:
        """Place the instances: all of them, or the first of a sequence."""
        for boundary in task.workflow.spec.attached.get(self.drawn.id, ()):
            task.workflow.place(boundary, parent=task)
        items = self._items(task)
        task.internal_data.update(total=len(items), done=0)
        if self.multi.output_collection:
            task.internal_data["results"] = {}
            assign(task, {self.multi.output_collection: []})
        if not items:
            self._settle(task)
            return True
        task._set_state(TaskState.STARTED)
        if self.multi.sequential:
            task.internal_data["items"] = items
            items = items[:1]
        for index, item in enumerate(items):
            self._instance(task, index, item)
        return False

    def instance_done(self, task: Task, instance: Task) -> None:
        """Count, gather the result, ask the condition; then the next instance, or go on."""
        task.internal_data["done"] += 1
        self._gather(task, instance)
        self._count(task, instance)
        early = self._settle(task) if self.multi.signing else self._enough(instance)
        index = instance.internal_data["index"]
        task.workflow.drop(instance)
        if early or task.internal_data["done"] == task.internal_data["total"]:
            task.complete()
        elif self.multi.sequential:
            self._instance(task, index + 1, task.internal_data["items"][index + 1])

    def add(
        self, task: Task, item: Any, *, before: Task | None = None, noted: bool = True, holder: Any = None
    ) -> None:  # fmt: skip
        """One more instance: of a parallel round beside the others, of a sequence next, or now, before the current one.

        noted: whether `added` tells of it; holder: the item of the current one from now on, where it is another's by
        now, so that it comes again for him; None where it is not. Raises Incident ("engine.too_many_instances").
        """
        internal = task.internal_data
        if internal["total"] >= MAX_INSTANCES:
            raise self.incident(task, "engine.too_many_instances", limit=MAX_INSTANCES)
        internal["total"] += 1
        if not self.multi.sequential:
            index = internal.setdefault("next", internal["total"] - 1)
            internal["next"] = index + 1
            self._note(task, index, noted=noted)
            return self._instance(task, index, item)
        current = self.running(task)[0]
        index = current.internal_data["index"] + (before is None)
        if before is not None and holder is not None:
            internal["items"][index] = plain(holder)
        internal["items"].insert(index, plain(item))
        self._note(task, index, noted=noted, shift=1)
        if before is None:
            return None
        task.workflow.drop(current)
        return self._instance(task, index, item)

    def remove(self, task: Task, index: int) -> None:
        """One instance less, of those that are not done; the round ends if the rest suffices.

        Raises Stale ("engine.no_instance") when there is none of that number left to do, or no other one at all.
        """
        internal = task.internal_data
        running = {child.internal_data["index"]: child for child in self.running(task)}
        ahead = range(min(running) + 1, len(internal["items"])) if self.multi.sequential else range(0)
        if internal["total"] == 1 or (index not in running and index not in ahead):
            raise Stale("engine.no_instance", index=index)
        internal["total"] -= 1
        self._forget(task, index)
        if self.multi.sequential:
            del internal["items"][index]
        else:
            internal.setdefault("next", internal["total"] + 1)
        if index in running:
            task.workflow.drop(running[index])
        if self._settle(task) or internal["done"] == internal["total"] or (internal["done"] and self._enough(task)):
            task.complete()
        elif self.multi.sequential and index in running:
            self._instance(task, index, internal["items"][index])

    def added(self, task: Task) -> frozenset[int]:
        """The numbers of those who joined the round after it had begun."""
        return frozenset(task.internal_data.get("added", ()))

    def _note(self, task: Task, index: int, *, noted: bool, shift: int = 0) -> None:
        """Note who joined; in a sequence, whoever comes behind him moves on by one."""
        known = [number + shift if number >= index else number for number in task.internal_data.get("added", ())]
        if known or noted:
            task.internal_data["added"] = sorted([*known, index] if noted else known)

    def _forget(self, task: Task, index: int) -> None:
        """Whoever is taken out has not joined; in a sequence, whoever comes behind him moves up by one."""
        if "added" in task.internal_data:
            left = (number for number in task.internal_data["added"] if number != index)
            task.internal_data["added"] = [
                number - 1 if self.multi.sequential and number > index else number for number in left
            ]

    def running(self, task: Task) -> list[Task]:
        """The instances that are begun and not done, oldest first."""
        return [child for child in task.children if child.task_spec.name == self._instance_name]

    def left(self, task: Task) -> dict[int, Any]:
        """Number → item of the instances that are not done, those of a sequence that have not begun too."""
        name, items = self.multi.element_variable, task.internal_data.get("items", [])
        found = {child.internal_data["index"]: child.data.get(name) if name else None for child in self.running(task)}
        if self.multi.sequential and found:
            found.update({index: items[index] for index in range(min(found) + 1, len(items))})
        return found

    def _count(self, task: Task, instance: Task) -> None:
        """Count a signature, under a rule. The vote is the instance's own: another's before it is not taken for it."""
        rule = self.multi.signing
        if rule is None:
            return
        vote = instance.data.get(rule.vote)
        if vote is None:
            raise self.incident(instance, "engine.no_vote", variable=rule.vote)
        task.internal_data["agreed"] = task.internal_data.get("agreed", 0) + rule.consents(vote)

    def _settle(self, task: Task) -> bool:
        """Whether the rule of the round, if it has one, has decided; then the outcome is set."""
        rule, internal = self.multi.signing, task.internal_data
        outcome = rule.decided(internal["total"], internal.get("agreed", 0), internal["done"]) if rule else None
        if rule is None or outcome is None:
            return False
        assign(task, {rule.outcome: outcome})
        return True

    def _enough(self, seen_from: Task) -> bool:
        condition = self.multi.condition
        enough = condition is not None and self.value(seen_from, condition)
        if not isinstance(enough, bool):
            raise self.incident(seen_from, "engine.not_boolean", value=enough)
        return enough

    def counters(self, task: Task) -> Mapping[str, Any]:
        """The counters of Camunda, as they are at this moment."""
        if "total" not in task.internal_data:
            return {}
        active = sum(
            child.task_spec.name == self._instance_name and child.has_state(TaskState.NOT_FINISHED_MASK)
            for child in task.children
        )
        return {"nrOfInstances": task.internal_data["total"], "nrOfActiveInstances": active,
                "nrOfCompletedInstances": task.internal_data["done"]}

    @property
    def _instance_name(self) -> str:
        return f"{self.drawn.id} [child]"

    def _items(self, task: Task) -> list[Any]:
        if self.multi.collection is None:
            count = self.value(task, self.multi.cardinality) if self.multi.cardinality else None
            if isinstance(count, str) and re.fullmatch("[0-9]{1,28}", count):
                count = int(count)
            if not isinstance(count, int) or isinstance(count, bool) or count < 0:
                raise self.incident(task, "engine.cardinality", value=count)
            items = list(range(min(count, MAX_INSTANCES + 1)))  # a million is not even counted out
        else:
            items = self.value(task, self.multi.collection)
            if not isinstance(items, list):
                raise self.incident(task, "engine.collection", value=items)
        if len(items) > MAX_INSTANCES:
            raise self.incident(task, "engine.too_many_instances", limit=MAX_INSTANCES)
        return list(plain(items))

    def _instance(self, task: Task, index: int, item: Any) -> None:
        data: dict[str, Any] = {"loopCounter": index}
        if self.multi.element_variable:
            data[self.multi.element_variable] = plain(item)
        if isinstance(self.multi.output_element, str):
            data.setdefault(self.multi.output_element, None)
        if self.multi.signing:
            data.setdefault(self.multi.signing.vote, None)
        spec = task.workflow.spec.task_specs[self._instance_name]
        task.workflow.place(spec, parent=task, data=data, index=index)

    def _gather(self, task: Task, instance: Task) -> None:
        gives = self.multi.output_element
        if gives is None or self.multi.output_collection is None:
            return
        value = instance.data.get(gives) if isinstance(gives, str) else self.value(instance, gives)
        results = task.internal_data["results"]
        results[str(instance.internal_data["index"])] = plain(value)
        gathered = [results[index] for index in sorted(results, key=int)]
        task.workflow.top_workflow.spend(weight(gathered))
        assign(task, {self.multi.output_collection: gathered})

    def _on_complete(self, my_task: Task) -> None:
        total, done = my_task.internal_data["total"], my_task.internal_data["done"]
        self.go_on(my_task, {"nrOfInstances": total, "nrOfCompletedInstances": done})

    def record(self, task: Task, inputs: Mapping[str, Any] | None = None, taken: tuple[Flow, ...] = (),
               kind: str | None = None) -> None:
        """Note the whole as "multiInstance", beside its instances."""
        super().record(task, inputs, taken, "multiInstance")
