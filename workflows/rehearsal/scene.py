"""A play in a throw-away bureau, move by move, through the very commands of the desk.

Moves are those of case files (docs/case-files.md), with four more: {back, how, reason} goes back from a task,
{external, variables | error} answers for a program outside, {timer: true} lets time pass until the next timer fires,
{choice} in answers stands for a choice by what it is called. The play has a clock of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import forms, machines, worker
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases import choices
from workflows.cases.file import Case
from workflows.desk import commands, offering
from workflows.desk.execute import execute
from workflows.desk.operators import returning
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.engine import state
from workflows.errors import FashenError, Invalid
from workflows.external.accounts import Machine
from workflows.external.tables import ExternalTask, MachineAccount
from workflows.play import Player, moment
from workflows.rehearsal import references, sample
from workflows.rehearsal.sandbox import Sandbox, Shelf, kept
from workflows.store import Store, new_id

MOST_MOVES = 200
FURTHEST = timedelta(days=3660)
"""How far a play's clock may be set ahead of its start."""
PACE = timedelta(minutes=10)
"""Between two moves: what was done before is before, as at a desk."""
MOST_TIMERS = 500
"""That fire while time passes once; a cycle without an end must not hold the server."""
Move = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stopped:
    """The move, from 0, that could not be made as it was, and why."""

    move: int
    error: FashenError


class Scene(Player):
    """A play under way. store: the throw-away bureau; time: its clock; case_id: "" before the case was opened.

    stopped: where the moves that led here did not go further.
    """

    stopped: Stopped | None = None

    def __init__(self, store: Store, time: SimulatedClock, case_id: str = "") -> None:
        self.store, self.time, self.case_id = store, time, case_id
        self._timers = 0

    def make(self, move: Move) -> None:
        """Make one move. Raises what the command raises, and Invalid ("trying.*", "script.*"); then the scene is
        as before but for the time that has passed.
        """
        self._timers = 0
        if "timer" in move:
            self.let_elapse()
        elif "process" in move:
            self.open(move)
        elif "back" in move:
            self.until(self._at(move))
            self.go_back(move)
        elif "external" in move:
            self.until(self._at(move))
            self.answer_external(move)
        else:
            self.step({**move, "at": self._at(move)} if set(move) - {"at", "then"} else
                      {**move, "at": self._at(move), "expect": {}})  # fmt: skip
        self.work_off()

    def round(self) -> worker.Round:
        """What the worker does here: timers fire. No notice leaves and no document is drawn."""
        fired = worker.fire_next(self.store)
        self._timers += fired or 0
        if self._timers > MOST_TIMERS:
            raise Invalid("trying.too_many_timers", limit=MOST_TIMERS)
        return worker.Round(fired or 0, 0, 0)

    def open(self, start: Mapping[str, Any]) -> None:
        """Enter the lead, with choices by what they are called."""
        self.until(self._at(start))
        with self.store.read() as session:
            actor = self.actor(session, start["by"])
            form = offering.start_form(session, library.current(session, start["process"]))
            answer = references.given(form, start["answer"], start_options(session, actor))
        opened = execute(self.store, commands.open_case, actor, start["process"], self.resolve(answer), key=new_id())
        self.case_id = opened.case_id

    def complete(self, login: str, element_id: str, answer: Mapping[str, Any]) -> None:
        """Complete the open task of an element as somebody, with choices by what they are called."""
        with self.store.read() as session:
            actor = self.actor(session, login)
            task = self.find_task(session, actor, element_id)
            options = offering.task_options(session, task, task.case, actor)
            given = references.given(offering.task_form(session, task), answer, options)
            task_id, seen = task.id, task.version
        execute(self.store, commands.complete_task, actor, task_id, self.resolve(given), seen=seen, key=new_id())

    def go_back(self, move: Move) -> None:
        """Go back from a task to an earlier step, as its holder does at the desk."""
        with self.store.read() as session:
            actor = self.actor(session, str(move["by"]))
            task = self.find_task(session, actor, str(move["task"]))
            earlier = returning.choices(session, task)
            target = next((one.target for one in earlier if one.element_id == move["back"]), "")
            task_id, seen, held = task.id, task.version, task.assignee_id == actor.person_id
        if not held:
            seen = execute(self.store, commands.claim_task, actor, task_id, seen=seen).version
        execute(
            self.store, returning.return_task, actor, task_id, target, how=str(move.get("how", returning.AGAIN)),
            reason=str(move.get("reason", "")), seen=seen, key=new_id(),
        )  # fmt: skip

    def answer_external(self, move: Move) -> None:
        """Answer for the program outside at the oldest external task of an element."""
        with self.store.read() as session:
            task = session.execute(
                select(ExternalTask).where(ExternalTask.ended_at.is_(None), ExternalTask.element_id == move["external"])
                .order_by(ExternalTask.created_at, ExternalTask.id)
            ).scalars().first()  # fmt: skip
            account = session.execute(select(MachineAccount)).scalars().first()
            if task is None or account is None:
                raise Invalid("script.task_not_open", task=str(move["external"]), by=sample.TEXT, open=[])
            task_id, machine = task.id, Machine(account.id, account.name, frozenset({task.topic}))
        variables, code = dict(move.get("variables") or {}), str(move.get("error") or "")
        execute(self.store, machines.lock, machine, task_id, account.name, timedelta(minutes=5))
        if code:
            execute(self.store, machines.report_error, machine, task_id, account.name, code, variables)
        else:
            execute(self.store, machines.complete, machine, task_id, account.name, variables)

    def let_elapse(self) -> None:
        """Let time pass until the next timer fires. Raises Invalid ("trying.no_timer") where none waits."""
        with self.store.read() as session:
            due = state.earliest_due(session)
        if due is None:
            raise Invalid("trying.no_timer")
        self._require_near(due)
        self.time.set(max(due, clock.now()))
        self.round()

    def put_file(self, name: str, text: str) -> dict[str, Any]:
        """A file of a case file, of which only the name is there."""
        return sample.file(name)

    def _at(self, move: Move) -> datetime:
        """The moment of a move, and no earlier than where the play stands. Raises Invalid ("trying.too_far")."""
        if "at" not in move:
            return clock.now() + PACE
        try:
            at = max(moment(move["at"]), clock.now())
        except (ValueError, OverflowError) as error:
            raise Invalid("trying.moment_bad") from error
        self._require_near(at)
        return at

    def _require_near(self, at: datetime) -> None:
        if at > clock.now() + FURTHEST:
            raise Invalid("trying.too_far", days=FURTHEST.days)


