"""Collective discussion: agenda, quorum, recusal, votes, majority, minutes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.cases_room import path
from tests.cases_room.people import give_post
from tests.cases_room.room import Room
from workflows import ledger
from workflows.actors import Person
from workflows.cases.meetings import AgendaItem, Meeting
from workflows.documents import documents_of
from workflows.errors import Forbidden, GateClosed, Invalid

PEOPLE = ["deputy", "head", "member1", "member2"]


@pytest.fixture
def ready(room: Room) -> Room:
    """A fine that the leaders must decide together, noticed and waived."""
    path.to_decision(room, 60000)
    return room


def codes(caught: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.code for problem in caught.value.problems]


def agenda(room: Room, people: list[str] | None = None, **changes: Any) -> str:
    ids = [room.person(login) for login in people or PEOPLE]
    answer = {"title": "讨论会", "planned_at": room.time.now(), "place": "会议室", "members": ids}
    answer["host"] = ids[-1] if "head" not in (people or PEOPLE) else room.person("head")
    return str(room.do("agenda", "legal1", answer | changes, purpose="decision")["item_id"])


def attend(room: Room, item: str, absent: tuple[str, ...] = (), recused: tuple[str, ...] = ()) -> Any:
    with room.store.read() as session:
        members = [m.person_id for m in session.get_one(AgendaItem, item).meeting.members]
    gone = {room.person(login) for login in absent}
    answer = {
        "attendance": [{"person_id": one, "present": one not in gone, "reason": "出差"} for one in members],
        "recusals": [{"person_id": room.person(login), "reason": "亲属关系"} for login in recused],
        "opened_at": room.time.now(),
    }
    return room.do("attendance", "legal1", answer, item_id=item)


def vote(room: Room, item: str, login: str, choice: str, voter: str | None = None) -> None:
    room.do("vote", login, {"choice": choice, "opinion": "意见"}, item_id=item, voter=voter or room.person(login))


def conclude(room: Room, item: str, conclusion: str, by: str = "head", **changes: Any) -> Any:
    return room.do("meeting_conclusion", by, {"conclusion": conclusion, "resolution": "决议"} | changes, item_id=item)


@pytest.mark.parametrize(
    ("people", "changes", "expected"),
    [
        (["deputy"], {}, ["meeting.members_few", "meeting.head_missing"]),
        (["deputy", "head", "officer1"], {}, ["meeting.not_a_leader"]),
        (["deputy", "head", "stranger"], {}, ["meeting.not_a_leader"]),
        (["deputy", "member1", "member2"], {}, ["meeting.head_missing"]),
        (["head", "member1"], {}, ["meeting.leader_missing"]),
        (PEOPLE, {"host": "nobody"}, ["meeting.host_no_member"]),
        (PEOPLE, {"title": "", "place": ""}, ["field.required", "field.required"]),
    ],
)
def test_a_wrong_meeting_is_refused(
    ready: Room, people: list[str], changes: dict[str, Any], expected: list[str]
) -> None:
    with pytest.raises(Invalid) as caught:
        agenda(ready, people, **changes)
    assert codes(caught) == expected


def test_a_meeting_takes_many_cases(ready: Room) -> None:
    first = agenda(ready)
    with ready.store.read() as session:
        meeting = session.execute(select(Meeting.id)).scalar_one()
    path.to_decision(ready, 70000)
    second = ready.do("agenda", "legal1", {"meeting": meeting}, purpose="decision")
    assert second["meeting_id"] == meeting
    with ready.store.read() as session:
        items = session.execute(select(AgendaItem).order_by(AgendaItem.position)).scalars().all()
        assert [(item.id, item.position) for item in items] == [(first, 0), (second["item_id"], 1)]


@pytest.mark.parametrize(
    ("absent", "recused", "quorum", "voters"),
    [
        ((), (), True, 4),
        (("member1", "member2"), (), True, 2),
        (("head", "member1", "member2"), (), False, 1),
        (("deputy",), (), False, 3),  # the leader in charge of the case
        ((), ("deputy",), True, 3),  # who withdrew, and so is not missing
        ((), ("deputy", "head", "member1"), False, 1),
    ],
)
def test_the_quorum_counts_members_with_a_vote(
    ready: Room, absent: tuple[str, ...], recused: tuple[str, ...], quorum: bool, voters: int
) -> None:
    said = attend(ready, agenda(ready), absent, recused)
    assert (said["quorum"], len(said["voters"])) == (quorum, voters)


@pytest.mark.parametrize(("absent", "recused"), [(("head",), ()), ((), ("head",))])
def test_the_quorum_is_of_all_leaders_of_the_bureau_called_or_not(
    ready: Room, absent: tuple[str, ...], recused: tuple[str, ...]
) -> None:
    """Two of four leaders are called and one stays away: the other one does not decide alone."""
    said = attend(ready, agenda(ready, ["deputy", "head"]), absent, recused)
    assert (said["quorum"], said["voters"]) == (False, [ready.person("deputy")])


def test_two_called_of_five_leaders_are_no_quorum(ready: Room) -> None:
    give_post(ready, "officer3", "panel_member")
    item = agenda(ready, ["deputy", "head"])
    assert attend(ready, item)["quorum"] is False
    with ready.store.read() as session:
        entries = ledger.history(session, f"meeting:{session.get_one(AgendaItem, item).meeting_id}")
        told = next(entry for entry in entries if entry.event == "AttendanceRecorded")
    assert (told.data["should"], told.data["present"]) == (5, 2)


def test_the_decision_asks_again_who_was_entitled_to_vote(ready: Room) -> None:
    item = agenda(ready, ["deputy", "head"])
    attend(ready, item)
    for login in ("deputy", "head"):
        vote(ready, item, login, "approve")
    conclude(ready, item, "approve")
    give_post(ready, "officer3", "panel_member")  # it comes out that there was a fifth leader
    with pytest.raises(GateClosed) as closed:
        path.sign(ready)
    assert (closed.value.facts["cause"], closed.value.facts["members"]) == ("no_quorum", 5)


def test_sod_4_who_handles_the_case_never_votes_on_it(room: Room) -> None:
    give_post(room, "officer2", "panel_member")
    path.to_decision(room, 60000)
    item = agenda(room, [*PEOPLE, "officer2"])
    said = attend(room, item)
    assert room.person("officer2") not in said["voters"]
    with pytest.raises(Forbidden, match=r"vote\.not_entitled"):
        vote(room, item, "officer2", "approve")
    with room.store.read() as session:
        recused = session.get_one(AgendaItem, item).recused
        assert [entry["person_id"] for entry in recused] == [room.person("officer2")]


@pytest.mark.parametrize(("absent", "recused"), [(("head",), ()), ((), ("head",))])
def test_somebody_else_presides_where_the_host_is_away_or_withdrew(
    ready: Room, absent: tuple[str, ...], recused: tuple[str, ...]
) -> None:
    item = agenda(ready)
    said = attend(ready, item, absent, recused)
    assert said["presiding"] == said["voters"][0] != ready.person("head")
    for login in PEOPLE:
        if ready.person(login) in said["voters"]:
            vote(ready, item, login, "approve")
    with pytest.raises(Forbidden, match=r"meeting\.not_presiding"):
        conclude(ready, item, "approve")
    with ready.store.read() as session:
        login = session.get_one(Person, said["presiding"]).login
    conclude(ready, item, "approve", by=login)


def test_one_vote_a_member_in_person(ready: Room) -> None:
    item = agenda(ready)
    attend(ready, item, recused=("member2",))
    vote(ready, item, "deputy", "approve")
    with pytest.raises(Invalid, match=r"vote\.cast_already"):
        vote(ready, item, "deputy", "return")
    with pytest.raises(Forbidden):
        vote(ready, item, "member1", "approve", ready.person("head"))  # for somebody else
    with pytest.raises(Forbidden):
        vote(ready, item, "member2", "approve")  # who withdrew


def test_the_conclusion_is_the_majority_s(ready: Room) -> None:
    item = agenda(ready)
    attend(ready, item)
    for login, choice in zip(PEOPLE[:3], ["approve", "approve", "return"], strict=True):
        vote(ready, item, login, choice)
    with pytest.raises(Invalid) as caught:
        conclude(ready, item, "approve")
    assert "vote.incomplete" in codes(caught)
    vote(ready, item, "member2", "approve")
    with pytest.raises(Invalid) as caught:
        conclude(ready, item, "return")
    assert codes(caught) == ["vote.not_the_majority"]
    with pytest.raises(Forbidden):
        conclude(ready, item, "approve", by="deputy")
    assert conclude(ready, item, "approve")["meeting_result"] == "approve"


def test_without_a_majority_the_vote_is_repeated(ready: Room) -> None:
    item = agenda(ready)
    attend(ready, item)
    for login, choice in zip(PEOPLE, ["approve", "approve", "return", "return"], strict=True):
        vote(ready, item, login, choice)
    with pytest.raises(Invalid):
        conclude(ready, item, "approve")
    assert conclude(ready, item, "again")["meeting_result"] == "again"
    for login in PEOPLE:
        vote(ready, item, login, "return")
    assert conclude(ready, item, "return")["meeting_result"] == "return"
    with ready.store.read() as session:
        row = session.get_one(AgendaItem, item)
        assert (row.round, len(row.votes)) == (2, 8)


def test_a_changed_penalty_is_checked_and_must_be_what_the_draft_becomes(ready: Room) -> None:
    item = agenda(ready)
    attend(ready, item)
    for login in PEOPLE:
        vote(ready, item, login, "change")
    with pytest.raises(Invalid) as caught:
        conclude(ready, item, "change", penalties=[path.penalty(ready, 60000)])
    assert codes(caught) == ["meeting.change_nothing"]
    with pytest.raises(GateClosed, match=r"gate\.G7"):
        conclude(ready, item, "change", penalties=[path.penalty(ready, 200000)])
    conclude(ready, item, "change", penalties=[path.penalty(ready, 55000)])
    ready.do("minutes", "legal1", {"report": "汇报"}, item_id=item)
    with pytest.raises(GateClosed) as closed:
        path.sign(ready)
    assert closed.value.facts["cause"] == "collective_other_draft"
    assert path.conclude(ready, path.penalty(ready, 55001))["meeting_settled"] is False
    settled = path.conclude(ready, path.penalty(ready, 55000))
    assert (settled["meeting_settled"], settled["change"]) == (True, "lighter")
    with pytest.raises(GateClosed, match=r"gate\.G4"):
        path.sign(ready)
    ready.until("2024-03-04 10:00")  # of two conclusions the later one counts
    path.review(ready, "revised")
    path.sign(ready)


def test_the_minutes_are_a_document_and_close_the_meeting(ready: Room) -> None:
    path.meet(ready)
    with ready.store.read() as session:
        record = [row for row in documents_of(session, ready.case_id) if row.type == "discussion_record"]
        assert len(record) == 1
        assert len(record[0].content["votes"]) == 4
        meeting = session.execute(select(Meeting)).scalar_one()
        assert meeting.state == "closed"
        told = [entry.event for entry in ledger.history(session, f"meeting:{meeting.id}")]
        assert told == ["MeetingCalled", "AgendaItemListed", "AttendanceRecorded", *["VoteCast"] * 4,
                        "MeetingConcluded", "MinutesSigned"]  # fmt: skip


def test_a_referral_by_the_meeting_starts_the_criminal_referral(ready: Room) -> None:
    assert path.meet(ready, "refer")["meeting_result"] == "refer"
    with ready.store.read() as session:
        case = ready.case(session)
        assert (case.crime, case.fine_suspended) == ("suspected", True)
