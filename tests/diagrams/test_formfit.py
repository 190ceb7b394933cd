"""A form that nobody could fill in is not published."""

from __future__ import annotations

from typing import Any

import pytest

from tests import paper
from tests.paper import field
from workflows.diagrams import library
from workflows.errors import DiagramRefused

COLUMN = field("textfield", "name", "名称")


def refused(*components: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(DiagramRefused) as caught:
        library.check(paper.package({}, list(components)), ["paper"])
    return [(problem.code, problem.place.removeprefix("forms/paper.form#")) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("component", "code", "place"),
    [
        (field("textfield", "seen", "甲"), "form.key_taken", "seen"),
        (field("select", "a", "甲", valuesKey="nowhere"), "form.source_unknown", "a"),
        (field("radio", "a", "甲"), "form.no_choices", "a"),
        (field("textfield", "a", "甲", readonly=True, validate={"required": True}), "form.required_unwritable", "a"),
        (field("textfield", "a", "甲", validate={"minLength": 9, "maxLength": 2}), "form.limits_crossed", "a"),
        (field("number", "a", "甲", validate={"min": "0.5", "max": 0}), "form.limits_crossed", "a"),
        (field("textfield", "a", "甲", properties={"format": "iban"}), "form.not_honoured", "a"),
        (field("filepicker", "a", "甲", properties={"max_files": "0"}), "form.value_bad", "a"),
        (field("filepicker", "a", "甲", properties={"max_mb": "many"}), "form.value_bad", "a"),
        (field("dynamiclist", "a", "甲", components=[]), "form.list_empty", "a"),
        (field("dynamiclist", "a", "甲", components=[COLUMN, COLUMN]), "form.key_twice", "a.name"),
        (field("dynamiclist", "a", "甲", components=[field("dynamiclist", "b", "乙", components=[COLUMN])]),
         "form.list_in_list", "a.b"),
        (field("dynamiclist", "a", "甲", components=[field("select", "b", "乙", valuesKey="none")]),
         "form.source_unknown", "a.b"),
        (field("dynamiclist", "a", "甲", allowAddRemove=False, components=[COLUMN],
               properties={"rows": "parties", "row_key": "other"}), "form.rows_without_key", "a"),
        (field("dynamiclist", "a", "甲", components=[COLUMN], properties={"rows": "parties", "row_key": "name"}),
         "form.not_honoured", "a"),
        (field("textfield", "a", "甲", conditional={"hide": "=upper(b)"}), "form.condition_refused", "a"),
        (field("textfield", "a", "甲", conditional={"hide": "=b = 1"}), "form.condition_field", "a"),
        (field("textfield", "a", "甲", conditional={"hide": '=a = "x"'}), "form.condition_field", "a"),
        (field("dynamiclist", "a", "甲", components=[
            field("number", "n", "数"), field("textfield", "b", "乙", conditional={"hide": '=n = "x"'})]),
         "form.condition_value", "a.b"),
        (field("dynamiclist", "a", "甲", components=[
            field("radio", "r", "选", values=[{"value": "x"}]),
            field("textfield", "b", "乙", conditional={"hide": '=r = "y"'})]), "form.condition_value", "a.b"),
    ],
)  # fmt: skip
def test_what_nobody_could_fill_in_is_refused_with_its_place(component: dict[str, Any], code: str, place: str) -> None:
    assert refused(component) == [(code, place)]


def test_what_can_be_filled_in_is_taken() -> None:
    fields = [
        field("textfield", "mail", "邮箱", validate={"validationType": "email", "minLength": 3, "maxLength": 60}),
        field("textfield", "code", "代码", properties={"format": "party_number"}),
        field("taglist", "kinds", "种类", values=[{"value": "a", "label": "甲"}]),
        field("filepicker", "files", "材料", properties={"max_files": "3", "max_mb": "10"}),
        field("datetime", "hour", "时间", subtype="time", conditional={"hide": '="a" in kinds or mail = null'}),
        field("datetime", "day", "日期", subtype="date", disallowPassedDates=True),
        field("number", "rate", "比例", readonly=True, appearance={"prefixAdorner": "约", "suffixAdorner": "%"}),
    ]
    assert library.check(paper.package({}, fields), ["paper"]).key == "paper"
