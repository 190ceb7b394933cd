"""Whatever the acts answer, the diagrams lead to the step that docs/processes.md names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.bpmn.shipped import KEYS, definition
from workflows.engine.runtime import Instance

NOW = datetime(2024, 3, 1, 1, tzinfo=UTC)
DUE = "2024-05-01T16:00:00+00:00"
DRAFT = {
    "outcome": "penalise",
    "hearing_right": False,
    "change": "none",
    "review_stage": "before_notice",
    "meeting_settled": False,
    "fine_entity_max": 30_000,
    "fine_person_max": 0,
    "heavy_measure": False,
    "complex": False,
}
HEAVY = {**DRAFT, "fine_entity_max": 80_000}
AGREED = [
    ("check_completeness", {"complete": True}),
    ("initial_review", {"initial_opinion": "agree"}),
    ("counsel_review", {"counsel_opinion": "agree"}),
    ("conclude_review", {"conclusion": "agree", "review_result": "agree"}),
]
FILED = [("approve_filing", {"filing_result": "approve"}), ("investigate", {"seizure": "none"})]
REPORTED = [("conclude_investigation", DRAFT), ("check_by_unit", {"unit_result": "agree"})]
HEAVY_REPORTED = [("conclude_investigation", HEAVY), ("check_by_unit", {"unit_result": "agree"})]
NOTICED = [("issue_notice", {}), ("record_statement", {"hearing_requested": False, "change": "none"})]
SETTLED = [
    ("publish", {}),
    ("perform", {}),
    ("approve_closing", {"closing_result": "approve"}),
    ("archive", {}),
]
SIGNED = ("sign_decision", {"decision_result": "sign", "decision_outcome": "penalty"})
SERVED = ("serve", {"performance_due": DUE})


def meeting(result: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("put_on_agenda", {"item_id": "i", "meeting_id": "m"}),
        ("open_item", {"quorum": True, "voters": ["a", "b", "c"], "presiding": "a"}),
        *[("vote", {})] * 3,
        ("conclude_item", {"meeting_result": result}),
        ("sign_minutes", {}),
    ]


class Walk:
    """A running process of which each step is answered in turn."""

    def __init__(self, key: str, **variables: Any) -> None:
        called = {other: definition(other) for other in KEYS if other != key}
        self.instance = Instance.start(definition(key), called, {"case_id": "c", **variables}, NOW)

    def go(self, *steps: tuple[str, dict[str, Any]]) -> Walk:
        for element, variables in steps:
            open_steps = {step.element.id: step.id for step in reversed(self.instance.steps())}
            assert element in open_steps, (element, sorted(open_steps))
            self.instance.complete(open_steps[element], variables, NOW)
        return self

    @property
    def open(self) -> set[str]:
        return {step.element.id for step in self.instance.steps()}

    @property
    def finished(self) -> bool:
        return self.instance.finished


def penalty(*steps: tuple[str, dict[str, Any]]) -> Walk:
    return Walk("penalty").go(*FILED, *steps)


def test_a_light_penalty_goes_from_lead_to_archive_without_a_meeting() -> None:
    walk = penalty(*REPORTED, *AGREED, *NOTICED, SIGNED, SERVED)
    assert walk.open == {"publish", "perform"}
    assert walk.go(*SETTLED).finished


def test_a_lead_is_returned_completed_and_refused() -> None:
    walk = Walk("penalty").go(("approve_filing", {"filing_result": "return"}), ("amend_lead", {}))
    assert walk.go(("approve_filing", {"filing_result": "reject"})).finished


@pytest.mark.parametrize(
    ("steps", "then"),
    [
        ([("investigate", {"seizure": "none"})], "conclude_investigation"),
        ([("investigate", {"seizure": "approve"})], "approve_seizure"),
        ([("investigate", {"seizure": "approve"}), ("approve_seizure", {"seizure_approved": True})], "execute_seizure"),
        (
            [("investigate", {"seizure": "approve"}), ("approve_seizure", {"seizure_approved": False})],
            "conclude_investigation",
        ),
        (
            [
                ("investigate", {"seizure": "approve"}),
                ("approve_seizure", {"seizure_approved": True}),
                ("execute_seizure", {}),
            ],
            "conclude_investigation",
        ),
        ([("investigate", {"seizure": "urgent"}), ("execute_seizure", {})], "report_seizure"),
        (
            [
                ("investigate", {"seizure": "urgent"}),
                ("execute_seizure", {}),
                ("report_seizure", {"seizure_approved": False}),
            ],
            "conclude_investigation",
        ),
    ],
)
def test_seizure_is_approved_before_or_after(steps: list[tuple[str, dict[str, Any]]], then: str) -> None:
    assert Walk("penalty").go(FILED[0], *steps).open == {then}


def test_the_unit_head_sends_the_report_back() -> None:
    assert penalty(REPORTED[0], ("check_by_unit", {"unit_result": "return"})).open == {"conclude_investigation"}


@pytest.mark.parametrize("outcome", ["minor", "unproven"])
def test_without_a_penalty_there_is_no_notice_no_meeting_and_nothing_to_perform(outcome: str) -> None:
    report = ("conclude_investigation", {**DRAFT, "outcome": outcome, "complex": True})
    walk = penalty(report, REPORTED[1], *AGREED)
    assert walk.open == {"sign_decision"}
    walk.go(("sign_decision", {"decision_result": "sign", "decision_outcome": "no_penalty"}), SERVED)
    assert walk.open == {"approve_closing"}


@pytest.mark.parametrize(("result", "then"), [("return", "conclude_investigation"), ("refer", "follow_referral")])
def test_the_first_review_returns_or_refers(result: str, then: str) -> None:
    ended = ("initial_review", {"initial_opinion": result, "review_result": result})
    assert penalty(*REPORTED, AGREED[0], ended).open == {then}


def test_a_report_that_proposes_referral_is_reviewed_and_followed_up() -> None:
    report = ("conclude_investigation", {**DRAFT, "outcome": "refer"})
    walk = penalty(report, REPORTED[1], *AGREED)
    assert walk.open == {"follow_referral"}
    walk.go(("follow_referral", {"criminal_result": "punished"}))
    assert walk.open == {"sign_decision"}
    walk.go(("sign_decision", {"decision_result": "sign", "decision_outcome": "referred"}), SERVED)
    assert walk.open == {"approve_closing"}


@pytest.mark.parametrize("result", ["not_punished", "returned"])
def test_what_the_police_send_back_is_reported_anew(result: str) -> None:
    report = ("conclude_investigation", {**DRAFT, "outcome": "refer"})
    walk = penalty(report, REPORTED[1], *AGREED, ("follow_referral", {"criminal_result": result}))
    assert walk.open == {"conclude_investigation"}
    assert walk.go(*REPORTED, *AGREED).open == {"issue_notice"}


DISPUTED = [
    AGREED[0],
    ("initial_review", {"initial_opinion": "disagree"}),
    ("unit_responds", {"unit_response": "insist", "review_result": "disagree"}),
]


@pytest.mark.parametrize(
    ("result", "then"),
    [
        ("approve", "conclude_investigation"),
        ("change", "conclude_investigation"),
        ("return", "conclude_investigation"),
        ("refer", "follow_referral"),
    ],
)
def test_a_dispute_goes_to_the_leaders(result: str, then: str) -> None:
    walk = penalty(*REPORTED, *DISPUTED)
    assert walk.open == {"put_on_agenda"}
    assert walk.go(*meeting(result)).open == {then}


def test_a_dispute_once_settled_does_not_colour_the_next_review() -> None:
    walk = penalty(*REPORTED, *DISPUTED, *meeting("refer"), ("follow_referral", {"criminal_result": "returned"}))
    ended = ("initial_review", {"initial_opinion": "return", "review_result": "return"})
    assert walk.go(*REPORTED, AGREED[0], ended).open == {"conclude_investigation"}


def test_a_heavy_penalty_needs_the_meeting() -> None:
    walk = penalty(*HEAVY_REPORTED, *AGREED, *NOTICED)
    assert walk.open == {"put_on_agenda"}
    assert walk.go(*meeting("approve")).open == {"sign_decision"}


@pytest.mark.parametrize(
    ("result", "then"),
    [("change", "revise_report"), ("return", "conclude_investigation"), ("refer", "follow_referral")],
)
def test_the_meeting_changes_returns_or_refers(result: str, then: str) -> None:
    assert penalty(*HEAVY_REPORTED, *AGREED, *NOTICED, *meeting(result)).open == {then}


def test_what_the_meeting_changed_to_lighter_is_reviewed_and_signed() -> None:
    changed = {
        **HEAVY,
        "fine_entity_max": 60_000,
        "change": "lighter",
        "meeting_settled": True,
        "review_stage": "revised",
    }
    walk = penalty(*HEAVY_REPORTED, *AGREED, *NOTICED, *meeting("change"), ("revise_report", changed), *AGREED)
    assert walk.open == {"sign_decision"}


def test_what_the_meeting_made_heavier_is_noticed_again() -> None:
    changed = {
        **HEAVY,
        "fine_entity_max": 90_000,
        "change": "heavier",
        "meeting_settled": True,
        "review_stage": "revised",
    }
    walk = penalty(*HEAVY_REPORTED, *AGREED, *NOTICED, *meeting("change"), ("revise_report", changed), *AGREED)
    assert walk.open == {"issue_notice"}
    assert walk.go(*NOTICED).open == {"sign_decision"}


def test_after_a_hearing_the_report_is_revised_and_reviewed_again() -> None:
    asked = ("record_statement", {"hearing_requested": True, "change": "none"})
    held = [("notify_hearing", {}), ("hold_hearing", {"hearing_held": True, "facts_changed": False})]
    walk = penalty(*REPORTED, *AGREED, NOTICED[0], asked, *held)
    assert walk.open == {"revise_report"}
    walk.go(("revise_report", {**DRAFT, "review_stage": "after_hearing"}))
    assert [dict(step.variables)["stage"] for step in walk.instance.steps()] == ["after_hearing"]
    assert walk.go(*AGREED).open == {"sign_decision"}


@pytest.mark.parametrize(
    ("change", "then"), [("lighter", "sign_decision"), ("heavier", "issue_notice"), ("new_facts", "issue_notice")]
)
def test_what_changed_after_the_notice_is_reviewed_and_if_need_be_noticed_again(change: str, then: str) -> None:
    changed = ("record_statement", {"hearing_requested": False, "change": change})
    walk = penalty(*REPORTED, *AGREED, NOTICED[0], changed)
    assert walk.go(("revise_report", {**DRAFT, "change": change, "review_stage": "revised"}), *AGREED).open == {then}


@pytest.mark.parametrize(
    ("result", "then"), [("return", "revise_report"), ("refer", "follow_referral"), ("disagree", "put_on_agenda")]
)
def test_the_second_review_returns_refers_or_disagrees(result: str, then: str) -> None:
    changed = ("record_statement", {"hearing_requested": False, "change": "lighter"})
    walk = penalty(*REPORTED, *AGREED, NOTICED[0], changed, ("revise_report", {**DRAFT, "review_stage": "revised"}))
    if result == "disagree":
        walk.go(*DISPUTED)
    else:
        walk.go(AGREED[0], ("initial_review", {"initial_opinion": result, "review_result": result}))
    assert walk.open == {then}


def test_a_correction_in_the_review_changes_the_way_after_it() -> None:
    corrected = ("correct_draft", HEAVY)
    walk = penalty(*REPORTED, AGREED[0], ("initial_review", {"initial_opinion": "correct"}), corrected)
    assert walk.go(*AGREED[1:], *NOTICED).open == {"put_on_agenda"}


def test_a_decision_that_is_not_signed_goes_back_to_the_report() -> None:
    returned = ("sign_decision", {"decision_result": "return"})
    assert penalty(*REPORTED, *AGREED, *NOTICED, returned).open == {"conclude_investigation"}


def test_whoever_does_not_pay_in_time_gets_a_demand() -> None:
    walk = penalty(*REPORTED, *AGREED, *NOTICED, SIGNED, SERVED)
    due = datetime.fromisoformat(DUE)
    assert walk.instance.next_due() == due
    assert walk.instance.wake(due - timedelta(seconds=1)) == 0
    assert walk.instance.wake(due) == 1
    assert walk.open == {"publish", "demand"}
    walk.go(("demand", {}), ("perform_after_demand", {}), ("publish", {}))
    assert walk.open == {"approve_closing"}


def test_closing_is_returned_completed_and_approved() -> None:
    walk = penalty(*REPORTED, *AGREED, *NOTICED, SIGNED, SERVED, *SETTLED[:2])
    walk.go(("approve_closing", {"closing_result": "return"}), ("prepare_closing", {}), *SETTLED[2:])
    assert walk.finished


def review(*steps: tuple[str, dict[str, Any]]) -> Walk:
    return Walk("legal_review", stage="before_notice").go(*steps)


def test_an_incomplete_file_is_completed_first() -> None:
    walk = review(("check_completeness", {"complete": False}), ("supplement_files", {}))
    assert walk.open == {"check_completeness"}


@pytest.mark.parametrize("level", ["first", "conclusion"])
@pytest.mark.parametrize(
    ("opinion", "then"),
    [
        ("supplement", {"supplement_evidence"}),
        ("correct", {"correct_draft"}),
        ("disagree", {"unit_responds"}),
        ("return", set()),
        ("refer", set()),
    ],
)
def test_an_opinion_other_than_agreement_has_its_way_at_both_levels(level: str, opinion: str, then: set[str]) -> None:
    if level == "first":
        walk = review(AGREED[0], ("initial_review", {"initial_opinion": opinion, "review_result": opinion}))
    else:
        walk = review(*AGREED[:3], ("conclude_review", {"conclusion": opinion, "review_result": opinion}))
    assert walk.open == then
    assert walk.finished == (not then)


def test_a_conclusion_that_asked_for_more_does_not_colour_the_next_round() -> None:
    walk = review(*AGREED[:3], ("conclude_review", {"conclusion": "supplement", "review_result": "supplement"}))
    walk.go(("supplement_evidence", {}), ("initial_review", {"initial_opinion": "correct"}))
    assert walk.open == {"correct_draft"}


def test_a_unit_that_accepts_corrects() -> None:
    walk = review(*DISPUTED[:2], ("unit_responds", {"unit_response": "accept"}))
    assert walk.open == {"correct_draft"}
    assert walk.go(("correct_draft", {})).open == {"initial_review"}


def test_without_a_quorum_the_item_is_listed_again() -> None:
    walk = Walk("collective_decision", purpose="decision").go(
        meeting("approve")[0], ("open_item", {"quorum": False, "voters": [], "presiding": ""})
    )
    assert walk.open == {"put_on_agenda"}


def test_every_member_votes_and_without_a_majority_votes_again() -> None:
    walk = Walk("collective_decision", purpose="decision").go(*meeting("again")[:2])
    assert sorted(str(step.assignee) for step in walk.instance.steps()) == ["a", "b", "c"]
    walk.go(*meeting("again")[2:6])
    assert [step.element.id for step in walk.instance.steps()] == ["vote"] * 3
    assert walk.go(*meeting("approve")[2:]).finished


REFERRED = [
    ("verify_suspicion", {"suspicion": "confirmed"}),
    ("approve_referral", {"referral_result": "approve"}),
    ("transfer", {}),
    ("police_receipt", {"receipt": "received"}),
]
NOT_FILED = [*REFERRED, ("police_decision", {"police_result": "not_filed"})]
UPHELD = [
    *NOT_FILED,
    ("request_reconsideration", {"reconsideration": "requested"}),
    ("reconsideration_answer", {"reconsideration_result": "upheld"}),
]


@pytest.mark.parametrize(
    ("steps", "then"),
    [
        ([("verify_suspicion", {"suspicion": "cleared"})], None),
        ([REFERRED[0], ("approve_referral", {"referral_result": "refuse"})], None),
        ([*REFERRED[:3], ("police_receipt", {"receipt": "forwarded"})], "police_decision"),
        ([*REFERRED[:3], ("police_receipt", {"receipt": "supplement"})], "supplement_transfer"),
        ([*REFERRED[:3], ("police_receipt", {"receipt": "supplement"}), ("supplement_transfer", {})], "police_receipt"),
        ([*REFERRED, ("police_decision", {"police_result": "filed"})], "handover"),
        ([*REFERRED, ("police_decision", {"police_result": "filed"}), ("handover", {})], None),
        ([*NOT_FILED, ("request_reconsideration", {"reconsideration": "accepted"})], "return_to_admin"),
        ([*UPHELD[:-1], ("reconsideration_answer", {"reconsideration_result": "filed"})], "handover"),
        ([*UPHELD, ("suggest_supervision", {"supervision": "dropped"})], "return_to_admin"),
        (
            [
                *UPHELD,
                ("suggest_supervision", {"supervision": "requested"}),
                ("supervision_result", {"supervised": "filed"}),
            ],
            "handover",
        ),
        (
            [
                *UPHELD,
                ("suggest_supervision", {"supervision": "requested"}),
                ("supervision_result", {"supervised": "not_filed"}),
            ],
            "return_to_admin",
        ),
        (
            [*UPHELD, ("suggest_supervision", {"supervision": "dropped"}), ("return_to_admin", {})],
            None,
        ),
    ],
)
def test_the_eleven_steps_of_a_referral(steps: list[tuple[str, dict[str, Any]]], then: str | None) -> None:
    walk = Walk("criminal_referral").go(*steps)
    assert walk.open == ({then} if then else set())
    assert walk.finished == (then is None)
