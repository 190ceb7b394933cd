"""What is called sound can always be completed, what is called unsound can't: judged by an independent token game."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from tests.diagrams.free_play import Played, TooLong, play
from tests.engine import drawing as d
from tests.engine import sketches
from tests.engine.token_game import NoFlow
from tests.engine.trees import Block, tree
from workflows.diagrams import library, soundness
from workflows.diagrams.proof import ERROR, Finding
from workflows.engine.definition import read
from workflows.errors import DiagramRefused

MOST = 400
STUCK = {"soundness.deadlock", "soundness.token_lost"}


def judged(seed: int) -> tuple[Played, bool, list[Finding]]:
    """A random diagram: every play of it, or many; whether tokens surely grow in number; and what is found in it.

    What an inclusive gateway waits for becomes more with more tokens: there one can't say.
    """
    sketch = sketches.graph(random.Random(seed))
    try:
        definition = read(sketch.packages["main"])
    except DiagramRefused:  # parts that hang on nothing are refused before
        reject()
    try:
        played = play(sketch.net, MOST)
    except (NoFlow, TooLong):
        reject()
    grows = played.grows and all(node.kind != "inc" for node in sketch.net.nodes.values())
    return played, grows, soundness.check(definition, {}, most_states=20 * MOST)


@given(st.integers(0, 2**32))
def test_it_finds_what_a_token_game_finds(seed):
    played, grows, found = judged(seed)
    codes = {one.code for one in found if one.severity == ERROR}
    if not played.whole:
        assert not grows or codes & {"soundness.growth", "soundness.too_large"}
        return
    assert not grows
    assert not codes & {"soundness.growth", "soundness.too_large"}
    assert bool(codes & STUCK) == bool(played.stuck), (codes, played.stuck)
    assert ("soundness.endless" in codes) == played.endless
    reached = played.passed
    assert not {one.element for one in found if one.code == "soundness.dead_step"} & reached


@given(st.integers(0, 2**32))
def test_the_path_to_a_deadlock_ends_where_tokens_wait(seed):
    played, _, found = judged(seed)
    for one in found:
        if played.whole and one.code in STUCK:
            assert any(one.element in {at for at, _ in position} for position in played.stuck)
            assert {step.id for step in one.path if "__" not in step.id} <= played.passed


def without_calls(block: Block) -> Block:
    """The tree without signals and escalations: at a border they may be waited for in vain, or heard without end."""
    if block[0] == "shout":
        return ("step",)
    if block[0] == "border" and block[2] in ("signal", "escalation"):
        return without_calls(block[1])
    parts = [[without_calls(one) for one in part] if isinstance(part, list) else
             without_calls(part) if isinstance(part, tuple) else part for part in block]  # fmt: skip
    return tuple(parts)


@given(st.integers(1, 14), st.integers(0, 2**32))
def test_diagrams_of_blocks_are_sound(leaves, seed):
    drawn = sketches.sketch(without_calls(tree(random.Random(seed), leaves)))
    definitions = {key: read(package, callable_keys=set(drawn.packages)) for key, package in drawn.packages.items()}
    found = soundness.check(definitions["main"], definitions, most_states=20 * MOST)
    assert [one for one in found if one.severity == ERROR and one.code != "soundness.too_large"] == []


def test_the_shipped_processes_are_sound():
    packages = library.shipped()
    read_ones = {key: read(package, callable_keys=set(packages)) for key, package in packages.items()}
    for one in read_ones.values():
        assert soundness.check(one, read_ones) == []


def test_a_diagram_that_is_too_large_is_not_called_sound():
    wide = [f"u{number}" for number in range(8)]
    lines = "\n".join(f"split > {one} > join" for one in wide)
    definition = d.read(
        d.start(), d.par("split"), *[d.user(one) for one in wide], d.par("join"), d.end(),
        d.flows(f"start > split\n{lines}\njoin > end"),
    )  # fmt: skip
    assert soundness.check(definition, {}) == []
    (found,) = soundness.check(definition, {}, most_states=100)
    assert (found.code, found.severity) == ("soundness.too_large", ERROR)


@pytest.mark.parametrize("calls", [True, False])
def test_a_process_that_is_not_published_is_not_looked_at_and_that_is_said(calls):
    definition = d.read(d.start(), d.call("ask", "elsewhere") if calls else d.user("ask"), d.end(),
                        d.flows("start > ask > end"))  # fmt: skip
    found = soundness.check(definition, {})
    assert [(one.code, one.severity) for one in found] == ([("soundness.not_seen", "warning")] if calls else [])
