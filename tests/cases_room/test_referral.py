"""行刑衔接: a suspicion suspends the fine, the steps keep their order and clocks, and the case comes back or ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.cases_room import path
from tests.cases_room.room import Room, at
from workflows.calendar import clock, clocks
from workflows.cases.acts import crime
from workflows.cases.file import lock_case
from workflows.cases.proceedings import Decision
from workflows.documents import documents_of
from workflows.errors import Forbidden, GateClosed, Invalid


def flag(room: Room, by: str = "officer1", offence: str = "危险作业罪", grounds: str = "现实危险") -> Any:
    with room.store.work() as session:
        case = lock_case(session, room.case_id)
        return crime.flag(session, room.actor(session, by), case, offence, grounds, clock.now())


@pytest.fixture
def flagged(room: Room) -> Room:
    path.file(room)
    path.investigate(room)
    flag(room)
    return room


def verify(room: Room, result: str = "confirmed", **changes: Any) -> Any:
    answer = {
        "team": [room.person("officer1"), room.person("officer2")], "offence": "危险作业罪", "report": "核实报告",
        "result": result, "verified_at": room.time.now(),
    }  # fmt: skip
    return room.do("suspicion_report", "officer1", answer | changes)


def test_the_minute_in_which_the_step_before_ended_is_not_too_early(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    room.time.set(room.time.now().replace(second=30))
    flag(room)
    with pytest.raises(Invalid) as caught:
        verify(room, verified_at=room.time.now().replace(second=0) - timedelta(minutes=1))
    assert [problem.code for problem in caught.value.problems] == ["field.before"]
    verify(room, verified_at=room.time.now().replace(second=0))


def approve(room: Room, result: str = "approve", by: str = "head") -> Any:
    return room.do("referral_approval", by, {"result": result, "reason": "理由"})


def transfer(room: Room, **changes: Any) -> Any:
    answer = {
        "police": "市公安局", "procuratorate": "市检察院", "transferred_at": room.time.now(),
        "materials": ["referral_letter", "investigation_report"], "goods": "",
    }  # fmt: skip
    return room.do("transfer", "officer1", answer | changes)


def receive(room: Room, result: str = "received") -> Any:
    return room.do("police_receipt", "officer1", {"result": result, "received_at": room.time.now(), "receiver": "民警"})


def police(room: Room, result: str) -> Any:
    answer = {"result": result, "notified_at": room.time.now(), "document_no": "立字1号", "reason": "理由"}
    return room.do("police_decision", "officer1", answer)


def to_police(room: Room) -> None:
    verify(room)
    approve(room)
    transfer(room)
    receive(room)


def crime_of(room: Room) -> tuple[str, bool]:
    with room.store.read() as session:
        case = room.case(session)
        return case.crime, case.fine_suspended


def due(room: Room, rule: str) -> Any:
    with room.store.read() as session:
        found = clocks.find(session, room.case_id, rule)
        assert found is not None
        return clock.local(found.due_at)


def test_a_suspicion_suspends_the_fine_and_the_time_for_the_decision(flagged: Room) -> None:
    assert crime_of(flagged) == ("suspected", True)
    with flagged.store.read() as session:
        decision = clocks.find(session, flagged.case_id, "decision")
        assert decision is not None
        assert decision.suspended


def test_flagging_starts_one_referral_only(flagged: Room) -> None:
    with pytest.raises(Invalid, match=r"crime\.running"):
        flag(flagged)


def test_a_suspicion_needs_offence_and_grounds_and_somebody_with_a_part(room: Room) -> None:
    room.open()
    with pytest.raises(Invalid) as caught:
        flag(room, offence=" ", grounds="")
    assert [problem.place for problem in caught.value.problems] == ["offence", "grounds"]
    with pytest.raises(Forbidden, match=r"crime\.may_not_flag"):
        flag(room, by="publisher")
    assert [key for key, _ in flag(room, by="counsel").starts] == ["criminal_referral"]


def test_the_penalty_goes_on_but_g9_holds_the_decision(flagged: Room) -> None:
    path.conclude(flagged)
    path.review(flagged)
    path.notify(flagged)
    path.waive(flagged)
    for step in (verify, approve, transfer):
        with pytest.raises(GateClosed) as closed:
            path.sign(flagged)
        assert (closed.value.code, closed.value.facts["cause"]) == ("gate.G9", "crime_open")
        step(flagged)
    receive(flagged)
    police(flagged, "filed")
    with pytest.raises(GateClosed) as closed:
        path.sign(flagged)
    assert closed.value.facts["cause"] == "crime_accepted"


def test_the_clocks_of_the_referral(flagged: Room) -> None:
    flagged.until("2024-03-08 15:30")  # Friday
    verify(flagged)
    assert due(flagged, "referral_approval") == at("2024-03-12 00:00")  # three natural days, no weekend stops them
    approve(flagged)
    assert due(flagged, "referral_transfer") == at("2024-03-09 15:30")
    transfer(flagged)
    assert due(flagged, "police_receipt") == at("2024-03-09 15:30")
    receive(flagged)
    assert due(flagged, "police_decision") == at("2024-03-12 00:00")
    police(flagged, "filed")
    assert due(flagged, "handover") == at("2024-03-12 00:00")


def test_the_team_has_two_officers_of_the_case(flagged: Room) -> None:
    for team, code in (
        ([flagged.person("officer1")], "referral.team_small"),
        ([flagged.person("officer1"), flagged.person("officer3")], "officer.not_in_case"),
    ):
        with pytest.raises(Invalid) as caught:
            verify(flagged, team=team)
        assert [problem.code for problem in caught.value.problems] == [code]


def test_only_the_head_in_person_approves(flagged: Room) -> None:
    verify(flagged)
    for by in ("deputy", "officer1", "legal1"):
        with pytest.raises(Forbidden):
            approve(flagged, by=by)


def test_no_step_is_taken_out_of_its_order(flagged: Room) -> None:
    for step in (approve, transfer, receive, lambda room: police(room, "filed")):
        with pytest.raises(Invalid, match=r"referral\.not_here"):
            step(flagged)
    verify(flagged)
    with pytest.raises(Invalid, match=r"referral\.not_here"):
        verify(flagged)


def test_a_transfer_can_t_be_older_than_its_approval(flagged: Room) -> None:
    verify(flagged)
    flagged.until("2024-03-05 09:00")
    approve(flagged)
    with pytest.raises(Invalid) as caught:
        transfer(flagged, transferred_at=at("2024-03-05 08:00"))
    assert [problem.code for problem in caught.value.problems] == ["field.before"]
    transfer(flagged)
    with flagged.store.read() as session:
        letter = documents_of(session, flagged.case_id)[0]
        assert letter.type == "referral_letter"
        assert letter.content["offence_basis"] == "《中华人民共和国刑法》的有关规定"


@pytest.mark.parametrize("how", ["cleared", "refused", "returned"])
def test_the_fine_is_reopened_when_the_case_is_not_taken_over(flagged: Room, how: str) -> None:
    if how == "cleared":
        verify(flagged, "cleared")
    else:
        verify(flagged)
        approve(flagged, "refuse" if how == "refused" else "approve")
    if how == "returned":
        transfer(flagged)
        receive(flagged)
        police(flagged, "not_filed")
        accepted = {"result": "accepted", "reason": "不再提请"}
        assert flagged.do("reconsideration_request", "officer1", accepted) == {"reconsideration": "accepted"}
        flagged.do("referral_return", "officer1", {"note": "恢复办理"})
    assert crime_of(flagged) == (how, False)
    with flagged.store.read() as session:
        decision = clocks.find(session, flagged.case_id, "decision")
        assert decision is not None
        assert not decision.suspended


def test_nothing_comes_back_before_the_police_have_refused_it(flagged: Room) -> None:
    verify(flagged)
    approve(flagged)
    transfer(flagged)
    for step in (lambda: None, lambda: receive(flagged)):
        step()
        with pytest.raises(Invalid, match="referral.not_refused"):
            flagged.do("referral_return", "officer1", {"note": "公安机关逾期未决定"})
        assert crime_of(flagged) == ("transferred", True)
    flagged.do("supervision_result", "officer1", {"result": "not_filed", "notified_at": flagged.time.now()})
    flagged.do("referral_return", "officer1", {"note": "检察院认为不应当立案"})
    assert crime_of(flagged) == ("returned", False)


def test_reconsideration_and_supervision_can_still_bring_it_to_the_police(flagged: Room) -> None:
    to_police(flagged)
    police(flagged, "not_filed")
    asked = {"result": "requested", "sent_at": flagged.time.now(), "reason": "不服"}
    flagged.do("reconsideration_request", "officer1", asked)
    answered = {"result": "upheld", "answered_at": flagged.time.now()}
    assert flagged.do("reconsideration_answer", "officer1", answered) == {"reconsideration_result": "upheld"}
    flagged.do("supervision_request", "officer1", asked)
    flagged.do("supervision_result", "officer1", {"result": "filed", "notified_at": flagged.time.now()})
    assert crime_of(flagged) == ("accepted", True)


def test_no_step_is_dated_before_the_one_that_it_answers(flagged: Room) -> None:
    verify(flagged)
    approve(flagged)
    transfer(flagged)
    flagged.until("2024-03-05 09:00")
    receive(flagged)
    flagged.until("2024-03-06 09:00")
    early: dict[str, Any] = {"result": "filed", "notified_at": at("2024-03-04 15:00"), "document_no": "立字1号"}
    with pytest.raises(Invalid) as caught:
        flagged.do("police_decision", "officer1", early)
    assert [(one.code, one.place) for one in caught.value.problems] == [("field.before", "notified_at")]


def test_a_request_needs_the_moment_it_was_sent(flagged: Room) -> None:
    to_police(flagged)
    police(flagged, "not_filed")
    with pytest.raises(Invalid) as caught:
        flagged.do("reconsideration_request", "officer1", {"result": "requested", "reason": "不服"})
    assert [problem.place for problem in caught.value.problems] == ["sent_at"]


def test_police_may_ask_for_more(flagged: Room) -> None:
    verify(flagged)
    approve(flagged)
    transfer(flagged)
    assert receive(flagged, "supplement") == {"receipt": "supplement"}
    flagged.do("transfer_supplement", "officer1", {"note": "补正", "sent_at": flagged.time.now()})
    assert receive(flagged) == {"receipt": "received"}


def outcome(room: Room, result: str) -> Any:
    answer = {"result": result, "outcome_text": "判处有期徒刑六个月", "outcome_on": date(2024, 3, 4)}
    return room.do("referral", "officer1", answer)


def test_a_punished_crime_ends_in_a_decision_without_a_fine(flagged: Room) -> None:
    path.conclude(flagged, outcome="refer", penalties=[])
    path.review(flagged)
    with pytest.raises(Invalid, match=r"referral\.running"):
        outcome(flagged, "punished")
    to_police(flagged)
    police(flagged, "filed")
    flagged.do("handover", "officer1", {"handed_at": flagged.time.now(), "items": "案卷"})
    assert outcome(flagged, "punished") == {"criminal_result": "punished"}
    assert path.sign(flagged)["decision_outcome"] == "referred"
    with flagged.store.read() as session:
        decision = session.query(Decision).one()
        assert (decision.outcome, decision.fine_fen, decision.party_id) == ("referred", None, None)


def test_who_was_not_punished_may_be_fined(flagged: Room) -> None:
    to_police(flagged)
    police(flagged, "filed")
    flagged.do("handover", "officer1", {"handed_at": flagged.time.now(), "items": "案卷"})
    assert outcome(flagged, "not_punished") == {"criminal_result": "not_punished"}
    assert crime_of(flagged) == ("returned", False)
    path.conclude(flagged)
    path.review(flagged)
    path.notify(flagged)
    path.waive(flagged)
    assert path.sign(flagged)["decision_outcome"] == "penalty"


def test_nobody_was_punished_where_the_police_opened_no_case(flagged: Room) -> None:
    verify(flagged, "cleared")
    with pytest.raises(Invalid) as caught:
        outcome(flagged, "punished")
    assert [problem.code for problem in caught.value.problems] == ["referral.not_accepted"]
