"""Where the processes of a case stand, driven anew from the ledger, compared with the engine's tables.

A fresh instance of the pinned definition is started as the ledger says and goes through the recorded completions and
timers at their recorded moments. Ids of engine tasks are drawn anew, so that tokens are compared by their age: the
n-th oldest of one side with the n-th oldest of the other, each with all its columns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from workflows.calendar import clock
from workflows.diagrams import suspensions
from workflows.engine import packages, rows, state
from workflows.engine.definition import Definition
from workflows.engine.runtime import Instance
from workflows.errors import FashenError, Stale
from workflows.fold import migrations, outside
from workflows.fold.difference import NOTHING, Difference
from workflows.fold.rows import State
from workflows.ledger import Entry
from workflows.ledger.journal import written
from workflows.models import metadata

LIVE = ("open", "claimed")


@dataclass
class Replayed:
    """One instance, driven anew. steps: task id → id of the step in this replay; saves: how often it was stored.

    versions: hash → definition of all that it has run on; before: migration → what it was before, and its pins then.
    """

    case_id: str
    instance_id: str
    process_key: str
    pins: dict[str, str]
    called: Mapping[str, Definition]
    started: datetime
    instance: Instance
    moved: datetime
    saves: int = 1
    incident: dict[str, Any] | None = None
    steps: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    wrong: list[Difference] = field(default_factory=list)
    versions: dict[str, Definition] = field(default_factory=dict)
    before: dict[str, tuple[dict[str, Any], dict[str, str]]] = field(default_factory=dict)

    def look(self) -> None:
        """Note the steps that are new; the ledger's offers follow in their order. A place in a round that was taken
        away before it was offered (a person twice in its list) is none.
        """
        ids = [step.id for step in self.instance.steps()]
        self.waiting = [id for id in self.waiting if id in ids] + [id for id in ids if id not in self.seen]
        self.seen.update(ids)

    def moves(self, entry: Entry, move: Callable[[datetime], object]) -> None:
        """Make a move of the ledger; what stops it is a difference."""
        self.saves += 1
        self.incident = None
        self.moved = entry.happened_at
        try:
            move(entry.happened_at)
        except FashenError as error:
            self.stopped(entry, f"重演在第 {entry.seq} 条（{entry.event}）停止：{error.code}",
                         f"replay stopped at entry {entry.seq} ({entry.event}): {error.code}")
        else:
            self.instance = self.instance.copy()  # as each command finds it: numbered on from the tokens that are there
            self.look()

    def on(self, session: Session, pins: Mapping[str, str]) -> dict[str, Definition]:
        """The definitions of these packages; whatever it has run on is known from now on."""
        called = {key: packages.definition(session, package_hash) for key, package_hash in pins.items()}
        self.versions.update({one.hash: one for one in called.values()})
        return called

    def become(self, instance: Instance, pins: Mapping[str, str]) -> None:
        """It goes on by other versions."""
        self.instance, self.pins, self.called = instance, dict(pins), instance.run.called

    def stopped(self, entry: Entry, chinese: str, english: str) -> None:
        """Note that the ledger's steps can't be taken."""
        self.wrong.append(
            Difference(self.case_id, "engine_instance", self.instance_id, None, entry.data, NOTHING, (chinese, english))
        )


def compare(session: Session, case_id: str, entries: Iterable[Entry], found: State) -> Iterator[Difference]:
    """Where the engine's tables differ from what the ledger's steps lead to. found: the case's rows as stored."""
    replayed: dict[str, Replayed] = {}
    story = list(entries)
    for entry in story:
        yield from _follow(session, replayed, case_id, entry)
    ids = select(state.EngineInstance.id).where(state.EngineInstance.case_id == case_id)
    for instance_id in sorted({*replayed, *session.execute(ids).scalars()}):
        one = replayed.get(instance_id)
        if one is None:
            yield Difference(case_id, "engine_instance", instance_id, None, NOTHING, {"id": instance_id})
        elif one.wrong:
            yield from one.wrong
        else:
            yield from _compare_instance(session, one, halted=_halted(found, case_id))
            tokens = _counterparts(session, one)
            yield from _compare_tasks(one, found, tokens)
            waiting = {tokens[task.id]: task for task in one.instance.external() if task.id in tokens}
            yield from outside.compare(session, (case_id, instance_id), one, waiting, story)


