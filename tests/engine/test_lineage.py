"""What tokens remember of the way behind them: enough for a return, and no more after the hundredth round."""

from __future__ import annotations

import random
import re
from datetime import datetime

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from tests.engine import drawing as d
from tests.engine.matches import choose, offered, stored_and_read_back
from tests.engine.sketches import Sketch, sketch
from tests.engine.trees import tree, with_asides
from workflows.engine import rows
from workflows.engine.definition import read
from workflows.engine.package import Package
from workflows.engine.runtime import Instance

DAY = d.DAY
NOTE = d.user("note") + d.end("noted") + d.flows("note > noted")
EVENT = d.sub("es", d.start("s1", d.message("m"), isInterrupting="false") + d.user("note") + d.end("s2")
              + d.flows("s1 > note > s2"), triggeredByEvent="true")
BODIES = {
    "a parallel gateway": d.par("g") + NOTE + d.flows("draft > g > decide\ng > note"),
    "two flows out of a step": NOTE + d.flows("draft > decide\ndraft > note"),
    "two splits behind each other": d.par("g") + NOTE + d.user("tell") + d.end("told")
    + d.flows("draft > g > decide\ng > note\ndraft > tell > told"),
    "an inclusive gateway": d.inc("g", default="g__none") + d.end("none") + NOTE
    + d.flows("draft > g > decide ? round >= 0\ng > note ? round >= 0\ng > none"),
    "an event beside a step": d.boundary("late", "decide", d.timer("P1D"), interrupting=False) + NOTE
    + d.flows("draft > decide\nlate > note"),
    "a vote beside": d.par("g") + d.user("note", d.many(times="3")) + d.end("noted")
    + d.flows("draft > g > decide\ng > note > noted"),
    "a subprocess beside": d.par("g") + d.end("noted")
    + d.sub("s", d.start("s1") + d.user("note") + d.end("s2") + d.flows("s1 > note > s2"))
    + d.flows("draft > g > decide\ng > s > noted"),
    "a branch that is joined, with one inside that is not": d.par("g") + d.par("in") + d.par("j") + NOTE
    + d.user("check") + d.flows("draft > g > in > check > j\nin > note\ng > j > decide"),
    "an event subprocess": EVENT + d.flows("draft > decide"),
}
"""How something begins in a loop that never joins: from "draft" to "decide", with "note" beside."""


def stored(instance: Instance) -> str:
    """All that is stored of the tokens, numbers and ids masked."""
    found = rows.task_rows(instance.run).values()
    return "\n".join(sorted(re.sub(r"\d+", "0", f"{row.element} {row.state} {row.body}") for row in found))


def drawn(body: str) -> Package:
    """A loop around a body, which begins behind a step and a split so that there is something before it."""
    return d.package(
        d.start(), d.user("file"), d.par("both"), d.user("aside"), d.end("done"), d.xor("again"), d.user("draft"),
        d.user("decide"), d.xor("which", default="which__end"), d.end(), body,
        d.flows("""
            start > file > both > again > draft
            both > aside > done
            decide > which > again ? round < 100
            which > end"""), events="message:m")


def looped(body: str) -> Instance:
    """An instance of it."""
    return d.begin(read(drawn(body)), {"round": 0})


LOOP = drawn(BODIES["a parallel gateway"])


def go_round(instance: Instance, number: int, *, leave: bool = False) -> None:
    """One round, to the next draft; the notes are done, or those of the round before."""
    now = d.NOW + 2 * number * DAY
    d.do(instance, "draft", now=now)
    if "m" in instance.awaited():
        instance.send("m", {}, now)
    instance.wake(now + DAY)
    left = d.offered(instance).count("note") // 2 if leave and number else 0
    while d.offered(instance).count("note") > left:
        d.do(instance, "note", now=now + DAY)
    for other in ("check", "tell"):
        if other in d.offered(instance):
            d.do(instance, other, now=now + DAY)
    d.do(instance, "decide", now=now + DAY, round=number)


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("leave", [False, True], ids=["done in its round", "done a round later"])
def test_what_begins_in_a_loop_and_never_joins_adds_nothing(kind, leave):
    instance = looped(BODIES[kind])
    d.do(instance, "file")
    sizes = []
    for number in range(30):
        instance = stored_and_read_back(instance, {"main": instance.definition, "sample": instance.definition})
        go_round(instance, number, leave=leave)
        sizes.append(stored(instance))
    assert sizes[9] == sizes[19] == sizes[29]


