"""The engine against the token game, on random diagrams, answers and orders, stored and read back after each step."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from tests.engine.drawing import NOW
from tests.engine.sketches import Sketch, graph, sketch, tree
from tests.engine.token_game import Game
from workflows.engine import rows, state
from workflows.engine.definition import Definition, read
from workflows.engine.runtime import Instance, Step
from workflows.errors import DiagramRefused, Incident

STEPS = 40


def stored_and_read_back(instance: Instance, known: dict[str, Definition]) -> Instance:
    """What a database would give back."""
    run = instance.run
    tasks, scopes = rows.task_rows(run), rows.scope_rows(run)
    variables = rows.dump(run.variables)
    restored = rows.restore(known["main"], known, variables, instance.finished, scopes.values(), tasks.values())
    assert (rows.task_rows(restored), rows.scope_rows(restored)) == (tasks, scopes)
    return Instance(restored)


def name(step: Step) -> tuple[str, int | None]:
    return step.element.id, step.variables.get("loopCounter") if step.multi else None


def offered(instance: Instance) -> Counter[tuple[str, int | None]]:
    return Counter(name(step) for step in instance.steps())


def choose(instance: Instance, what: tuple[str, int | None]) -> str:
    return next(step.id for step in instance.steps() if name(step) == what)


def refusal(drawn: Sketch) -> set[str]:
    try:
        read(drawn.packages["main"])
    except DiagramRefused as refused:
        return {problem.code for problem in refused.problems}
    return set()


def played(match: Match) -> str | None:
    """Play fifteen steps; the code of the incident that ended it."""
    try:
        match.start()
        for _ in range(15):
            if not match.game.over:
                match.play()
                match.stored = stored_and_read_back(match.stored, match.known)
    except Incident as incident:
        return incident.code
    return None


class Match:
    """One diagram played three times: by the game, by an instance, and by one that is stored after each step."""

    def __init__(self, drawn: Sketch, chance: random.Random) -> None:
        self.drawn, self.chance, self.seconds = drawn, chance, 0
        self.known = {key: read(package) for key, package in drawn.packages.items()}
        self.beginning = self.answer()
        self.game = Game(drawn.net, dict(self.beginning), 0)
        self.game.rest(0)

    def start(self) -> None:
        self.kept = Instance.start(self.known["main"], self.known, self.beginning, NOW)
        self.stored = stored_and_read_back(self.kept, self.known)
        self.compare()

    def answer(self) -> dict[str, int]:
        return {name: self.chance.randrange(4) for name in self.drawn.variables}

    @property
    def now(self):
        return NOW + timedelta(seconds=self.seconds)

    def compare(self) -> None:
        expected = self.game.offered()
        for instance in (self.kept, self.stored):
            assert offered(instance) == expected
            assert instance.finished == self.game.over
            assert instance.variables == self.game.variables
        due = min(self.game.dues(), default=None)
        assert self.kept.next_due() == self.stored.next_due() == (None if due is None else NOW + timedelta(seconds=due))

    def play(self) -> None:
        """One step of people, or the next timers."""
        dues = sorted(self.game.dues())
        choices = sorted(self.game.offered(), key=repr)
        self.seconds += 3600
        if dues and (not choices or self.chance.random() < 0.3):
            self.seconds = max(self.seconds, -(-dues[0] // 3600) * 3600)
            while (due := min(self.game.dues(), default=None)) is not None and due <= self.seconds:
                self.game.now = self.seconds
                assert self.game.fire(due)
                self.game.rest(self.seconds)
            for instance in (self.kept, self.stored):
                instance.wake(self.now)
        else:
            what, answer = self.chance.choice(choices), self.answer()
            self.game.now = self.seconds
            assert self.game.complete(what, answer)
            self.game.rest(self.seconds)
            for instance in (self.kept, self.stored):
                instance.complete(choose(instance, what), answer, self.now)
        self.compare()


@given(st.integers(1, 14), st.integers(0, 2**32))
def test_the_engine_always_offers_what_the_token_game_offers(leaves, seed):
    chance = random.Random(seed)
    match = Match(sketch(tree(chance, leaves)), chance)
    match.start()
    for _ in range(STEPS):
        if match.game.over:
            break
        match.play()
        match.stored = stored_and_read_back(match.stored, match.known)


@given(st.integers(0, 2**32))
def test_the_engine_agrees_on_diagrams_that_are_neither_blocks_nor_sound(seed):
    chance = random.Random(seed)
    drawn = graph(chance)
    if refused := refusal(drawn):
        assert refused == {"diagram.unconnected"}, "a gateway that only later ones lead to"
        reject()
    match = Match(drawn, chance)
    incident = played(match)
    assert incident in (None, "engine.stuck")
    assert match.game.stuck == (incident is not None)


@pytest.mark.parametrize("seed", range(8))
def test_what_a_database_gives_back_has_the_same_future(store, seed):
    chance = random.Random(seed)
    drawn = sketch(tree(chance, 6 + seed))
    with store.work() as session:
        for package in drawn.packages.values():
            state.set_current(session, package.key, state.store_package(session, package, now=NOW))
    match = Match(drawn, chance)
    match.start()
    with store.work() as session:
        id = state.start_instance(session, "main", match.kept.variables, case_id=None, now=NOW).id
    for _ in range(25):
        if match.game.over:
            break
        with store.work() as session:
            match.stored = instance = state.load(session, id)
            match.play()
            state.save(session, instance)
    with store.read() as session:
        assert state.load(session, id, lock=False).finished == match.game.over
