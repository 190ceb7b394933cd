"""People are entered, renamed, locked out and let in again, by two administrators who are not they themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.staff.conftest import Office
from workflows import ledger, sessions
from workflows.actors import Actor, Person, acting
from workflows.desk.tasks import Task
from workflows.errors import Forbidden, Invalid, NotFound
from workflows.outbox import OutboxNotice
from workflows.sessions import Client
from workflows.staff import doors, people, posts, stuck
from workflows.staff.requests import WAITING

DOOR: dict[str, Any] = {"client": Client("127.0.0.1", "test"), "lasts": timedelta(hours=12)}
BUREAU, TEAM, COUNTY = "衢州市应急管理局(演示)", "综合行政执法队", "柯城区应急管理局(演示)"


def enter(office: Office, login: str = "zhang.san", role: str = "case_officer", unit: str = TEAM) -> str:
    """Somebody new, with a first post that waits; the id of the request."""
    asked = office.does("admin", people.enter_person, login, "张三", unit_id=office.unit(unit), role=role,
                        title="执法队员", reason="新录用，衢应急人〔2024〕3号")  # fmt: skip
    return str(asked.id)


def test_two_administrators_make_an_account_that_opens_the_door(office: Office) -> None:
    request = enter(office)
    person = office.id("zhang.san")
    with office.store.read() as session:
        assert acting(session, person).roles == frozenset()
    office.does("secadmin", posts.approve_post, request)
    with pytest.raises(Forbidden, match="login.refused"):
        sessions.log_in(office.store, "zhang.san", "", **DOOR)
    given = office.does("secadmin", doors.issue_password, person, reason="首次登录")
    opened = sessions.log_in(office.store, "zhang.san", given, **DOOR)
    assert opened.actor.roles == {"case_officer"}
    with office.store.read() as session:
        told = [one.event for one in ledger.history(session, "bureau")][-4:]
        assert told == ["PersonAdded", "PostAsked", "PostGiven", "PasswordIssued"]
        assert session.get_one(Person, person).password_until is not None


def test_a_given_password_opens_the_door_for_three_days(small_office: Office, time: object) -> None:
    given = small_office.does("secadmin", doors.issue_password, small_office.id("officer1"), reason="忘记密码")
    sessions.log_in(small_office.store, "officer1", given, **DOOR)
    time.set(time.now() + timedelta(hours=73))  # type: ignore[attr-defined]
    with pytest.raises(Forbidden, match="login.refused"):
        sessions.log_in(small_office.store, "officer1", given, **DOOR)


def test_the_given_password_is_no_password_of_ones_own(small_office: Office) -> None:
    given = small_office.does("secadmin", doors.issue_password, small_office.id("officer1"), reason="忘记密码")
    me = small_office.id("officer1")

    def change(session: object, actor: object, password: str) -> None:
        sessions.set_password(session, actor, session.get_one(Person, me), password)  # type: ignore[arg-type,attr-defined]

    with pytest.raises(Invalid, match="password.weak"):
        small_office.does("officer1", change, given)
    small_office.does("officer1", change, "correct horse battery")
    with small_office.store.read() as session:
        assert session.get_one(Person, me).password_until is None


def test_whoever_is_locked_out_leaves_no_session_no_password_and_no_lost_step(office: Office) -> None:
    case_id = office.open()
    task = office.task(case_id, "approve_filing")
    with office.store.read() as session:
        holder = task.assignee_id or task.candidates[0].person_id
    count = office.does("admin", people.disable_person, holder, reason="离职")
    assert count >= 1
    with office.store.read() as session:
        person = session.get_one(Person, holder)
        assert (person.password_hash, person.disabled_at is None) == (None, False)
        assert [one.id for one in stuck.waiting_with(session, holder)] == [task.id]
        told = session.execute(select(OutboxNotice).where(OutboxNotice.kind == "tasks_left_behind")).scalars().all()
        assert told and all(one.person_id != holder for one in told)
        assert {one.facts["count"] for one in told} == {1}
        assert session.get_one(Task, task.id).ended_at is None
        with pytest.raises(Forbidden, match="person.disabled"):
            acting(session, holder)


def test_enabling_needs_the_security_administrator_for_the_password(small_office: Office) -> None:
    person = small_office.id("counsel1")
    small_office.does("secadmin", people.disable_person, person, reason="账号疑似被盗用")
    with pytest.raises(Forbidden, match="person.disabled"):
        small_office.does("secadmin", doors.issue_password, person, reason="恢复")
    small_office.does("admin", people.enable_person, person, reason="查明无误")
    with pytest.raises(Forbidden, match="login.refused"):
        sessions.log_in(small_office.store, "counsel1", "fashen-demo", **DOOR)
    given = small_office.does("secadmin", doors.issue_password, person, reason="恢复")
    assert sessions.log_in(small_office.store, "counsel1", given, **DOOR).actor.name == "徐律师"


def test_a_name_changes_from_now_on_and_the_record_keeps_the_old_one(small_office: Office) -> None:
    person = small_office.id("officer1")
    small_office.does("admin", people.rename_person, person, "陈大立", reason="户籍更名")
    with small_office.store.read() as session:
        assert session.get_one(Person, person).name == "陈大立"
        entry = ledger.of_event(session, "bureau", "PersonRenamed")[0]
        assert (entry.data["before"], entry.data["name"]) == ("陈立", "陈大立")


@pytest.mark.parametrize("login", ["admin", "secadmin"])
def test_nobody_administers_himself(small_office: Office, login: str) -> None:
    me = small_office.id(login)
    for command, facts in (
        (people.disable_person, {"reason": "离职"}), (doors.issue_password, {"reason": "忘记"}),
        (doors.end_sessions, {"reason": "清理"}),
        (posts.give_post, {"unit_id": small_office.unit(TEAM), "role": "case_officer", "title": "员", "reason": "任"}),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            small_office.does(login, command, me, **facts)


def test_every_change_needs_its_reason(small_office: Office) -> None:
    person = small_office.id("officer1")
    for login, command, facts in (
        ("admin", people.disable_person, {}), ("admin", people.enable_person, {}),
        ("admin", people.rename_person, {"name": "甲"}), ("secadmin", doors.issue_password, {}),
        ("secadmin", doors.end_sessions, {}),
    ):  # fmt: skip
        with pytest.raises(Invalid, match="staff.reason_missing"):
            small_office.does(login, command, person, reason="  ", **facts)


def test_a_county_administers_its_own_people_only(small_office: Office) -> None:
    small_office.does("secadmin", posts.approve_post, enter(small_office, "kc.admin", "sys_admin", COUNTY))
    small_office.does("secadmin", posts.approve_post, enter(small_office, "kc.sec", "sec_admin", COUNTY))
    with pytest.raises(NotFound, match="person.unknown"):
        small_office.does("kc.admin", people.disable_person, small_office.id("officer1"), reason="离职")
    with pytest.raises(NotFound, match="unit.unknown"):
        small_office.does("kc.admin", people.enter_person, "li.si", "李四", unit_id=small_office.unit(TEAM),
                          role="case_officer", title="队员", reason="新录用")  # fmt: skip
    assert small_office.does("kc.admin", people.disable_person, small_office.id("kcofficer1"), reason="离职") == 0
    # The city's administrator administers the county's people too; one with a post in both is the city's.
    small_office.does("secadmin", posts.give_post, small_office.id("kchead"), small_office.unit(TEAM),
                      role="panel_member", title="委员", reason="挂职")  # fmt: skip
    with pytest.raises(Forbidden, match="staff.elsewhere"):
        small_office.does("kc.sec", doors.issue_password, small_office.id("kchead"), reason="忘记密码")


def test_who_has_no_password_of_his_own_is_no_other_administrator(small_office: Office) -> None:
    small_office.does("secadmin", posts.approve_post, enter(small_office, "sec2", "sec_admin", BUREAU))

    def leave() -> None:
        small_office.does("admin", people.disable_person, small_office.id("secadmin"), reason="调离")

    with pytest.raises(Invalid, match="staff.last_administrator"):
        leave()
    given = small_office.does("secadmin", doors.issue_password, small_office.id("sec2"), reason="首次登录")
    with pytest.raises(Invalid, match="staff.last_administrator"):  # it runs out, and nobody could give another one
        leave()

    def choose(session: Session, actor: Actor) -> None:
        sessions.set_password(session, actor, session.get_one(Person, actor.person_id), "correct horse battery")

    assert given
    small_office.does("sec2", choose)
    leave()
    assert small_office.does("sec2", doors.issue_password, small_office.id("officer1"), reason="忘记密码")


def test_one_request_stays_one_however_often_it_is_sent(small_office: Office) -> None:
    person, unit = small_office.id("member1"), small_office.unit("衢州市应急管理局(演示)")
    facts = {"role": "bureau_leader", "title": "副局长", "reason": "任命文件"}
    first = small_office.does("secadmin", posts.ask_post, person, unit, **facts)
    again = small_office.does("secadmin", posts.ask_post, person, unit, **facts)
    assert (first.id, first.state) == (again.id, WAITING)