def _follow(
    session: Session, replayed: dict[str, Replayed], case_id: str, entry: Entry
) -> Iterator[Difference]:  # fmt: skip
    data = entry.data
    if entry.event == "InstanceStarted":
        try:
            replayed[data["instance_id"]] = _start(session, case_id, entry)
        except FashenError as error:
            cause = (f"重演无法开始：{error.code}", f"replay does not start: {error.code}")
            yield Difference(case_id, "engine_instance", data["instance_id"], None, data, NOTHING, cause)
        return
    if entry.event in ("CaseTerminated", "LeadWithdrawn"):
        for ended in data["instance_ids"]:
            if ended in replayed and not replayed[ended].wrong:
                replayed[ended].moves(entry, replayed[ended].instance.terminate)
        return
    one = replayed.get(str(data.get("instance_id") or ""))
    if one is None or one.wrong:
        return
    if entry.event == "TaskOffered":
        _offer(one, entry)
    elif entry.event == "TaskCompleted":
        step = one.steps.get(data["task_id"], "")
        one.moves(entry, lambda now: one.instance.complete(step, data["variables"], now))
    elif entry.event == "TimerFired":
        one.moves(entry, one.instance.wake)
    elif entry.event == "ExternalTaskCompleted":
        one.moves(entry, lambda now: _done_outside(one, data, now))
    elif entry.event in migrations.EVENTS:
        migrations.EVENTS[entry.event](session, one, entry)
    elif entry.event in MOVES:
        one.moves(entry, lambda now: MOVES[entry.event](one, data, now))
    elif entry.event == "IncidentRaised":
        one.incident = _incident(data)


def _returned(one: Replayed, data: Mapping[str, Any], now: datetime) -> None:
    """Back to an earlier step. The scope in the target's name was drawn anew: its element finds it."""
    step, join = one.steps.get(data.get("step") or data["task_id"], ""), data.get("join", -1)
    if join >= 0:  # it was taken from where it waited for another branch
        step = next(iter(one.instance.joining()[join:join + 1]), "")
    element = data["target"].partition(":")[2]
    wanted = next((one for one in one.instance.earlier(step) if one.id.partition(":")[2] == element), None)
    one.instance.go_back(step, wanted.id if wanted else data["target"], now)


def _round_changed(one: Replayed, data: Mapping[str, Any], now: datetime) -> None:
    step = one.steps.get(data["task_id"], "")
    if data.get("variables"):
        one.instance.assign(step, data["variables"], now)
    if data["index"] < 0:
        noted, holder = data.get("noted", False), data.get("holder_id") or None
        one.instance.add_signer(step, data["person_id"], now, before=data["before"], noted=noted, holder=holder)
    else:
        one.instance.remove_signer(step, data["index"], now)


def _reworked(one: Replayed, data: Mapping[str, Any], now: datetime) -> None:
    one.instance.assign(one.steps.get(data["parent_id"], ""), data["variables"], now)


def _woken(one: Replayed, _data: Mapping[str, Any], now: datetime) -> None:
    one.instance.wake(now)


def _put_right(one: Replayed, data: Mapping[str, Any], now: datetime) -> None:
    one.instance.put_right(data["scope"], data["name"], data["new"], now)


MOVES: Mapping[str, Callable[[Replayed, Mapping[str, Any], datetime], None]] = {
    "TaskReturned": _returned, "TaskWithdrawn": _returned, "RoundChanged": _round_changed,
    "SubtaskAnswered": _reworked, "InstanceRetried": _woken, "VariableRepaired": _put_right,
}
"""Events that move tokens or set variables otherwise than by completing a step (`desk.operators`, `operations`)."""


def _done_outside(one: Replayed, data: Mapping[str, Any], now: datetime) -> None:
    """A machine's answer, to the external task that stood in the same place."""
    waiting = one.instance.external()
    if data["place"] >= len(waiting):
        raise Stale("step.not_ready", step=data["external_id"])
    task_id = waiting[data["place"]].id
    if data["error"]:
        one.instance.fail_external(task_id, data["error"], data["variables"], now)
    else:
        one.instance.complete_external(task_id, data["variables"], now)


