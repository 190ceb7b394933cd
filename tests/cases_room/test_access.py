"""Who sees which case."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.cases_room import path
from tests.cases_room.people import give_post
from tests.cases_room.room import POSTS, Room
from workflows.cases import access
from workflows.cases.file import Case
from workflows.errors import Forbidden

SEES = {"officer1", "officer2", "unithead", "legal1", "legal2", "chair", "deputy", "head", "publisher", "auditor"}


def sees(room: Room, login: str) -> bool:
    with room.store.read() as session:
        actor = room.actor(session, login)
        listed = session.execute(
            select(func.count()).select_from(Case).where(access.visible_cases(session, actor))
        ).scalar_one()
        by_id = access.visible_id(session, actor, room.case_id)
        assert bool(listed) == by_id == access.visible(session, actor, room.case(session))
        return by_id


@pytest.mark.parametrize("login", [*POSTS, "town1", "stranger"])
def test_posts_and_parts_decide_who_sees_a_case(room: Room, login: str) -> None:
    room.open()
    assert sees(room, login) == (login in SEES)


def test_who_was_offered_a_task_keeps_reading(room: Room) -> None:
    room.open()
    for _ in range(2):  # a second time does no harm
        with room.store.work() as session:
            access.admit(session, room.case(session), room.person("counsel"), reason="法律顾问再审")
    assert sees(room, "counsel")
    assert not sees(room, "officer3")


def test_members_see_the_cases_on_their_agenda(room: Room) -> None:
    path.to_decision(room, 60000)
    assert not sees(room, "member1")
    path.meet(room)
    assert sees(room, "member1")
    assert not sees(room, "admin")


def test_an_unknown_case_is_nobody_s(room: Room) -> None:
    with room.store.read() as session:
        assert not access.visible_id(session, room.actor(session, "officer1"), "nothing")
        assert access.visible_id(session, room.actor(session, "auditor"), "nothing") is False


def test_an_administrator_with_another_post_sees_what_that_post_sees(room: Room) -> None:
    room.open()
    give_post(room, "admin", "legal_reviewer")
    assert sees(room, "admin")


def test_the_unit_s_head_counts_up_to_the_bureau_only(room: Room) -> None:
    room.open()
    with room.store.read() as session:
        case = room.case(session)
        access.require_role(session, room.actor(session, "unithead"), case, "handling_unit_head")
        with pytest.raises(Forbidden):
            access.require_role(session, room.actor(session, "stranger"), case, "bureau_leader")
        with pytest.raises(Forbidden, match=r"case\.not_visible"):
            access.require_visible(session, room.actor(session, "stranger"), case)
