"""Steps can't be dated before the step that makes them possible (G16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.cases_room import path
from tests.cases_room.room import Room, at, paper
from workflows.calendar import clock
from workflows.cases.acts import ACTS, ActContext
from workflows.cases.file import lock_case
from workflows.cases.proceedings import Notice
from workflows.errors import GateClosed, Invalid


def order_of(refused: Callable[[], Any]) -> tuple[str, str]:
    """The two steps that a closed G16 names."""
    with pytest.raises(GateClosed, match=r"gate\.G16") as closed:
        refused()
    facts = closed.value.facts
    assert facts["cause"] == "order"
    return facts["earlier"]["en"], facts["later"]["en"]


def offered(room: Room, act: str, by: str, answer: dict[str, Any], since: str) -> None:
    """Carry out an act of a step that waits since a moment."""
    with room.store.work() as session:
        case = lock_case(session, room.case_id)
        context = ActContext(
            session, room.actor(session, by), case, "penalty", act, {}, clock.now(), "t", act, at(since)
        )
        ACTS[act].perform(context, answer)


def serve(room: Room, moment: str) -> dict[str, Any]:
    services = [{"party_id": room.party(), "method": "direct", "served_at": at(moment)}]
    return {"services": services, "files": [paper("notice_receipt")]}


@pytest.fixture
def reviewed(room: Room) -> Room:
    """Reported on 4 March, reviewed on the 19th at 15:00."""
    path.file(room)
    path.investigate(room)
    path.conclude(room)
    room.until("2024-03-19 15:00")
    path.review(room)
    return room.until("2024-03-20 10:00")


@pytest.mark.parametrize("moment", ["2024-03-12 10:00", "2024-03-19 14:59"])
def test_a_notice_is_not_older_than_the_review_of_what_it_says(reviewed: Room, moment: str) -> None:
    words = order_of(lambda: reviewed.do("notice", "officer1", serve(reviewed, moment)))
    assert words == ("agreement of legal review", "notice")
    reviewed.do("notice", "officer1", serve(reviewed, "2024-03-19 15:00"))


def test_a_notice_is_not_older_than_its_step(reviewed: Room) -> None:
    answer = serve(reviewed, "2024-03-19 16:00")
    words = order_of(lambda: offered(reviewed, "notice", "officer1", answer, "2024-03-20 09:00"))
    assert words == ("beginning of this step", "notice")


def test_the_decision_looks_again_whether_the_review_came_before_the_notice(reviewed: Room) -> None:
    path.notify(reviewed)
    reply = {"party_id": reviewed.party(), "statement": "none", "hearing": "none"}
    reviewed.until("2024-03-28 09:00").do("statement", "officer1", {"replies": [reply], "change": "none"})
    with reviewed.store.work() as session:
        session.execute(select(Notice)).scalar_one().served_at = at("2024-03-12 10:00")
    assert order_of(lambda: path.sign(reviewed)) == ("agreement of legal review", "notice")


def test_a_decision_is_not_dated_before_its_step(room: Room) -> None:
    path.to_decision(room)
    room.until("2024-03-07 09:00")
    answer = {"result": "sign", "opinion": "同意", "decided_on": date(2024, 3, 5)}
    words = order_of(lambda: offered(room, "decision", "deputy", answer, "2024-03-06 09:00"))
    assert words == ("beginning of this step", "decision")


def test_a_hearing_is_not_notified_before_it_was_asked_for(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room, path.penalty(room, 50000))
    path.review(room)
    path.notify(room)
    room.until("2024-03-07 09:00")
    reply = {
        "party_id": room.party(), "statement": "waived", "statement_on": date(2024, 3, 5), "hearing": "requested",
        "hearing_requested_on": date(2024, 3, 7),
    }  # fmt: skip
    answer = {"replies": [reply], "change": "none", "files": [paper("statement_record")]}
    room.do("statement", "officer1", answer)
    call = {"planned_at": at("2024-03-20 09:00"), "place": "听证室", "notified_on": date(2024, 3, 5)}
    words = order_of(lambda: room.do("hearing_notice", "chair", call))
    assert words == ("request for a hearing", "notice of the hearing")


def test_a_meeting_before_the_review_decides_nothing(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room, path.penalty(room, 60000))
    path.meet(room)
    room.until("2024-03-04 11:00")
    path.review(room)
    path.notify(room)
    path.waive(room)
    assert order_of(lambda: path.sign(room)) == ("agreement of legal review", "collective discussion")
    path.meet(room)
    path.sign(room)


def test_a_meeting_before_the_notice_decides_nothing(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room, path.penalty(room, 60000))
    path.review(room)
    path.meet(room)
    room.until("2024-03-04 11:00")
    path.notify(room)
    path.waive(room)
    assert order_of(lambda: path.sign(room)) == ("notice", "collective discussion")


def test_a_meeting_is_not_opened_before_it_was_called(room: Room) -> None:
    path.to_decision(room, 60000)
    ids = [room.person(login) for login in ("deputy", "head", "member1", "member2")]
    agenda = {"title": "会", "planned_at": room.time.now(), "place": "室", "members": ids, "host": ids[1]}
    room.do("agenda", "legal1", agenda, purpose="decision")
    present = [{"person_id": one, "present": True} for one in ids]
    answer = {"attendance": present, "opened_at": at("2024-03-04 08:00")}
    with pytest.raises(Invalid) as caught:
        offered(room, "attendance", "legal1", answer, "2024-03-04 09:00")
    assert [(one.code, one.place) for one in caught.value.problems] == [("field.before", "opened_at")]


def test_an_act_on_site_is_not_older_than_the_finding(room: Room) -> None:
    path.file(room)
    officers = [room.person("officer1"), room.person("officer2")]
    act = {"kind": "inspection", "done_on": date(2024, 2, 29), "place": "车间", "officers": officers}
    with pytest.raises(Invalid) as caught:
        path.investigate(room, acts=[act])
    assert [(one.code, one.place) for one in caught.value.problems] == [("field.before", "acts[0].done_on")]