def _start(session: Session, case_id: str, entry: Entry) -> Replayed:
    data, now = entry.data, entry.happened_at
    called: Mapping[str, Definition] = {
        key: packages.definition(session, package_hash) for key, package_hash in data["called"].items()
    }
    instance = Instance.start(called[data["process_key"]], called, data["variables"], now)
    one = Replayed(
        case_id, data["instance_id"], data["process_key"], dict(data["called"]), called, now, instance, now,
        versions={definition.hash: definition for definition in called.values()},
    )  # fmt: skip
    one.look()
    return one


def _offer(one: Replayed, entry: Entry) -> None:
    """A task of the ledger is the oldest step that nobody was offered yet."""
    if not one.waiting:
        one.stopped(entry, f"第 {entry.seq} 条所列环节，流程并未提供",
                    f"entry {entry.seq} offers a step that the process does not")
        return
    step_id = one.waiting.pop(0)
    element = next((step.element.id for step in one.instance.steps() if step.id == step_id), None)
    if element != entry.data["element_id"]:
        one.stopped(entry, f"第 {entry.seq} 条所列环节与流程不符，流程提供的是 {element}",
                    f"entry {entry.seq} offers another step than the process, which offers {element}")
        return
    one.steps[entry.data["task_id"]] = step_id


def _halted(found: State, case_id: str) -> bool:
    """Whether the case is held up: its timers wait, whenever they are due."""
    row = found.get("case_file", {}).get((case_id,))
    return row is not None and row.get("suspended_at") is not None


def _compare_instance(session: Session, one: Replayed, *, halted: bool) -> Iterator[Difference]:
    instance = one.instance
    status = state.FINISHED if instance.finished else state.STOPPED if one.incident else state.RUNNING
    expected: dict[str, Any] = {
        "id": one.instance_id, "case_id": one.case_id, "process_key": one.process_key,
        "package_hash": one.pins.get(one.process_key), "pins": one.pins, "version": one.saves, "status": status,
        "due": written(instance.next_due()), "variables": written(instance.run.variables), "incident": one.incident,
        "created_at": written(one.started), "ended_at": written(one.moved) if instance.finished else None,
        "attempts": 0, "try_at": None if halted else written(instance.next_due()),
    }  # fmt: skip
    stored = _rows(session, "engine_instance", "id", one.instance_id)
    if not stored:
        yield Difference(one.case_id, "engine_instance", one.instance_id, None, expected, NOTHING)
        return
    row = stored[0]
    found = {
        **{name: written(value) for name, value in row.items()},
        "pins": _parsed(row["pins"]), "variables": written(_parsed(row["variables"])),
        "incident": _incident(_parsed(row["incident"])),
    }  # fmt: skip
    if one.incident is None and row["attempts"] == 0 and _waits_for_others(session, one, row):
        expected.update(try_at=found["try_at"])
    if one.incident is not None and _rests(row):
        expected.update(attempts=found["attempts"], try_at=found["try_at"])
    yield from _columns(one, "engine_instance", one.instance_id, expected, found)
    yield from _compare_tokens(session, one)


def _incident(noted: Any) -> Any:
    """What went wrong, as entry and row both tell it: not the moment, facts as text. What is none stays as it is."""
    if not isinstance(noted, dict) or not {"code", "facts"} <= noted.keys() or not isinstance(noted["facts"], dict):
        return noted
    return {"code": noted["code"], "facts": {name: str(value) for name, value in noted["facts"].items()}}


def _rests(row: Mapping[str, Any]) -> bool:
    """Whether an instance whose timers failed is tried soon enough. How often they failed is no fact of a case."""
    latest = clock.now() + timedelta(minutes=state.LONGEST_REST)
    return isinstance(row["attempts"], int) and isinstance(row["try_at"], datetime) and row["try_at"] <= latest


def _waits_for_others(session: Session, one: Replayed, row: Mapping[str, Any]) -> bool:
    """Whether due timers are looked at later because the process is or was held (`diagrams.suspensions`)."""
    due, again = row["due"], row["try_at"]
    if not isinstance(due, datetime) or not isinstance(again, datetime) or again <= due:
        return False
    return _rests(row) and suspensions.ever_held(session, one.pins)


