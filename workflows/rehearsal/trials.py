"""Plays as tests of a process: a file of its package, with the moves and what the case waits for after each of them.

    title: 一般案件办结
    process: penalty                 with which process the case begins
    begins: 2026-11-23T09:00:00+08:00
    moves:                           as in `scene`; `then`: what came of the move
    - {at: …, by: officer1, process: penalty, answer: {…}, then: {waits: [approve_filing], state: lead}}
    changes: [{at: …, by: 李工, reason: 增加第二名顾问}]

A test passes when every move can be made and leads to what it led to when it was recorded, the end included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import yaml
from sqlalchemy import delete
from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases.file import CASE_STATES, Case
from workflows.diagrams import description, trying
from workflows.diagrams.trying_tables import TestRun
from workflows.engine.definition import read as read_definition
from workflows.engine.package import Package
from workflows.engine.plain_yaml import MAX_BYTES, plain
from workflows.errors import FashenError, Invalid, Problem
from workflows.play import moment
from workflows.rehearsal import sandbox as sandboxes
from workflows.rehearsal.sandbox import Sandbox
from workflows.rehearsal.scene import MOST_MOVES, Move, Scene, Stopped, open_elements, outside_elements, staged
from workflows.store import Store

LONGEST_TITLE, LONGEST_REASON = 100, 500
DIFFERENT = {
    "waits": "trying.test_waits", "outside": "trying.test_outside", "state": "trying.test_state",
}
"""What a move leads to → how it is told that it led elsewhere."""
_STEPS = ("task", "open")
"""Facts of `workflows.play` that are ids of elements."""
KEPT = timedelta(days=90)
"""How long a run is remembered."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A test as read. moves: with what came of each under `then`; changes: who updated it when and why."""

    title: str
    process: str
    begins: datetime
    moves: Sequence[Move]
    changes: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of running a test. problem: why it failed, None where it passed."""

    path: str
    title: str
    problem: Problem | None


def read(package: Package, path: str) -> Trial:
    """A test of a package. Raises Invalid ("package.yaml", "trying.test_unreadable")."""
    said = plain(package.files[path])
    try:
        moves = [dict(move) for move in said["moves"]]
        found = Trial(
            str(said["title"])[:LONGEST_TITLE], str(said["process"]), moment(said["begins"]), moves,
            [dict(one) for one in said.get("changes") or ()],
        )  # fmt: skip
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError) as error:
        raise Invalid("trying.test_unreadable", file=path) from error
    if not moves or len(moves) > MOST_MOVES:
        raise Invalid("trying.test_unreadable", file=path)
    return found


def title(files: Mapping[str, bytes], path: str) -> str:
    """What a test file is called; its path where it can't be read."""
    try:
        said = plain(files[path])
    except Invalid:
        return path
    return str(said.get("title") or path)[:LONGEST_TITLE] if isinstance(said, Mapping) else path


def unreadable(package: Package) -> list[Problem]:
    """A problem for each test of a package that is not written as one."""
    found = []
    for path in trying.paths(package):
        try:
            read(package, path)
        except Invalid as error:
            found.append(Problem("trying.test_unreadable", path, facts={"file": path, **error.facts}))
    return found


def written(trial: Trial) -> bytes:
    """The test as a file. Raises Invalid ("trying.too_long")."""
    said: dict[str, Any] = {
        "title": trial.title, "process": trial.process,
        "begins": clock.local(trial.begins).isoformat(timespec="seconds"), "moves": [dict(one) for one in trial.moves],
    }  # fmt: skip
    if trial.changes:
        said["changes"] = [dict(one) for one in trial.changes]
    data = yaml.dump(said, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=110).encode()
    if len(data) > MAX_BYTES:
        raise Invalid("trying.too_long", moves=MOST_MOVES)
    return data


class _Plain(yaml.SafeDumper):
    """YAML as `plain_yaml` reads it: without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out where it stands."""
        return True


