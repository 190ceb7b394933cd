"""The presiding member is gone after all have voted: the discussion is concluded all the same, or held anew."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.operators.discussion import Discussion
from workflows import ledger
from workflows.actors import Post
from workflows.calendar import clock
from workflows.cases import facts, gates
from workflows.cases.meetings import AgendaItem
from workflows.cases.papers.reviews import discussion_record
from workflows.desk import offers
from workflows.desk.execute import execute
from workflows.desk.operators import presiding
from workflows.desk.tasks import Task
from workflows.diagrams import description
from workflows.errors import FashenError, Forbidden, Invalid
from workflows.outbox import OutboxNotice
from workflows.store import new_id

EVERYBODY = ("deputy", "head", "member1", "member2")


def appoint(discussion: Discussion, login: str = "", how: str = "another", *, by: str = "legal1",
            reason: str = "突发疾病就医") -> None:  # fmt: skip
    task = discussion.task("conclude_item")
    person = discussion.room.person(login) if login else ""
    execute(discussion.store, presiding.appoint_presiding, discussion.actor(by), task.id, person, how=how,
            reason=reason, seen=task.version, key=new_id())  # fmt: skip


def voted(discussion: Discussion, **choices: str) -> None:
    """All have voted: to approve, but for those who are named."""
    discussion.open()
    for login in EVERYBODY:
        discussion.vote(login, choice=choices.get(login, "approve"))
    assert discussion.waiting() == ["conclude_item"]


def conclude(discussion: Discussion, login: str, conclusion: str = "approve") -> None:
    discussion.do(login, "conclude_item", conclusion=conclusion, resolution="同意承办机构意见")


def entries(discussion: Discussion, event: str) -> list[dict[str, Any]]:
    with discussion.store.read() as session:
        stream = f"meeting:{discussion.item().meeting_id}"
        return [dict(entry.data) for entry in ledger.history(session, stream) if entry.event == event]


def test_another_member_concludes_when_the_presiding_one_is_gone(discussion: Discussion) -> None:
    voted(discussion, member2="change")
    discussion.vanish("head")
    appoint(discussion, "deputy")
    discussion.check()
    task = discussion.task("conclude_item")
    assert (task.assignee_id, task.state) == (discussion.room.person("deputy"), "claimed")
    told = entries(discussion, "PresidingAppointed")
    assert [(one["person"], one["instead_id"], one["reason"]) for one in told] == [
        (discussion.actor("deputy").name, discussion.room.person("head"), "突发疾病就医")
    ]
    conclude(discussion, "deputy")
    assert discussion.item().state == "concluded"
    discussion.check()


def test_the_vote_of_who_is_gone_stands_and_his_going_makes_no_other_majority(discussion: Discussion) -> None:
    """Three of four agree, the head among them; without her vote there would be no majority and nothing to conclude."""
    voted(discussion, member1="change")
    discussion.vanish("head")
    discussion.vanish("member2")
    appoint(discussion, "deputy")
    with pytest.raises(Invalid, match=r"form\.invalid|vote\.not_the_majority"):
        conclude(discussion, "deputy", "change")
    conclude(discussion, "deputy")
    assert discussion.item().conclusion == "approve"
    with discussion.store.read() as session:
        case, item = discussion.room.case(session), session.get_one(AgendaItem, discussion.item().id)
        gates.g6_vote(facts.quorum_rule(session, case), facts.item_fact(session, case, item))


def test_who_was_gone_before_the_last_vote_leaves_a_conclusion_that_waits_for_nobody(discussion: Discussion) -> None:
    discussion.open()
    discussion.vote("head", "deputy", "member1")
    discussion.vanish("head")
    discussion.vote("member2")
    assert discussion.task("conclude_item").assignee_id is None
    appoint(discussion, "member1")
    conclude(discussion, "member1")
    discussion.check()


def test_whoever_was_appointed_leads_the_next_round_too_and_who_is_gone_holds_up_nobody(
    discussion: Discussion,
) -> None:
    """No majority: all vote again, and the one who can't is recorded as having left."""
    voted(discussion, deputy="change", member1="return", member2="return")
    discussion.vanish("head")
    appoint(discussion, "member1")
    conclude(discussion, "member1", "again")
    discussion.vote("deputy", "member1", "member2")
    assert discussion.waiting() == ["vote"]
    gone = discussion.task("vote")
    assert gone.assignee_id is None
    with discussion.store.read() as session:
        offered = offers.offers(session, discussion.actor("legal1"), session.get_one(Task, gone.id))
        assert "departed" in {one.operator for one in offered}
    discussion.leave("")
    assert discussion.task("conclude_item").assignee_id == discussion.room.person("member1")
    conclude(discussion, "member1")
    discussion.check()