def _compare_tokens(session: Session, one: Replayed) -> Iterator[Difference]:
    instance = one.instance
    tokens = {
        "engine_task": [asdict(row) for row in rows.task_rows(instance.run).values()],
        "engine_scope": [asdict(row) for row in rows.scope_rows(instance.run).values()],
    }
    for table, told in tokens.items():
        kept = _rows(session, table, "instance_id", one.instance_id)
        left, right = _by_age(told, tokens["engine_task"]), _by_age(kept, _task_rows(session, one))
        for position in range(max(len(left), len(right))):
            a = left[position] if position < len(left) else NOTHING
            b = right[position] if position < len(right) else NOTHING
            key = f"{one.instance_id} #{position + 1}"
            if a is NOTHING or b is NOTHING:
                yield Difference(one.case_id, table, key, None, a, b)
            elif isinstance(a, dict) and isinstance(b, dict):
                yield from _columns(one, table, key, a, b)


def _counterparts(session: Session, one: Replayed) -> dict[str, str]:
    """Id of a token in the replay → id of the stored token of the same age."""
    stored = [str(row["id"]) for row in sorted(_task_rows(session, one), key=_age)]
    replayed = sorted(rows.task_rows(one.instance.run).values(), key=lambda row: row.number)
    return {row.id: id for row, id in zip(replayed, stored, strict=False)}


def _compare_tasks(one: Replayed, found: State, tokens: Mapping[str, str]) -> Iterator[Difference]:
    """Each task that waits for somebody stands on the very token that the replay has for it, and none is missing."""
    live = {step.id for step in one.instance.steps()}
    for task_id, step_id in one.steps.items():
        row = found.get("task", {}).get((task_id,))
        if row is None:
            continue  # told by the rows already
        if (row["state"] in LIVE) != (step_id in live):
            expected = "open|claimed" if step_id in live else "completed|cancelled"
            cause = ("以流程为准", "the process says")
            yield Difference(one.case_id, "task", task_id, "state", expected, row["state"], cause)
        elif step_id in live and tokens.get(step_id) != row["engine_task_id"]:
            told = tokens.get(step_id, NOTHING)
            yield Difference(one.case_id, "task", task_id, "engine_task_id", told, row["engine_task_id"])
    for step_id in one.waiting:
        element = next((step.element.id for step in one.instance.steps() if step.id == step_id), None)
        if element is not None:
            cause = ("流程提供此环节，账本却无此任务", "the process offers this step, the ledger has no task of it")
            yield Difference(one.case_id, "task", element, None, NOTHING, NOTHING, cause)


def _columns(
    one: Replayed, table: str, key: str, expected: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[Difference]:  # fmt: skip
    for column in sorted({*expected, *found}):
        if expected.get(column, NOTHING) != found.get(column, NOTHING):
            told, stored = expected.get(column, NOTHING), found.get(column, NOTHING)
            yield Difference(one.case_id, table, key, column, told, stored)


def _by_age(listed: list[dict[str, Any]], tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows oldest first, with ages in the place of ids; the body as JSON."""
    names = {row["id"]: f"#{age}" for age, row in enumerate(sorted(tasks, key=_age), start=1)}
    plain = []
    for row in sorted(listed, key=_age):
        aged = {name: value for name, value in row.items() if name != "instance_id"}
        for name in ("id", "scope", "parent"):
            if aged.get(name):
                aged[name] = names.get(aged[name], aged[name])
        for name in ("body", "variables"):
            if aged.get(name) is not None:
                aged[name] = written(_parsed(aged[name]))
        plain.append(aged)
    return plain


def _age(row: Mapping[str, Any]) -> tuple[Any, ...]:
    number = row["number"]
    return (0, number, str(row["id"])) if isinstance(number, int) else (1, 0, str(row["id"]))


def _task_rows(session: Session, one: Replayed) -> list[dict[str, Any]]:
    return _rows(session, "engine_task", "instance_id", one.instance_id)


def _rows(session: Session, table: str, column: str, value: str) -> list[dict[str, Any]]:
    found = metadata.tables[table]
    try:
        return [dict(row) for row in session.execute(select(found).where(found.c[column] == value)).mappings()]
    except (ValueError, TypeError, SQLAlchemyError):  # a column that can't be read is compared as text
        as_text = [cast(one, Text).label(one.name) for one in found.columns]
        return [dict(row) for row in session.execute(select(*as_text).where(found.c[column] == value)).mappings()]


def _parsed(value: Any) -> Any:
    """JSON text as JSON; text that is none stands as {unreadable: text}."""
    if value is None:
        return None
    try:
        return json.loads(value)
    except (ValueError, TypeError):
        return {"unreadable": str(value)}
