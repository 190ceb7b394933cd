"""Instances between commands: stored by what changed, locked, versioned, pinned to the packages they started on."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.engine.drawing import (
    DAY,
    NOW,
    boundary,
    call,
    draw,
    end,
    find,
    flows,
    many,
    package,
    par,
    start,
    sub,
    timer,
    user,
    xor,
)
from workflows.engine import packages, state
from workflows.engine.package import Package
from workflows.errors import Incident, NotFound, Stale
from workflows.store import Store


def publish(store: Store, *shown: Package) -> None:
    with store.work() as session:
        for given in shown:
            packages.set_current(session, given.key, packages.store(session, given, now=NOW))


def begin(store: Store, key: str = "sample", **variables: object) -> str:
    with store.work() as session:
        return state.start_instance(session, key, variables, case_id="case1", now=NOW).id


def do(store: Store, id: str, element: str, nth: int = 0, **variables: object) -> None:
    with store.work() as session:
        instance = state.load(session, id)
        instance.complete(find(instance, element, nth).id, variables, NOW)
        state.save(session, instance)


def offered(store: Store, id: str) -> list[str]:
    with store.read() as session:
        return sorted(step.element.id for step in state.load(session, id, lock=False).steps())


def count(store: Store, table: type, id: str) -> int:
    with store.read() as session:
        return session.execute(select(func.count()).select_from(table).where(table.instance_id == id)).scalar_one()


def rework() -> Package:
    return package(start(), xor("m"), user("a"), xor("g", default="g__end"), end(), flows("""
        start > m > a > g
        g > m ? again
        g > end"""))


def parent_and_child() -> tuple[Package, Package]:
    parent = package(
        start(), call("c", "child", '<camunda:in source="x" target="y"/><camunda:out source="z" target="answer"/>'),
        user("after"), end(), flows("start > c > after > end"), key="parent")
    child = package(start(), user("inner"), end(), flows("start > inner > end"), key="child")
    return parent, child


def test_an_instance_is_stored_and_loaded_between_steps(store):
    publish(store, *parent_and_child())
    id = begin(store, "parent", x=[1, {"b": 2, "a": 1}])
    assert offered(store, id) == ["inner"]
    with store.read() as session:
        assert dict(find(state.load(session, id, lock=False), "inner").variables) == {"y": [1, {"b": 2, "a": 1}]}
    do(store, id, "inner", z="ok", secret=1)
    assert offered(store, id) == ["after"]
    do(store, id, "after")
    with store.read() as session:
        instance = state.load(session, id, lock=False)
        assert instance.finished
        assert instance.variables == {"x": [1, {"b": 2, "a": 1}], "answer": "ok"}
        row = session.get(state.EngineInstance, id)
        assert (row.status, row.ended_at, row.version) == ("finished", NOW, 3)


def test_1500_rounds_of_rework_keep_one_row_and_never_complete(sqlite_store):
    publish(sqlite_store, rework())
    id = begin(sqlite_store)
    for _ in range(30):
        with sqlite_store.work() as session:
            instance = state.load(session, id)
            for _ in range(50):
                instance.complete(find(instance, "a").id, {"again": True}, NOW)
            state.save(session, instance)
            assert not instance.finished
        assert count(sqlite_store, state.EngineTask, id) == 1
    do(sqlite_store, id, "a", again=False)
    assert count(sqlite_store, state.EngineTask, id) == 0
    assert not instance.spoilt, "a commit is no rollback"


def test_only_what_changed_is_written(sqlite_store):
    publish(sqlite_store, package(start(), par("s"), *[user(f"u{n}") for n in range(20)], par("j"), end(), flows(
        "start > s\nj > end\n" + "\n".join(f"s > u{n} > j" for n in range(20)))))
    id = begin(sqlite_store)
    with sqlite_store.work() as session:
        before = dict(session.execute(select(state.EngineTask.id, state.EngineTask.body)).all())
        instance = state.load(session, id)
        written = []
        from sqlalchemy import event
        event.listen(session.get_bind(), "before_cursor_execute",
                     lambda _c, _cur, statement, parameters, _ctx, many: written.append((statement, parameters, many)))
        instance.complete(find(instance, "u7").id, {}, NOW)
        state.save(session, instance)
    changed = [statement.split()[0] for statement, _, _ in written if "engine_task" in statement]
    assert changed == ["DELETE", "INSERT"], "the step's row goes, the token at the join comes"
    assert len(before) == 20


def test_an_instance_runs_on_the_packages_it_started_on(store):
    parent, child = parent_and_child()
    publish(store, parent, child)
    id = begin(store, "parent", x=1)
    publish(store, package(start(), user("other"), end(), flows("start > other > end"), key="child"))
    publish(store, package(start(), user("new"), end(), flows("start > new > end"), key="parent"))
    assert offered(store, id) == ["inner"]
    do(store, id, "inner")
    assert offered(store, id) == ["after"]
    assert offered(store, begin(store, "parent")) == ["new"]


def test_starting_needs_every_called_process_published(store):
    parent, _ = parent_and_child()
    publish(store, parent)
    with pytest.raises(NotFound) as missing:
        begin(store, "parent")
    assert (missing.value.code, missing.value.facts["key"]) == ("engine.process_unknown", "child")


def test_the_second_of_two_that_loaded_the_same_version_is_stale(sqlite_store):
    publish(sqlite_store, rework())
    id = begin(sqlite_store)
    with sqlite_store.read() as session:
        late = state.load(session, id, lock=False)
    do(sqlite_store, id, "a", again=True)
    late.complete(find(late, "a").id, {"again": False}, NOW)
    with pytest.raises(Stale) as refused, sqlite_store.work() as session:
        state.save(session, late)
    assert refused.value.code == "engine.instance_stale"
    assert late.spoilt
    assert offered(sqlite_store, id) == ["a"]


def test_a_failed_command_leaves_the_case_where_it_was(store):
    publish(store, package(start(), user("a"), xor("m"), xor("g", default="g__end"), end(), flows("""
        start > a > m > g
        g > m ? x > 0
        g > end""")))
    id = begin(store)
    with pytest.raises(Incident) as stopped:
        do(store, id, "a", x=1)
    with store.work() as session:
        state.record_incident(session, id, stopped.value, now=NOW)
    assert offered(store, id) == ["a"]
    with store.read() as session:
        noted = state.incident(session, id)
        assert noted is not None and noted["code"] == "engine.step_limit"
        assert session.get(state.EngineInstance, id).status == "incident"
        assert state.load(session, id, lock=False).variables == {}
    do(store, id, "a", x=0)
    with store.read() as session:
        assert state.incident(session, id) is None
        assert session.get(state.EngineInstance, id).status == "finished"


def test_a_spoilt_instance_is_not_saved(store):
    publish(store, rework())
    id = begin(store)
    with store.work() as session:
        instance = state.load(session, id)
        with pytest.raises(Incident):
            instance.complete(find(instance, "a").id, {"again": "neither"}, NOW)
        with pytest.raises(Incident) as refused:
            state.save(session, instance)
    assert refused.value.code == "engine.spoilt"
    assert offered(store, id) == ["a"]


def test_an_instance_whose_transaction_was_rolled_back_is_spoilt(store):
    publish(store, rework())
    id = begin(store)
    unit = store.work()
    session = unit.__enter__()
    instance = state.load(session, id)
    instance.complete(find(instance, "a").id, {"again": False}, NOW)
    state.save(session, instance)
    session.rollback()
    unit.__exit__(None, None, None)
    assert instance.spoilt
    assert offered(store, id) == ["a"]


def test_due_timers_are_found_by_their_moment(store):
    publish(store, package(start(), user("a"), boundary("late", "a", timer("P7D")), user("b"), end(), end("end2"),
                           flows("""
        start > a > end
        late > b > end2""")))
    id, other = begin(store), begin(store)
    do(store, other, "a")
    with store.work() as session:
        assert state.due_instances(session, NOW + 7 * DAY - DAY / 100, 10) == []
        assert state.due_instances(session, NOW + 7 * DAY, 10) == [id]
        instance = state.load(session, id)
        assert instance.wake(NOW + 7 * DAY) == 1
        state.save(session, instance)
    assert offered(store, id) == ["b"]
    with store.read() as session:
        assert session.get(state.EngineInstance, id).due is None


def test_subprocesses_that_end_leave_no_rows(store):
    inner = start("s1") + user("in") + end("s2") + flows("s1 > in > s2") + many("people", "p")
    publish(store, package(start(), sub("s", inner), user("z"), end(), flows("start > s > z > end")))
    id = begin(store, people=["x", "y", "z"])
    assert count(store, state.EngineScope, id) == 3
    for _ in range(3):
        do(store, id, "in")
    assert (count(store, state.EngineScope, id), count(store, state.EngineTask, id)) == (0, 1)


def test_the_same_package_is_stored_once(store):
    publish(store, rework(), rework())
    with store.read() as session:
        assert session.execute(select(func.count()).select_from(packages.EnginePackage)).scalar_one() == 1
        assert packages.stored(session, rework().hash) == rework()


def test_unknown_ids_are_said_to_be_unknown(store):
    with store.read() as session:
        for call_ in (lambda: state.load(session, "x", lock=False), lambda: packages.stored(session, "x"),
                      lambda: packages.set_current(session, "sample", "x")):
            with pytest.raises(NotFound):
                call_()
    assert draw(start()) is not None
