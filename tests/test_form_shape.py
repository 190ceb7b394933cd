"""A form of another shape than form-js writes is refused with its place; the shipped forms are as they should be."""

from __future__ import annotations

from typing import Any

import pytest

from workflows import forms
from workflows.diagrams import library
from workflows.errors import DiagramRefused
from workflows.forms.shape import MAX_DEPTH, misshapen

FIELD: dict[str, Any] = {"type": "textfield", "key": "a", "id": "f", "label": "标题", "validate": {"maxLength": 5}}


def deep(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = FIELD
    for _ in range(levels):
        inner = {"type": "group", "components": [inner]}
    return inner


@pytest.mark.parametrize(
    ("change", "attribute"),
    [
        ({"properties": "x"}, "properties"), ({"properties": ["x"]}, "properties"), ({"validate": 1}, "validate"),
        ({"values": {"a": 1}}, "values"), ({"values": ["a"]}, "values"), ({"values": [{"label": "x"}]}, "values"),
        ({"values": [{"value": {}}]}, "values"), ({"values": [{"value": "a", "properties": []}]}, "values.properties"),
        ({"label": {}}, "label"), ({"key": 5}, "key"), ({"type": []}, "type"), ({"multiple": "yes"}, "multiple"),
        ({"components": {}}, "components"), ({"appearance": "x"}, "appearance"), ({"valuesKey": ["x"]}, "valuesKey"),
        ({"defaultValue": {}}, "defaultValue"), ({"type": "datetime", "subtype": "year"}, "subtype"),
        ({"validate": {"maxLength": "long"}}, "validate.maxLength"), ({"validate": {"min": True}}, "validate.min"),
        ({"validate": {"minLength": -1}}, "validate.minLength"), ({"validate": {"max": float("nan")}}, "validate.max"),
        ({"validate": {"pattern": 5}}, "validate.pattern"), ({"validate": {"required": "no"}}, "validate.required"),
        ({"validate": {"minRows": None}}, "validate.minRows"),
    ],
)  # fmt: skip
def test_another_shape_is_refused_with_its_place(change: dict[str, Any], attribute: str) -> None:
    with pytest.raises(DiagramRefused) as refused:
        forms.parse({"components": [{**FIELD, **change}]}, "sample")
    (problem,) = refused.value.problems
    assert problem.code == "form.value_bad"
    assert problem.place.startswith("forms/sample.form#")
    assert problem.facts["attribute"] == attribute


@pytest.mark.parametrize("components", [None, {}, "x", [1], [None], [[]], [deep(MAX_DEPTH)], [deep(900)]])
def test_components_are_a_list_of_components(components: Any) -> None:
    with pytest.raises(DiagramRefused):
        forms.parse({"components": components}, "sample")


def test_what_form_js_writes_is_accepted() -> None:
    written = {**FIELD, "properties": None, "values": None, "validate": {"min": "0.5", "max": 10, "required": True}}
    assert list(misshapen([written, deep(MAX_DEPTH - 2)], "sample")) == []
    assert forms.parse({"components": [{**FIELD, "type": "dynamiclist", "components": None}]}, "sample").fields


def test_the_shipped_forms_have_their_shape() -> None:
    for package in library.shipped().values():
        library.check(package, library.shipped())
