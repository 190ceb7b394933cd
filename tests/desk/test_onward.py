"""After a task is done, the next one: in the order of the list one came from, never one that can only be waited for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from tests.desk import crowd
from tests.desk.conftest import Bureau
from tests.desk.test_lists import APPROVE, change
from workflows.actors import Actor, acting
from workflows.calendar import clock
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.lists import columns, criteria, onward, order, pages
from workflows.desk.lists.criteria import Criteria
from workflows.desk.lists.order import Order
from workflows.desk.operators import halting
from workflows.desk.tasks import Task
from workflows.store import Store, new_id


def next_of(bureau: Bureau, login: str, case_id: str, which: str = "todo", sort: str = "", **asked: Any) -> str:
    """What somebody does next after the filing of a case: title and step; empty: nothing."""
    narrowed = criteria.read(asked)[0]
    with bureau.store.read() as session:
        filing = select(Task.id).where(Task.case_id == case_id, Task.element_id == "approve_filing")
        done = session.execute(filing).scalar_one()
        on = onward.walk(session, which, narrowed, order.read(sort, which) if sort else (), done)
        found = onward.next_task(session, bureau.actor(login), case_id, on)
        return f"{found.case.title} {found.element_id}" if found else ""


@pytest.fixture
def four(bureau: Bureau) -> dict[str, str]:
    """Four cases on the deputy's desk that end one day after the other, the last one never."""
    found = {}
    for number, title in enumerate(("甲", "乙", "丙", "丁")):
        found[title] = bureau.open(title=title)
        ends = clock.now() + timedelta(days=number) if title != "丁" else None
        change(bureau, found[title], due_at=ends)
    return found


def test_the_next_task_is_the_one_behind_in_the_list(bureau: Bureau, four: dict[str, str]) -> None:
    steps = []
    for title in ("乙", "丙", "丁", "甲"):
        with bureau.store.read() as session:
            task = bureau.task(four[title], "approve_filing")
            on = onward.walk(session, "todo", Criteria(), (), task.id)
        bureau.complete("deputy", four[title], "approve_filing", APPROVE)
        with bureau.store.read() as session:
            found = onward.next_task(session, bureau.actor("deputy"), four[title], on)
            steps.append(found.case.title if found else "")
    assert steps == ["丙", "丁", "甲", ""], "behind the last one it begins anew, and ends when nothing is left"


def test_the_order_and_the_filter_of_the_list_go_along(bureau: Bureau, four: dict[str, str]) -> None:
    bureau.complete("deputy", four["丙"], "approve_filing", APPROVE)
    assert next_of(bureau, "deputy", four["丙"]) == "丁 approve_filing"
    assert next_of(bureau, "deputy", four["丙"], sort="-due") == "乙 approve_filing"
    assert next_of(bureau, "deputy", four["丙"], words="甲") == "甲 approve_filing"
    assert next_of(bureau, "deputy", four["丙"], words="没有") == ""
    assert next_of(bureau, "deputy", four["丙"], which="soon") == "乙 approve_filing"
    assert next_of(bureau, "deputy", four["丙"], which="unit", sort="-due") == "丁 approve_filing", (
        "whoever looks at the work of others goes on with his own"
    )


def test_what_is_ones_own_in_the_case_comes_first(bureau: Bureau, four: dict[str, str]) -> None:
    bureau.complete("deputy", four["乙"], "approve_filing", {"result": "return", "opinion": "请补正。"})
    task = bureau.task(four["乙"], "amend_lead")
    assert next_of(bureau, "officer1", four["乙"]) == "", "it is offered to both officers and nobody's own yet"
    execute(bureau.store, commands.claim_task, bureau.actor("officer1"), task.id, seen=task.version)
    assert next_of(bureau, "officer1", four["乙"]) == "乙 amend_lead"
    assert next_of(bureau, "deputy", four["乙"]) == "丙 approve_filing"