def recorded(sandbox: Sandbox, process: str, title: str, moves: Sequence[Move], changes: Sequence[Any] = ()) -> Trial:
    """The test that moves make, with what comes of each of them in the sandbox.

    Raises Invalid ("trying.title_missing", "trying.nothing_done", "trying.stopped") for a play that does not go
    through.
    """
    if not title.strip() or len(title.strip()) > LONGEST_TITLE:
        raise Invalid("trying.title_missing", limit=LONGEST_TITLE)
    if not moves:
        raise Invalid("trying.nothing_done")
    seen: list[dict[str, Any]] = []
    for number in range(len(moves)):
        with staged(sandbox, moves[: number + 1]) as scene:
            if scene.stopped is not None:
                raise Invalid("trying.stopped", **stop(sandbox, scene.stopped, moves))
            seen.append(came(scene))
    noted = [{**_bare(move), "then": then} for move, then in zip(moves, seen, strict=True)]
    return Trial(title.strip(), process, sandbox.at, noted, tuple(changes))


def stop(sandbox: Sandbox, stopped: Stopped, moves: Sequence[Move]) -> dict[str, Any]:
    """Where and why moves could not be made any more: number, from 1, and name of the step, the reason's facts."""
    step = _name(sandbox, _element(moves[stopped.move]))
    return {**_cause(stopped.error, sandbox), "move": stopped.move + 1, "step": step}


def called(sandbox: Sandbox, error: FashenError) -> Problem:
    """Why something was refused, as a problem that calls the steps by their names instead of their ids."""
    facts = {name: _step_names(sandbox, value) if name in _STEPS else value for name, value in error.facts.items()}
    return Problem(error.code, facts=facts)


def came(scene: Scene) -> dict[str, Any]:
    """What the case of a scene waits for, and the state of its file."""
    with scene.store.read() as session:
        case = session.get_one(Case, scene.case_id)
        found: dict[str, Any] = {"waits": open_elements(session, case.id), "state": case.state}
        if outside := outside_elements(session, case.id):
            found["outside"] = outside
        return found


def changed(actor: Actor, reason: str) -> dict[str, str]:
    """The note that a test was changed on purpose. Raises Invalid ("trying.reason_missing")."""
    if not reason.strip() or len(reason.strip()) > LONGEST_REASON:
        raise Invalid("trying.reason_missing", limit=LONGEST_REASON)
    at = clock.local(clock.now()).isoformat(timespec="minutes")
    return {"at": at, "by": actor.name, "reason": reason.strip()}


def free_path(files: Sequence[str]) -> str:
    """The file of the next test. Raises Invalid ("trying.too_many_tests")."""
    taken = [name for name in files if name.startswith(trying.FOLDER)]
    if len(taken) >= trying.MOST:
        raise Invalid("trying.too_many_tests", limit=trying.MOST)
    numbers = range(1, trying.MOST + 2)
    return next(name for number in numbers if (name := f"{trying.FOLDER}test-{number}.yaml") not in taken)


def run(store: Store, actor: Actor, package: Package, path: str) -> Outcome:
    """Run one test of a package in a throw-away bureau; never raises for what is wrong with the test or the package.

    store: of the installation, which is only read.
    """
    title = path
    try:
        trial = read(package, path)
        title = trial.title
        with store.read() as session:
            sandbox = sandboxes.prepare(session, actor, package, trial.begins)
        return Outcome(path, title, _problem(sandbox, trial, path))
    except FashenError as error:
        return Outcome(path, title, Problem("trying.test_failed", path, facts=_cause(error)))


def run_all(store: Store, actor: Actor, package: Package, wanted: Sequence[str] | None = None) -> list[Outcome]:
    """Run the tests of a package, or some of them, and keep what came of them. Raises Invalid ("trying.*")."""
    paths = trying.paths(package) if wanted is None else list(wanted)
    if len(paths) > trying.MOST:
        raise Invalid("trying.too_many_tests", limit=trying.MOST)
    outcomes = [run(store, actor, package, path) for path in paths]
    with store.work() as session:
        keep_outcomes(session, actor, package.hash, outcomes)
    return outcomes


