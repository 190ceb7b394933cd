"""Where a case may stand in a version of its process, and where not."""

from __future__ import annotations

import random

import pytest

from tests.engine.drawing import (
    NOW,
    begin,
    boundary,
    call,
    do,
    end,
    flows,
    inc,
    many,
    par,
    read,
    start,
    sub,
    timer,
    user,
)
from tests.engine.matches import stored_and_read_back
from tests.engine.sketches import sketch
from tests.engine.trees import tree, with_asides
from tests.engine.undoing import quiet
from workflows.diagrams.standing import Version, returns_that_fail
from workflows.engine.definition import Definition
from workflows.engine.definition import read as read_package
from workflows.engine.runtime import Instance

LINE = read(start(), user("a"), user("b"), user("c"), end(), flows("start > a > b > c > end"))
FORK = read(start(), par("split"), user("a"), user("b"), par("join"), user("c"), end(),
            flows("start > split > a > join > c > end\nsplit > b > join"))


def why(instance: Instance, *called: Definition) -> list[tuple[str, str]]:
    known = {one.key: one for one in called}
    version = Version(known["sample"], known)
    return [(one.code, one.place) for one in version.problems(instance)]


def moved(instance: Instance, definition: Definition, mapped: dict[str, str] | None = None) -> Instance:
    return instance.migrate({"sample": definition}, {"sample": mapped or {}}, NOW)


def test_a_case_that_would_wait_for_ever_at_a_join_may_not_stand_there():
    case = moved(begin(LINE), FORK)
    assert why(case, FORK) == [("migration.deadlock", "join")]


def test_a_case_may_stand_before_the_branches_and_where_both_are_under_way():
    longer = read(start(), user("first"), par("split"), user("a"), user("b"), par("join"), user("c"), end(),
                  flows("start > first > split > a > join > c > end\nsplit > b > join"))
    assert why(moved(begin(LINE), longer, {"a": "first"}), longer) == []
    assert why(moved(begin(FORK), longer), longer) == []


def test_a_case_in_two_branches_may_not_stand_on_one_line_twice():
    assert why(moved(begin(FORK), LINE), LINE) == [("migration.nowhere", "a")]


def test_a_refusal_names_the_steps_within_a_called_process_and_how_often_a_case_would_stand_there():
    inner = read(start("s"), par("split"), user("x"), user("y"), par("join"), end("e"),
                 flows("s > split > x > join > e\nsplit > y > join"), key="inner")
    one_line = read(start("s"), user("x"), user("y"), end("e"), flows("s > x > y > e"), key="inner")
    whole = read(start(), call("ask", "inner"), end(), flows("start > ask > end"))
    case = begin(whole, {}, inner)
    for mapped, told in (({}, "x、y"), ({"x": "y"}, "y ×2")):
        there = case.migrate({"sample": whole, "inner": one_line}, {"inner": mapped}, NOW)
        known = {"sample": whole, "inner": one_line}
        (problem,) = Version(whole, known).problems(there)
        assert (problem.code, problem.facts["steps"], problem.facts["process"]) == ("migration.nowhere", told, "inner")


def test_a_branch_that_may_be_left_out_is_not_waited_for():
    either = read(start(), inc("split", default="split__a"), user("a"), user("b"), inc("join"), user("c"), end(),
                  flows("start > split > a > join > c > end\nsplit > b > join ? fine > 5"))
    assert why(moved(begin(LINE), either), either) == []


def test_a_return_into_a_branch_that_is_alone_is_told():
    wide = read(start(), user("a"), par("split"), user("b"), user("new"), par("join"), user("c"), end(),
                flows("start > a > split > b > join > c > end\nsplit > new > join"))
    case = begin(LINE)
    do(case, "a")
    do(case, "b")
    there = moved(case, wide)
    assert why(there, wide) == []
    assert returns_that_fail(Version(wide, {}), there) == {("sample", "b")}


def test_rounds_subprocesses_and_calls_stand_where_they_began():
    inner = read(start("s"), user("x"), user("y"), end("e"), flows("s > x > y > e"), key="inner")
    whole = read(start(), call("ask", "inner", inner=many(times="5")), end(), flows("start > ask > end"))
    case = begin(whole, {}, inner)
    do(case, "x")
    assert why(case, whole, inner) == []
    signed = read(start(), sub("whole", start("s") + user("a", many(times="4")) + end("e") + flows("s > a > e")), end(),
                  boundary("late", "whole", timer("P1D"), interrupting=False), user("chase"), end("over"),
                  flows("start > whole > end\nlate > chase > over"))
    case = begin(signed)
    do(case, "a")
    assert why(case, signed) == []


@pytest.mark.parametrize("seed", range(40))
def test_wherever_a_case_comes_by_itself_it_may_stand(seed):
    chance = random.Random(seed)
    drawn = sketch(with_asides(quiet(tree(chance, 1 + seed % 5)), chance))
    known = {key: read_package(package) for key, package in drawn.packages.items()}
    version = Version(known["main"], known, 500)
    instance = Instance.start(known["main"], known, {name: chance.randrange(4) for name in drawn.variables}, NOW)
    for _ in range(12 if version.proven else 0):
        assert version.problems(instance) == []
        if instance.finished:
            break
        step = chance.choice(instance.steps())
        instance.complete(step.id, {name: chance.randrange(4) for name in drawn.variables}, NOW)
        instance = stored_and_read_back(instance, known)
