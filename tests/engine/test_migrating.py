"""Moving a running instance to another version of its process."""

from __future__ import annotations

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from tests.engine.drawing import (
    DAY,
    HOUR,
    NOW,
    begin,
    boundary,
    call,
    catch,
    do,
    end,
    find,
    flows,
    many,
    message,
    node,
    offered,
    par,
    read,
    start,
    sub,
    timer,
    user,
)
from tests.engine.moved import play_edited
from workflows.engine import rows
from workflows.engine.definition import Definition
from workflows.engine.runtime import Instance
from workflows.errors import Invalid, Stale

PLAIN = "start > a > b > end"


def line(*ids: str, **steps: str) -> Definition:
    return read(start(), *(steps.get(id) or user(id) for id in ids), end(), flows(" > ".join(["start", *ids, "end"])))


def move(instance: Instance, *called: Definition, mapped: dict[str, str] | None = None, forgotten=(), now=NOW):
    known = {**instance.run.called, **{one.key: one for one in called}}
    elements = {called[0].key: mapped} if mapped else {}
    return instance.migrate(known, elements, now, forgotten)


def refusals(instance: Instance, *called: Definition, mapped: dict[str, str] | None = None) -> list[tuple[str, str]]:
    before = rows.task_rows(instance.run)
    with pytest.raises(Invalid) as refused:
        move(instance, *called, mapped=mapped)
    assert rows.task_rows(instance.run) == before
    return [(problem.code, problem.place) for problem in refused.value.problems]


def test_a_case_goes_on_by_the_steps_of_the_new_version():
    case = begin(line("a", "b"))
    moved = move(case, line("a", "inserted", "b"))
    assert offered(moved) == ["a"]
    assert find(moved, "a").id == find(case, "a").id, "whoever holds the step goes on holding it"
    for step in ("a", "inserted", "b"):
        do(moved, step)
    assert moved.finished


def test_a_step_that_is_gone_keeps_the_case_where_it_is_unless_another_is_named():
    case = begin(line("a", "b"))
    assert refusals(case, line("other", "b")) == [("migration.gone", "a")]
    moved = move(case, line("other", "b"), mapped={"a": "other"})
    assert offered(moved) == ["other"]


def test_a_step_that_became_something_else_is_refused():
    case = begin(line("a", "b"))
    other = line("a", "b", a=sub("a", start("s") + user("x") + end("e") + flows("s > x > e")))
    assert refusals(case, other) == [("migration.kind", "a")]


def test_a_step_that_is_now_for_others_is_offered_anew_and_its_timer_keeps_its_moment():
    late = boundary("late", "a", timer("P3D")) + user("chase") + end("over")
    old = read(start(), user("a"), user("b"), end(), late, flows(PLAIN + "\nlate > chase > over"))
    case = begin(old)
    changed = read(start(), user("a", camunda_candidateGroups="legal_reviewer"), user("b"), end(), late,
                   flows(PLAIN + "\nlate > chase > over"))
    moved = move(case, changed, now=NOW + DAY)
    assert find(moved, "a").id != find(case, "a").id
    assert find(moved, "a").candidate_groups == ("legal_reviewer",)
    assert moved.next_due() == case.next_due() == NOW + 3 * DAY


def test_a_new_boundary_event_watches_from_now_on_and_one_that_is_gone_no_more():
    plain = line("a", "b")
    late = boundary("late", "a", timer("P3D")) + user("chase") + end("over")
    watched = read(start(), user("a"), user("b"), end(), late, flows(PLAIN + "\nlate > chase > over"))
    moved = move(begin(plain), watched, now=NOW + DAY)
    assert moved.next_due() == NOW + 4 * DAY
    back = move(moved, plain, now=NOW + DAY)
    assert back.next_due() is None and offered(back) == ["a"]


