"""Closed cases driven through a draft: which of them would have gone another way, and where.

Each case is driven twice from its ledger, in the versions that it ran on and with the draft in the place of its own
process, with the very answers that were given, until both wait for something else. Only the course of the process is
followed: statutory acts, gates and people are not asked again. Nothing of a case is shown but its number, its kind and
the names of steps.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows import ledger
from workflows.diagrams import description
from workflows.engine import packages
from workflows.engine.definition import Definition
from workflows.engine.runtime import Instance
from workflows.errors import FashenError, NotFound
from workflows.ledger import Entry

SAME, OTHER, SKIPPED = "same", "other", "skipped"
"""What became of a case: it went the same way, another way, or could not be followed."""
EVENTS = (
    "InstanceStarted", "TaskOffered", "TaskCompleted", "TimerFired", "TaskReturned", "TaskWithdrawn", "RoundChanged",
    "SubtaskAnswered", "InstanceRetried", "ExternalTaskCompleted", "CaseTerminated", "LeadWithdrawn",
    "InstanceMigrated", "InstanceMigrationUndone",
)  # fmt: skip
MIGRATIONS = ("InstanceMigrated", "InstanceMigrationUndone")
"""A case that changed its version is followed up to there: behind it, two drawings answer for one course."""
Place = tuple[str, str]
"""A process and an element of it; END where the whole has ended."""
END: Place = ("", "")
Name = dict[str, str]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a case. after: the step behind which it parted; then, now: what it waited for, and would.

    reason: a code, where the case could not be followed.
    """

    verdict: str
    after: Name = field(default_factory=dict)
    then: Sequence[Name] = ()
    now: Sequence[Name] = ()
    reason: str = ""


class Unfollowed(Exception):
    """The draft has no counterpart for a move of the case. code: why; name: of the step."""

    def __init__(self, code: str, name: Name) -> None:
        super().__init__(code)
        self.code, self.name = code, name


@dataclass
class Side:
    """One of the two instances. steps: task id of the case → id of the step here."""

    instance: Instance
    called: Mapping[str, Definition]
    steps: dict[str, str] = field(default_factory=dict)

    def offer(self, task_id: str, element_id: str) -> None:
        """A task of the case is the oldest step of its element that no task stands for yet."""
        taken = set(self.steps.values())
        for step in self.instance.steps():
            if step.element.id == element_id and step.id not in taken:
                self.steps[task_id] = step.id
                return

    def places(self) -> Counter[Place]:
        """Where people and programs are waited for."""
        if self.instance.finished:
            return Counter([END])
        found = [(one.process_key, one.element.id) for one in self.instance.steps()]
        return Counter(found + [(one.process_key, one.element.id) for one in self.instance.external()])

    def name(self, place: Place) -> Name:
        """What a place is called."""
        if place == END:
            return {"zh": "流程结束", "en": "end of the process"}
        key, element_id = place
        definition = self.called.get(key)
        if definition is None or element_id not in definition.elements:
            return {"zh": element_id, "en": element_id}
        zh = definition.elements[element_id].name or element_id
        label = (description.read(definition.package).get("labels") or {}).get(element_id)
        return {"zh": zh, "en": str(label.get("en", zh)) if isinstance(label, Mapping) else zh}


@dataclass
class Twins:
    """An instance as it was, and the same with the draft. key: of the draft's process."""

    key: str
    old: Side
    new: Side
    last: Name = field(default_factory=dict)

    def move(self, entry: Entry, act: Callable[[Side, Mapping[str, Any], datetime], None]) -> None:
        """Make a move of the ledger on both sides. Raises Unfollowed where the draft can't make it."""
        now = entry.happened_at
        act(self.old, entry.data, now)
        due = self.new.instance.next_due()
        if due is not None and due < now:  # a timer that the draft alone has
            self.new.instance.wake(now)
        name = entry.data.get("name") or ""
        if name:
            self.last = {"zh": str(name), "en": self._english(entry, str(name))}
        try:
            act(self.new, entry.data, now)
        except FashenError as error:
            raise Unfollowed(error.code, self.last) from error

    def parted(self) -> Verdict | None:
        """Where the two wait for different things; None while they wait for the same."""
        then, now = self.old.places(), self.new.places()
        if then == now:
            return None
        gone, come = then - now, now - then
        for place in gone:
            if place[0] == self.key and place[1] not in self.new.called[self.key].elements:
                return Verdict(SKIPPED, self.last, [self.old.name(place)], reason="trying.no_counterpart")
        named = [self.old.name(one) for one in gone], [self.new.name(one) for one in come]
        return Verdict(OTHER, self.last, *named)

    def _english(self, entry: Entry, zh: str) -> str:
        element_id = str(entry.data.get("element_id", ""))
        for key, definition in self.old.called.items():
            if element_id in definition.elements:
                return self.old.name((key, element_id))["en"]
        return zh