def start_options(session: Session, actor: Actor) -> forms.Options:
    """The choices of a form that opens a case."""
    unit_id = min(actor.units.get("case_officer", {actor.unit_id}))
    return lambda name: choices.options(session, name, None, actor, unit_id=unit_id)


@contextmanager
def staged(sandbox: Sandbox, moves: Sequence[Move]) -> Iterator[Scene]:
    """The scene to which moves lead, on a clock of its own until the block ends; `stopped` tells where they ended.

    Scenes on the way are kept for the next time: a play grows by one move at a time.
    """
    length, found = _nearest(sandbox, moves)
    store = sandbox.open(found.data if found else None)
    try:
        with clock.apart(found.at if found else sandbox.at) as time:
            scene = Scene(store, time, found.case_id if found else "")
            for number in range(length, len(moves)):
                try:
                    scene.make(moves[number])
                except FashenError as error:
                    scene.stopped = Stopped(number, error)
                    break
                keep(sandbox, moves[: number + 1], scene)
            yield scene
    finally:
        store.close()


@dataclass(frozen=True, slots=True)
class _Kept:
    data: bytes
    at: datetime
    case_id: str


_scenes: Shelf[str, _Kept] = Shelf(40)


def keep(sandbox: Sandbox, moves: Sequence[Move], scene: Scene) -> None:
    """Remember the scene to which these moves led."""
    _scenes.put(_digest(sandbox, moves), _Kept(kept(scene.store), clock.now(), scene.case_id))


def _nearest(sandbox: Sandbox, moves: Sequence[Move]) -> tuple[int, _Kept | None]:
    for length in range(len(moves), 0, -1):
        if (found := _scenes.get(_digest(sandbox, moves[:length]))) is not None:
            return length, found
    return 0, None


def _digest(sandbox: Sandbox, moves: Sequence[Move]) -> str:
    bare = [{key: value for key, value in move.items() if key not in ("then", "expect")} for move in moves]
    return hashlib.sha256(f"{sandbox.key}\n{json.dumps(bare, sort_keys=True, default=str)}".encode()).hexdigest()


def open_elements(session: Session, case_id: str) -> list[str]:
    """The elements at which the case waits for people, in their order, one for each task."""
    rows = select(Task.element_id).where(Task.case_id == case_id, Task.ended_at.is_(None))
    return sorted(session.execute(rows).scalars())


def outside_elements(session: Session, case_id: str) -> list[str]:
    """The elements at which the case waits for a program outside."""
    rows = select(ExternalTask.element_id).where(ExternalTask.case_id == case_id, ExternalTask.ended_at.is_(None))
    return sorted(session.execute(rows).scalars())


def case_of(session: Session, scene: Scene) -> Case | None:
    """The case of the play; None before it was opened."""
    return session.get(Case, scene.case_id) if scene.case_id else None
