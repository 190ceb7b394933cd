"""A voter who was there and is gone: the meeting goes on or is held anew, and his leaving makes no majority."""

from __future__ import annotations

import pytest

from tests.desk.operators.discussion import Discussion
from workflows.desk import offers
from workflows.desk.tasks import Task
from workflows.errors import Forbidden, Invalid


def test_the_others_go_on_when_a_voter_has_left_and_conclude(discussion: Discussion):
    discussion.open()
    discussion.vote("deputy", "head", "member1")
    discussion.vanish("member2")  # gone for good, in the middle of the meeting
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
