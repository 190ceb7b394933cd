"""Each statutory gate open and closed: pure facts in, nothing or GateClosed with its article out."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases_room.room import at
from workflows.cases import gate_refusal, gates
from workflows.cases.gate_facts import (
    Burden,
    CollectiveFact,
    ConclusionFact,
    DecisionFacts,
    DraftFact,
    HearingFact,
    ItemFact,
    NoticeFact,
    OfficerFact,
    PenaltyFact,
    ReviewFact,
    SeizureFact,
)
from workflows.cases.gate_words import REASONS
from workflows.cases.ranges import Figures
from workflows.errors import GateClosed

NOW = at("2024-03-20 09:00")
SPEC = {
    "stages": [
        {"stage": "initial", "types": ["fine"], "entity": [10000, 100000]},
        {"stage": "overdue", "types": ["fine", "suspend_business"], "entity": [100000, 200000],
         "person": [20000, 50000]},
        {"stage": "income", "types": ["fine"], "person": {"basis": "income", "percent": [40, 80]}},
    ]
}  # fmt: skip


def fine(yuan: int = 30000, **changes: Any) -> PenaltyFact:
    penalty = PenaltyFact("p1", "entity", "甲厂", "M-1", "initial", frozenset({"fine"}), yuan * 100, spec=SPEC)
    return replace(penalty, **changes)


def draft(*penalties: PenaltyFact, **changes: Any) -> DraftFact:
    whole = DraftFact("d1", "digest-1", "penalise", "事实", "依据", penalties or (fine(),))
    return replace(whole, **changes)


def notice(**changes: Any) -> NoticeFact:
    whole = NoticeFact("p1", "甲厂", draft(), at("2024-03-10 10:00"), "none", False, at("2024-03-14 00:00"))
    return replace(whole, **changes)


def item(**changes: Any) -> ItemFact:
    return replace(ItemFact("approve", "digest-1", 4, 4, 4, ("approve",) * 4), **changes)


def closed(gate: str, cause: str, check: Callable[[], None]) -> GateClosed:
    """The gate is closed for that cause, cites its article and says in both languages what to do."""
    with pytest.raises(GateClosed) as caught:
        check()
    error = caught.value
    assert (error.code, error.facts["cause"]) == (f"gate.{gate}", cause)
    assert error.facts["article"] == gate_refusal.ARTICLES[gate]
    assert all(error.facts["reason"][language] for language in ("zh", "en"))
    assert "{" not in error.facts["reason"]["zh"] + error.facts["reason"]["en"]
    return error


# G1 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("certified", [[], [True], [True, False], [False, False, False]])
def test_g1_an_act_on_site_needs_two_valid_certificates(certified: list[bool]) -> None:
    officers = [OfficerFact(f"o{n}", one) for n, one in enumerate(certified)]
    closed("G1", "officers_missing", lambda: gates.g1_officers("现场检查", date(2024, 3, 1), officers))


@pytest.mark.parametrize("certified", [[True, True], [True, False, True]])
def test_g1_is_open_with_two(certified: list[bool]) -> None:
    gates.g1_officers("询问", date(2024, 3, 1), [OfficerFact("o", one) for one in certified])


# G2, G3 --------------------------------------------------------------------------------------------------------------

G2_OPEN = {
    "window over": notice(),
    "waived at once": notice(statement="waived", statement_due=None),
    "made and rechecked": notice(statement="made", rechecked=True, statement_due=at("2024-03-25 00:00")),
    "over and nothing recorded": notice(statement=None),
}
G2_CLOSED = {
    "not_noticed": [],
    "statement_open": [notice(statement_due=at("2024-03-21 00:00"))],
    "statement_unchecked": [notice(statement="made")],
    "not_covered": [notice(draft=draft(facts="别的事实"))],
}


@pytest.mark.parametrize("case", G2_OPEN)
def test_g2_is_open(case: str) -> None:
    gates.g2_notice(draft(), [G2_OPEN[case]], NOW)


@pytest.mark.parametrize("cause", G2_CLOSED)
def test_g2_is_closed(cause: str) -> None:
    closed("G2", cause, lambda: gates.g2_notice(draft(), G2_CLOSED[cause], NOW))


def test_g2_counts_the_latest_notice_to_each_party() -> None:
    old = notice(draft=draft(facts="旧事实"))
    new = notice(served_at=at("2024-03-12 10:00"))
    gates.g2_notice(draft(), [new, old], NOW)
    two = draft(fine(), fine(party_id="p2", party="张三", party_kind="person"))
    closed("G2", "not_noticed", lambda: gates.g2_notice(two, [notice(draft=two)], NOW))


def test_g2_opens_at_the_very_end_of_the_window() -> None:
    due = at("2024-03-21 00:00")
    told = notice(statement=None, statement_due=due)
    closed("G2", "statement_open", lambda: gates.g2_notice(draft(), [told], due - timedelta(seconds=1)))
    gates.g2_notice(draft(), [told], due)


def test_g2_a_lighter_decision_is_covered_and_a_heavier_one_is_not() -> None:
    gates.g2_notice(draft(fine(20000)), [notice()], NOW)
    closed("G2", "not_covered", lambda: gates.g2_notice(draft(fine(40000)), [notice()], NOW))


RIGHT = notice(hearing_right=True, hearing_due=at("2024-03-18 00:00"))
ASKED = replace(RIGHT, hearing_request="requested", hearing_requested_on=date(2024, 3, 12))
HELD = HearingFact("held", date(2024, 3, 13), at("2024-03-19 09:00"), True)


@pytest.mark.parametrize(
    ("told", "hearings"),
    [
        (notice(), []),
        (RIGHT, []),
        (replace(RIGHT, hearing_due=at("2024-03-25 00:00"), hearing_request="waived"), []),
        (ASKED, [HELD]),
        (ASKED, [replace(HELD, state="forfeited", held_at=None, has_transcript=False)]),
        (ASKED, [replace(HELD, state="withdrawn", held_at=None, has_transcript=False)]),
        (replace(ASKED, hearing_requested_on=date(2024, 3, 19)), []),  # too late to count
    ],
)
def test_g3_is_open(told: NoticeFact, hearings: list[HearingFact]) -> None:
    gates.g3_hearing([told], hearings, NOW)


@pytest.mark.parametrize(
    ("cause", "told", "hearings"),
    [
        ("hearing_open", replace(RIGHT, hearing_due=at("2024-03-25 00:00")), []),
        ("hearing_open", replace(RIGHT, hearing_due=None), []),
        ("hearing_not_held", ASKED, []),
        ("hearing_not_held", ASKED, [replace(HELD, state="notified", held_at=None)]),
        ("hearing_not_held", ASKED, [replace(HELD, notified_on=date(2024, 3, 1))]),  # of an earlier notice
        ("no_transcript", ASKED, [replace(HELD, has_transcript=False)]),
    ],
)
def test_g3_is_closed(cause: str, told: NoticeFact, hearings: list[HearingFact]) -> None:
    closed("G3", cause, lambda: gates.g3_hearing([told], hearings, NOW))


# G4, G5 --------------------------------------------------------------------------------------------------------------

AGREED = ReviewFact(True, "digest-1", ConclusionFact("agree", "digest-1", at("2024-03-19 10:00")))


def test_g4_is_open_when_the_review_agreed_to_this_draft_or_is_not_required() -> None:
    gates.g4_review(AGREED, [HELD])
    gates.g4_review(ReviewFact(False, "digest-1"), [HELD])


@pytest.mark.parametrize("opinion", ["supplement", "correct", "return", "refer", "disagree"])
def test_g4_only_agree_opens(opinion: str) -> None:
    given_at = at("2024-03-19 10:00")
    review = replace(AGREED, conclusion=ConclusionFact(opinion, "digest-1", given_at))
    closed("G4", "review_not_agreed", lambda: gates.g4_review(review, []))


@pytest.mark.parametrize(
    ("cause", "review", "hearings"),
    [
        ("no_review", replace(AGREED, conclusion=None), []),
        ("review_other_draft", replace(AGREED, digest_now="digest-2"), []),
        ("review_before_hearing", AGREED, [replace(HELD, held_at=at("2024-03-19 10:01"))]),
    ],
)
def test_g4_is_closed(cause: str, review: ReviewFact, hearings: list[HearingFact]) -> None:
    closed("G4", cause, lambda: gates.g4_review(review, hearings))


def test_g5_the_reviewer_is_qualified() -> None:
    gates.g5_reviewer("林静", qualified=True)
    closed("G5", "not_qualified", lambda: gates.g5_reviewer("何远", qualified=False))


# G6 ------------------------------------------------------------------------------------------------------------------


def collective(**changes: Any) -> CollectiveFact:
    return CollectiveFact(("fine_entity",), item(**changes))


def test_g6_a_leader_alone_may_decide_what_is_neither_serious_nor_complex() -> None:
    gates.g6_collective(draft(), CollectiveFact(()))


@pytest.mark.parametrize("because", ["fine_entity", "fine_person", "heavy_type", "complex", "dispute"])
def test_g6_a_leader_alone_may_not_decide(because: str) -> None:
    closed("G6", "not_collective", lambda: gates.g6_collective(draft(), CollectiveFact((because,))))


def test_g6_is_open_for_the_approved_draft_and_for_one_changed_as_resolved() -> None:
    gates.g6_collective(draft(), collective())
    resolved = {"p1": Burden(frozenset({"fine"}), 2_000_000, 0)}
    changed = collective(conclusion="change", votes=("change",) * 4, resolved=resolved)
    gates.g6_collective(draft(fine(20000)), changed)
    closed("G6", "collective_other_draft", lambda: gates.g6_collective(draft(fine(25000)), changed))


@pytest.mark.parametrize(
    ("cause", "changes"),
    [
        ("collective_other_draft", {"draft_digest": "digest-0"}),
        ("collective_other_draft", {"conclusion": "return", "votes": ("return",) * 4}),
        ("no_quorum", {"members": 9}),
        ("no_quorum", {"present": 2, "members": 5}),
        ("one_voter", {"present": 1, "members": 1}),
        ("one_voter", {"voters": 1, "votes": ("approve",)}),
        ("head_missing", {"head_accounted": False}),
        ("no_majority", {"votes": ("approve", "approve", "change", "return")}),
        ("no_majority", {"votes": ("approve",), "voters": 2}),
    ],
)
def test_g6_is_closed(cause: str, changes: dict[str, Any]) -> None:
    closed("G6", cause, lambda: gates.g6_collective(draft(), collective(**changes)))


def test_g6_asks_for_the_leader_in_charge_where_the_rule_does() -> None:
    absent = replace(collective(leader_present=False), leader_needed=True)
    closed("G6", "leader_absent", lambda: gates.g6_collective(draft(), absent))
    gates.g6_collective(draft(), replace(absent, leader_needed=False))


@given(st.integers(0, 12), st.integers(1, 12), st.sampled_from([(1, 2), (2, 3)]))
def test_g6_a_quorum_is_the_rule_s_part_of_all_members(present: int, members: int, part: tuple[int, int]) -> None:
    rule = CollectiveFact((), None, *part)
    assert rule.quorate(present, members) == (present / members >= part[0] / part[1])


# G7 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "penalty",
    [
        fine(10000),
        fine(100000),
        fine(5000, mitigation="reduced", ground="行政处罚法第三十二条第一项:主动消除危害后果"),
        fine(0, types=frozenset({"warning"}), mitigation="reduced", ground="第三十二条"),
        fine(20000, party_kind="person", stage="overdue"),
        fine(40000, party_kind="person", stage="income", figures=Figures(base_fen=10_000_000)),
        fine(30000, types=frozenset({"fine", "confiscate_gains"}), confiscation_fen=100),
    ],
)
def test_g7_is_open(penalty: PenaltyFact) -> None:
    gates.g7_range(draft(penalty))


@pytest.mark.parametrize(
    ("cause", "penalty"),
    [
        ("stage_unknown", fine(stage="refuse")),
        ("type_not_allowed", fine(types=frozenset({"fine", "suspend_business"}))),
        ("type_not_allowed", fine(types=frozenset({"fine", "detention"}))),
        ("type_not_allowed", fine(0, types=frozenset({"warning"}))),
        ("fine_without_amount", fine(0)),
        ("fine_without_amount", fine(30000, types=frozenset({"confiscate_gains"}))),
        ("fine_not_allowed", fine(30000, party_kind="person")),
        ("figure_missing", fine(40000, party_kind="person", stage="income")),
        ("fine_above", fine(100001)),
        ("fine_above", fine(100000, max_inclusive=False)),
        ("fine_above", fine(100001, mitigation="reduced", ground="第三十二条")),
        ("fine_below", fine(9999)),
        ("reduced_without_ground", fine(5000, mitigation="reduced", ground=" ")),
    ],
)
def test_g7_is_closed(cause: str, penalty: PenaltyFact) -> None:
    closed("G7", cause, lambda: gates.g7_range(draft(penalty)))


def test_g7_names_the_stage_in_words() -> None:
    with pytest.raises(GateClosed) as closed_gate:
        gates.g7_range(draft(fine(9999)))
    reason = closed_gate.value.facts["reason"]
    assert "情形：一般情形" in reason["zh"]
    assert "stage First finding" in reason["en"]


@given(st.integers(1, 30_000_000))
def test_g7_holds_every_amount_to_its_range(fen: int) -> None:
    within = 1_000_000 <= fen <= 10_000_000
    try:
        gates.g7_range(draft(fine(fine_fen=fen)))
        opened = True
    except GateClosed:
        opened = False
    assert opened == within


# G8 ------------------------------------------------------------------------------------------------------------------

BURDENS = st.builds(
    Burden,
    st.frozensets(st.sampled_from(["warning", "fine", "suspend_business", "revoke_permit"])),
    st.integers(0, 1000),
    st.integers(0, 1000),
)


@given(BURDENS)
def test_g8_nothing_is_heavier_than_itself(burden: Burden) -> None:
    assert not burden.heavier_than(burden)


@given(BURDENS, st.integers(1, 1000))
def test_g8_a_higher_amount_is_heavier(burden: Burden, more: int) -> None:
    assert replace(burden, fine_fen=burden.fine_fen + more).heavier_than(burden)
    assert not burden.heavier_than(replace(burden, fine_fen=burden.fine_fen + more))


@given(BURDENS)
def test_g8_another_type_is_heavier_and_one_less_is_not(burden: Burden) -> None:
    more = replace(burden, types=burden.types | {"close_down"})
    assert more.heavier_than(burden)
    assert not burden.heavier_than(more)


def test_g8_a_warning_instead_of_a_fine_is_not_heavier() -> None:
    assert not Burden(frozenset({"warning"}), 0, 0).heavier_than(Burden(frozenset({"fine"}), 100, 0))
    assert Burden(frozenset({"warning", "fine"}), 100, 0).heavier_than(Burden(frozenset({"fine"}), 100, 0))


def test_g8_who_spoke_up_is_not_punished_harder() -> None:
    for spoke_up in ({"statement": "made"}, {"hearing_request": "requested"}):
        told = notice(**spoke_up)
        gates.g8_not_heavier(draft(fine(30000)), [told])
        gates.g8_not_heavier(draft(fine(20000)), [told])
        with pytest.raises(GateClosed) as caught:
            gates.g8_not_heavier(draft(fine(30001)), [told])
        assert caught.value.facts["cause"] == "heavier_after_statement"


def test_g8_a_second_notice_does_not_make_it_lawful() -> None:
    heavier = draft(fine(40000))
    again = notice(draft=heavier, served_at=at("2024-03-15 10:00"))
    closed("G8", "heavier_after_statement", lambda: gates.g8_not_heavier(heavier, [notice(statement="made"), again]))


def test_g8_new_facts_may_be_punished_harder_after_a_new_notice() -> None:
    heavier = draft(fine(40000), facts="新查明的事实")
    first = notice(statement="made")
    gates.g8_not_heavier(heavier, [first])
    closed("G8", "new_facts_unnoticed", lambda: gates.g8_new_facts(heavier, [first]))
    gates.g8_new_facts(heavier, [first, notice(draft=heavier, served_at=at("2024-03-15 10:00"))])


def test_g8_a_line_break_is_no_new_fact() -> None:
    gates.g8_new_facts(draft(facts="事 实\n"), [notice()])


# G9, G12, G16 --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("crime", ["none", "cleared", "refused", "returned"])
def test_g9_is_open_without_an_open_suspicion(crime: str) -> None:
    gates.g9_crime(crime, "penalty")
    closed("G9", "not_referred", lambda: gates.g9_crime(crime, "referred"))


@pytest.mark.parametrize("crime", ["suspected", "confirmed", "approved", "transferred"])
@pytest.mark.parametrize("outcome", ["penalty", "no_penalty_minor", "no_penalty_unproven"])
def test_g9_is_closed_while_a_suspicion_is_open(crime: str, outcome: str) -> None:
    closed("G9", "crime_open", lambda: gates.g9_crime(crime, outcome))
    closed("G9", "not_referred", lambda: gates.g9_crime(crime, "referred"))


def test_g9_once_the_police_accepted_only_a_referral_can_be_decided() -> None:
    gates.g9_crime("accepted", "referred")
    closed("G9", "crime_accepted", lambda: gates.g9_crime("accepted", "penalty"))


def test_g12_sealing_needs_the_authority_itself_and_approval() -> None:
    gates.g12_coercion(SeizureFact(False, False, NOW))
    gates.g12_coercion(SeizureFact(False, True))
    closed("G12", "not_approved", lambda: gates.g12_coercion(SeizureFact(False, False)))
    closed("G12", "delegated", lambda: gates.g12_coercion(SeizureFact(True, True, NOW)))
    closed("G12", "delegated", lambda: gates.g12_approval(SeizureFact(True, False), NOW))


@pytest.mark.parametrize(("hours", "opened"), [(0, True), (24, True), (24.01, False)])
def test_g12_an_urgent_measure_is_approved_within_24_hours(hours: float, opened: bool) -> None:
    seizure = SeizureFact(False, True, None, NOW)
    late = NOW + timedelta(hours=hours)
    if opened:
        gates.g12_approval(seizure, late)
    else:
        closed("G12", "approved_late", lambda: gates.g12_approval(seizure, late))


def test_g16_no_step_is_dated_before_one_that_comes_first() -> None:
    day = date(2024, 3, 5)
    gates.g16_order([("found", day, "filed", day)], "一号")
    error = closed(
        "G16", "order", lambda: gates.g16_order([("filed", day, "report", date(2024, 3, 4))], "一号")
    )
    assert "立案" in error.facts["reason"]["zh"]
    closed("G16", "no_number", lambda: gates.g16_order([], None))


# All together --------------------------------------------------------------------------------------------------------


def whole(**changes: Any) -> DecisionFacts:
    facts = DecisionFacts(
        draft(), "penalty", (notice(),), (), AGREED, CollectiveFact(()), "none", "（衢）应急立〔2024〕1号", (), NOW
    )
    return replace(facts, **changes)


def test_a_decision_passes_when_every_gate_is_open() -> None:
    gates.decision(whole())


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("gate.G2", {"notices": ()}),
        ("gate.G3", {"notices": (replace(ASKED, hearing_due=NOW),)}),
        ("gate.G4", {"review": replace(AGREED, conclusion=None)}),
        ("gate.G6", {"collective": CollectiveFact(("complex",))}),
        ("gate.G7", {"draft": draft(fine(1))}),
        ("gate.G8", {"draft": draft(facts="其他")}),
        ("gate.G9", {"crime": "suspected"}),
        ("gate.G16", {"number": None}),
    ],
)
def test_each_gate_alone_closes_a_decision(code: str, changes: dict[str, Any]) -> None:
    with pytest.raises(GateClosed) as caught:
        gates.decision(whole(**changes))
    assert caught.value.code == code


def test_no_penalty_needs_no_notice_but_the_review() -> None:
    minor = whole(draft=draft(outcome="minor", penalties=()), outcome="no_penalty_minor", notices=())
    gates.decision(minor)
    with pytest.raises(GateClosed):
        gates.decision(replace(minor, review=replace(AGREED, conclusion=None)))


def test_a_referred_case_is_decided_without_any_fine() -> None:
    gates.decision(whole(outcome="referred", crime="accepted", notices=(), review=ReviewFact(True, "x")))


def test_every_reason_says_the_same_in_both_languages() -> None:
    def names(text: str) -> set[str]:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field}

    assert {cause for cause, (zh, en) in REASONS.items() if names(zh) != names(en)} == set()
