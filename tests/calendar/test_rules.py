"""The statutory time limits as data: complete, picked by the day, sane."""

from __future__ import annotations

from datetime import date

import pytest

from workflows.actors import ROLES
from workflows.calendar.rules import all_rules, rule, rule_names
from workflows.errors import NotFound

TODAY = date(2026, 3, 2)

LAW = {
    "filing": (7, "working_days"), "legal_review": (5, "working_days"), "supplement": (5, "working_days"),
    "evidence_preservation": (7, "working_days"), "seizure": (30, "days"), "seizure_report": (24, "hours"),
    "statement": (3, "working_days"), "hearing_request": (5, "working_days"), "hearing_notice": (7, "working_days"),
    "decision": (90, "days"), "service": (7, "working_days"), "publication": (7, "working_days"),
    "withdraw_publication": (3, "working_days"), "payment": (15, "days"), "late_fee_cap": (34, "days"),
    "demand": (10, "working_days"), "court_application": (3, "months"), "reconsideration": (60, "days"),
    "litigation": (6, "months"), "referral_approval": (3, "days"), "referral_transfer": (24, "hours"),
    "police_receipt": (24, "hours"), "police_supplement": (3, "days"), "police_decision": (3, "days"),
    "handover": (3, "days"), "reconsideration_request": (3, "days"), "reconsideration_answer": (3, "days"),
    "supervision_explanation": (7, "days"), "supervision_filing": (15, "days"), "limitation": (2, "years"),
}  # fmt: skip


@pytest.mark.parametrize("rule_id", LAW)
def test_the_limit_is_as_the_law_in_force_says(rule_id: str) -> None:
    terms = rule(rule_id, TODAY).terms
    assert (terms.amount, terms.unit) == LAW[rule_id]


@pytest.mark.parametrize("rule_id", all_rules())
def test_every_version_says_all_it_must(rule_id: str) -> None:
    for version in all_rules()[rule_id]:
        assert version.zh
        assert version.en
        assert version.article
        assert version.terms.amount > 0
        assert version.confidence in ("V", "V-p", "M", "D")
        for extension in version.extensions:
            assert set(extension.by) <= set(ROLES)
            assert bool(extension.by) != bool(extension.body)  # somebody approves, and only one kind of body
        if version.terms.unit == "working_days":
            assert not version.terms.roll or version.terms.before  # a counted working day needs no rolling


@pytest.mark.parametrize("rule_id", all_rules())
def test_versions_follow_each_other_without_overlap(rule_id: str) -> None:
    versions = all_rules()[rule_id]
    for day in (version.effective_from for version in versions):
        assert sum(version.in_force(day) for version in versions) == 1
    assert versions[-1].effective_to is None


def test_the_day_of_the_step_picks_the_version() -> None:
    # 行政处罚法 as revised is in force from 2021-07-15; before, three natural days to ask for a hearing.
    assert rule("hearing_request", date(2021, 7, 14)).terms.amount == 3
    assert rule("hearing_request", date(2021, 7, 15)).terms.amount == 5


def test_a_day_before_any_version_finds_none() -> None:
    with pytest.raises(NotFound, match=r"calendar\.rule_not_in_force"):
        rule("publication", date(2018, 12, 4))


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(NotFound, match=r"calendar\.rule_unknown"):
        rule("lunch", TODAY)


def test_amounts_are_the_laws_but_for_variants_and_what_a_bureau_sets_itself() -> None:
    assert rule("police_decision", TODAY).allows(30)
    assert not rule("police_decision", TODAY).allows(10)
    assert rule("limitation", TODAY).allows(5)
    assert rule("filing", TODAY).allows(5)
    assert not rule("filing", TODAY).allows(0)
    assert not rule("hearing_request", TODAY).allows(3)


def test_a_limit_has_a_name_in_both_languages() -> None:
    assert rule_names()["decision"] == {"zh": "作出行政处罚决定", "en": "Penalty decision"}
