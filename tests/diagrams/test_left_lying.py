"""Cases that would lie for ever: without an outcome, at a step that nobody can do, or back before they were refused."""

from __future__ import annotations

import pytest

from tests.diagrams.spoiling import Edit, act, asked, drawn, flow, led, timer, undrawn
from tests.diagrams.test_spoiled import MEETING, PENALTY, REFERRAL, REVIEW, Spoiled, found_in, shipped
from workflows.diagrams import checking, library
from workflows.diagrams.proof import ERROR, WARNING
from workflows.diagrams.starter import starter
from workflows.engine.package import Package

OVER = '<bpmn:endEvent id="over" name="超时办结"/>'
VOTERS = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="voters" camunda:elementVariable="voter"/>'


def step(id: str, mark: str, form: str, who: str, inner: str = "") -> str:
    """Another step of an act, as XML. who: its assignee as an expression, or its role."""
    person = f'camunda:assignee="{who}"' if who.startswith("$") else f'camunda:candidateGroups="{who}"'
    return (f'<bpmn:userTask id="{id}" name="再办一次" camunda:formKey="{form}" {person}>'
            f"{act(mark)}{inner}</bpmn:userTask>")  # fmt: skip


def late(step: str, target: str) -> tuple[Edit, ...]:
    """A timer at a step that takes it away and leads on."""
    return (drawn(timer("late", step) + (OVER if target == "over" else "") + flow("late", target)),)


LYING = [
    Spoiled("taken back before the police signed for it", REFERRAL, late("police_receipt", "merge_return"),
            "statutory.refused_before_return", "return_to_admin", ("transfer", "late"), ("police_decision",)),
    Spoiled("taken back before the police decided", REFERRAL, late("police_decision", "merge_return"),
            "statutory.refused_before_return", "return_to_admin", ("police_receipt", "late")),
    Spoiled("the police opened a case and it comes back", REFERRAL,
            (led("merge_reconsidered_to_merge_handover", "merge_return"),),
            "statutory.refused_before_return", "return_to_admin", ("police_decision",)),
    Spoiled("a suspicion that is not verified in time is dropped", REFERRAL, late("verify_suspicion", "over"),
            "statutory.suspicion_dealt_with", "over", ("late",)),
    Spoiled("the police do not sign and that is the end", REFERRAL, late("police_receipt", "over"),
            "statutory.transferred_is_answered", "over", ("transfer", "late")),
    Spoiled("the police do not decide and that is the end", REFERRAL, late("police_decision", "over"),
            "statutory.transferred_is_answered", "over", ("police_receipt", "late")),
    Spoiled("nobody decides on the filing", PENALTY, late("approve_filing", "not_filed"),
            "statutory.case_has_outcome", "not_filed", ("late",)),
    Spoiled("an investigation without a report ends", PENALTY, late("conclude_investigation", "over"),
            "statutory.case_has_outcome", "over", ("investigate", "late")),
    Spoiled("nobody signs and that is the end", PENALTY, late("sign_decision", "over"),
            "statutory.case_has_outcome", "over", ("first_review", "late")),
    Spoiled("nobody closes and that is the end", PENALTY, late("approve_closing", "over"),
            "statutory.case_has_outcome", "over", ("serve", "late")),
    Spoiled("archived, and nobody did it", PENALTY, late("archive", "archived"),
            "statutory.case_has_outcome", "archived", ("approve_closing", "late")),
    Spoiled("closed without performance", PENALTY, late("perform", "merge_performed"),
            "statutory.performance_before_closing", "approve_closing", ("serve", "late")),
    Spoiled("attendance without an agenda", MEETING,
            (led("merge_agenda_to_put_on_agenda", "open_item"), undrawn("put_on_agenda")),
            "statutory.agenda_before_attendance", "open_item"),
    Spoiled("attendance twice", MEETING,
            (drawn(step("again", "attendance", "open_item", "legal_reviewer") + flow("again", "quorate")),
             led("open_item_to_quorate", "again")),
            "statutory.agenda_before_attendance", "again", ("open_item",)),
    Spoiled("everybody votes twice", MEETING,
            (drawn(step("again", "vote", "vote", "${voter}", VOTERS) + flow("again", "conclude_item")),
             led("vote_to_conclude_item", "again")),
            "statutory.one_vote_a_round", "again", ("vote",)),
    Spoiled("back to the vote without a conclusion", MEETING,
            (drawn('<bpmn:exclusiveGateway id="more" name="再议？" default="more__conclude_item"/>'
                   + flow("more", "conclude_item", "", "否") + flow("more", "merge_vote", "${quorum}", "是")),
             led("vote_to_conclude_item", "more")),
            "statutory.one_vote_a_round", "vote", ("vote", "more")),
    Spoiled("minutes of what was not concluded", MEETING,
            (drawn(step("early", "minutes", "sign_minutes", "legal_reviewer") + flow("early", "conclude_item")),
             led("vote_to_conclude_item", "early")),
            "statutory.minutes_of_conclusion", "early", ("vote",)),
    Spoiled("an option of the form for a truth value", REVIEW,
            (asked("completeness_to_merge_initial", "${complete == 'yes'}"),),
            "check.never_equal", "completeness_to_merge_initial"),
    Spoiled("a value that an act never gives", REVIEW,
            (asked("after_initial_to_counsel_review", "${initial_opinion == 'agreed'}"),),
            "check.never_equal", "after_initial_to_counsel_review", severity=WARNING),
    Spoiled("an act behind a way that no case can take", PENALTY,
            (drawn('<bpmn:exclusiveGateway id="whether" name="催告？" default="whether__merge_performed"/>'
                   + flow("whether", "merge_performed", "", "否")
                   + flow("whether", "demand", "${decision_outcome == 'no_penalty'}", "是")),
             led("performance_overdue_to_demand", "whether")),
            "statutory.act_missing"),
]  # fmt: skip


