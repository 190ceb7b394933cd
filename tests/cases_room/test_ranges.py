"""The catalogue's 188 matters and the ranges of fines that follow from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.cases_room.room import Room
from workflows.cases import catalogue
from workflows.cases.catalogue import BureauRule, Matter, ReviewClass
from workflows.cases.measures import penalty_types
from workflows.cases.ranges import Figures, Range, allowed_types, ranges
from workflows.cases.rules import rule
from workflows.errors import Forbidden, Invalid, NotFound

SHIPPED = catalogue._shipped()
ITEMS = {item["code"]: catalogue._columns(item, SHIPPED["laws"], SHIPPED["notes"]) for item in SHIPPED["items"]}
KINDS = ("entity", "person")
ORDERS = {
    "责令限期改正", "责令改正", "责令停止违法行为", "限期改正", "提供必需的资金", "责令立即消除或者限期消除",
    "责令无害化处理(2款)", "限期补办延期手续", "责令限期改进", "恢复原状或者采取其他补救措施",
    "责令停止非法生产、经营活动", "降级、撤职的处分", "责令限期退回违法所得的款物", "不予受理或者不予行政许可",
    "一年内不得再次申请",
}  # fmt: skip
"""Measures in the catalogue that are orders, sanctions on officials or refusals, but no administrative penalties."""


def stages() -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Every stage of every penalty matter: code, spec, entry."""
    for code, item in ITEMS.items():
        if item["kind"] == "行政处罚":
            for entry in item["spec"]["stages"]:
                yield code, item["spec"], entry


def test_the_catalogue_has_its_188_matters_and_sixteen_classes() -> None:
    kinds = [item["kind"] for item in ITEMS.values()]
    assert (kinds.count("行政处罚"), kinds.count("行政强制"), kinds.count("行政许可")) == (151, 15, 22)
    assert len(ITEMS) == 188, "codes must be unique"
    by_kind = [entry["kind"] for entry in SHIPPED["classes"]]
    assert [by_kind.count(kind) for kind in ("normative_document", "decision", "contract")] == [5, 6, 5]


def test_every_range_of_every_matter_can_be_read() -> None:
    seen = set()
    figures = Figures(base_fen=50_000_000, days=3)
    for code, spec, entry in stages():
        for kind in KINDS:
            found = ranges(spec, entry["stage"], kind, figures)
            if found is not None:
                assert 0 <= found.min_fen <= found.max_fen, code
                assert found.max_fen > 0, code
                seen.add(found.basis)
    assert seen == {"fixed", "income", "illegal_gains", "multiple", "daily_repeat"}


def test_a_stage_with_amounts_speaks_of_a_fine_and_one_without_does_not() -> None:
    for code, _, entry in stages():
        assert ("fine" in entry["types"]) == bool(entry.get("entity") or entry.get("person")), code


def test_every_measure_is_a_penalty_or_a_known_order() -> None:
    words = {words for _, _, entry in stages() for words in entry["measures"]}
    assert {one for one in words if not penalty_types([one])} == ORDERS


def test_effective_dates_come_from_the_law_s_version_and_are_unknown_otherwise() -> None:
    assert ITEMS["CF-AQF-097-1-07"]["effective_from"] == date(2021, 9, 1)
    assert ITEMS["CF-WHP-075-1"]["effective_from"] is None
    assert ITEMS["CF-TFF-096-1-01"]["effective_from"] == date(2024, 11, 1)


@given(st.sampled_from(list(stages())), st.sampled_from(KINDS), st.integers(0, 3_000_000_000))
def test_a_fine_is_in_the_range_exactly_between_its_ends(
    stage: tuple[str, Mapping[str, Any], Mapping[str, Any]], kind: str, fine: int
) -> None:
    _, spec, entry = stage
    found = ranges(spec, entry["stage"], kind, Figures(100_000_00, 2))
    if found is not None:
        assert found.holds(fine) == (found.min_fen <= fine <= found.max_fen)


def test_the_upper_end_may_be_excluded_by_a_rule() -> None:
    including, excluding = Range(0, 100), Range(0, 100, max_inclusive=False)
    assert (including.holds(100), excluding.holds(100), excluding.holds(99)) == (True, False, True)


@pytest.mark.parametrize(
    ("code", "stage", "kind", "figures", "expected"),
    [
        ("CF-AQF-097-1-07", "initial", "entity", Figures(), (0, 10_000_000)),
        ("CF-AQF-097-1-07", "overdue", "person", Figures(), (2_000_000, 5_000_000)),
        ("CF-AQF-092-2", "initial", "entity", Figures(base_fen=0), (10_000_000, 20_000_000)),
        ("CF-AQF-092-2", "initial", "entity", Figures(base_fen=9_999_999), (10_000_000, 20_000_000)),
        ("CF-AQF-092-2", "initial", "entity", Figures(base_fen=10_000_000), (20_000_000, 50_000_000)),
        ("CF-AQF-095-1", "一般事故", "person", Figures(base_fen=10_000_000), (4_000_000, 4_000_000)),
        ("CF-AQF-110-1", "initial", "person", Figures(base_fen=10_000_000), (6_000_000, 10_000_000)),
        ("CF-AQF-112-1", "daily", "entity", Figures(base_fen=3_000_000, days=4), (12_000_000, 12_000_000)),
        ("CF-AQF-114-1", "情节特别严重、影响特别恶劣(2款)", "entity", Figures(base_fen=30_000_000),
         (60_000_000, 150_000_000)),
        # A matter that fines nobody beside the actor applies to a person who acted in his own name.
        ("CF-YHB-036-1-b", "initial", "person", Figures(), (2_000_000, 10_000_000)),
    ],
)  # fmt: skip
def test_ranges_of_chosen_matters(
    code: str, stage: str, kind: str, figures: Figures, expected: tuple[int, int]
) -> None:
    found = ranges(ITEMS[code]["spec"], stage, kind, figures)
    assert found is not None
    assert (found.min_fen, found.max_fen) == expected


