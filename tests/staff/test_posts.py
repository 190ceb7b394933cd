"""Posts: who gives them, which do not go together, and how they end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.staff.conftest import Office
from workflows import ledger, staff
from workflows.actors import ADMINISTRATORS, ROLES, SYSTEM, Post, acting
from workflows.calendar import clock
from workflows.errors import Forbidden, Invalid, NotFound
from workflows.staff import people, posts

BUREAU, TEAM = "衢州市应急管理局(演示)", "综合行政执法队"


def give(office: Office, login: str, role: str, by: str = "secadmin", **more: object) -> object:
    return office.does(
        by, posts.give_post, office.id(login), office.unit(TEAM), role=role, title="职务", reason="任命", **more
    )


def ask(office: Office, login: str, role: str) -> str:
    asked = office.does("secadmin", posts.ask_post, office.id(login), office.unit(BUREAU), role=role, title="职务",
                        reason="任命")  # fmt: skip
    return str(asked.id)


def roles(office: Office, login: str) -> frozenset[str]:
    with office.store.read() as session:
        return acting(session, office.id(login)).roles


def test_the_security_administrator_gives_a_post_from_a_day_to_a_day(office: Office, time: object) -> None:
    today = clock.today()
    give(office, "officer3", "publication_officer", starts_on=today + timedelta(days=1),
         ends_on=today + timedelta(days=2))  # fmt: skip
    assert roles(office, "officer3") == {"case_officer"}
    time.set(time.now() + timedelta(days=2))  # type: ignore[attr-defined]
    assert roles(office, "officer3") == {"case_officer", "publication_officer"}
    time.set(time.now() + timedelta(days=1))  # type: ignore[attr-defined]
    assert roles(office, "officer3") == {"case_officer"}


@pytest.mark.parametrize("by", ["admin", "auditor", "officer1", "head", "legal1"])
def test_nobody_else_gives_posts(small_office: Office, by: str) -> None:
    with pytest.raises(Forbidden, match="actor.role_missing"):
        give(small_office, "officer3", "publication_officer", by=by)


@pytest.mark.parametrize("role", sorted(posts.TWO_PERSON))
def test_a_post_of_weight_is_given_by_two(small_office: Office, role: str) -> None:
    staff_of_none = "publisher1" if role not in ADMINISTRATORS else "kcofficer1"
    with pytest.raises(Invalid, match="post.two_needed"):
        give(small_office, staff_of_none, role)
    if role in ADMINISTRATORS:  # it could never be given to somebody of the cases, and isn't even asked for
        with pytest.raises(Invalid, match="post.conflict"):
            ask(small_office, "publisher1", role)
        return
    request = ask(small_office, "publisher1", role)
    with pytest.raises(Forbidden, match="post.own_request"):
        small_office.does("secadmin", posts.approve_post, request)
    with pytest.raises(Forbidden, match="actor.role_missing"):
        small_office.does("auditor", posts.approve_post, request)
    small_office.does("admin", posts.approve_post, request)
    assert role in roles(small_office, "publisher1")
    with pytest.raises(Invalid, match="post.decided"):
        small_office.does("admin", posts.approve_post, request)


def test_the_three_administrators_and_the_case_roles_go_together_in_no_way(small_office: Office) -> None:
    """Every pair with an administrator's role clashes on a common day, no other pair does, none on different days."""
    today = clock.today()
    with small_office.store.work() as session:
        for role in ROLES:
            person = staff.find_person(session, "publisher1")
            person.posts[0].role = role
            for other in ROLES:
                expected = role != other and bool({role, other} & set(ADMINISTRATORS))
                assert bool(posts.clashes(person, other, today, None)) is expected, (role, other)
                assert not posts.clashes(person, other, today, None) or not posts.clashes(
                    person, other, person.posts[0].starts_on - timedelta(days=9),
                    person.posts[0].starts_on - timedelta(days=1),
                )
        session.rollback()


def test_even_the_terminal_gives_no_clashing_posts(small_office: Office) -> None:
    with small_office.store.read() as session:
        person = staff.find_person(session, "officer1")
        with pytest.raises(Invalid, match="post.conflict"):
            staff.give_post(session, SYSTEM, person, unit=TEAM, role="sys_admin", title="管理员")


