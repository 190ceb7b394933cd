"""Legal review: completeness, opinions by point, answers, counsel, conclusion, and who may do it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.cases_room import path
from tests.cases_room.people import give_post, qualify
from tests.cases_room.room import Room, paper
from workflows import ledger
from workflows.calendar import clocks
from workflows.calendar.clocks import Clock
from workflows.cases import commands
from workflows.cases.acts.answering import open_findings
from workflows.cases.catalogue import BureauRule
from workflows.cases.materials import Material
from workflows.cases.requests import requests
from workflows.cases.reviews import Opinion
from workflows.documents import documents_of
from workflows.errors import Forbidden, GateClosed, Invalid

DEFECT = {"result": "defect", "text": "缺少焊工资格查询结果"}


@pytest.fixture
def submitted(room: Room) -> Room:
    path.file(room)
    path.investigate(room)
    path.conclude(room)
    room.do("submission_check", "legal1", {"complete": "yes"}, stage="before_notice")
    return room


def opine(room: Room, opinion: str = "agree", by: str = "legal1", **points: dict[str, Any]) -> Any:
    answer = {"opinion": opinion, "text": "意见", "findings": path.findings(**points)}
    return room.do("legal_review", by, answer, stage="before_notice")


def codes(caught: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.code for problem in caught.value.problems]


def review_clock(room: Room) -> Clock:
    with room.store.read() as session:
        found = clocks.find(session, room.case_id, "legal_review")
        assert found is not None
        return found


def test_a_complete_file_starts_five_working_days(submitted: Room) -> None:
    assert review_clock(submitted).due_on == date(2024, 3, 11)


def test_a_file_that_lacks_materials_goes_on_only_with_an_explanation(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    room.do("investigation_report", "officer1", path.report(room, files=[]))
    with pytest.raises(Invalid) as caught:
        room.do("submission_check", "legal1", {"complete": "yes"}, stage="before_notice")
    assert codes(caught) == ["submission.missing_unexplained"]
    assert caught.value.problems[0].facts["missing"] == ["案件调查终结报告"]
    room.do("submission_check", "legal1", {"complete": "yes", "note": "报告随后补"}, stage="before_notice")


def test_an_incomplete_file_is_supplemented_and_its_files_get_the_kind_of_their_row(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room)
    said = room.do("submission_check", "legal1", {"complete": "no", "missing": ["appraisal"]}, stage="before_notice")
    assert said == {"complete": False}
    row = {"kind": "appraisal", "file": [paper("other", "鉴定意见.pdf", "7")]}
    room.do("file_supplement", "officer1", {"note": "补充", "materials": [row]})
    with room.store.read() as session:
        kinds = session.execute(select(Material.kind).where(Material.file_name == "鉴定意见.pdf")).scalars().all()
    assert kinds == ["appraisal"]


def test_the_time_for_supplements_is_the_bureau_s_own_where_it_set_one(room: Room) -> None:
    with room.store.work() as session:
        session.add(BureauRule(name="supplement_days", bureau_id=room.actor(session, "head").unit_id,
                               value={"working_days": 9}, effective_from=date(2024, 1, 1)))  # fmt: skip
    path.file(room)
    path.investigate(room)
    path.conclude(room)
    room.do("submission_check", "legal1", {"complete": "no", "missing": ["appraisal"]}, stage="before_notice")
    with room.store.read() as session:
        running = clocks.find(session, room.case_id, "supplement")
        assert running is not None
        assert running.terms["amount"] == 9


def test_what_was_asked_for_stays_on_the_record_until_it_is_supplied(room: Room) -> None:
    path.file(room)
    path.investigate(room)
    path.conclude(room)
    asked = {"complete": "no", "missing": ["appraisal", "evidence"], "note": "补签名"}
    room.do("submission_check", "legal1", asked, stage="before_notice")
    with room.store.read() as session:
        (request,) = requests(session, room.case(session))
        last = [one for one in ledger.timeline(session, room.case_id) if one.event == "SubmissionChecked"][-1]
        running = clocks.find(session, room.case_id, "supplement")
        assert running is not None
        assert running.satisfied_at is None
    assert request.items == (
        ("appraisal", "鉴定意见、专家意见", "Appraisal or expert opinion"),
        ("evidence", "证据材料及目录", "Evidence with its index"),
    )
    assert (request.note, request.who, request.when) == ("补签名", "Legal1", room.time.now())
    told = "送审材料完备性审查：材料不齐全，需补充：鉴定意见、专家意见、证据材料及目录，说明：补签名"
    assert ledger.describe(last) == told
    row = {"kind": "appraisal", "file": [paper("other", "鉴定意见.pdf", "7")]}
    with pytest.raises(Forbidden):
        room.do("file_supplement", "officer3", {"note": "补充", "materials": [row]})
    room.do("file_supplement", "officer1", {"note": "补充", "materials": [row]})
    with room.store.read() as session:
        ended = clocks.find(session, room.case_id, "supplement")
        assert ended is not None
        assert ended.satisfied_at is not None


def test_a_complete_file_is_told_without_an_empty_list_of_what_is_missing(submitted: Room) -> None:
    with submitted.store.read() as session:
        entries = ledger.timeline(session, submitted.case_id)
        assert requests(session, submitted.case(session)) == []
    last = [one for one in entries if one.event == "SubmissionChecked"][-1]
    assert ledger.describe(last) == "送审材料完备性审查：材料齐全"
    assert ledger.describe(last, "en") == "Submission checked: complete"


@pytest.mark.parametrize("by", ["officer1", "deputy", "counsel", "auditor"])
def test_only_a_legal_officer_reviews(submitted: Room, by: str) -> None:
    with pytest.raises(Forbidden):
        opine(submitted, by=by)


def test_g5_the_legal_officer_must_be_qualified(submitted: Room) -> None:
    with pytest.raises(GateClosed, match=r"gate\.G5"):
        opine(submitted, by="legal2")


def test_sod_1_who_handled_the_case_can_t_review_it_even_after_leaving(room: Room) -> None:
    give_post(room, "officer3", "legal_reviewer")
    qualify(room, "officer3")
    room.open(co="officer3")
    room.do("filing", "deputy", {"result": "approve", "opinion": "同意"})
    officers = [room.person("officer1"), room.person("officer3")]
    act = {"kind": "inspection", "done_on": date(2024, 3, 4), "place": "车间", "officers": officers}
    path.investigate(room, acts=[act])
    path.conclude(room)
    with room.store.work() as session:
        commands.add_officer(session, room.actor(session, "unithead"), room.case_id, room.person("officer2"))
    with room.store.work() as session:
        commands.remove_officer(
            session, room.actor(session, "unithead"), room.case_id, room.person("officer3"), reason="调动"
        )
    with pytest.raises(Forbidden, match=r"case\.handles"):
        opine(room, by="officer3")


def test_every_review_point_is_answered_once(submitted: Room) -> None:
    answer = {"opinion": "agree", "text": "意见", "findings": path.findings()[:-1]}
    with pytest.raises(Invalid) as caught:
        submitted.do("legal_review", "legal1", answer, stage="before_notice")
    assert codes(caught) == ["review.points_differ"]


@pytest.mark.parametrize("opinion", ["supplement", "correct", "disagree"])
def test_an_objection_names_a_defect(submitted: Room, opinion: str) -> None:
    with pytest.raises(Invalid) as caught:
        opine(submitted, opinion)
    assert codes(caught) == ["review.defect_needed"]


def test_nobody_agrees_to_what_would_be_void(submitted: Room) -> None:
    with pytest.raises(Invalid) as caught:
        opine(submitted, RP1=DEFECT | {"blocking": True})
    assert codes(caught) == ["review.blocking_defect"]
    opine(submitted, RP6=DEFECT)  # a slight one may stand


def test_supplement_stops_the_clock_and_evidence_starts_it_again_on_a_new_draft(submitted: Room) -> None:
    assert opine(submitted, "supplement", RP3=DEFECT) == {"initial_opinion": "supplement"}
    assert review_clock(submitted).suspended
    submitted.until("2024-03-07 09:00")
    with submitted.store.read() as session:
        finding = open_findings(session, submitted.case(session))[0].id
    answer: dict[str, Any] = {
        "facts": "事实(补充)", "evidence": "补充证据", "answers": [{"finding_id": finding, "answer": "adopted"}],
        "files": [paper("evidence", "查询结果.pdf", "5")],
    }  # fmt: skip
    submitted.do("evidence_supplement", "officer1", answer)
    clock = review_clock(submitted)
    assert not clock.suspended
    assert clock.due_on == date(2024, 3, 13)  # two whole days stood still
    with submitted.store.read() as session:
        assert open_findings(session, submitted.case(session)) == []


def test_every_open_finding_is_answered_with_a_reason_unless_adopted(submitted: Room) -> None:
    opine(submitted, "correct", RP5=DEFECT, RP6=DEFECT)
    with submitted.store.read() as session:
        first, second = (finding.id for finding in open_findings(session, submitted.case(session)))
    report = path.report(submitted, facts="改正后的事实")
    rejected = {"finding_id": first, "answer": "rejected"}
    for answers, expected in (
        ([rejected], ["field.required", "review.findings_open"]),
        ([rejected | {"reason": "理由"}, {"finding_id": "x", "answer": "adopted"}],
         ["review.finding_unknown", "review.findings_open"]),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            submitted.do("draft_correction", "officer1", report | {"answers": answers})
        assert codes(caught) == expected
    whole = [rejected | {"reason": "理由"}, {"finding_id": second, "answer": "adopted"}]
    assert submitted.do("draft_correction", "officer1", report | {"answers": whole})["outcome"] == "penalise"


@pytest.mark.parametrize("opinion", ["return", "refer"])
def test_return_and_refer_end_the_review(submitted: Room, opinion: str) -> None:
    assert opine(submitted, opinion, RP8=DEFECT) == {"initial_opinion": opinion, "review_result": opinion}
    assert review_clock(submitted).satisfied_at is not None
    assert [key for key, _ in submitted.effect.starts] == (["criminal_referral"] if opinion == "refer" else [])


def test_insisting_is_a_dispute_that_only_the_leaders_settle(submitted: Room) -> None:
    opine(submitted, "disagree", RP2=DEFECT)
    said = submitted.do("unit_response", "unithead", {"result": "insist", "reason": "事实清楚"})
    assert said == {"unit_response": "insist", "review_result": "disagree"}
    with submitted.store.read() as session:
        assert submitted.case(session).disputed_at is not None
    path.meet(submitted, purpose="dispute")
    with submitted.store.read() as session:
        assert submitted.case(session).disputed_at is None


def counsel(room: Room, opinion: str = "agree", **changes: Any) -> Any:
    answer = {"opinion": opinion, "text": "意见", "findings": path.findings(), "conflict_free": True} | changes
    return room.do("counsel_review", "counsel", answer, stage="before_notice")


def conclude(room: Room, opinion: str = "agree", **changes: Any) -> Any:
    answer = {"adopts": "yes", "opinion": opinion, "text": "结论"} | changes
    return room.do("review_conclusion", "legal1", answer, stage="before_notice")


def test_counsel_declares_to_have_no_interest(submitted: Room) -> None:
    opine(submitted)
    with pytest.raises(Invalid) as caught:
        counsel(submitted, conflict_free=False)
    assert codes(caught) == ["review.conflict"]


def test_counsel_s_agreement_alone_opens_nothing(submitted: Room) -> None:
    opine(submitted)
    counsel(submitted)
    path.notify(submitted)
    path.waive(submitted)
    with pytest.raises(GateClosed) as closed:
        path.sign(submitted)
    assert closed.value.facts["cause"] == "no_review"


def test_the_conclusion_adopts_counsel_or_says_why_not(submitted: Room) -> None:
    opine(submitted)
    counsel(submitted, "supplement")
    with pytest.raises(Invalid) as caught:
        conclude(submitted)
    assert codes(caught) == ["review.adopts_other"]
    with pytest.raises(Invalid) as caught:
        conclude(submitted, adopts="no")
    assert [problem.place for problem in caught.value.problems] == ["adoption_reason"]
    assert conclude(submitted, adopts="no", adoption_reason="证据已足够") == {
        "conclusion": "agree", "review_result": "agree",
    }  # fmt: skip
    with submitted.store.read() as session:
        document = documents_of(session, submitted.case_id)[0]
        assert document.content["counsel"]["adopted"] == "no"
        assert review_clock(submitted).satisfied_at is not None


def test_a_draft_that_changed_under_review_can_t_be_agreed_to(submitted: Room) -> None:
    opine(submitted)
    counsel(submitted)
    with submitted.store.work() as session:
        officer = submitted.actor(session, "officer1")
        commands.add_material(
            session, officer, submitted.case_id, kind="evidence", file=paper("evidence", mark="6")
        )
    with pytest.raises(Invalid) as caught:
        conclude(submitted)
    assert "review.draft_changed" in codes(caught)
    conclude(submitted, "supplement")


def test_opinions_are_kept_and_never_overwritten(submitted: Room) -> None:
    opine(submitted, "supplement", RP3=DEFECT)
    submitted.until("2024-03-05 09:00")
    with submitted.store.read() as session:
        finding = open_findings(session, submitted.case(session))[0].id
    submitted.do("evidence_supplement", "officer1", {
        "facts": "事实二", "evidence": "证据二", "answers": [{"finding_id": finding, "answer": "adopted"}],
    })  # fmt: skip
    opine(submitted)
    with submitted.store.read() as session:
        rows = session.execute(select(Opinion).order_by(Opinion.given_at)).scalars().all()
        assert [row.opinion for row in rows] == ["supplement", "agree"]
        assert len({row.draft_digest for row in rows}) == 2


@pytest.mark.parametrize("result", ["pass", "na"])
@pytest.mark.parametrize("written", [{"text": "未告知听证权利"}, {"blocking": True}])
@pytest.mark.parametrize("level", ["legal_review", "counsel_review"])
def test_no_point_passes_at_which_a_problem_is_written(
    submitted: Room, level: str, result: str, written: dict[str, Any]
) -> None:
    if level == "counsel_review":
        opine(submitted)
    rows = path.findings(RP4={"result": result} | written)
    answer = {"opinion": "agree", "text": "意见", "conflict_free": True, "findings": rows}
    by = "legal1" if level == "legal_review" else "counsel"
    with pytest.raises(Invalid) as caught:
        submitted.do(level, by, answer, stage="before_notice")
    assert [(one.code, one.place) for one in caught.value.problems] == [
        ("review.passed_with_problem", "findings[3].result")
    ]
    with submitted.store.read() as session:
        assert len(session.execute(select(Opinion)).scalars().all()) == (level == "counsel_review")


def test_law_and_material_may_be_named_at_a_point_that_passes(submitted: Room) -> None:
    named = {"basis": "《安全生产法》第三十条", "evidence": "检查记录第1页"}
    assert opine(submitted, RP2=named) == {"initial_opinion": "agree"}