@pytest.mark.parametrize("one", LYING, ids=lambda one: one.name)
def test_it_is_refused_where_a_case_would_lie(one: Spoiled) -> None:
    found = found_in(one)
    fitting = [f for f in found if (f.code, f.element, f.severity) == (one.code, one.element, one.severity)]
    assert fitting, [(f.code, f.process, f.element, f.severity) for f in found]
    path = [step.id for step in fitting[0].path]
    assert list(one.through) == [id for id in one.through if id in path], path
    assert not set(one.without) & set(path), path
    assert any(f.severity == ERROR for f in found)


def test_the_procuratorate_may_be_asked_where_the_police_do_not_decide() -> None:
    asked_for = late("police_decision", "suggest_supervision")
    found = found_in(Spoiled("", REFERRAL, asked_for, ""))  # nobody has refused it where that is dropped
    assert ("statutory.refused_before_return", "return_to_admin") in {(one.code, one.element) for one in found}
    waits_on = led("supervision_asked_to_merge_waived", "merge_receipt")
    found = found_in(Spoiled("", REFERRAL, (*asked_for, waits_on), ""))
    assert [one.code for one in found if one.severity == ERROR] == []


def test_a_start_with_a_form_opens_a_case_of_penalties_whatever_its_form_is() -> None:
    files = starter("quick", "快速登记")
    opened = files["quick.bpmn"].replace(b'id="started"', b'id="started" camunda:formKey="lead"')
    lead = library.shipped()[PENALTY].files["forms/lead.form"]
    found = checking.check(Package("quick", {**files, "quick.bpmn": opened, "forms/lead.form": lead}), shipped())
    assert [(one.code, one.element) for one in found if one.element] == [("statutory.unmarked", "started")]
    missing = {one.facts["act"]["zh"] for one in found if one.code == "statutory.act_missing"}
    assert {"线索受理", "立案", "法制审核结论", "行政处罚告知", "作出决定", "归档"} <= missing


def test_what_opens_no_case_needs_no_act_of_the_law() -> None:
    assert [one for one in checking.check(Package("quick", starter("quick", "内部事项")), shipped())
            if one.severity == ERROR] == []  # fmt: skip
