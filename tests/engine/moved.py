"""A diagram that is edited while it is played: the instances move to it, the token game is set down in it."""

from __future__ import annotations

import random
from contextlib import suppress

from tests.engine.edited import Edited
from tests.engine.matches import Match, stored_and_read_back
from tests.engine.sketches import sketch
from tests.engine.trees import tree, with_asides
from workflows.engine import rows
from workflows.engine.definition import read
from workflows.engine.runtime import Instance
from workflows.errors import Incident, Invalid

MOST_EDITS = 4


class Ended(Exception):
    """After the edits no flow is left, or a branch has none to join; the game says so too."""


def play_edited(seed: int, leaves: int, moves: int) -> int | None:
    """How often the case moved; None if the diagram was over before. Raises AssertionError where the futures differ."""
    chance = random.Random(seed)
    match = Match(sketch(with_asides(tree(chance, leaves), chance)), chance)
    match.start()
    moved = 0
    with suppress(Ended):
        for number in range(moves):
            if match.game.over:
                break
            if number and chance.random() < 0.3:
                moved += _move(match)
                match.compare()
            _play(match)
            match.stored = stored_and_read_back(match.stored, match.known)
    return moved or None


def _play(match: Match) -> None:
    try:
        match.play()
    except Incident as incident:
        if incident.code not in ("engine.no_flow", "engine.stuck"):
            raise
        raise Ended from incident


def _move(match: Match) -> bool:
    edited = Edited(match.drawn, match.chance)
    for _ in range(match.chance.randrange(1, MOST_EDITS + 1)):
        edited.edit()
    drawn = edited.sketch()
    known = {key: read(package) for key, package in drawn.packages.items()}
    mapped = dict.fromkeys(known, edited.renamed)
    before = rows.task_rows(match.kept.run)
    stranded = edited.stranded(match.game)
    found: list[Instance] = []
    for instance in (match.kept, match.stored):
        try:
            found.append(instance.migrate(known, mapped, match.now))
        except Invalid as refused:
            if not stranded or {problem.code for problem in refused.problems} != {"migration.gone"}:
                raise AssertionError(str(refused)) from refused
    assert rows.task_rows(match.kept.run) == before, "whatever becomes of the move, the instance is as it was"
    if stranded:
        assert not found
        return False
    match.kept, match.stored = found
    match.game = edited.carried(match.game)
    match.game.rest(match.seconds)
    match.drawn, match.known = drawn, known
    match.stored = stored_and_read_back(match.stored, match.known)
    return True
