"""Two at one moment, each in a process of its own: one winner, a clear answer for the other, and nothing half-done."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.desk.conftest import MORNING, Bureau
from tests.desk.operators.test_policies import SIDE_BY_SIDE, begin
from tests.desk.racing import race, stand_by
from workflows import ledger
from workflows.cases.file import Case
from workflows.desk.tasks import Task
from workflows.ledger.entries import EntryRow
from workflows.store import new_id

APPROVE = {"result": "approve", "opinion": "同意立案。"}
INVESTIGATED = {"seizure": "none"}

Contender = tuple[str, str, list[Any], dict[str, Any]]
"""Login, command, arguments after the actor, keywords."""


Pool = ProcessPoolExecutor


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Two processes that have everything imported and wait for each other before they run."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, spawn, initializer=stand_by, initargs=(spawn.Barrier(2),)) as processes:
        yield processes


def run(pool: Pool, bureau: Bureau, *contenders: Contender) -> list[tuple[str, str, Any]]:
    """Let two contenders go at once; what each said, sorted."""
    url = bureau.store.engine.url.render_as_string(hide_password=False)
    races = [pool.submit(race, url, MORNING, *contender) for contender in contenders]
    said = [running.result(timeout=120) for running in races]
    with bureau.store.read() as session:
        assert ledger.verify(session) == []
    return sorted(said, key=repr)


def count(bureau: Bureau, event: str) -> int:
    with bureau.store.read() as session:
        return session.execute(select(func.count()).where(EntryRow.event == event)).scalar_one()


def test_two_leaders_decide_one_filing_once(pool: Pool, bureau: Bureau) -> None:
    task = bureau.task(bureau.open(), "approve_filing")
    opposite = {"result": "reject", "opinion": "不予立案。"}
    said = run(
        pool,
        bureau,
        ("deputy", "complete", [task.id, APPROVE], {"seen": task.version, "key": new_id()}),
        ("deputy", "complete", [task.id, opposite], {"seen": task.version, "key": new_id()}),
    )
    assert [(how, what) for _command, how, what in said] == [("Stale", "task.completed"), ("done", False)]
    assert count(bureau, "TaskCompleted") == 1


def test_one_submission_sent_twice_counts_once_and_both_hear_the_same(pool: Pool, bureau: Bureau) -> None:
    task, key = bureau.task(bureau.open(), "approve_filing"), new_id()
    sent: Contender = ("deputy", "complete", [task.id, APPROVE], {"seen": task.version, "key": key})
    assert [(how, what) for _command, how, what in run(pool, bureau, sent, sent)] == [("done", False), ("done", True)]
    assert count(bureau, "TaskCompleted") == 1


def test_one_lead_sent_twice_opens_one_case(pool: Pool, bureau: Bureau) -> None:
    sent: Contender = ("officer1", "open", ["penalty", bureau.lead()], {"key": new_id()})
    assert [(how, what) for _command, how, what in run(pool, bureau, sent, sent)] == [("done", False), ("done", True)]
    with bureau.store.read() as session:
        assert session.execute(select(func.count()).select_from(Case)).scalar_one() == 1


def test_two_officers_claim_one_task(pool: Pool, bureau: Bureau) -> None:
    case_id = bureau.open()
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    task = bureau.task(case_id, "investigate")
    contenders: list[Contender] = [
        (who, "claim", [task.id], {"seen": task.version}) for who in ("officer1", "officer2")
    ]
    said = run(pool, bureau, *contenders)
    assert [(how, what) for _command, how, what in said] == [("Stale", "task.changed"), ("done", None)]
    assert count(bureau, "TaskClaimed") == 1


@pytest.mark.parametrize("second", ["claim", "complete"])
def test_a_claim_and_a_completion_meet(pool: Pool, bureau: Bureau, second: str) -> None:
    case_id = bureau.open()
    bureau.complete("deputy", case_id, "approve_filing", APPROVE)
    task = bureau.task(case_id, "investigate")
    act = {
        "kind": "inspection",
        "done_on": "2024-02-27",
        "place": "焊接车间",
        "officers": [bureau.actor("officer1").person_id, bureau.actor("officer2").person_id],
    }
    other: Contender = (
        ("officer2", "claim", [task.id], {"seen": task.version})
        if second == "claim"
        else (
            "officer2",
            "complete",
            [task.id, {**INVESTIGATED, "acts": [act]}],
            {"seen": task.version, "key": new_id()},
        )
    )
    answer = {**INVESTIGATED, "acts": [act]}
    said = run(
        pool, bureau, ("officer1", "complete", [task.id, answer], {"seen": task.version, "key": new_id()}), other
    )
    assert sorted(how for _command, how, _what in said) == ["Stale", "done"]
    with bureau.store.read() as session:
        live = session.execute(
            select(Task).where(Task.case_id == case_id, Task.state.in_(("open", "claimed")))
        ).scalars()
        assert len(list(live)) == 1


def test_two_steps_kept_apart_are_not_both_taken_by_one_person(pool: Pool, bureau: Bureau) -> None:
    trial = begin(bureau, SIDE_BY_SIDE, apart={"second": ["first"]})
    steps = [trial.task(element) for element in ("first", "second")]
    one, other = (("officer1", "claim", [task.id], {"seen": task.version}) for task in steps)
    said = run(pool, bureau, one, other)
    assert [(how, what) for _command, how, what in said] == [("Forbidden", "task.apart_excluded"), ("done", None)]
