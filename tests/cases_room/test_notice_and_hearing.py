"""Notice, statement, hearing request and hearing: windows, waivers, notice periods, transcripts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.cases_room import path
from tests.cases_room.people import give_post
from tests.cases_room.room import Room, at, paper
from workflows import ledger
from workflows.calendar import clocks
from workflows.cases.proceedings import Notice
from workflows.errors import Forbidden, GateClosed, Invalid

WAIVED = {
    "statement": "waived", "statement_on": date(2024, 3, 4), "hearing": "waived",
    "hearing_requested_on": date(2024, 3, 4),
}  # fmt: skip


@pytest.fixture
def reviewed(room: Room) -> Room:
    """A fine of 50,000 on the entity: a hearing may be asked for."""
    path.file(room)
    path.investigate(room)
    path.conclude(room, path.penalty(room, 50000))
    path.review(room)
    return room


def reply(room: Room, change: str = "none", **row: Any) -> Any:
    whole = {"party_id": room.party(), "statement": "none", "hearing": "none"} | row
    files = [paper("statement_record")]
    return room.do("statement", "officer1", {"replies": [whole], "change": change, "files": files})


def codes(caught: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.code for problem in caught.value.problems]


def test_a_notice_tells_of_the_hearing_and_opens_both_windows(reviewed: Room) -> None:
    said = path.notify(reviewed)
    assert said == {"hearing_right": True, "statement_due": "2024-03-12T00:00:00+08:00"}
    with reviewed.store.read() as session:
        notice = session.execute(select(Notice)).scalar_one()
        statement, hearing = (clocks.find(session, reviewed.case_id, rule, notice.id)
                              for rule in ("statement", "hearing_request"))  # fmt: skip
        assert statement is not None
        assert hearing is not None
        assert (statement.due_on, hearing.due_on) == (date(2024, 3, 7), date(2024, 3, 11))


def test_every_party_with_a_penalty_is_served_and_nobody_else(reviewed: Room) -> None:
    served: dict[str, Any] = {"party_id": reviewed.party(), "method": "direct", "served_at": reviewed.time.now()}
    other = served | {"party_id": reviewed.party(1)}
    for rows, expected in (
        ([other], ["service.party_unexpected", "service.party_missing"]),
        ([served, served], ["service.party_unexpected"]),
        ([served | {"served_at": reviewed.time.now() + timedelta(hours=1)}], ["field.in_future"]),
        ([served | {"method": "pigeon"}], ["field.choice_unknown"]),
    ):
        with pytest.raises(Invalid) as caught:
            reviewed.do("notice", "officer1", {"services": rows, "files": [paper("notice_receipt")]})
        assert codes(caught) == expected


def test_a_notice_can_t_be_older_than_the_report(reviewed: Room) -> None:
    served = {"party_id": reviewed.party(), "method": "direct", "served_at": at("2024-03-03 10:00")}
    with pytest.raises(GateClosed, match=r"gate\.G16"):
        reviewed.do("notice", "officer1", {"services": [served], "files": [paper("notice_receipt")]})


def test_an_announcement_counts_as_served_when_its_time_is_over(reviewed: Room) -> None:
    served = {"party_id": reviewed.party(), "method": "announcement", "served_at": reviewed.time.now()}
    said = reviewed.do("notice", "officer1", {"services": [served], "files": [paper("notice_receipt")]})
    assert datetime.fromisoformat(said["statement_due"]) > at("2024-04-03 00:00")
    with reviewed.store.read() as session:
        assert session.execute(select(Notice.served_on)).scalar_one() == date(2024, 4, 3)


def test_silence_counts_only_after_the_window(reviewed: Room) -> None:
    path.notify(reviewed)
    reviewed.until("2024-03-07 23:59")
    with pytest.raises(GateClosed) as closed:
        reply(reviewed)
    assert closed.value.facts["cause"] == "statement_open"
    reviewed.until("2024-03-08 00:00")
    with pytest.raises(GateClosed) as closed:
        reply(reviewed)
    assert closed.value.facts["cause"] == "hearing_open"
    reviewed.until("2024-03-12 00:00")
    assert reply(reviewed) == {"hearing_requested": False, "change": "none"}


def test_a_written_waiver_closes_a_window_at_once(reviewed: Room) -> None:
    path.notify(reviewed)
    reply(reviewed, **WAIVED)
    with reviewed.store.read() as session:
        given_up = clocks.without_deed(session, reviewed.case_id)[0]
        rows = session.execute(select(clocks.Clock).where(clocks.Clock.id.in_(given_up))).scalars().all()
        assert sorted(row.rule for row in rows) == ["hearing_request", "statement"]
        told = [ledger.describe(one) for one in ledger.timeline(session, reviewed.case_id)]
    assert any(line.startswith("期限结束：陈述") and line.endswith("，当事人书面放弃") for line in told)


def test_what_was_said_in_time_is_no_waiver(reviewed: Room) -> None:
    path.notify(reviewed)
    day = date(2024, 3, 4)
    reply(reviewed, statement="made", statement_on=day, statement_text="不服", hearing="requested",
          hearing_requested_on=day)  # fmt: skip
    with reviewed.store.read() as session:
        assert clocks.without_deed(session, reviewed.case_id)[0] == set()


@pytest.mark.parametrize("waived", ["statement", "hearing"])
def test_a_waiver_is_in_writing(reviewed: Room, waived: str) -> None:
    path.notify(reviewed)
    reviewed.until("2024-03-13 10:00")
    dates = {"statement": "statement_on", "hearing": "hearing_requested_on"}
    row = {"party_id": reviewed.party(), "statement": "none", "hearing": "none", waived: "waived"}
    with pytest.raises(Invalid) as caught:
        reviewed.do("statement", "officer1", {"replies": [row], "change": "none"})
    problems = [(problem.code, problem.place) for problem in caught.value.problems]
    assert problems == [("field.required", f"replies[0].{dates[waived]}"), ("statement.waiver_unwritten", "files")]


def test_service_of_the_notice_is_proven(reviewed: Room) -> None:
    served = {"party_id": reviewed.party(), "method": "direct", "served_at": reviewed.time.now()}
    with pytest.raises(Invalid) as caught:
        reviewed.do("notice", "officer1", {"services": [served]})
    assert codes(caught) == ["service.proof_missing"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"statement": "made", "statement_on": date(2024, 3, 4), "hearing": "none"}, ["field.required"] * 2),
        ({"statement": "made", "statement_text": "t", "recheck": "r", "hearing": "none"}, ["field.required"]),
        ({"statement": "made", "statement_on": date(2024, 3, 3), "statement_text": "t", "recheck": "r",
          "hearing": "none"}, ["field.before"]),
        ({"statement": "waived", "hearing": "requested"}, ["field.required"] * 2),
        ({"statement": "shouted", "hearing": "none"}, ["field.choice_unknown"]),
    ],
)  # fmt: skip
def test_a_wrong_reply_is_named(reviewed: Room, row: dict[str, Any], expected: list[str]) -> None:
    path.notify(reviewed)
    with pytest.raises(Invalid) as caught:
        reply(reviewed, **row)
    assert codes(caught) == expected


def test_a_late_request_for_a_hearing_is_refused(reviewed: Room) -> None:
    path.notify(reviewed)
    reviewed.until("2024-03-12 10:00")
    with pytest.raises(Invalid) as caught:
        reply(reviewed, hearing="requested", hearing_requested_on=date(2024, 3, 12))
    assert codes(caught) == ["hearing.request_late"]


def test_without_the_right_no_hearing_can_be_asked_for(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room)
    path.review(room)
    assert path.notify(room)["hearing_right"] is False
    with pytest.raises(Invalid) as caught:
        reply(room, **(WAIVED | {"hearing": "requested"}))
    assert codes(caught) == ["hearing.no_right"]


@pytest.fixture
def asked(reviewed: Room) -> Room:
    path.notify(reviewed)
    said = reply(reviewed, **(WAIVED | {"hearing": "requested"}))
    assert said["hearing_requested"] is True
    return reviewed


def call(room: Room, planned: str, by: str = "chair") -> Any:
    answer = {"planned_at": at(planned), "place": "听证室", "notified_on": date(2024, 3, 4), "open_to_public": True}
    return room.do("hearing_notice", by, answer)


def hold(room: Room, **changes: Any) -> Any:
    answer: dict[str, Any] = {
        "state": "held", "held_at": at("2024-03-14 09:00"), "opinion": "维持", "facts_changed": False,
        "transcript": [paper("hearing_transcript", "听证笔录.pdf", "4")],
    }  # fmt: skip
    return room.do("hearing", "chair", answer | changes)


def test_a_hearing_is_notified_seven_working_days_ahead(asked: Room) -> None:
    with pytest.raises(Invalid) as caught:
        call(asked, "2024-03-13 09:00")
    assert codes(caught) == ["hearing.notice_short"]
    call(asked, "2024-03-14 09:00")
    with asked.store.read() as session:
        decision = clocks.find(session, asked.case_id, "decision")
        assert decision is not None
        assert decision.suspended


@pytest.mark.parametrize("by", ["officer1", "legal1", "deputy"])
def test_only_a_hearing_officer_chairs(asked: Room, by: str) -> None:
    with pytest.raises(Forbidden):
        call(asked, "2024-03-14 09:00", by)


def test_neither_an_officer_nor_the_reviewer_of_the_case_chairs_its_hearing(asked: Room) -> None:
    for login, code in (("officer2", "case.handles"), ("legal1", "case.reviewed")):
        give_post(asked, login, "hearing_officer")
        with pytest.raises(Forbidden, match=code):
            call(asked, "2024-03-14 09:00", login)


def test_a_held_hearing_needs_its_transcript_and_a_moment(asked: Room) -> None:
    call(asked, "2024-03-14 09:00")
    with pytest.raises(Invalid) as caught:
        hold(asked, transcript=[], held_at=None)
    assert codes(caught) == ["field.required", "hearing.transcript_needed"]
    asked.until("2024-03-14 12:00")
    with pytest.raises(Invalid) as caught:
        hold(asked, held_at=at("2024-03-13 09:00"))
    assert codes(caught) == ["field.before"]


def test_after_the_hearing_only_a_new_review_opens_the_decision(asked: Room) -> None:
    call(asked, "2024-03-14 09:00")
    asked.until("2024-03-14 12:00")
    assert hold(asked) == {"hearing_held": True, "facts_changed": False}
    path.meet(asked)
    with pytest.raises(GateClosed) as closed:
        path.sign(asked)
    assert closed.value.facts["cause"] == "review_before_hearing"
    asked.until("2024-03-14 15:00")
    assert path.conclude(asked, path.penalty(asked, 50000))["review_stage"] == "after_hearing"
    path.review(asked, "after_hearing")
    path.sign(asked)


def test_absence_forfeits_the_hearing_but_not_before_its_time(asked: Room) -> None:
    call(asked, "2024-03-14 09:00")
    with pytest.raises(Invalid) as caught:
        hold(asked, state="forfeited", held_at=None)
    assert codes(caught) == ["hearing.not_yet"]
    asked.until("2024-03-14 09:30")
    assert hold(asked, state="forfeited", held_at=None)["hearing_held"] is False
    with asked.store.read() as session:
        decision = clocks.find(session, asked.case_id, "decision")
        assert decision is not None
        assert not decision.suspended


def test_a_decision_waits_for_the_hearing(asked: Room) -> None:
    path.meet(asked)
    with pytest.raises(GateClosed) as closed:
        path.sign(asked)
    assert (closed.value.code, closed.value.facts["cause"]) == ("gate.G3", "hearing_not_held")


def test_g8_a_heavier_proposal_after_a_statement_is_refused_at_once(reviewed: Room) -> None:
    path.notify(reviewed)
    reply(reviewed, statement="made", statement_on=date(2024, 3, 4), statement_text="不服", recheck="不成立",
          hearing="waived", hearing_requested_on=date(2024, 3, 4))  # fmt: skip
    with pytest.raises(GateClosed, match=r"gate\.G8"):
        path.conclude(reviewed, path.penalty(reviewed, 60000))
    assert path.conclude(reviewed, path.penalty(reviewed, 40000))["change"] == "lighter"
    fresh = path.conclude(reviewed, path.penalty(reviewed, 60000), facts="新查明:四名焊工无证作业。")
    assert (fresh["change"], fresh["review_stage"]) == ("new_facts", "revised")
