"""Materials, parties, officers and matters outside the steps; the choices of forms; the checklist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cases_room import path
from tests.cases_room.room import MATTER, Room, paper
from workflows import ledger
from workflows.actors import Actor
from workflows.cases import checklist, choices, commands
from workflows.cases.file import CaseOfficer, Party
from workflows.cases.materials import Material
from workflows.errors import Forbidden, Invalid, NotFound


def command(room: Room, by: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with room.store.work() as session:
        return function(session, room.actor(session, by), room.case_id, *args, **kwargs)


def events(room: Room) -> list[str]:
    with room.store.read() as session:
        return [entry.event for entry in ledger.history(session, f"case:{room.case_id}")]


def test_a_newer_file_supersedes_and_nothing_is_deleted(room: Room) -> None:
    room.open()
    old = command(room, "officer1", commands.add_material, kind="appraisal", file=paper("x", "一.pdf", "2"))
    new = command(room, "officer1", commands.supersede_material, old.id, file=paper("x", "二.pdf", "3"), reason="更正")
    with room.store.read() as session:
        rows = {row.id: row for row in session.execute(select(Material)).scalars()}
        assert rows[old.id].superseded_by_id == new.id
        assert rows[new.id].kind == "appraisal"
    assert events(room)[-2:] == ["MaterialAdded", "MaterialSuperseded"]
    with pytest.raises(Invalid, match=r"material\.superseded"):
        command(room, "officer1", commands.supersede_material, old.id, file=paper("x"), reason="再换")
    with pytest.raises(NotFound):
        command(room, "officer1", commands.supersede_material, "nothing", file=paper("x"), reason="再换")


def test_a_material_has_a_heading_of_the_checklist(room: Room) -> None:
    room.open()
    with pytest.raises(Invalid) as caught:
        command(room, "officer1", commands.add_material, kind="love_letter", file=paper("x"))
    assert [problem.place for problem in caught.value.problems] == ["kind"]


@pytest.mark.parametrize(("by", "error"), [("deputy", Forbidden), ("officer3", NotFound), ("admin", NotFound)])
def test_who_has_no_part_adds_no_material(room: Room, by: str, error: type[Exception]) -> None:
    room.open()
    with pytest.raises(error):
        command(room, by, commands.add_material, kind="other", file=paper("x"))


def test_who_reviews_adds_his_own_papers_and_replaces_no_evidence(room: Room) -> None:
    room.open()
    proof = command(room, "officer1", commands.add_material, kind="evidence", file=paper("x", mark="2"))
    for kind in ("evidence", "inspection_record", "investigation_report", "service_receipt"):
        with pytest.raises(Forbidden, match=r"material\.officers"):
            command(room, "legal1", commands.add_material, kind=kind, file=paper("x", mark="3"))
    with pytest.raises(Forbidden, match=r"material\.not_yours"):
        command(room, "legal1", commands.supersede_material, proof.id, file=paper("x", mark="4"), reason="不利")
    mine = command(room, "legal1", commands.add_material, kind="other", file=paper("x", mark="5"))
    mine = command(room, "legal1", commands.supersede_material, mine.id, file=paper("x", mark="6"), reason="更正")
    with pytest.raises(Forbidden, match=r"material\.not_yours"):
        command(room, "officer1", commands.supersede_material, mine.id, file=paper("x", mark="7"), reason="再换")


def test_an_officer_replaces_what_the_other_added(room: Room) -> None:
    room.open()
    proof = command(room, "officer1", commands.add_material, kind="evidence", file=paper("x", mark="2"))
    command(room, "officer2", commands.supersede_material, proof.id, file=paper("x", mark="3"), reason="更正")


def test_two_officers_stay_and_a_reviewer_never_becomes_one(room: Room) -> None:
    room.open()
    with pytest.raises(Invalid, match=r"officer\.two_needed"):
        command(room, "unithead", commands.remove_officer, room.person("officer2"), reason="回避")
    command(room, "unithead", commands.add_officer, room.person("officer3"))
    command(room, "unithead", commands.remove_officer, room.person("officer2"), reason="回避")
    with room.store.read() as session:
        parts = session.execute(select(CaseOfficer)).scalars().all()
        assert len(parts) == 3
        assert [part.until is None for part in sorted(parts, key=lambda part: part.position)] == [True, False, True]
    for person, code in ((room.person("legal1"), "officer.not_in_unit"), (room.person("officer3"), "officer.handles")):
        with pytest.raises(Invalid, match=code.replace(".", r"\.")):
            command(room, "unithead", commands.add_officer, person)
    assert events(room)[-2:] == ["OfficerAssigned", "OfficerRemoved"]


def test_leaving_needs_a_reason_and_assigning_a_post(room: Room) -> None:
    room.open()
    with pytest.raises(Invalid):
        command(room, "unithead", commands.remove_officer, room.person("officer2"), reason=" ")
    with pytest.raises(Forbidden):
        command(room, "legal1", commands.add_officer, room.person("officer3"))


def test_a_party_s_facts_are_corrected_on_the_record_until_the_decision(room: Room) -> None:
    path.to_decision(room)
    command(room, "officer1", commands.change_party, room.party(), address="新址8号", phone="110")
    with room.store.read() as session:
        entry = ledger.history(session, f"case:{room.case_id}")[-1]
        assert entry.data["changes"]["address"] == ["某路1号", "新址8号"]
    with pytest.raises(Invalid):
        command(room, "officer1", commands.change_party, room.party(), address=" ")
    path.sign(room)
    with pytest.raises(Invalid, match=r"case\.decided"):
        command(room, "officer1", commands.change_party, room.party(), phone="119")


def test_parties_and_matters_can_be_added(room: Room) -> None:
    room.open()
    command(room, "officer1", commands.add_party, kind="person", name="李四", address="某路3号")
    with pytest.raises(Invalid) as caught:
        command(room, "officer1", commands.add_party, kind="entity", name="乙厂")
    assert [problem.place for problem in caught.value.problems] == ["address", "representative"]
    command(room, "officer1", commands.allege_matter, "CF-AQF-099-1-01")
    for code, error in ((MATTER, Invalid), ("CF-NO-1", NotFound), ("XK-AQF-030-1", Invalid)):
        with pytest.raises(error):
            command(room, "officer1", commands.allege_matter, code)
    with room.store.read() as session:
        assert len(session.execute(select(Party)).scalars().all()) == 3
        assert [matter.matter_code for matter in room.case(session).matters] == [MATTER, "CF-AQF-099-1-01"]


# Choices and checklist -----------------------------------------------------------------------------------------------


def offered(room: Room, name: str, by: str = "officer1", **variables: Any) -> list[str]:
    with room.store.read() as session:
        case = room.case(session)
        return [value for value, _, _ in choices.options(session, name, case, room.actor(session, by),
                                                        variables=variables)]  # fmt: skip


def lead_choices(session: Session, actor: Actor, name: str) -> list[str]:
    return [value for value, _, _ in choices.options(session, name, None, actor, unit_id=actor.unit_id)]


def test_while_a_case_is_opened_the_whole_catalogue_and_the_colleagues_are_offered(room: Room) -> None:
    with room.store.read() as session:
        actor = room.actor(session, "officer1")
        matters = lead_choices(session, actor, "matters")
        assert len(matters) == 151 - 4  # 突发事件应对法 (2024) is in force from November only
        assert MATTER in matters
        officers = lead_choices(session, actor, "unit_officers")
        assert sorted(officers) == sorted([room.person("officer2"), room.person("officer3")])


def test_in_a_case_only_its_own_things_are_offered(room: Room) -> None:
    room.open()
    assert offered(room, "matters") == [MATTER]
    assert offered(room, "stages") == ["initial", "overdue"]
    assert offered(room, "parties") == [room.party(), room.party(1)]
    assert offered(room, "officers") == [room.person("officer1"), room.person("officer2")]
    assert offered(room, "unit_officers") == [room.person("officer3")]
    assert len(offered(room, "review_points")) == 11
    assert "detention" not in offered(room, "penalty_types")
    assert set(offered(room, "leaders")) == {room.person(login) for login in ("deputy", "head", "member1", "member2")}
    assert offered(room, "hearing_officers") == [room.person("chair")]
    assert len(offered(room, "materials")) == 1
    assert "evidence" in offered(room, "checklist")
    for empty in ("meetings", "members", "meeting_members", "open_findings"):
        assert offered(room, empty) == []


def test_members_are_those_of_the_meeting_the_step_is_about(room: Room) -> None:
    path.to_decision(room, 60000)
    people = [room.person(login) for login in ("deputy", "head")]
    agenda = {"title": "会", "planned_at": room.time.now(), "place": "室", "members": people, "host": people[0]}
    item = room.do("agenda", "legal1", agenda, purpose="decision")["item_id"]
    assert offered(room, "meeting_members", item_id=item) == people
    assert len(offered(room, "meetings")) == 1


def test_an_unknown_source_of_choices_is_an_error(room: Room) -> None:
    room.open()
    with pytest.raises(NotFound, match=r"choices\.unknown"):
        offered(room, "horses")


def test_the_checklist_asks_for_what_the_case_has_been_through(room: Room) -> None:
    path.file(room)

    def lacking(stage: str) -> list[str]:
        with room.store.read() as session:
            return [entry.key for entry in checklist.missing(session, room.case(session), stage)]

    assert lacking("before_notice") == ["investigation_report"]
    path.investigate(room, public_interest=True)
    assert lacking("before_notice") == ["investigation_report", "stability_note"]
    path.conclude(room)
    path.review(room)
    path.notify(room)
    path.waive(room)
    assert lacking("revised") == ["stability_note"]


def test_a_review_is_offered_only_what_its_stage_asks_for_and_told_what_is_there(room: Room) -> None:
    path.file(room)
    path.investigate(room, public_interest=True)
    path.conclude(room)
    with room.store.read() as session:
        case, reviewer = room.case(session), room.actor(session, "legal1")
        before = choices.options(session, "checklist", case, reviewer, variables={"stage": "before_notice"})
    assert [zh for _, zh, _ in before] == [
        "现场检查记录等线索材料（必备，已有）", "证据材料及目录（必备，已有）", "案件调查终结报告（必备，已有）",
        "鉴定意见、专家意见（非必备，缺）", "社会稳定、舆情风险说明（必备，缺）", "涉嫌犯罪线索排查表（非必备，缺）",
        "其他材料（非必备，缺）",
    ]  # fmt: skip
    english = [en for _, _, en in before]
    assert "Investigation report (required, present)" in english
    assert "Appraisal or expert opinion (optional, missing)" in english
    path.review(room)
    path.notify(room)
    later = offered(room, "checklist", "legal1", stage="after_hearing")
    assert "notice_receipt" in later
    assert not {"hearing_transcript", "payment_receipt", "demand_record"}.intersection(later)


def test_every_condition_of_the_checklist_is_known() -> None:
    known = set(checklist.CONDITIONS)
    assert {entry.when for entry in checklist.entries("admin_penalty") if entry.when} <= known
    assert checklist.entries("no_such_kind") == ()