def judge(session: Session, draft: Definition, case_id: str) -> Verdict:
    """Drive a case through a draft. What stops the engine is a verdict, not an error."""
    try:
        return _judge(session, draft, ledger.history(session, f"case:{case_id}", only=EVENTS))
    except Unfollowed as gone:
        return Verdict(SKIPPED, gone.name, reason=gone.code)
    except FashenError as error:
        return Verdict(SKIPPED, reason=error.code)
    except Exception:  # one case that nobody foresaw must not end the whole
        log.exception("case %s could not be driven through a draft", case_id)
        return Verdict(SKIPPED, reason="engine.failed")


def _judge(session: Session, draft: Definition, entries: Sequence[Entry]) -> Verdict:
    running: dict[str, Twins] = {}
    for entry in entries:
        data = entry.data
        if entry.event == "InstanceStarted":
            if draft.key in data["called"]:
                running[data["instance_id"]] = _start(session, draft, entry)
        elif entry.event in ("CaseTerminated", "LeadWithdrawn"):
            for ended in data["instance_ids"]:
                running.pop(ended, None)
            continue
        twins = running.get(str(data.get("instance_id") or ""))
        if twins is None:
            continue
        if entry.event == "TaskOffered":
            twins.old.offer(data["task_id"], data["element_id"])
            twins.new.offer(data["task_id"], data["element_id"])
        elif entry.event in MIGRATIONS:
            raise Unfollowed("trying.migrated", twins.last)
        elif entry.event in MOVES:
            twins.move(entry, MOVES[entry.event])
        if entry.event != "TaskOffered" and (parted := twins.parted()) is not None:
            return parted
    return Verdict(SAME)


def _start(session: Session, draft: Definition, entry: Entry) -> Twins:
    data, now = entry.data, entry.happened_at
    called = {key: packages.definition(session, found) for key, found in data["called"].items()}
    changed = _with(session, draft, called)

    def begun(pinned: Mapping[str, Definition]) -> Side:
        return Side(Instance.start(pinned[data["process_key"]], pinned, data["variables"], now), pinned)

    return Twins(draft.key, begun(called), begun(changed))


def _with(session: Session, draft: Definition, called: Mapping[str, Definition]) -> Mapping[str, Definition]:
    """What the case was bound to, with the draft in its place, and what the draft calls besides as it is now."""
    found = {**called, draft.key: draft}
    queue = [draft]
    while queue:
        for key in sorted(queue.pop().calls - found.keys()):
            present = packages.current(session, key)
            if present is None:
                raise NotFound("engine.process_unknown", key=key)
            found[key] = packages.definition(session, present)
            queue.append(found[key])
    return found


def _completed(side: Side, data: Mapping[str, Any], now: datetime) -> None:
    side.instance.complete(side.steps.get(data["task_id"], ""), data["variables"], now)


def _fired(side: Side, data: Mapping[str, Any], now: datetime) -> None:
    side.instance.wake(now)


def _returned(side: Side, data: Mapping[str, Any], now: datetime) -> None:
    step, join = side.steps.get(data.get("step") or data["task_id"], ""), data.get("join", -1)
    if join >= 0:  # it was taken from where it waited for another branch
        step = next(iter(side.instance.joining()[join:join + 1]), "")
    element = data["target"].partition(":")[2]
    wanted = next((one for one in side.instance.earlier(step) if one.id.partition(":")[2] == element), None)
    side.instance.go_back(step, wanted.id if wanted else data["target"], now)


def _round_changed(side: Side, data: Mapping[str, Any], now: datetime) -> None:
    step = side.steps.get(data["task_id"], "")
    if data.get("variables"):
        side.instance.assign(step, data["variables"], now)
    if data["index"] < 0:
        noted, holder = data.get("noted", False), data.get("holder_id") or None
        side.instance.add_signer(step, data["person_id"], now, before=data["before"], noted=noted, holder=holder)
    else:
        side.instance.remove_signer(step, data["index"], now)


def _reworked(side: Side, data: Mapping[str, Any], now: datetime) -> None:
    side.instance.assign(side.steps.get(data["parent_id"], ""), data["variables"], now)


def _done_outside(side: Side, data: Mapping[str, Any], now: datetime) -> None:
    waiting = [one for one in side.instance.external() if one.element.id == data["element_id"]]
    task_id = waiting[0].id if waiting else ""
    if data["error"]:
        side.instance.fail_external(task_id, data["error"], data["variables"], now)
    else:
        side.instance.complete_external(task_id, data["variables"], now)


MOVES: Mapping[str, Callable[[Side, Mapping[str, Any], datetime], None]] = {
    "TaskCompleted": _completed, "TimerFired": _fired, "TaskReturned": _returned, "TaskWithdrawn": _returned,
    "RoundChanged": _round_changed, "SubtaskAnswered": _reworked, "InstanceRetried": _fired,
    "ExternalTaskCompleted": _done_outside,
}  # fmt: skip
"""Events that move an instance (`fold.position` follows the same)."""