def test_a_boundary_event_that_has_fired_does_not_fire_again():
    late = boundary("late", "a", timer("P1D"), interrupting=False) + user("chase") + end("over")
    drawn = [start(), user("a"), user("b"), end(), late, flows(PLAIN + "\nlate > chase > over")]
    case = begin(read(*drawn))
    case.wake(NOW + DAY)
    drawn[1] = user("a", camunda_candidateGroups="legal_reviewer")
    moved = move(case, read(*drawn), now=NOW + DAY)
    assert offered(moved) == ["a", "chase"] and moved.next_due() is None


def test_what_waits_for_something_else_now_is_refused():
    def waiting(event: str) -> Definition:
        return read(start(), user("a"), catch("pause", event), user("b"), end(), flows("start > a > pause > b > end"),
                    events="message:m")
    case = begin(waiting(timer("P1D")))
    do(case, "a")
    assert refusals(case, waiting(message("m"))) == [("migration.waits", "pause")]
    moved = move(case, waiting(timer("P9D")), now=NOW + HOUR)
    assert moved.next_due() == NOW + DAY, "what runs keeps its moment"
    assert refusals(case, line("a", "b")) == [("migration.gone", "pause")]


def signed(until: str = "") -> Definition:
    return line("a", "b", a=user("a", many("people", "who", until=until)))


def test_a_round_that_is_half_done_is_kept_where_it_is_the_same_and_refused_where_it_changed():
    case = begin(signed(), {"people": ["x", "y"]})
    fresh = move(case, signed("${nrOfCompletedInstances == 1}"))
    assert offered(fresh) == ["a", "a"] and find(fresh, "a").id != find(case, "a").id
    do(case, "a")
    assert refusals(case, signed("${nrOfCompletedInstances == 1}")) == [("migration.round", "a")]
    moved = move(case, line("a", "c", a=user("a", many("people", "who"))))
    do(moved, "a")
    assert offered(moved) == ["c"]


SPLIT = "start > split > a > join > c > end\nsplit > b > join"


def forked(*more: str, ways: str = SPLIT) -> Definition:
    return read(start(), par("split"), user("a"), user("b"), par("join"), user("c"), end(), *more, flows(ways))


def test_a_branch_that_waits_at_a_join_waits_there_in_the_new_version_too():
    case = begin(forked())
    do(case, "a")
    longer = forked(user("x"), ways="start > split > a > x > join > c > end\nsplit > b > join")
    moved = move(case, longer)
    assert offered(moved) == ["b"]
    do(moved, "b")
    assert offered(moved) == ["c"]


def test_a_join_that_waits_for_no_other_branch_any_more_lets_the_case_go_on():
    case = begin(forked())
    do(case, "a")
    single = read(start(), par("split"), user("a"), user("b"), par("join"), user("c"), end(), user("d"), end("e2"),
                  flows("start > split > a > join > c > end\nsplit > b > d > e2"))
    moved = move(case, single)
    assert offered(moved) == ["b", "c"]


def test_a_branch_that_leads_to_the_join_no_more_is_refused():
    case = begin(forked())
    do(case, "a")
    other = read(start(), par("split"), user("a"), user("b"), par("join"), user("c"), end(), user("x"), user("y"),
                 end("e2"), flows("""
                     start > split > a > e2
                     split > b > join > c > end
                     split > x > join
                     split > y > join
                 """))
    assert refusals(case, other) == [("migration.branch", "join")]


def test_what_runs_inside_of_a_subprocess_moves_with_it():
    def nested(*inner: str) -> Definition:
        ids = " > ".join(["s", *inner, "e"])
        return read(start(), sub("whole", start("s") + "".join(map(user, inner)) + end("e") + flows(ids)), user("b"),
                    end(), flows("start > whole > b > end"))
    case = begin(nested("x", "y"))
    moved = move(case, nested("x", "z"))
    do(moved, "x")
    assert offered(moved) == ["z"]
    flat = line("x", "b")
    assert refusals(case, flat) == [("migration.gone", "whole")]
    outside = read(start(), sub("whole", start("s") + user("z") + end("e") + flows("s > z > e")), user("x"), end(),
                   flows("start > whole > x > end"))
    assert refusals(case, outside) == [("migration.scope", "x")]


