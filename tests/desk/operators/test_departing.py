"""A voter who was there and is gone: the meeting goes on or is held anew, and his leaving makes no majority."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.cases_room import path
from tests.cases_room.room import Room, furnish
from workflows import fold, ledger
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases.file import lock_case
from workflows.cases.meetings import AgendaItem
from workflows.desk import advance, commands, offers
from workflows.desk.execute import execute
from workflows.desk.operators import departing
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.errors import Forbidden, Invalid
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


@pytest.fixture
def discussion(tmp_path: Path, sqlite_template: Path) -> Iterator[Discussion]:
    file = tmp_path / "room.sqlite"
    shutil.copyfile(sqlite_template, file)
    store = Store(f"sqlite:///{file}")
    with store.work() as session:
        furnish(session)
    room = Room(store)
    yield Discussion(room)
    room.close()
    store.close()


def test_the_others_go_on_when_a_voter_has_left_and_conclude(discussion: Discussion):
    discussion.open()
    discussion.vote("deputy", "head", "member1")
    with discussion.store.work() as session:  # gone for good, in the middle of the meeting
        session.get_one(Person, discussion.room.person("member2")).disabled_at = clock.now()
    assert discussion.waiting() == ["vote"]
    discussion.leave("member2")
    assert discussion.waiting() == ["conclude_item"]
    discussion.check()
    entry = next(one for one in discussion.item().attendance if one["person_id"] == discussion.room.person("member2"))
    assert (entry["present"], entry["reason"]) == (False, "中途退席：突发疾病")
    discussion.do("head", "conclude_item", conclusion="approve", resolution="同意")
    discussion.check()


def test_leaving_makes_no_majority(discussion: Discussion):
    """Two of four agree and two have left: two are not more than half of those entitled."""
    discussion.open()
    discussion.vote("deputy", "head")
    discussion.leave("member1")
    discussion.leave("member2")
    with pytest.raises(Invalid, match=r"form\.invalid|vote\.not_the_majority"):
        discussion.do("head", "conclude_item", conclusion="approve", resolution="同意")
    discussion.do("head", "conclude_item", conclusion="again", resolution="再次表决")
    assert discussion.waiting() == ["vote", "vote"], "only those who are still there vote again"
    discussion.check()


def test_without_a_quorum_the_case_goes_on_another_agenda(discussion: Discussion):
    discussion.open(absent=("member1", "member2"))
    discussion.vote("head")
    discussion.leave("deputy")
    assert discussion.waiting() == ["put_on_agenda"]
    assert discussion.item().state == "postponed"
    discussion.check()


def test_the_host_who_left_does_not_preside_any_more(discussion: Discussion):
    discussion.open()
    discussion.vote("deputy", "member1", "member2")
    discussion.leave("head")
    task = discussion.task("conclude_item")
    assert task.assignee_id == discussion.room.person("deputy")


def test_only_who_keeps_the_attendance_says_that_somebody_left_and_why(discussion: Discussion):
    discussion.open()
    task = discussion.task("vote", "deputy")
    with discussion.store.read() as session:
        offered = {login: {one.operator for one in offers.offers(session, discussion.actor(login),
                   session.get_one(Task, task.id))} for login in ("legal1", "deputy", "head")}  # fmt: skip
    assert [login for login, names in offered.items() if "departed" in names] == ["legal1"]
    with pytest.raises(Forbidden, match=r"actor\.role_missing"):
        discussion.leave("deputy", by="head")
    with pytest.raises(Invalid, match=r"case\.reason_missing"):
        discussion.leave("deputy", reason=" ")
