"""Each list walks an index of its own, in its order, on both databases: seen in what the planners say they do.

This is asked of thousands of rows, as PostgreSQL's planner, who has statistics, reads a small table from end to end.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.desk import crowd
from workflows.actors import acting
from workflows.calendar import clock
from workflows.desk.lists import order, pages
from workflows.desk.lists.criteria import Criteria
from workflows.store import Store

TASKS = 12_000

WALKS = {
    ("officer", "todo", ""): "ix_task_waiting_assignee",
    ("officer", "lent", ""): "ix_task_waiting_owner",
    ("officer", "todo", "-due"): "ix_task_waiting_assignee",
    ("officer", "todo", "-arrived"): "ix_task_arrived_assignee",
    ("officer", "claimable", ""): "ix_task_candidate_waiting",
    ("officer", "overdue", ""): "ix_task_candidate_waiting",
    ("officer", "soon", ""): "ix_task_candidate_waiting",
    ("officer", "returned", ""): "_returned",  # as assignee or as one of several to whom it came back
    ("officer", "started", ""): "ix_task_waiting_opener",
    ("officer", "done", ""): "ix_task_done",
    ("bureau", "unit", ""): "ix_task_waiting_bureau",
    ("bureau", "unit", "-arrived"): "ix_task_arrived_bureau",
    ("unit", "unit", ""): "ix_task_waiting_case_unit",
    ("unit", "unit", "arrived"): "ix_task_arrived_case_unit",
}
"""(who, list, order) → the index that is walked."""

WHO = {"bureau": crowd.login(0), "unit": crowd.login(1), "officer": crowd.login(5)}


def plan(store: Store, who: str, which: str, sort: str) -> str:
    """How the database means to find a list's first page, as one text."""
    with store.read() as session:
        actor = acting(session, WHO[who])
        query = pages.ids_query(session, actor, which, Criteria(), order.read(sort, which)).limit(pages.SIZE)
        plain = str(query.compile(store.engine, compile_kwargs={"literal_binds": True}))
        explain = "EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN "
        return "\n".join(str(row[-1]) for row in session.execute(text((explain + plain).replace(":", "\\:"))))


@pytest.fixture
def crowded(store: Store) -> Store:
    crowd.fill(store, TASKS)
    return store


def test_lists_walk_their_index_and_never_the_table(crowded: Store) -> None:
    with clock.simulated(crowd.NOW):
        for (who, which, sort), index in WALKS.items():
            told = plan(crowded, who, which, sort)
            assert index in told, f"{which} {sort}: {told}"
            assert not any(scan in told for scan in ("Seq Scan on task ", "SCAN task\n", "ANY(")), f"{which}: {told}"


def test_lists_come_in_order_without_being_sorted_whole(crowded: Store) -> None:
    """What waits longest is found by a walk that stops at a page; only rows that end at one moment are sorted."""
    with clock.simulated(crowd.NOW):
        for who, which in (("officer", "todo"), ("officer", "claimable"), ("officer", "started"), ("bureau", "unit")):
            told = plan(crowded, who, which, "")
            whole = "USE TEMP B-TREE FOR ORDER BY" if crowded.dialect == "sqlite" else "->  Sort"
            assert whole not in told, f"{which}: {told}"


def test_the_crowd_is_as_the_commands_would_have_made_it(crowded: Store) -> None:
    """Copies that candidates carry agree with their tasks, so that the figures are about the real thing."""
    wrong = (
        "SELECT count(*) FROM task_candidate c JOIN task t ON t.id = c.task_id"
        " WHERE (c.closed_at IS NULL) <> (t.state = 'open') OR c.due_at IS DISTINCT FROM t.due_at"
        " OR c.arrived_at <> t.created_at OR c.case_unit_id <> t.case_unit_id OR c.returned <> t.returned"
    )
    with crowded.read() as session, clock.simulated(crowd.NOW):
        assert session.execute(text(wrong)).scalar() == 0
        counts = pages.counts(session, acting(session, WHO["bureau"]))
        waiting = text("SELECT count(*) FROM task WHERE ended_at IS NULL")
        assert counts["unit"].more
        assert session.execute(waiting).scalar() > counts["unit"].number == pages.COUNTED
        page = pages.page(session, acting(session, WHO["officer"]), "claimable", number=2)
        ends = [task.due_at for task in page.tasks if task.due_at is not None]
        assert ends == sorted(ends)
        assert all(task.due_at is None for task in page.tasks[len(ends):])
