"""Entering a lead and deciding on its filing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.cases_room import path
from tests.cases_room.room import MATTER, Room
from workflows.actors import Certificate
from workflows.calendar import clocks
from workflows.cases.catalogue import BureauRule
from workflows.cases.file import Case
from workflows.errors import Forbidden, GateClosed, Invalid


def places(caught: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {problem.place: problem.code for problem in caught.value.problems}


ENTITY = {"kind": "entity", "name": "甲厂", "address": "某路", "representative": "张三"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": " "}, {"title": "field.required"}),
        ({"found_on": None}, {"found_on": "field.required"}),
        ({"found_on": date(2024, 3, 5), "conduct_on": None}, {"found_on": "field.in_future"}),
        ({"conduct_on": date(2024, 3, 2)}, {"conduct_on": "case.conduct_after_finding"}),
        ({"source": "dream"}, {"source": "field.choice_unknown"}),
        ({"parties": []}, {"parties": "field.row_required"}),
        ({"parties": [ENTITY | {"address": ""}]}, {"parties[0].address": "field.required"}),
        ({"parties": [ENTITY, ENTITY | {"representative": ""}]}, {"parties[1].representative": "field.required"}),
        ({"matters": [{"matter_code": "CF-NO-1"}]}, {"matters[0].matter_code": "matter.unknown"}),
        ({"matters": [{"matter_code": "XK-AQF-030-1"}]}, {"matters[0].matter_code": "matter.no_penalty"}),
    ],
)
def test_a_wrong_lead_is_refused_field_by_field(
    room: Room, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as caught:
        room.open(**changes)
    assert places(caught) == expected
    with room.store.read() as session:
        assert session.execute(select(func.count()).select_from(Case)).scalar_one() == 0


def test_two_different_officers_with_certificates_are_needed(room: Room) -> None:
    with pytest.raises(Invalid) as caught:
        room.open(co="officer1")
    assert places(caught) == {"co_officer": "officer.two_needed"}
    with room.store.work() as session:
        person = room.person("officer2")
        row = session.execute(select(Certificate).where(Certificate.person_id == person)).scalar_one()
        row.valid_to = date(2024, 3, 3)  # yesterday
    with pytest.raises(Invalid) as caught:
        room.open()
    assert places(caught) == {"co_officer": "officer.no_certificate"}


def test_only_a_case_officer_opens_a_case(room: Room) -> None:
    with pytest.raises(Forbidden):
        room.open(by="legal1")


def test_filing_gives_a_number_and_starts_the_time_for_the_decision(room: Room) -> None:
    room.open()
    assert room.do("filing", "deputy", {"result": "approve", "opinion": "同意"}) == {"filing_result": "approve"}
    with room.store.read() as session:
        case = room.case(session)
        assert case.number == "（衢）应急立〔2024〕1号"
        assert case.leader_id == room.person("deputy")
        filing, decision = (clocks.find(session, case.id, rule) for rule in ("filing", "decision"))
        assert filing is not None
        assert filing.satisfied_at is not None
        assert decision is not None
        assert decision.due_on == date(2024, 6, 3)  # 90 days end on Sunday, 2 June


@pytest.mark.parametrize("own", [None, 3])
def test_the_time_for_filing_is_the_bureau_s_own_where_it_set_one(room: Room, own: int | None) -> None:
    if own is not None:
        with room.store.work() as session:
            session.add(BureauRule(name="filing_days", bureau_id=room.actor(session, "head").unit_id,
                                   value={"working_days": own}, effective_from=date(2024, 1, 1)))  # fmt: skip
    room.open()
    with room.store.read() as session:
        filing = clocks.find(session, room.case(session).id, "filing")
        assert filing is not None
        assert filing.terms["amount"] == (own or 7)


def test_numbers_have_no_gaps(room: Room) -> None:
    for expected in (1, 2, 3):
        room.open()
        room.do("filing", "deputy", {"result": "approve", "opinion": "同意"})
        with room.store.read() as session:
            assert room.case(session).number == f"（衢）应急立〔2024〕{expected}号"


def test_a_refused_lead_ends_and_a_returned_one_waits(room: Room) -> None:
    room.open()
    room.do("filing", "deputy", {"result": "return", "opinion": "补充线索"})
    assert room.state() == "lead"
    room.do("filing", "deputy", {"result": "reject", "opinion": "不符合立案标准"})
    assert room.state() == "refused"
    with pytest.raises(Invalid, match=r"case\.filed_already"):
        room.do("filing", "deputy", {"result": "approve", "opinion": "同意"})


@pytest.mark.parametrize("by", ["officer1", "legal1", "counsel", "auditor", "stranger"])
def test_only_the_bureau_s_leaders_decide_on_filing(room: Room, by: str) -> None:
    room.open()
    with pytest.raises(Forbidden):
        room.do("filing", by, {"result": "approve", "opinion": "同意"})


def test_two_officers_must_be_certified_on_the_day_of_an_act_on_site(room: Room) -> None:
    path.file(room)
    with room.store.work() as session:
        row = session.execute(
            select(Certificate).where(Certificate.person_id == room.person("officer2"))
        ).scalar_one()
        row.valid_from = date(2024, 3, 4)
    officers = [room.person("officer1"), room.person("officer2")]
    act = {"kind": "inspection", "done_on": date(2024, 3, 3), "place": "车间", "officers": officers}
    with pytest.raises(GateClosed, match=r"gate\.G1"):
        path.investigate(room, acts=[act])
    path.investigate(room, acts=[act | {"done_on": date(2024, 3, 4)}])


def test_who_does_not_handle_the_case_can_t_have_acted_on_site(room: Room) -> None:
    path.file(room)
    officers = [room.person("officer1"), room.person("officer3")]
    act = {"kind": "inspection", "done_on": date(2024, 3, 4), "place": "车间", "officers": officers}
    with pytest.raises(Invalid) as caught:
        path.investigate(room, acts=[act])
    assert places(caught) == {"acts[0].officers": "officer.not_in_case"}


def test_another_matter_code_than_the_catalogue_s_is_no_matter(room: Room) -> None:
    room.open(matters=[{"matter_code": MATTER}, {"matter_code": MATTER}])
    with room.store.read() as session:
        assert [matter.matter_code for matter in room.case(session).matters] == [MATTER]