def test_who_has_an_interest_in_the_case_withdraws_and_all_is_discussed_anew(discussion: Discussion) -> None:
    voted(discussion)
    appoint(discussion, how="recused", reason="系当事人法定代表人近亲属")
    assert discussion.waiting() == ["put_on_agenda"]
    assert discussion.item().state == "postponed"
    granted = [one for one in entries(discussion, "RecusalDecided") if one["granted"]]
    assert [(one["person_id"], one["reason"]) for one in granted] == [
        (discussion.room.person("head"), "系当事人法定代表人近亲属")
    ]
    discussion.check()
    discussion.open()
    discussion.vote("deputy", "member1", "member2")
    assert discussion.waiting() == ["conclude_item"], "the interest did not end with the meeting: she has no vote"
    assert discussion.task("conclude_item").assignee_id == discussion.room.person("deputy")
    conclude(discussion, "deputy")
    discussion.check()


def test_where_nobody_is_left_to_preside_the_case_is_discussed_anew(discussion: Discussion) -> None:
    voted(discussion)
    for login in ("head", "deputy", "member1", "member2"):
        discussion.vanish(login)
    appoint(discussion, how="anew", reason="其他成员均已调离")
    assert discussion.waiting() == ["put_on_agenda"]
    discussion.check()


def test_only_who_voted_is_there_and_still_leads_can_preside(discussion: Discussion) -> None:
    voted(discussion)
    with discussion.store.work() as session:
        for post in session.execute(select(Post).where(Post.person_id == discussion.room.person("member1"))).scalars():
            post.ends_on = clock.today().replace(day=1)
    for login in ("legal2", "head", "member1", ""):  # did not vote, presides already, has no post any more, nobody
        with pytest.raises(Forbidden, match=r"meeting\.may_not_preside"):
            appoint(discussion, login)


def test_what_is_wrong_is_refused_and_nothing_changes(discussion: Discussion) -> None:
    voted(discussion)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"by": "deputy"}, "actor.role_missing"), ({"by": "head"}, "task.to_oneself"), ({"reason": " "}, "missing"),
        ({"reason": "长" * 161}, "reason_long"), ({"how": "none"}, "meeting.how"), ({"how": "anew"}, "others_preside"),
    ]  # fmt: skip
    for given, code in wrong:
        with pytest.raises(FashenError, match=re.escape(code)):
            appoint(discussion, "member1", **given)
    assert discussion.task("conclude_item").assignee_id == discussion.room.person("head")
    assert discussion.item().presiders == []


def test_the_same_form_sent_twice_appoints_once(discussion: Discussion) -> None:
    voted(discussion)
    task, key = discussion.task("conclude_item"), new_id()
    deputy = discussion.room.person("deputy")
    for _time in range(2):
        execute(discussion.store, presiding.appoint_presiding, discussion.actor("legal1"), task.id, deputy,
                how="another", reason="突发疾病", seen=task.version, key=key)  # fmt: skip
    assert len(discussion.item().presiders) == 1


def test_it_is_offered_to_who_keeps_the_attendance_and_the_conclusion_is_handed_on_in_no_other_way(
    discussion: Discussion,
) -> None:
    voted(discussion)
    discussion.vanish("head")
    task = discussion.task("conclude_item")
    with discussion.store.read() as session:
        row = session.get_one(Task, task.id)
        offered = {login: {one.operator for one in offers.offers(session, discussion.actor(login), row)}
                   for login in ("legal1", "deputy", "officer1")}  # fmt: skip
        assert [login for login, names in offered.items() if "presiding" in names] == ["legal1"]
        assert not any("reassign" in names for names in offered.values())
    assert description.withheld("meeting_conclusion") >= {"reassign", "delegate", "substitute"}


def test_both_are_told_and_the_minutes_say_who_presided_and_why(discussion: Discussion) -> None:
    voted(discussion)
    appoint(discussion, "deputy")
    with discussion.store.read() as session:
        told = {(one.person_id, one.kind) for one in session.execute(select(OutboxNotice)).scalars()}
        person = discussion.room.person
        assert {(person("deputy"), "task_reassigned"), (person("head"), "presiding_moved")} <= told
        case = discussion.room.case(session)
        item = session.get_one(AgendaItem, discussion.item().id)
        record = discussion_record(session, case, item, report="汇报", questions="", recorder="记")
        names = discussion.actor("head").name, discussion.actor("deputy").name
        assert record["host"] == f"{names[0]}；表决后因突发疾病就医改由{names[1]}主持"
