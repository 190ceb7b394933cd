"""Signing, service, publication, performance, demand, closing, archive."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from tests.cases_room import path
from tests.cases_room.people import give_post
from tests.cases_room.room import Room, at, paper
from workflows.calendar import clocks
from workflows.cases.proceedings import Decision
from workflows.documents import documents_of
from workflows.errors import Forbidden, GateClosed, Invalid

TODAY = date(2024, 3, 4)


def codes(caught: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.code for problem in caught.value.problems]


@pytest.fixture
def decided(room: Room) -> Room:
    path.to_decision(room)
    path.sign(room)
    return room


def serve(room: Room, *rows: dict[str, Any]) -> Any:
    whole = {"party_id": room.party(), "method": "direct", "served_on": TODAY}
    return room.do("service", "officer1", {
        "services": [whole | row for row in rows or ({},)], "files": [paper("service_receipt")],
    })  # fmt: skip


def test_service_of_the_decision_is_proven(decided: Room) -> None:
    row = {"party_id": decided.party(), "method": "direct", "served_on": TODAY}
    with pytest.raises(Invalid) as caught:
        decided.do("service", "officer1", {"services": [row]})
    assert codes(caught) == ["service.proof_missing"]


def pay(room: Room, amount: Any = 30000, **changes: Any) -> Any:
    answer: dict[str, Any] = {"payments": [{"party_id": room.party(), "amount": amount, "paid_on": TODAY}]}
    return room.do("performance", "officer1", answer | changes)


@pytest.mark.parametrize("by", ["officer1", "unithead", "legal1", "member1", "stranger"])
def test_only_the_bureau_s_leaders_sign(room: Room, by: str) -> None:
    path.to_decision(room)
    with pytest.raises(Forbidden):
        path.sign(room, by)


def test_who_handles_the_case_does_not_decide_it(room: Room) -> None:
    give_post(room, "officer2", "bureau_leader")
    path.to_decision(room)
    with pytest.raises(Forbidden, match=r"case\.handles"):
        path.sign(room, "officer2")


def test_a_returned_decision_changes_nothing_but_the_state(room: Room) -> None:
    path.to_decision(room)
    said = room.do("decision", "deputy", {"result": "return", "opinion": "再查"})
    assert said == {"decision_result": "return", "decision_outcome": ""}
    with room.store.read() as session:
        assert session.execute(select(Decision)).first() is None


def test_a_case_is_decided_once(decided: Room) -> None:
    with pytest.raises(Invalid, match=r"decision\.made_already"):
        path.sign(decided)


def test_g16_a_decision_can_t_be_dated_before_its_review(room: Room) -> None:
    path.to_decision(room)
    room.until("2024-03-06 09:00")
    for day in (date(2024, 3, 1), date(2024, 3, 3)):
        with pytest.raises(GateClosed, match=r"gate\.G16"):
            room.do("decision", "deputy", {"result": "sign", "opinion": "同意", "decided_on": day})
    with pytest.raises(Invalid) as caught:
        room.do("decision", "deputy", {"result": "sign", "opinion": "同意", "decided_on": date(2024, 3, 7)})
    assert codes(caught) == ["field.in_future"]
    room.do("decision", "deputy", {"result": "sign", "opinion": "同意", "decided_on": date(2024, 3, 5)})
    with room.store.read() as session:
        document = next(row for row in documents_of(session, room.case_id) if row.type == "penalty_decision")
        assert document.issued_on == date(2024, 3, 5)


@pytest.mark.parametrize(
    ("outcome", "ground"), [("minor", "no_penalty_minor"), ("unproven", "no_penalty_unproven")]
)
def test_no_penalty_is_a_decision_for_each_party_without_a_notice(room: Room, outcome: str, ground: str) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room, outcome=outcome, penalties=[])
    path.review(room)
    assert path.sign(room)["decision_outcome"] == "no_penalty"
    with room.store.read() as session:
        rows = session.execute(select(Decision)).scalars().all()
        assert [row.outcome for row in rows] == [ground, ground]
        types = sorted(row.type for row in documents_of(session, room.case_id))
        assert types == ["no_penalty_decision", "no_penalty_decision", "review_opinion"]
        assert clocks.find(session, room.case_id, "publication") is None
    serve(room, {}, {"party_id": room.party(1)})
    assert room.state() == "served"
    room.do("closing", "deputy", {"result": "approve", "opinion": "结案"})
    assert room.state() == "closed"


def test_dual_penalty_makes_two_decisions_with_two_numbers(room: Room) -> None:
    path.to_decision(room, 100000, 20000)
    path.meet(room)
    path.sign(room, "head")
    with room.store.read() as session:
        rows = [row for row in documents_of(session, room.case_id) if row.type == "penalty_decision"]
        assert len({row.number for row in rows}) == 2
        assert sorted(row.content["penalty"]["fine_fen"] for row in rows) == [2_000_000, 10_000_000]
        assert all(row.content["collective_on"] == "2024-03-04" for row in rows)


def test_every_party_is_served_and_not_before_the_decision(decided: Room) -> None:
    with pytest.raises(Invalid) as caught:
        serve(decided, {"party_id": decided.party(1)})
    assert codes(caught) == ["service.party_unexpected", "service.party_missing"]
    with pytest.raises(GateClosed, match=r"gate\.G16"):
        serve(decided, {"served_on": date(2024, 3, 3)})


def test_service_starts_the_times_to_pay_and_to_complain(decided: Room) -> None:
    assert serve(decided)["performance_due"] == "2024-03-20T00:00:00+08:00"
    assert decided.state() == "performing"
    with decided.store.read() as session:
        row = session.execute(select(Decision)).scalar_one()
        ends = {rule: clocks.find(session, decided.case_id, rule, row.id)
                for rule in ("payment", "reconsideration", "litigation")}  # fmt: skip
        assert {rule: clock.due_on for rule, clock in ends.items() if clock} == {
            "payment": date(2024, 3, 19), "reconsideration": date(2024, 5, 6), "litigation": date(2024, 9, 4),
        }  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("29999", "performance.unpaid"),
        ("60000.01", "performance.too_much"),
        ("0", "field.required"),
        ("-1", "field.amount_bad"),
    ],
)
def test_performance_is_what_was_imposed_and_at_most_as_much_again(
    decided: Room, amount: str, expected: str
) -> None:
    serve(decided)
    with pytest.raises(Invalid) as caught:
        pay(decided, Decimal(amount))
    assert expected in codes(caught)


def test_a_part_is_recorded_and_the_step_stays_until_the_rest_is_paid(decided: Room) -> None:
    serve(decided)
    pay(decided, 10000, partial=True)
    assert decided.effect.stays
    with decided.store.read() as session:
        row = session.execute(select(Decision)).scalar_one()
        assert (row.paid_fen, row.performed_on) == (1_000_000, None)
        due = clocks.find(session, decided.case_id, "payment", row.id)
        assert due is not None
        assert due.satisfied_at is None
    with pytest.raises(Invalid) as caught:
        pay(decided, 20000, partial=True)
    assert codes(caught) == ["performance.not_partial"]
    with pytest.raises(Invalid) as caught:
        pay(decided, payments=[], partial=True)
    assert codes(caught) == ["field.row_required"]
    pay(decided, 20000)
    assert not decided.effect.stays
    with decided.store.read() as session:
        assert session.execute(select(Decision.performed_on)).scalar_one() == TODAY


def test_who_owes_nothing_can_t_pay_and_nobody_pays_before_the_decision(decided: Room) -> None:
    serve(decided)
    for row in ({"party_id": decided.party(1)}, {"paid_on": date(2024, 3, 3)}):
        line = {"party_id": decided.party(), "amount": 30000, "paid_on": TODAY} | row
        with pytest.raises(Invalid):
            pay(decided, payments=[line])


def test_orders_must_be_carried_out_too(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room, path.penalty(room, measures="责令限期改正"))
    path.review(room)
    path.notify(room)
    path.waive(room)
    path.sign(room)
    serve(room)
    with pytest.raises(Invalid) as caught:
        pay(room)
    assert codes(caught) == ["performance.measures_open"]
    pay(room, measures_done=True)


def test_the_court_is_asked_only_ten_working_days_after_a_demand(decided: Room) -> None:
    serve(decided)
    decided.until("2024-03-20 09:00")
    court = {"result": "court", "court_applied_on": date(2024, 3, 20), "payments": []}
    with pytest.raises(Invalid) as caught:
        pay(decided, **court)
    assert codes(caught) == ["performance.no_demand"]
    decided.do("demand", "officer1", {"served_at": at("2024-03-20 08:00"), "method": "direct"})
    decided.until("2024-04-03 09:00")
    with pytest.raises(Invalid) as caught:
        pay(decided, **court | {"court_applied_on": date(2024, 4, 3)})
    assert codes(caught) == ["performance.demand_running"]
    decided.until("2024-04-07 09:00")
    pay(decided, **court | {"court_applied_on": date(2024, 4, 7)})
    decided.do("publication", "publisher", {"published_on": TODAY, "place": "网站"})
    decided.do("closing", "deputy", {"result": "approve", "opinion": "已申请强制执行"})


def test_nothing_may_be_open_when_a_case_is_closed(decided: Room) -> None:
    def close() -> None:
        decided.do("closing", "deputy", {"result": "approve", "opinion": "结案"})

    with pytest.raises(Invalid, match=r"closing\.not_served"):
        close()
    serve(decided)
    with pytest.raises(Invalid, match=r"closing\.not_performed"):
        close()
    pay(decided)
    decided.do("closing", "deputy", {"result": "return", "opinion": "补材料"})
    with pytest.raises(Invalid, match=r"case\.not_closed"):
        decided.do("archive", "officer1", {"volume": "1", "retention": "long"})
    close()
    decided.do("archive", "officer1", {"volume": "1", "retention": "long"})
    assert decided.state() == "archived"


def test_publication_is_the_publication_officer_s_and_satisfies_its_seven_days(decided: Room) -> None:
    answer = {"published_on": TODAY, "place": "门户网站"}
    with pytest.raises(Forbidden):
        decided.do("publication", "officer1", answer)
    decided.do("publication", "publisher", answer)
    with decided.store.read() as session:
        clock = clocks.find(session, decided.case_id, "publication")
        assert clock is not None
        assert (clock.due_on, clock.satisfied_at is not None) == (date(2024, 3, 13), True)