def test_nobody_is_led_to_what_he_can_only_wait_for(bureau: Bureau, four: dict[str, str]) -> None:
    bureau.complete("deputy", four["甲"], "approve_filing", APPROVE)
    execute(bureau.store, halting.suspend_case, bureau.actor("unithead"), four["乙"], reason="待鉴定", key=new_id())
    assert next_of(bureau, "deputy", four["甲"]) == "丙 approve_filing"
    unit = bureau.actor("unithead")
    for title in ("丙", "丁"):
        execute(bureau.store, halting.suspend_case, unit, four[title], reason="待鉴定", key=new_id())
    assert next_of(bureau, "deputy", four["甲"]) == ""


def test_everybody_goes_on_by_himself_unless_he_said_otherwise(bureau: Bureau) -> None:
    deputy, head = bureau.actor("deputy"), bureau.actor("head")
    execute(bureau.store, columns.choose_goes_on, deputy, False)
    with bureau.store.read() as session:
        assert (columns.goes_on(session, deputy), columns.goes_on(session, head)) == (False, True)
        assert columns.shown(session, deputy, "todo") == columns.usual("todo")
    execute(bureau.store, columns.choose_goes_on, deputy, True)
    with bureau.store.read() as session:
        assert columns.goes_on(session, deputy)


SORTS = ("", "-due", "arrived", "-arrived,due", "number,due", "-title", "party,-due", "-unit,step", "-priority,holder",
         "state,-opened,due")  # fmt: skip


def test_among_many_tasks_the_next_one_is_found_along_the_index_of_its_list(store: Store) -> None:
    """On lists of one walk and of two, with ends that are missing or alike: whatever the order, what follows a task is
    what the list has behind it; and it costs no more than a row of the list does.
    """
    crowd.fill(store, 8_000)
    with clock.simulated(crowd.NOW), store.read() as session:
        actor = acting(session, crowd.login(5))
        for which in ("todo", "claimable", "overdue"):
            for sort in SORTS:
                behind_is_what_the_list_has(session, actor, which, order.read(sort, which))
        for which, index in (("todo", "ix_task_waiting_assignee"), ("claimable", "ix_task_candidate_waiting")):
            told = plan(store, session, actor, which)
            assert index in told, told
            # PostgreSQL may sort the few rows of one person that the index gives; never those of everybody.
            whole = "USE TEMP B-TREE FOR ORDER BY" if store.dialect == "sqlite" else "Seq Scan on task"
            assert whole not in told, told
        asked = statements(store, session, actor)
        assert len(asked) <= 7
        assert not any("count(" in one.lower() for one in asked), "nothing is counted"


def behind_is_what_the_list_has(session: Session, actor: Actor, which: str, how: Order) -> None:
    whole = [task.id for task in pages.chosen(session, actor, which, Criteria(), how, 10_000).tasks]
    assert len(whole) > 10, which
    for at in (0, len(whole) // 3, len(whole) // 2, len(whole) - 2, len(whole) - 1):
        here = order.place(session, how, whole[at])
        behind = pages.following(session, actor, which, Criteria(), how, here, 3)
        assert list(behind) == (whole[at + 1:at + 4] or whole[:3]), f"{which} {order.write(how)} {at}"


def plan(store: Store, session: Session, actor: Actor, which: str) -> str:
    """How the database means to find what follows the twentieth task of a list."""
    how = order.usual(which)
    here = order.place(session, how, pages.chosen(session, actor, which, Criteria(), how, 20).tasks[-1].id)
    query = pages.following_query(session, actor, which, Criteria(), how, here).limit(onward.LOOKED)
    plain = str(query.compile(store.engine, compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN "
    return "\n".join(str(row[-1]) for row in session.execute(text((explain + plain).replace(":", "\\:"))))


def statements(store: Store, session: Session, actor: Actor) -> list[str]:
    """What the database is asked to find the next task."""
    task_id = pages.chosen(session, actor, "todo", Criteria(), order.usual("todo"), 5).tasks[-1].id
    session.expunge_all()
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        on = onward.walk(session, "todo", Criteria(), (), task_id)
        assert onward.next_task(session, actor, "no case", on) is not None
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
    return asked
