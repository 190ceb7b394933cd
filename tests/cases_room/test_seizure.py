"""Sealing and seizing: approval before or within 24 hours after, two officers, and what becomes of the goods."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.cases_room import path
from tests.cases_room.people import certify, give_post
from tests.cases_room.room import Room, paper
from workflows.calendar import clocks
from workflows.cases.proceedings import Seizure
from workflows.errors import Forbidden, GateClosed, Invalid

FIREWORKS = "CF-YHB-036-1-b"


def start(room: Room, seizure: str) -> None:
    room.open(matters=[{"matter_code": FIREWORKS}])
    room.do("filing", "deputy", {"result": "approve", "opinion": "同意"})
    path.investigate(room, seizure=seizure)


def take(room: Room, **changes: Any) -> Any:
    answer = {
        "kind": "seize", "taken_at": room.time.now(), "reason": "无证经营", "basis": "《安全生产法》第六十五条",
        "goods": [{"name": "烟花爆竹", "quantity": "363箱", "place": "仓库"}],
        "officers": [room.person("officer1"), room.person("officer2")], "files": [paper("seizure_record")],
    }  # fmt: skip
    return room.do("coercive_measure", "officer1", answer | changes)


def approve(room: Room, result: str = "approve", by: str = "deputy") -> Any:
    return room.do("coercive_approval", by, {"result": result, "opinion": "意见"})


def seizure_of(room: Room) -> Seizure:
    with room.store.read() as session:
        return session.execute(select(Seizure)).scalar_one()


def test_g12_without_approval_nothing_is_seized_unless_it_is_urgent(room: Room) -> None:
    start(room, "approve")
    with pytest.raises(GateClosed) as closed:
        take(room)
    assert (closed.value.code, closed.value.facts["cause"]) == ("gate.G12", "not_approved")
    assert approve(room) == {"seizure_approved": True}
    take(room)
    seizure = seizure_of(room)
    assert seizure.state == "in_force"
    with room.store.read() as session:
        thirty = clocks.find(session, room.case_id, "seizure", seizure.id)
        assert thirty is not None


def test_a_refused_measure_can_t_be_taken(room: Room) -> None:
    start(room, "approve")
    assert approve(room, "reject") == {"seizure_approved": False}
    with pytest.raises(Invalid, match=r"seizure\.none_requested"):
        take(room)


def test_an_urgent_measure_is_approved_within_a_day_or_lifted(room: Room) -> None:
    start(room, "urgent")
    take(room)
    room.until("2024-03-05 09:01")
    with pytest.raises(GateClosed) as closed:
        approve(room)
    assert closed.value.facts["cause"] == "approved_late"
    assert approve(room, "reject") == {"seizure_approved": False}
    assert seizure_of(room).state == "released"


def test_an_urgent_measure_approved_in_time_stays(room: Room) -> None:
    start(room, "urgent")
    take(room)
    room.until("2024-03-05 08:59")
    approve(room)
    assert seizure_of(room).state == "in_force"
    with room.store.read() as session:
        report = clocks.find(session, room.case_id, "seizure_report")
        assert report is not None
        assert report.satisfied_at is not None


def test_g12_a_delegated_body_never_seizes(room: Room) -> None:
    certify(room, "town1", "town2")
    room.open("town1", "town2", matters=[{"matter_code": FIREWORKS}])
    room.do("filing", "deputy", {"result": "approve", "opinion": "同意"})
    officers = [room.person("town1"), room.person("town2")]
    act = {"kind": "inspection", "done_on": room.time.now().date(), "place": "镇上", "officers": officers}
    with pytest.raises(GateClosed) as closed:
        room.do("investigation", "town1", {"acts": [act], "seizure": "urgent"})
    assert closed.value.facts["cause"] == "delegated"


def test_g1_a_seizure_is_an_act_on_site(room: Room) -> None:
    start(room, "urgent")
    with pytest.raises(GateClosed, match=r"gate\.G1"):
        take(room, officers=[room.person("officer1")])


def test_an_officer_of_the_case_approves_nothing(room: Room) -> None:
    give_post(room, "officer2", "bureau_leader")
    start(room, "approve")
    with pytest.raises(Forbidden, match=r"case\.handles"):
        approve(room, by="officer2")


def penalise(room: Room, **changes: Any) -> None:
    row = path.penalty(room, 20000, matter_code=FIREWORKS, types=["fine", "confiscate_goods"], confiscation="363箱")
    path.conclude(room, row | changes)
    path.review(room)
    path.notify(room)
    path.waive(room)


def test_goods_are_confiscated_with_the_decision_and_their_end_is_told(room: Room) -> None:
    start(room, "urgent")
    take(room)
    approve(room)
    penalise(room)
    path.meet(room)
    path.sign(room, "head")
    assert seizure_of(room).state == "confiscated"
    served = {"party_id": room.party(), "method": "direct", "served_on": room.time.now().date()}
    room.do("service", "officer1", {"services": [served], "files": [paper("service_receipt")]})
    paid = {"party_id": room.party(), "amount": 20000, "paid_on": room.time.now().date()}
    with pytest.raises(Invalid) as caught:
        room.do("performance", "officer1", {"payments": [paid]})
    assert [problem.code for problem in caught.value.problems] == ["performance.goods_open"]
    room.do("performance", "officer1", {"payments": [paid], "goods_handled": "交专业单位销毁"})
    assert seizure_of(room).handling == "交专业单位销毁"


def test_goods_are_released_when_nothing_is_penalised(room: Room) -> None:
    start(room, "urgent")
    take(room)
    approve(room)
    path.conclude(room, outcome="unproven", penalties=[])
    path.review(room)
    path.sign(room)
    assert seizure_of(room).state == "released"


def test_g12_a_seizure_can_t_be_entered_as_a_plain_act_on_site(room: Room) -> None:
    officers = [room.person("officer1"), room.person("officer2")]
    act = {"kind": "seizure", "done_on": room.time.now().date(), "place": "仓库", "officers": officers}
    path.file(room)
    with pytest.raises(Invalid) as caught:
        path.investigate(room, acts=[act])
    assert [(problem.code, problem.place) for problem in caught.value.problems] == [
        ("field.choice_unknown", "acts[0].kind")
    ]
