"""A demonstration bureau with a filed case, made once and copied for every test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from workflows.actors import Actor, Person, acting
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.store import Store, new_id

MORNING = datetime(2024, 2, 27, 9, 30, tzinfo=clock.SHANGHAI)


@pytest.fixture
def time() -> Iterator[SimulatedClock]:
    """A working day's morning, standing still."""
    with clock.simulated(MORNING) as simulated:
        yield simulated


class Bureau:
    """The demonstration bureau of one test, with the few things a test asks of it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def actor(self, login: str) -> Actor:
        """The actor behind a login."""
        with self.store.read() as session:
            person_id = session.execute(select(Person.id).where(Person.login == login)).scalar_one()
            return acting(session, person_id)

    def lead(self, **changes: Any) -> dict[str, Any]:
        """A lead as the form would send it."""
        lead = {
            "title": "安排无证人员上岗作业",
            "found_on": "2024-02-27",
            "conduct_on": "2024-02-27",
            "source": "inspection",
            "summary": "检查发现两名焊工未取得特种作业操作证上岗作业。",
            "parties": [
                {
                    "kind": "entity",
                    "name": "某车辆附件厂",
                    "id_number": "91330212MA00000001",
                    "address": "衢州市柯城区",
                    "representative": "张某",
                }
            ],
            "matters": [{"matter_code": "CF-AQF-097-1-07"}],
            "co_officer": self.actor("officer2").person_id,
        }
        return {**lead, **changes}

    def open(self, **changes: Any) -> str:
        """Enter a lead as officer1; the case's id."""
        opened = execute(
            self.store, commands.open_case, self.actor("officer1"), "penalty", self.lead(**changes), key=new_id()
        )
        return opened.case_id

    def task(self, case_id: str, element_id: str) -> Task:
        """The live task of an element."""
        with self.store.read() as session:
            return session.execute(
                select(Task)
                .where(Task.case_id == case_id, Task.element_id == element_id, Task.state.in_(("open", "claimed")))
                .options(selectinload(Task.candidates))
            ).scalar_one()

    def complete(self, login: str, case_id: str, element_id: str, answer: dict[str, Any]) -> commands.Completed:
        """Complete the live task of an element as somebody."""
        task = self.task(case_id, element_id)
        return execute(
            self.store,
            commands.complete_task,
            self.actor(login),
            task.id,
            answer,
            seen=task.version,
            key=new_id(),
        )


@pytest.fixture
def bureau(demo_store: Store, time: SimulatedClock) -> Bureau:
    """The demonstration bureau, on SQLite and on PostgreSQL."""
    return Bureau(demo_store)


@pytest.fixture
def sqlite_bureau(sqlite_demo_store: Store, time: SimulatedClock) -> Bureau:
    """The demonstration bureau, on SQLite only."""
    return Bureau(sqlite_demo_store)
