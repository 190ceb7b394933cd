"""Several at once: one wins, the others are told; a timer fires once; bombs stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.engine.drawing import (
    DAY,
    NOW,
    boundary,
    call,
    catch,
    end,
    find,
    flows,
    many,
    package,
    par,
    start,
    timer,
    user,
    xor,
)
from tests.engine.test_state import begin, count, offered, publish
from workflows.engine import state
from workflows.errors import FashenError, Incident, Stale
from workflows.store import Store


def together(*actions: Callable[[], object]) -> list[object]:
    """Run them in threads that start at the same moment; what each returned or raised."""
    results: list[object] = [None] * len(actions)
    barrier = threading.Barrier(len(actions))

    def run(index: int) -> None:
        barrier.wait()
        try:
            results[index] = actions[index]()
        except FashenError as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def completing(store: Store, id: str, step: str, **variables: object) -> Callable[[], str]:
    def complete() -> str:
        with store.work() as session:
            instance = state.load(session, id)
            instance.complete(step, variables, NOW)
            state.save(session, instance)
        return "done"
    return complete


def waking(store: Store, id: str) -> Callable[[], int]:
    def wake() -> int:
        with store.work() as session:
            instance = state.load(session, id)
            fired = instance.wake(NOW + 9 * DAY)
            state.save(session, instance)
        return fired
    return wake


def test_of_eight_who_complete_a_step_one_wins_and_seven_are_told(store):
    publish(store, package(start(), user("a"), user("b"), end(), flows("start > a > b > end")))
    id = begin(store)
    with store.read() as session:
        step = find(state.load(session, id, lock=False), "a").id
    results = together(*[completing(store, id, step, who=number) for number in range(8)])
    assert results.count("done") == 1
    assert all(result == "done" or (isinstance(result,
                                               Stale) and result.code == "step.not_ready") for result in results)
    assert offered(store, id) == ["b"]
    with store.read() as session:
        assert state.load(session, id, lock=False).variables == {"who": results.index("done")}


def test_two_branches_completed_at_once_are_both_kept_and_joined_once(store):
    publish(store, package(start(), par("s"), user("a"), user("b"), par("j"), user("c"), end(), flows("""
        start > s > a > j
        s > b > j > c > end""")))
    id = begin(store)
    with store.read() as session:
        instance = state.load(session, id, lock=False)
        steps = {element: find(instance, element).id for element in ("a", "b")}
    results = together(completing(store, id, steps["a"], x=1), completing(store, id, steps["b"], y=2))
    assert results == ["done", "done"]
    assert offered(store, id) == ["c"]


def test_a_step_and_the_timer_that_takes_it_away_have_one_winner(store):
    publish(store,
            package(start(), user("a"), boundary("late", "a", timer("P7D")), user("b"), user("c"), end(), end("e2"),
                           flows("""
        start > a > c > end
        late > b > e2""")))
    id = begin(store)
    with store.read() as session:
        step = find(state.load(session, id, lock=False), "a").id
    completed, fired = together(completing(store, id, step), waking(store, id))
    assert (completed == "done") != (fired == 1)
    assert offered(store, id) == (["c"] if completed == "done" else ["b"])


def test_three_workers_fire_a_timer_once(store):
    publish(store, package(start(), catch("wait", timer("P7D")), user("a"), end(), flows("start > wait > a > end")))
    id = begin(store)
    assert sorted(together(*[waking(store, id) for _ in range(3)])) == [0, 0, 1]
    assert offered(store, id) == ["a"]


def test_workers_pass_over_what_another_has_taken(postgres_store):
    store = postgres_store
    publish(store, package(start(), catch("wait", timer("P7D")), end(), flows("start > wait > end")))
    ids = {begin(store) for _ in range(4)}
    with store.work() as first:
        mine = set(state.due_instances(first, NOW + 8 * DAY, 2))
        with store.work() as second:
            others = set(state.due_instances(second, NOW + 8 * DAY, 4))
    assert len(mine) == 2
    assert others == ids - mine


def test_a_timer_that_met_an_incident_rests_longer_each_time_and_is_tried_again(store):
    publish(store,
            package(start(), user("a"), boundary("late", "a", timer("P1D")), xor("g"), user("b"), end(), end("e2"),
                           flows("""
        start > a > end
        late > g
        g > b ? nowhere == 1
        b > e2""")))
    id = begin(store)
    with pytest.raises(Incident) as stopped:
        waking(store, id)()
    late, rests = NOW + 9 * DAY, []
    for _ in range(8):
        with store.work() as session:
            assert state.due_instances(session, late, 5) == [id]
            noted = state.record_incident(session, id, stopped.value, now=late)
            again = state.put_off(session, id, now=late)
            assert noted == (not rests), "the same incident is noted once"
        rests.append((again - late).total_seconds() / 60)
        with store.work() as session:
            assert state.earliest_due(session) == again
            assert state.due_instances(session, again - DAY / 1_000_000, 5) == []
        late = again
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60]
    assert offered(store, id) == ["a"]
    with store.work() as session:
        instance = state.load(session, id)
        instance.complete(find(instance, "a").id, {}, NOW)
        state.save(session, instance)
        row = session.get(state.EngineInstance, id)
        assert row is not None
        session.refresh(row)
        assert (row.attempts, row.try_at, row.incident) == (0, None, None)


BOMBS = {
    "endless loop": (package(start(), user("a"), xor("m"), xor("g", default="g__end"), end(), flows("""
        start > a > m > g
        g > m ? x == 1
        g > end""")), {"x": 1}, "engine.step_limit"),
    "doubling tokens": (package(start(), user("a"), xor("m"), par("p"), end(), flows("""
        start > a > m > p > m
        p > end""")), {}, "engine.step_limit"),
    "a million instances": (package(start(), user("a"), user("b", many(times="${n}")), end(), flows(
        "start > a > b > end")), {"n": 1_000_000}, "engine.too_many_instances"),
    "a call of itself": (package(start(), user("a"), call("c", "sample"), end(), flows("start > a > c > end"))
                         , {}, None),
    "large state": (package(start(), user("a"), user("b"), end(), flows("start > a > b > end")),
                    {"x": "y" * 5_000_000}, "engine.variables_too_large"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_stopped_and_the_case_stays_where_it_was(sqlite_store, name):
    given, answer, code = BOMBS[name]
    publish(sqlite_store, given)
    id = begin(sqlite_store)
    while True:
        with sqlite_store.read() as session:
            step = state.load(session, id, lock=False).steps()[0].id
        (result,) = together(completing(sqlite_store, id, step, **answer))
        if result != "done":
            break
    assert isinstance(result, FashenError)
    assert result.code == code or (code is None and result.code == "engine.depth")
    assert offered(sqlite_store, id) == ["a"]
    assert count(sqlite_store, state.EngineTask, id) <= 21