def test_a_refused_request_gives_nothing_and_says_why(small_office: Office) -> None:
    request = ask(small_office, "member1", "bureau_leader")
    with pytest.raises(Invalid, match="staff.reason_missing"):
        small_office.does("admin", posts.reject_post, request, decision="")
    small_office.does("admin", posts.reject_post, request, decision="未见任命文件")
    assert roles(small_office, "member1") == {"panel_member"}
    with small_office.store.read() as session:
        assert ledger.of_event(session, "bureau", "PostRefused")[0].data["reason"] == "未见任命文件"


def post_of(office: Office, login: str) -> str:
    with office.store.read() as session:
        return str(staff.find_person(session, login).posts[0].id)


def test_a_post_ends_with_a_day_and_stays_on_record(office: Office, time: object) -> None:
    post, today = post_of(office, "officer3"), clock.today()
    office.does("secadmin", posts.end_post, post, last_day=today, reason="调离")
    assert roles(office, "officer3") == {"case_officer"}
    time.set(time.now() + timedelta(days=1))  # type: ignore[attr-defined]
    assert roles(office, "officer3") == frozenset()
    with office.store.read() as session:
        assert session.get_one(Post, post).ends_on == today
    with pytest.raises(Invalid, match="post.ended"):
        office.does("secadmin", posts.end_post, post, last_day=today + timedelta(days=9), reason="更正")


def test_a_post_does_not_end_before_what_was_signed_in_it(small_office: Office) -> None:
    with pytest.raises(Invalid, match="post.ends_too_early"):
        small_office.does("secadmin", posts.end_post, post_of(small_office, "officer3"),
                          last_day=clock.today() - timedelta(days=2), reason="倒签")  # fmt: skip


def test_the_last_administrator_of_a_kind_stays(small_office: Office) -> None:
    def end(login: str) -> None:
        small_office.does("secadmin", posts.end_post, post_of(small_office, login), last_day=clock.today(),
                          reason="轮岗")  # fmt: skip

    end("admin2")
    for login in ("admin", "auditor"):
        with pytest.raises(Invalid, match="staff.last_administrator"):
            end(login)


def test_the_last_administrator_is_not_removed_by_last_days_far_ahead(small_office: Office) -> None:
    today = clock.today()

    def end(login: str, ahead: int) -> None:
        small_office.does("secadmin", posts.end_post, post_of(small_office, login),
                          last_day=today + timedelta(days=ahead), reason="轮岗")  # fmt: skip

    end("admin2", 300)
    for ahead in (0, 299, 300, 400):
        with pytest.raises(Invalid, match="staff.last_administrator") as refused:
            end("admin", ahead)
        assert refused.value.facts["day"] == today + timedelta(days=max(ahead, 300) + 1)
    with pytest.raises(Invalid, match="staff.last_administrator"):
        small_office.does("secadmin", people.disable_person, small_office.id("admin"), reason="停职")
    end("admin2", 200)  # admin stays
    end("admin2", 350)
    small_office.does("secadmin", people.disable_person, small_office.id("admin2"), reason="停职")
    with pytest.raises(Invalid, match="staff.last_administrator"):
        end("admin", 20)


def test_one_who_begins_when_the_last_one_goes_is_enough(small_office: Office) -> None:
    today = clock.today()
    with small_office.store.work() as session:
        old = session.get_one(Post, post_of(small_office, "auditor"))
        session.add(Post(person_id=small_office.id("member1"), unit_id=old.unit_id, role="auditor", title="审计员",
                         starts_on=today + timedelta(days=31)))  # fmt: skip
    with pytest.raises(Invalid, match="staff.last_administrator") as refused:
        small_office.does("secadmin", posts.end_post, post_of(small_office, "auditor"),
                          last_day=today + timedelta(days=29), reason="轮岗")  # fmt: skip
    assert refused.value.facts["day"] == today + timedelta(days=30)
    small_office.does("secadmin", posts.end_post, post_of(small_office, "auditor"), last_day=today + timedelta(days=30),
                      reason="轮岗")  # fmt: skip


def test_posts_of_other_bureaus_are_not_there(small_office: Office) -> None:
    with pytest.raises(NotFound, match="post.unknown"):
        small_office.does("secadmin", posts.end_post, "0" * 32, last_day=clock.today(), reason="轮岗")
