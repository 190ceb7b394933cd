"""A diagram played three times over: by the token game, by an instance kept in memory, and by one that is stored.

After each move all three must offer the same steps and have the same variables and due moments.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tests.engine.drawing import NOW
from tests.engine.sketches import Sketch, graph, sketch
from tests.engine.token_game import Game, NoFlow
from tests.engine.trees import tree, with_asides
from workflows.engine import packages, rows, state
from workflows.engine.definition import Definition, read
from workflows.engine.payload import dump
from workflows.engine.runtime import Instance, Step
from workflows.errors import DiagramRefused, FashenError, Incident
from workflows.store import Store

What = tuple[str, int | None]
DIVERGENCES = (AssertionError, FashenError, LookupError, TypeError, ValueError, AttributeError, RecursionError,
               StopIteration, SQLAlchemyError)
"""What a match raises when the engine does something that the game does not."""


def stored_and_read_back(instance: Instance, known: dict[str, Definition]) -> Instance:
    """What a database would give back."""
    run = instance.run
    tasks, scopes = rows.task_rows(run), rows.scope_rows(run)
    variables = dump(run.variables)
    restored = rows.restore(known["main"], known, variables, instance.finished, scopes.values(), tasks.values())
    assert (rows.task_rows(restored), rows.scope_rows(restored)) == (tasks, scopes)
    return Instance(restored)


def name(step: Step) -> What:
    """Element and number of the instance, as the token game has it."""
    return step.element.id, step.variables.get("loopCounter") if step.multi else None


def offered(instance: Instance) -> Counter[What]:
    """What people can do."""
    return Counter(name(step) for step in instance.steps())


def choose(instance: Instance, what: What) -> str:
    """The id of one such step."""
    return next(step.id for step in instance.steps() if name(step) == what)


def refusal(drawn: Sketch) -> set[str]:
    """The codes for which a drawing is refused; none if it is read."""
    try:
        read(drawn.packages["main"])
    except DiagramRefused as refused:
        return {problem.code for problem in refused.problems}
    return set()


@dataclass
class Played:
    """How a match went. incident: the code of what ended it, if something did; moves: steps and timers."""

    moves: int = 0
    finished: bool = False
    incident: str | None = None


class Match:
    """One diagram, played by the game, by an instance, and by one that is stored after each step."""

    def __init__(self, drawn: Sketch, chance: random.Random) -> None:
        self.drawn, self.chance, self.seconds = drawn, chance, 0
        self.known = {key: read(package) for key, package in drawn.packages.items()}
        self.beginning = self.answer()
        self.game = Game(drawn.net, dict(self.beginning), 0)
        self.game.rest(0)

    def start(self) -> None:
        """Start the instances. Raises Incident when the game and they can't go on."""
        try:
            self.kept = Instance.start(self.known["main"], self.known, self.beginning, NOW)
        except Incident as incident:
            self._expect(incident, None)
            raise
        self.stored = stored_and_read_back(self.kept, self.known)
        self.compare()

    def answer(self) -> dict[str, int]:
        """Values for all variables."""
        return {name: self.chance.randrange(4) for name in self.drawn.variables}

    @property
    def now(self) -> datetime:
        """The moment in the instances' time."""
        return NOW + timedelta(seconds=self.seconds)

    def compare(self) -> None:
        """All three stand at the same place."""
        expected = self.game.offered()
        assert not self.game.stuck
        for instance in (self.kept, self.stored):
            assert offered(instance) == expected
            assert instance.finished == self.game.over
            assert instance.variables == self.game.variables
        due = min(self.game.dues(), default=None)
        assert self.kept.next_due() == self.stored.next_due() == (None if due is None else NOW + timedelta(seconds=due))

    def play(self) -> None:
        """One step of people, or the next timers. Raises Incident when the game and both instances can't go on."""
        dues = sorted(self.game.dues())
        choices = sorted(self.game.offered(), key=repr)
        self.seconds += 3600
        if dues and (not choices or self.chance.random() < 0.3):
            self.seconds = max(self.seconds, -(-dues[0] // 3600) * 3600)
            self._both(self._fire, lambda instance: instance.wake(self.now))
        else:
            what, answer = self.chance.choice(choices), self.answer()
            self._both(lambda: self._complete(what, answer),
                       lambda instance: instance.complete(choose(instance, what), answer, self.now))
        self.compare()

    def _fire(self) -> None:
        while (due := min(self.game.dues(), default=None)) is not None and due <= self.seconds:
            self.game.now = self.seconds
            assert self.game.fire(due)
            self.game.rest(self.seconds)

    def _complete(self, what: What, answer: dict[str, int]) -> None:
        self.game.now = self.seconds
        assert self.game.complete(what, answer)
        self.game.rest(self.seconds)

    def _both(self, game: Callable[[], object], engine: Callable[[Instance], object]) -> None:
        lost = None
        try:
            game()
        except NoFlow as error:
            lost = error.args[0]
        met = [_incident(engine, instance) for instance in (self.kept, self.stored)]
        for incident in met:
            self._expect(incident, lost)
        if met[0] is not None:
            raise met[0]

    def _expect(self, incident: Incident | None, lost: str | None) -> None:
        expected = ("engine.no_flow", lost) if lost else ("engine.stuck", None) if self.game.stuck else None
        assert (incident and (incident.code, incident.facts["element"] if lost else None)) == expected


def _incident(engine: Callable[[Instance], object], instance: Instance) -> Incident | None:
    try:
        engine(instance)
    except Incident as incident:
        return incident
    return None


def play_tree(seed: int, leaves: int, moves: int) -> Played:
    """A diagram of blocks, which never gets stuck. Raises AssertionError where the engine differs from the game."""
    chance, done = random.Random(seed), Played()
    match = Match(sketch(with_asides(tree(chance, leaves), chance)), chance)
    match.start()
    while done.moves < moves and not match.game.over:
        match.play()
        match.stored = stored_and_read_back(match.stored, match.known)
        done.moves += 1
    done.finished = match.game.over
    return done


def play_graph(seed: int, moves: int = 15) -> Played | None:
    """A diagram that is neither blocks nor sound; None if it can't be read. Raises AssertionError as `play_tree`."""
    chance, done = random.Random(seed), Played()
    drawn = graph(chance)
    if refused := refusal(drawn):
        assert refused == {"diagram.unconnected"}, "a gateway that only later ones lead to"
        return None
    match = Match(drawn, chance)
    try:
        match.start()
        while done.moves < moves and not match.game.over:
            match.play()
            match.stored = stored_and_read_back(match.stored, match.known)
            done.moves += 1
    except Incident as incident:
        done.incident = incident.code
    done.finished = match.game.over
    return done


def publish(session: Session, drawn: Sketch) -> None:
    """Make the drawn packages the current ones."""
    for package in drawn.packages.values():
        packages.set_current(session, package.key, packages.store(session, package, now=NOW))


def play_stored(store: Store, seed: int, leaves: int, moves: int) -> Played:
    """As `play_tree`, where a database keeps one of the instances: loaded before each move, saved after it."""
    chance, done = random.Random(seed), Played()
    drawn = sketch(with_asides(tree(chance, leaves), chance))
    with store.work() as session:
        publish(session, drawn)
    match = Match(drawn, chance)
    match.start()
    with store.work() as session:
        id = state.start_instance(session, "main", match.kept.variables, case_id=None, now=NOW).id
    while done.moves < moves and not match.game.over:
        with store.work() as session:
            match.stored = instance = state.load(session, id)
            match.play()
            state.save(session, instance)
        done.moves += 1
    done.finished = match.game.over
    with store.read() as session:
        assert state.load(session, id, lock=False).finished == done.finished
    return done