def test_a_loop_without_people_adds_nothing():
    instance = d.begin(d.read(
        d.start(), d.xor("again"), d.catch("tomorrow", d.timer("P1D")), d.par("g"), d.node("task", "told"), d.end("e"),
        d.flows("start > again > tomorrow > g > again\ng > told > e")))
    sizes = []
    for number in range(1, 31):
        instance.wake(d.NOW + number * DAY)
        sizes.append(stored(instance))
    assert sizes[9] == sizes[29]


def test_a_path_that_an_earlier_version_let_grow_is_short_after_the_next_step():
    instance = looped(BODIES["a parallel gateway"])
    d.do(instance, "file")
    go_round(instance, 0)
    draft = next(task for task in instance.run.tokens() if task.task_spec.bpmn_id == "draft")
    line, short = draft.internal_data["line"], stored(instance)
    grown = [f"{-number}:g__decide" for number in range(1_700, 0, -1)]
    line["path"] += grown
    line["past"] = {id: [*visit, *(grown if id != "file" else [])] for id, visit in line["past"].items()}
    assert len(stored(instance)) > 20_000
    go_round(instance, 1)
    assert len(stored(instance)) == len(short)


def test_a_return_takes_back_what_came_of_that_round_and_leaves_what_came_of_those_before():
    instance = looped(BODIES["a parallel gateway"])
    d.do(instance, "file")
    for number in range(5):
        d.do(instance, "draft")
        d.do(instance, "decide", round=number)
    d.do(instance, "draft")
    decide, notes = d.find(instance, "decide").id, [step.id for step in instance.steps() if step.element.id == "note"]
    assert [earlier.element.id for earlier in instance.earlier(decide)] == ["draft", "file"]
    instance.go_back(decide, ":draft", d.NOW)
    assert [step.id for step in instance.steps() if step.element.id == "note"] == notes[:5]
    third = next(step for step in instance.steps() if step.id == notes[2])
    instance.go_back(third.id, ":draft", d.NOW)
    assert [step.id for step in instance.steps() if step.element.id == "note"] == notes[:2]
    assert d.offered(instance) == ["aside", "draft", "note", "note"], "rounds four to six came of the third"


def test_a_running_event_subprocess_goes_on_when_a_step_beside_it_goes_back():
    instance = looped(BODIES["an event subprocess"])
    d.do(instance, "file")
    d.do(instance, "draft")
    instance.send("m", {}, d.NOW)
    note = d.find(instance, "note").id
    instance.go_back(d.find(instance, "decide").id, ":draft", d.NOW)
    assert d.offered(instance) == ["aside", "draft", "note"]
    instance.go_back(d.find(instance, "draft").id, ":file", d.NOW)
    assert d.offered(instance) == ["file", "note"]
    assert d.find(instance, "note").id == note


def test_an_event_subprocess_ends_with_the_scope_that_a_return_leaves():
    inner = d.start("w1") + d.user("check") + d.end("w2") + EVENT + d.flows("w1 > check > w2")
    instance = d.begin(d.read(
        d.start(), d.user("file"), d.sub("whole", inner), d.end(), d.flows("start > file > whole > end"),
        events="message:m"))
    d.do(instance, "file")
    instance.send("m", {}, d.NOW)
    assert d.offered(instance) == ["check", "note"]
    instance.go_back(d.find(instance, "note").id, ":file", d.NOW)
    assert d.offered(instance) == ["file"]


@settings(max_examples=15)
@given(st.integers(1, 7), st.integers(0, 2**32))
def test_after_sixty_rounds_no_more_is_stored_than_after_twenty(leaves, seed):
    chance = random.Random(seed)
    made = sketch(("loop", with_asides(tree(chance, leaves), chance)))
    known = {key: read(package) for key, package in made.packages.items()}
    instance = Instance.start(known["main"], known, dict.fromkeys(made.variables, 0), d.NOW)
    now, sizes = d.NOW, []
    for _ in range(60):
        instance = stored_and_read_back(instance, known)
        if (after := one_round(instance, made, random.Random(seed), now)) is None:
            reject()
        now = after
        sizes.append(stored(instance))
    assert sizes[19] == sizes[39] == sizes[59]


def one_round(instance: Instance, made: Sketch, chance: random.Random, now: datetime) -> datetime | None:
    """From the first step of the loop until that alone is offered again; when that is, None if it takes too long."""
    first = offered(instance)
    for move in range(150):
        others = sorted(offered(instance) - first if move else first, key=repr)
        due = instance.next_due()
        if due is not None and (not others or chance.random() < 0.3):
            now = max(now, due)
            instance.wake(now)
        elif others:
            # The variable that was drawn last decides whether the loop goes round: always.
            answer = {name: chance.randrange(4) for name in made.variables} | {made.variables[-1]: 1}
            instance.complete(choose(instance, chance.choice(others)), answer, now)
        elif offered(instance) == first:
            return now
    return None