def keep_outcomes(session: Session, actor: Actor, package_hash: str, outcomes: Sequence[Outcome]) -> None:
    """Remember what came of tests, in the place of earlier runs; those of long ago are forgotten."""
    now = clock.now()
    session.execute(delete(TestRun).where(TestRun.ran_at < now - KEPT))
    for one in outcomes:
        said = {} if one.problem is None else {"code": one.problem.code, "facts": dict(one.problem.facts)}
        row = session.get(TestRun, (package_hash, one.path))
        if row is None:
            row = TestRun(package_hash=package_hash, path=one.path)
            session.add(row)
        row.passed, row.problem, row.ran_at, row.by_id = one.problem is None, said, now, actor.person_id


def _problem(sandbox: Sandbox, trial: Trial, path: str) -> Problem | None:
    """The first move that went otherwise."""
    for number, move in enumerate(trial.moves):
        with staged(sandbox, trial.moves[: number + 1]) as scene:
            element = _element(move)
            where = {"title": trial.title, "move": number + 1, "step": _name(sandbox, element), "element": element}
            if scene.stopped is not None:
                return Problem("trying.test_refused", path, facts={**_cause(scene.stopped.error, sandbox), **where})
            wanted, found = dict(move.get("then") or {}), came(scene)
            for what in DIFFERENT:
                have = found.get(what, [])
                told = wanted.get(what, [] if what == "outside" else have)
                if told != have:
                    facts = _both(sandbox, told, have)
                    return Problem(DIFFERENT[what], path, facts={**where, **facts})
    return None


def _both(sandbox: Sandbox, expected: Any, found: Any) -> dict[str, Any]:
    """What was expected and what came, in words; with the ids where two elements are called the same."""
    words = {"expected": _names(sandbox, expected), "found": _names(sandbox, found)}
    if words["expected"] != words["found"]:
        return words
    return {
        name: [{language: f"{text}（{id}）" if language == "zh" else f"{text} ({id})" for language, text in one.items()}
               for one, id in zip(words[name], ids, strict=True)]
        for name, ids in (("expected", expected), ("found", found))
    }  # fmt: skip


def _names(sandbox: Sandbox, said: Any) -> Any:
    if isinstance(said, list):
        return [_name(sandbox, str(one)) for one in said] or [{"zh": "（无）", "en": "(none)"}]
    zh, en = CASE_STATES.get(str(said), (str(said), str(said)))
    return {"zh": zh, "en": en}


def _name(sandbox: Sandbox, element: str) -> dict[str, str]:
    """What an element is called in both languages, in whichever process it stands; its id where nobody knows it."""
    if not element:
        return {"zh": "", "en": ""}
    for package in (sandbox.package, *sandbox.beside):
        label = (description.read(package).get("labels") or {}).get(element)
        if isinstance(label, Mapping):
            return {"zh": str(label.get("zh", element)), "en": str(label.get("en", element))}
        drawn = read_definition(package, published=True).elements.get(element)  # a step that is new has no label yet
        if drawn is not None and drawn.name:
            return {"zh": drawn.name, "en": drawn.name}
    return {"zh": element, "en": element}


def _element(move: Move) -> str:
    """The step or the external task that a move does; empty for one that does none."""
    return str(move.get("task") or move.get("external") or "")


def _step_names(sandbox: Sandbox, said: Any) -> Any:
    if isinstance(said, (list, tuple)):
        return [_name(sandbox, str(one)) for one in said] or {"zh": "（无）", "en": "(none)"}
    return _name(sandbox, str(said))


def _cause(error: FashenError, sandbox: Sandbox | None = None) -> dict[str, Any]:
    """Why something was refused, as facts: its code under "reason", or its words where it has them already.

    sandbox: where steps are looked up that the facts tell by their ids.
    """
    problem = error.problems[0] if isinstance(error, Invalid) and error.problems else None
    code, facts = (problem.code, problem.facts) if problem else (error.code, error.facts)
    if sandbox is not None:
        facts = {name: _step_names(sandbox, value) if name in _STEPS else value for name, value in facts.items()}
    plain_facts = {name: _json(value) for name, value in facts.items()}
    return {**plain_facts, "reason": plain_facts.get("reason") if isinstance(facts.get("reason"), Mapping) else code}


def _json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _json(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_json(one) for one in value]
    if isinstance(value, datetime):
        return clock.local(value).strftime("%Y-%m-%d %H:%M")
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _bare(move: Move) -> dict[str, Any]:
    return {name: value for name, value in move.items() if name != "then"}
