"""A form keeps the fields that the statutory act of its step needs, or the package is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflows import forms
from workflows.cases.acts import ACTS
from workflows.diagrams import actfields, library
from workflows.engine.definition import read
from workflows.engine.package import Package

SHIPPED = library.shipped()
KEY, FORM = "legal_review", "forms/counsel_review.form"


def found(package: Package) -> list[tuple[str, str]]:
    definition = read(package, callable_keys=SHIPPED)
    names = [name.removeprefix("forms/").removesuffix(".form") for name in package.named(".form")]
    parsed = {name: forms.parse(json.loads(package.files[f"forms/{name}.form"]), name) for name in names}
    return [(one.code, one.place) for one in actfields.check(definition, parsed)]


def without(field: str, column: str = "") -> Package:
    """The legal review with a form that has lost a field, or a column of a list."""
    files = dict(SHIPPED[KEY].files)
    form: dict[str, Any] = json.loads(files[FORM])
    for listed in [one for one in form["components"] if column and one.get("path") == field]:
        listed["components"] = [one for one in listed["components"] if one.get("key") != column]
    if not column:
        form["components"] = [one for one in form["components"] if one.get("key", one.get("path")) != field]
    return Package(KEY, {**files, FORM: json.dumps(form).encode()})


def test_every_act_says_what_it_needs() -> None:
    assert actfields.needed().keys() == ACTS.keys()


@pytest.mark.parametrize("key", SHIPPED)
def test_the_forms_of_the_program_ask_for_all_of_it(key: str) -> None:
    assert found(SHIPPED[key]) == []


def test_a_field_or_a_column_that_is_gone_is_named() -> None:
    assert found(without("opinion")) == [("form.field_of_act", f"{FORM}#opinion")]
    assert found(without("findings", "result")) == [("form.field_of_act", f"{FORM}#findings.result")]
    gone = [("form.field_of_act", f"{FORM}#{name}") for name in ("findings", "findings.result")]
    assert found(without("findings")) == gone
