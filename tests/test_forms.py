"""Forms: what a schema allows is read, typed and checked; nothing else gets through."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows import forms
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI
from workflows.errors import DiagramRefused, Invalid, Problem


def component(kind: str, key: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"Field_{key}", "key": key, "path": key, "label": key, **more}


def form(*components: dict[str, Any]) -> forms.Form:
    return forms.parse({"components": list(components)}, "sample")


def options(name: str) -> list[tuple[str, str, str]]:
    return {"parties": [("p1", "甲公司", "A"), ("p2", "乙", "B")]}[name]


def check(a_form: forms.Form, **answer: Any) -> dict[str, Any]:
    return forms.validate(a_form, answer, options)


def problems(a_form: forms.Form, **answer: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        check(a_form, **answer)
    return {problem.place: problem.code for problem in caught.value.problems}


def test_values_come_out_typed() -> None:
    a_form = form(
        component("textfield", "title"),
        component("number", "fine"),
        component("datetime", "day", subtype="date"),
        component("datetime", "moment", subtype="datetime"),
        component("checkbox", "sure"),
    )
    answer = check(a_form, title=" 无证作业 ", fine="30,000.50", day="2024-02-29", moment="2024-02-29T09:30", sure=True)
    assert answer == {
        "title": "无证作业",
        "fine": Decimal("30000.50"),
        "day": date(2024, 2, 29),
        "moment": datetime(2024, 2, 29, 9, 30, tzinfo=SHANGHAI),
        "sure": True,
    }


def test_what_the_form_does_not_have_is_dropped() -> None:
    assert check(form(component("textfield", "title")), title="a", state="archived", __class__="x") == {"title": "a"}


def test_every_wrong_field_is_named_at_once() -> None:
    a_form = form(
        component("textfield", "title", validate={"required": True}),
        component("number", "fine", validate={"min": 1, "max": 100}),
        component("datetime", "day", subtype="date"),
        component("select", "party", valuesKey="parties"),
    )
    assert problems(a_form, title=" ", fine="101", day="2024-02-30", party="p3") == {
        "title": "field.required",
        "fine": "field.too_large",
        "day": "field.date_expected",
        "party": "field.choice_unknown",
    }


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e400", "十万", "0x10", "--1"])
def test_a_number_is_a_finite_decimal(text: str) -> None:
    assert problems(form(component("number", "fine")), fine=text) == {"fine": "field.number_expected"}


@pytest.mark.parametrize("text", ["1e-30000000", "0.0000001", "1e-7", "-5.1234567"])
def test_a_number_has_at_most_six_decimal_places(text: str) -> None:
    """Written out, the shortest of these has thirty million digits."""
    assert problems(form(component("number", "fine")), fine=text) == {"fine": "field.too_many_decimals"}


@pytest.mark.parametrize("text", ["1e15", "1e30000000", "9" * 29, "9" * 100_000, "0." + "0" * 100_000])
def test_a_number_is_neither_endless_nor_enormous(text: str) -> None:
    assert problems(form(component("number", "fine")), fine=text) == {"fine": "field.number_expected"}


@pytest.mark.parametrize(
    ("text", "kept"), [("0e-30000000", "0"), ("0e30000000", "0"), ("1e3", "1000"), ("30,000.50", "30000.5"),
                       ("999999999999999.999999", "999999999999999.999999")],
)  # fmt: skip
def test_a_number_is_kept_exactly_and_without_needless_zeros(text: str, kept: str) -> None:
    clean = check(form(component("number", "fine")), fine=text)
    assert forms.to_json(clean) == {"fine": kept}


def test_a_row_count_of_any_length_is_read() -> None:
    assert [forms.row_count(text) for text in ("", "-1", "²", "7", "101", "9" * 5000)] == [0, 0, 0, 7, 100, 100]


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "\ud800"])
def test_control_characters_are_refused(text: str) -> None:
    assert problems(form(component("textarea", "note")), note=text) == {"note": "field.control_character"}


def test_rows_of_a_list_are_checked_one_by_one_and_empty_ones_left_out() -> None:
    rows = component(
        "dynamiclist",
        "penalties",
        components=[
            component("select", "party", valuesKey="parties", validate={"required": True}),
            component("number", "fine"),
        ],
    )
    answer = check(form(rows), penalties=[{"party": "p1", "fine": "1"}, {"party": "", "fine": ""}])
    assert answer == {"penalties": [{"party": "p1", "fine": Decimal(1)}]}
    assert problems(form(rows), penalties=[{"party": "", "fine": "x"}]) == {
        "penalties[0].party": "field.required",
        "penalties[0].fine": "field.number_expected",
    }


def test_a_wrong_cell_is_told_where_it_stands_behind_empty_rows_too() -> None:
    rows = component("dynamiclist", "goods", label="物品", components=[component("number", "count", label="数量")])
    sent = {"goods": [{"count": ""}, {"count": "x"}, {"count": ""}, {"count": "3"}]}
    assert problems(form(rows), **sent) == {"goods[1].count": "field.number_expected"}
    behind = [Problem("field.amount_bad", "goods[1].count"), Problem("a", "b"), Problem("c", "x[0]")]
    named = forms.with_labels(form(rows), Invalid("form.invalid", behind), sent).problems
    assert [(one.place, one.facts.get("label")) for one in named] == [
        ("goods[3].count", "数量"), ("b", None), ("x[0]", None),
    ]  # fmt: skip


def test_a_time_of_the_day_is_read_to_the_minute() -> None:
    a_form = form(component("datetime", "at", subtype="time"))
    clean = check(a_form, at="09:30")
    assert clean == {"at": time(9, 30)}
    assert forms.to_json(clean) == {"at": "09:30"}
    for wrong in ("9", "25:00", "2024-02-29T09:30", "09:30+08:00", "早上"):
        assert problems(a_form, at=wrong) == {"at": "field.time_expected"}, wrong


def test_a_day_that_must_not_have_passed_begins_today() -> None:
    a_form = form(component("datetime", "day", subtype="date", disallowPassedDates=True))
    with clock.simulated(datetime(2024, 2, 29, 0, 10, tzinfo=SHANGHAI)):
        assert check(a_form, day="2024-02-29") == {"day": date(2024, 2, 29)}
        assert problems(a_form, day="2024-02-28") == {"day": "field.passed"}


def test_files_keep_within_what_the_form_takes() -> None:
    limits = {"max_files": "2", "max_mb": "1"}
    a_form = form(component("filepicker", "papers", multiple=True, accept=".pdf, image/*", properties=limits))

    def paper(name: str, kind: str = "application/pdf", size: int = 3) -> dict[str, Any]:
        return {"sha256": "a" * 64, "size": size, "name": name, "media_type": kind}

    assert len(check(a_form, papers=[paper("一.PDF"), paper("二.jpg", "image/jpeg")])["papers"]) == 2
    assert problems(a_form, papers=[paper("a.pdf")] * 3) == {"papers": "field.too_many_files"}
    assert problems(a_form, papers=[paper("a.pdf", size=(1 << 20) + 1)]) == {"papers": "field.file_too_large"}
    assert problems(a_form, papers=[paper("a.mp4", "video/mp4")]) == {"papers": "field.file_kind"}


def test_rows_keep_within_what_the_form_takes() -> None:
    a_form = form(component("dynamiclist", "r", validate={"maxRows": 2}, components=[component("textfield", "name")]))
    assert problems(a_form, r=[{"name": "a"}] * 3) == {"r": "field.too_many_rows"}
    assert len(check(a_form, r=[{"name": "a"}, {"name": ""}, {"name": "b"}])["r"]) == 2


@pytest.mark.parametrize(
    ("rule", "good", "bad", "code"),
    [
        ({"validate": {"validationType": "email"}}, "a@b.cn", "a@b", "field.email"),
        ({"validate": {"validationType": "phone"}}, "12350", "x", "field.phone"),
        ({"properties": {"format": "credit_code"}}, "91350100M000100Y43", "91350100M000100Y44", "field.credit_code"),
        ({"validate": {"pattern": "((a+))+"}}, "aaa", "aaab", "field.pattern"),
        ({"validate": {"pattern": "a*"}}, "a", "a" * 1001, "field.too_long"),
    ],
)
def test_a_text_looks_as_its_field_says(rule: dict[str, Any], good: str, bad: str, code: str) -> None:
    a_form = form(component("textfield", "text", **rule))
    assert check(a_form, text=good) == {"text": good}
    assert check(a_form, text="") == {"text": None}
    assert problems(a_form, text=bad) == {"text": code}


def test_tags_are_chosen_as_from_a_checklist() -> None:
    a_form = form(component("taglist", "kinds", values=[{"value": "a"}, {"value": "b"}]))
    assert check(a_form, kinds=["a", "b"]) == {"kinds": ["a", "b"]}
    assert problems(a_form, kinds=["c"]) == {"kinds": "field.choice_unknown"}


def test_fixed_rows_must_all_be_there_and_no_others() -> None:
    rows = component(
        "dynamiclist",
        "services",
        allowAddRemove=False,
        properties={"rows": "parties", "row_key": "party_id"},
        components=[component("textfield", "party_id"), component("textfield", "method")],
    )
    full = [{"party_id": "p2", "method": "直接送达"}, {"party_id": "p1", "method": ""}]
    assert [row["party_id"] for row in check(form(rows), services=full)["services"]] == ["p2", "p1"]
    for wrong in (full[:1], full + full[:1], [{"party_id": "p1"}, {"party_id": "p9"}], []):
        assert problems(form(rows), services=wrong) == {"services": "field.rows_differ"}


def test_files_keep_only_what_the_content_store_said() -> None:
    a_form = form(component("filepicker", "papers", multiple=True, properties={"material": "evidence"}))
    paper = {"sha256": "a" * 64, "size": 3, "name": "现场照片.jpg", "media_type": "image/jpeg", "path": "../../etc"}
    assert check(a_form, papers=[paper])["papers"] == [
        {"sha256": "a" * 64, "size": 3, "name": "现场照片.jpg", "media_type": "image/jpeg", "material_kind": "evidence"}
    ]
    assert problems(a_form, papers=[{"sha256": "../x", "size": 1, "name": "n", "media_type": "m"}]) == {
        "papers": "field.file_bad"
    }


def test_a_post_is_read_by_names_and_row_counts() -> None:
    a_form = form(
        component("textfield", "title"),
        component("checklist", "types", values=[{"value": "fine"}, {"value": "warning"}]),
        component("dynamiclist", "rows", components=[component("textfield", "name"), component("checkbox", "done")]),
    )
    posted = {
        "title": ["a", "b"],
        "types": ["fine", "warning"],
        "rows.#": ["2"],
        "rows.0.name": ["甲"],
        "rows.1.done": ["1"],
        "rows.2.name": ["beyond the count"],
    }
    assert forms.read(a_form, posted, {}) == {
        "title": "a",
        "types": ["fine", "warning"],
        "rows": [{"name": "甲", "done": False}, {"name": "", "done": True}],
    }


@pytest.mark.parametrize("count", ["-1", "x", "", "999999999", "1e9"])
def test_a_wild_row_count_does_no_harm(count: str) -> None:
    a_form = form(component("dynamiclist", "rows", components=[component("textfield", "name")]))
    assert len(forms.read(a_form, {"rows.#": [count]}, {})["rows"]) <= forms.ROW_LIMIT


@pytest.mark.parametrize("pattern", ["(", r"(a)\1", "(?=a)b", "(a{100}){100}", "a" * 201])
def test_patterns_that_are_none_of_ours_are_refused(pattern: str) -> None:
    with pytest.raises(DiagramRefused) as caught:
        form(component("textfield", "code", validate={"pattern": pattern}))
    assert [(p.code, p.place) for p in caught.value.problems] == [("form.pattern_refused", "forms/sample.form#code")]


def test_an_unknown_component_is_refused_by_name() -> None:
    with pytest.raises(DiagramRefused) as caught:
        form(component("script", "x"), component("textfield", "a b"))
    assert {p.code for p in caught.value.problems} == {"form.component_unknown", "form.key_bad"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["title", "fine", "day", "moment", "party", "types", "rows", "papers", "sure"]), JSON
    )
)
def test_whatever_is_sent_is_a_clean_answer_or_a_list_of_problems(answer: dict[str, Any]) -> None:
    a_form = form(
        component("textfield", "title", validate={"pattern": "[a-z]+", "maxLength": 5}),
        component("number", "fine"),
        component("datetime", "day", subtype="date"),
        component("datetime", "moment", subtype="datetime"),
        component("select", "party", valuesKey="parties"),
        component("checklist", "types", values=[{"value": "fine"}]),
        component("dynamiclist", "rows", components=[component("textfield", "name")]),
        component("filepicker", "papers"),
        component("checkbox", "sure"),
    )
    wrong: list[Problem] = []
    clean: dict[str, Any] = {}
    try:
        clean = forms.validate(a_form, answer, options)
    except Invalid as error:
        wrong = error.problems
    assert bool(wrong) != (set(clean) == {f.key for f in a_form.fields})
    assert all(p.place and p.code.startswith("field.") for p in wrong)


@pytest.mark.parametrize(("digits", "text"), [(0, "1.5"), (2, "1.005"), (2, "0.001")])
def test_a_number_has_no_more_decimals_than_its_form_says(digits: int, text: str) -> None:
    a_form = form(component("number", "fine", decimalDigits=digits))
    assert problems(a_form, fine=text) == {"fine": "field.too_many_decimals"}
    assert check(a_form, fine="3.00") == {"fine": Decimal(3)}
