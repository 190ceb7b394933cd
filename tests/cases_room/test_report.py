"""The investigation report: what a proposal must say, its digest, and what reopens the review."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.cases_room import path
from tests.cases_room.room import Room, paper
from workflows.cases import commands, drafts
from workflows.cases.catalogue import Matter
from workflows.cases.drafts import PenaltyInput, Proposal
from workflows.cases.file import current_draft
from workflows.errors import Forbidden, GateClosed, Invalid


@pytest.fixture
def investigated(room: Room) -> Room:
    path.file(room)
    path.investigate(room)
    return room


def send(room: Room, **changes: Any) -> Any:
    return room.do("investigation_report", "officer1", path.report(room, **changes))


def test_the_report_tells_the_gateways_what_they_read(investigated: Room) -> None:
    assert dict(send(investigated)) == {
        "outcome": "penalise", "hearing_right": False, "change": "new_facts", "review_stage": "before_notice",
        "meeting_settled": False, "fine_entity_max": 30000, "fine_person_max": 0, "heavy_measure": False,
        "complex": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "place", "code"),
    [
        ({"party_id": "x"}, "penalties[0].party_id", "party.not_in_case"),
        ({"matter_code": "CF-AQF-092-1"}, "penalties[0].matter_code", "matter.not_in_case"),
        ({"types": []}, "penalties[0].types", "field.required"),
        ({"types": ["flogging"]}, "penalties[0].types", "field.choice_unknown"),
        ({"types": ["confiscate_goods"], "fine": None}, "penalties[0].confiscation", "draft.goods_unnamed"),
        ({"types": ["confiscate_gains"], "fine": None}, "penalties[0].confiscation_yuan", "draft.gains_unnamed"),
        ({"fine": "viel"}, "penalties[0].fine", "field.number_expected"),
        ({"fine": -5}, "penalties[0].fine", "field.amount_bad"),
        ({"stage": ""}, "penalties[0].stage", "field.required"),
    ],
)
def test_a_wrong_penalty_is_named(investigated: Room, row: dict[str, Any], place: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        send(investigated, penalties=[path.penalty(investigated, **row)])
    assert (place, code) in {(problem.place, problem.code) for problem in caught.value.problems}
    assert investigated.state() == "investigating"


def test_a_penalty_needs_a_row_and_no_other_outcome_has_one(investigated: Room) -> None:
    for outcome, rows, code in (
        ("penalise", [], "draft.penalty_needed"),
        ("minor", [path.penalty(investigated)], "draft.penalty_unwanted"),
    ):
        with pytest.raises(Invalid) as caught:
            send(investigated, outcome=outcome, penalties=rows)
        assert [problem.code for problem in caught.value.problems] == [code]


def test_the_same_penalty_twice_is_refused(investigated: Room) -> None:
    with pytest.raises(Invalid) as caught:
        send(investigated, penalties=[path.penalty(investigated), path.penalty(investigated)])
    assert [problem.place for problem in caught.value.problems] == ["penalties[1]"]


@pytest.mark.parametrize(
    ("row", "cause", "place"),
    [
        ({"fine": 100001}, "fine_above", "penalties[0].fine"),
        ({"stage": "overdue", "fine": 99999}, "fine_below", "penalties[0].fine"),
        ({"types": ["fine", "revoke_permit"]}, "type_not_allowed", "penalties[0].types"),
    ],
)
def test_an_amount_outside_the_range_names_its_field(
    investigated: Room, row: dict[str, Any], cause: str, place: str
) -> None:
    with pytest.raises(GateClosed) as closed:
        send(investigated, penalties=[path.penalty(investigated, **row)])
    assert closed.value.code == "gate.G7"
    assert (closed.value.facts["cause"], closed.value.facts["place"]) == (cause, place)


def test_a_matter_that_ended_before_the_conduct_can_t_be_applied(investigated: Room) -> None:
    with investigated.store.work() as session:
        matter = session.get_one(Matter, path.penalty(investigated)["matter_code"])
        matter.effective_to = date(2024, 2, 29)
    with pytest.raises(Invalid) as caught:
        send(investigated)
    assert [problem.code for problem in caught.value.problems] == ["matter.not_in_force"]


def test_only_an_officer_of_the_case_reports(investigated: Room) -> None:
    with pytest.raises(Forbidden, match=r"case\.not_officer"):
        investigated.do("investigation_report", "officer3", path.report(investigated))


def digest_of(room: Room) -> tuple[int, str]:
    with room.store.read() as session:
        draft = current_draft(session, room.case(session))
        assert draft is not None
        return draft.version, draft.digest


def test_the_same_report_again_is_the_same_draft_and_any_change_a_new_one(investigated: Room) -> None:
    send(investigated)
    first = digest_of(investigated)
    send(investigated)
    assert digest_of(investigated) == first
    changes: list[dict[str, Any]] = [
        {"facts": "别的事实。"}, {"evidence": "别的证据"}, {"law": "别的依据"}, {"discretion": "别的理由"},
        {"statement_recheck": "复核意见"}, {"penalties": [path.penalty(investigated, 30001)]},
    ]  # fmt: skip
    seen = {first[1]}
    for number, change in enumerate(changes, 2):
        send(investigated, **change)
        version, digest = digest_of(investigated)
        assert version == number
        seen.add(digest)
    assert len(seen) == len(changes) + 1


def test_a_digest_does_not_depend_on_the_order_of_types_or_files() -> None:
    def mark(types: tuple[str, ...], files: list[str]) -> str:
        penalty = PenaltyInput("p", "m", "initial", types, 100)
        return drafts.digest(drafts.content(Proposal("penalise", "f", "e", "l", penalties=(penalty,)), files))

    assert mark(("fine", "warning"), ["b", "a"]) == mark(("warning", "fine"), ["a", "b"])
    assert mark(("fine",), ["a"]) != mark(("fine",), ["a", "b"])


def test_new_evidence_after_the_review_closes_g4(room: Room) -> None:
    path.to_decision(room)
    version, _ = digest_of(room)
    with room.store.work() as session:
        commands.add_material(
            session, room.actor(session, "officer1"), room.case_id, kind="evidence", file=paper("evidence", mark="9")
        )
    assert digest_of(room)[0] == version + 1
    with pytest.raises(GateClosed) as closed:
        path.sign(room)
    assert (closed.value.code, closed.value.facts["cause"]) == ("gate.G4", "review_other_draft")
    with room.store.work() as session:  # a paper that proves nothing leaves the draft alone
        commands.add_material(
            session, room.actor(session, "officer1"), room.case_id, kind="other", file=paper("other", mark="8")
        )
    assert digest_of(room)[0] == version + 1


def test_two_parties_are_weighed_each_by_its_own_threshold(investigated: Room) -> None:
    rows = [
        path.penalty(investigated, 100000, stage="overdue"),
        path.penalty(investigated, 20000, party=1, stage="overdue"),
    ]
    read = send(investigated, penalties=rows)
    assert (read["fine_entity_max"], read["fine_person_max"], read["hearing_right"]) == (100000, 20000, True)