@pytest.mark.parametrize(
    ("code", "stage", "kind"),
    [
        ("CF-AQF-097-1-07", "initial", "person"),
        ("CF-AQF-094-1", "initial", "entity"),
        ("CF-AQF-102-1", "refuse", "entity"),
    ],
)
def test_where_the_law_fines_only_the_other_kind_of_party_there_is_no_range(code: str, stage: str, kind: str) -> None:
    assert ranges(ITEMS[code]["spec"], stage, kind) is None


@pytest.mark.parametrize(
    ("code", "stage", "kind", "figures", "basis"),
    [
        ("CF-AQF-095-1", "较大事故", "person", Figures(), "income"),
        ("CF-AQF-092-2", "initial", "entity", Figures(), "illegal_gains"),
        ("CF-AQF-112-1", "daily", "entity", Figures(base_fen=100), "daily_repeat"),
    ],
)
def test_a_missing_figure_is_named(code: str, stage: str, kind: str, figures: Figures, basis: str) -> None:
    with pytest.raises(Invalid) as caught:
        ranges(ITEMS[code]["spec"], stage, kind, figures)
    assert (caught.value.code, caught.value.facts["basis"]) == ("range.figure_missing", basis)


def test_detention_is_never_ours_and_illegal_gains_always_may_be_confiscated() -> None:
    spec = ITEMS["CF-AQF-110-1"]["spec"]
    assert allowed_types(spec, "escape") == {"confiscate_gains"}
    with pytest.raises(NotFound):
        allowed_types(spec, "overdue")


def test_loading_again_changes_nothing_and_keeps_what_the_bureau_added(room: Room) -> None:
    with room.store.work() as session:
        actor = room.actor(session, "legal1")
        stage = {"stage": "initial", "measures": ["罚款"], "entity": [500000, 2000000], "person": [30000, 150000]}
        catalogue.add_matter(
            session, actor, code="CF-MKY-010-1", name="煤矿重大隐患", legal_basis="《特别规定》第十条", stages=[stage]
        )
    with room.store.work() as session:
        assert catalogue.load_catalogue(session) == catalogue.Loaded(0, 0)
        assert session.execute(select(func.count()).select_from(Matter)).scalar_one() == 189
        assert session.execute(select(func.count()).select_from(ReviewClass)).scalar_one() == 16
        added = session.get_one(Matter, "CF-MKY-010-1")
        assert (added.source, added.spec["stages"][0]["types"]) == ("bureau", ["fine"])


def test_a_changed_seed_matter_is_brought_up_to_date(room: Room) -> None:
    with room.store.work() as session:
        session.get_one(Matter, "CF-AQF-097-1-07").spec = {"stages": []}
    with room.store.work() as session:
        assert catalogue.load_catalogue(session).changed == 1
        assert len(session.get_one(Matter, "CF-AQF-097-1-07").spec["stages"]) == 2


def test_only_legal_officers_and_administrators_add_matters(room: Room) -> None:
    with room.store.work() as session, pytest.raises(Forbidden):
        catalogue.add_matter(
            session, room.actor(session, "officer1"), code="CF-X-1", name="a", legal_basis="b", stages=[]
        )


def test_a_wrong_matter_is_refused_field_by_field(room: Room) -> None:
    stage = {"stage": "", "types": ["flogging"], "entity": [5, 1], "person": {"basis": "dice"}}
    with room.store.work() as session, pytest.raises(Invalid) as caught:
        catalogue.add_matter(
            session, room.actor(session, "legal1"), code="x y", name=" ", legal_basis="", stages=[stage]
        )
    assert {problem.place for problem in caught.value.problems} == {
        "code", "name", "legal_basis", "stages[0].stage", "stages[0].types", "stages[0].entity", "stages[0].person",
    }  # fmt: skip


def test_a_matter_of_a_played_case_enters_once(room: Room) -> None:
    entry = {
        "code": "CF-MKY-010-1", "name": "煤矿重大隐患仍然进行生产",
        "basis": [
            {"law": "国务院关于预防煤矿生产安全事故的特别规定", "version": "2005-09-03 施行", "at": [10, 1, None],
             "cite": "第十条第一款"},
        ],
        "stages": [{"stage": "initial", "measures": ["责令停产整顿", "罚款"], "entity": [500000, 2000000]}],
    }  # fmt: skip
    with room.store.work() as session:
        first = catalogue.load_matter(session, entry)
        assert catalogue.load_matter(session, entry) is first
        assert first.effective_from == date(2005, 9, 3)


def test_a_bureau_s_own_rule_wins_and_dates_choose_the_version(room: Room) -> None:
    with room.store.work() as session:
        bureau = room.actor(session, "head").unit_id
        session.add(BureauRule(name="hearing_threshold", bureau_id=bureau, value={"entity_fine_yuan": 100000},
                               effective_from=date(2024, 1, 1)))  # fmt: skip
        session.flush()
        assert rule(session, "hearing_threshold", bureau, date(2024, 1, 1))["entity_fine_yuan"] == 100000
        assert rule(session, "hearing_threshold", bureau, date(2023, 12, 31))["entity_fine_yuan"] == 50000
        assert rule(session, "credit_repair", bureau, date(2026, 3, 31))["rule"] == "发改委令第58号"
        assert rule(session, "credit_repair", bureau, date(2026, 4, 1))["rule"].startswith("发改委令第36号")
        with pytest.raises(NotFound):
            rule(session, "bribes", bureau, date(2024, 1, 1))
