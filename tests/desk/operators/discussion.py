"""A case in its collective discussion, carried through the desk from one member's place to the next."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.cases_room import path
from tests.cases_room.room import Room, furnish
from workflows import fold, ledger
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases.file import lock_case
from workflows.cases.meetings import AgendaItem
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.desk.operators import departing
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.store import Store, new_id

PEOPLE = ("deputy", "head", "member1", "member2")


class Discussion:
    """A case before its collective discussion, carried through the desk."""

    def __init__(self, room: Room) -> None:
        self.room, self.store = room, room.store
        path.to_decision(room, 60000)
        with self.store.work() as session:
            library.publish_shipped(session)
            case = lock_case(session, room.case_id)
            self.id = advance.start(
                session, case, "collective_decision", {"purpose": "decision"}, room.actor(session, "legal1")
            ).id

    def actor(self, login: str) -> Actor:
        with self.store.read() as session:
            return self.room.actor(session, login)

    def task(self, element: str, login: str = "") -> Task:
        wanted = select(Task).where(
            Task.instance_id == self.id, Task.element_id == element, Task.ended_at.is_(None)
        )
        if login:
            wanted = wanted.where(Task.assignee_id == self.room.person(login))
        with self.store.read() as session:
            return session.execute(wanted).scalars().one()

    def waiting(self) -> list[str]:
        with self.store.read() as session:
            wanted = select(Task.element_id).where(Task.instance_id == self.id, Task.ended_at.is_(None))
            return sorted(session.execute(wanted).scalars())

    def do(self, login: str, element: str, **answer: Any) -> None:
        task = self.task(element, login if element == "vote" else "")
        execute(self.store, commands.complete_task, self.actor(login), task.id, answer, seen=task.version,
                key=new_id())  # fmt: skip

    def open(self, absent: tuple[str, ...] = ()) -> None:
        """The item is on the agenda, and attendance was taken."""
        ids = {login: self.room.person(login) for login in PEOPLE}
        self.do("legal1", "put_on_agenda", title="讨论会", place="会议室", planned_at=clock.now().isoformat(),
                members=list(ids.values()), host=ids["head"])  # fmt: skip
        rows = [{"person_id": id, "present": login not in absent, "reason": "出差" if login in absent else ""}
                for login, id in ids.items()]  # fmt: skip
        self.do("legal1", "open_item", opened_at=clock.now().isoformat(), attendance=rows, recusals=[])

    def vote(self, *logins: str, choice: str = "approve") -> None:
        for login in logins:
            self.do(login, "vote", choice=choice, opinion="意见")

    def leave(self, login: str, by: str = "legal1", reason: str = "突发疾病") -> None:
        """It is recorded that somebody left; no login: whose vote waits and is nobody's any more."""
        task = self.task("vote", login)
        execute(self.store, departing.record_departure, self.actor(by), task.id, reason=reason, seen=task.version,
                key=new_id())  # fmt: skip

    def item(self) -> AgendaItem:
        with self.store.read() as session:
            return session.execute(select(AgendaItem)).scalars().one()

    def check(self) -> None:
        with self.store.read() as session:
            assert ledger.verify(session) == []
            assert [one for one in map(str, fold.verify_state(session)) if self.id in one] == []

    def vanish(self, login: str) -> None:
        """Somebody's account is switched off."""
        with self.store.work() as session:
            session.get_one(Person, self.room.person(login)).disabled_at = clock.now()


@contextmanager
def held(template: Path, folder: Path) -> Iterator[Discussion]:
    """A discussion in a database of its own."""
    file = folder / "room.sqlite"
    shutil.copyfile(template, file)
    store = Store(f"sqlite:///{file}")
    with store.work() as session:
        furnish(session)
    room = Room(store)
    try:
        yield Discussion(room)
    finally:
        room.close()
        store.close()