def inner(*ids: str) -> Definition:
    return read(start(), *map(user, ids), end(), flows(" > ".join(["start", *ids, "end"])), key="inner")


def calling(key: str = "inner", *more: str) -> Definition:
    ids = ["start", "ask", *more, "end"]
    return read(start(), call("ask", key, '<camunda:in variables="all"/>'), *map(user, more), end(),
                flows(" > ".join(ids)))


def test_a_called_process_keeps_its_version_unless_that_is_moved_too():
    case = begin(calling(), {}, inner("x", "y"))
    moved = move(case, calling("inner", "after"))
    do(moved, "x")
    assert offered(moved) == ["y"]
    both = move(case, calling("inner", "after"), inner("x", "z"))
    do(both, "x")
    do(both, "z")
    assert offered(both) == ["after"]
    alone = move(case, inner("x", "z"))
    assert offered(alone) == ["x"]


def test_a_call_of_another_process_is_refused():
    case = begin(calling(), {}, inner("x"))
    other = read(start(), user("x"), end(), flows("start > x > end"), key="other")
    assert refusals(case, calling("other"), other) == [("migration.called", "ask")]


def raced(*more: str) -> Definition:
    events = "".join(catch(name, message(name)) for name in ("m", "n", *more))
    ways = "\n".join(f"gate > {name} > end" for name in ("m", "n", *more))
    ways = "start > a > gate\n" + ways
    return read(start(), user("a"), node("eventBasedGateway", "gate"), events, end(), flows(ways),
                events=" ".join(f"message:{name}" for name in ("m", "n", *more)))


def test_an_event_that_joins_a_race_ends_it_like_the_others():
    case = begin(raced())
    do(case, "a")
    moved = move(case, raced("third"))
    assert moved.awaited() == {"m", "n", "third"}
    moved.send("third", {}, NOW)
    assert moved.finished


def earlier(instance: Instance, element: str) -> list[str]:
    return [one.element.id for one in instance.earlier(find(instance, element).id)]


def back(instance: Instance, element: str, to: str) -> None:
    step = find(instance, element).id
    instance.go_back(step, next(one.id for one in instance.earlier(step) if one.element.id == to), NOW)


def test_steps_that_both_versions_have_can_still_be_gone_back_to():
    case = begin(line("a", "gone", "b", "c"))
    for step in ("a", "gone", "b"):
        do(case, step)
    moved = move(case, line("a", "renamed", "inserted", "c"), mapped={"b": "renamed"})
    assert earlier(moved, "c") == ["renamed", "a"]
    back(moved, "c", "a")
    do(moved, "a")
    assert offered(moved) == ["renamed"]


def test_steps_behind_a_join_that_is_no_more_can_still_be_gone_back_to():
    case = begin(forked())
    for step in ("a", "b"):
        do(case, step)
    moved = move(case, line("a", "b", "c"))
    assert earlier(moved, "c") == ["b", "a"]
    back(moved, "c", "a")
    for step in ("a", "b", "c"):
        do(moved, step)
    assert moved.finished


def test_a_step_that_is_forgotten_is_offered_no_more():
    case = begin(line("a", "b", "c"))
    for step in ("a", "b"):
        do(case, step)
    assert earlier(move(case, line("a", "b", "c"), forgotten=[("sample", "a")]), "c") == ["b"]


def test_an_instance_that_has_ended_moves_nowhere():
    case = begin(line("a"))
    do(case, "a")
    with pytest.raises(Stale):
        move(case, line("a", "b"))


@given(st.integers(2, 8), st.integers(0, 2**32))
def test_a_moved_instance_has_the_future_of_one_that_stands_there_in_the_new_version(leaves, seed):
    if play_edited(seed, leaves, 14) is None:
        reject()
