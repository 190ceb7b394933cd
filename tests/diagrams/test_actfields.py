"""A form keeps the fields that the statutory act of its step needs, or the package is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflows import forms
from workflows.cases.acts import ACTS
from workflows.diagrams import actfields, library
from workflows.diagrams.statutory_rules import law
from workflows.engine.definition import read
from workflows.engine.package import Package
from workflows.errors import Problem

SHIPPED = library.shipped()
KEY, FORM = "legal_review", "forms/counsel_review.form"


def problems(package: Package) -> list[Problem]:
    definition = read(package, callable_keys=SHIPPED)
    names = [name.removeprefix("forms/").removesuffix(".form") for name in package.named(".form")]
    parsed = {name: forms.parse(json.loads(package.files[f"forms/{name}.form"]), name) for name in names}
    return list(actfields.check(definition, parsed))


def found(package: Package) -> list[tuple[str, str]]:
    return [(one.code, one.place) for one in problems(package)]


def offering(key: str, form: str, field: str, kept: set[str], **more: Any) -> Package:
    """A shipped package with a form in which a field, or a column of a list, offers fewer options."""
    name = f"forms/{form}.form"
    said: dict[str, Any] = json.loads(SHIPPED[key].files[name])
    columns = [column for one in said["components"] for column in one.get("components", [])]
    (item,) = [one for one in [*said["components"], *columns] if one.get("key") == field]
    item["values"] = [one for one in item["values"] if one["value"] in kept]
    item.update(more)
    return Package(key, {**SHIPPED[key].files, name: json.dumps(said).encode()})


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


@pytest.mark.parametrize(("key", "form", "field", "kept", "named"), [
    ("criminal_referral", "approve_referral", "result", {"approve"}, "refuse"),
    ("legal_review", "initial_review", "opinion", {"agree", "supplement", "correct"}, "disagree、refer、return"),
    ("collective_decision", "vote", "choice", {"approve", "change", "return", "refer"}, "abstain"),
    ("penalty", "record_statement", "hearing", {"none", "waived"}, "requested"),
])  # fmt: skip
def test_an_answer_that_the_law_leaves_open_stays_possible(
    key: str, form: str, field: str, kept: set[str], named: str
) -> None:
    (one,) = problems(offering(key, form, field, kept))
    assert (one.code, one.facts["options"]) == ("form.option_of_act", named)


def test_a_choice_that_nobody_may_change_offers_nothing() -> None:
    every = {"approve", "refuse"}
    (one,) = problems(offering("criminal_referral", "approve_referral", "result", every, disabled=True))
    assert (one.code, one.facts["options"]) == ("form.option_of_act", "approve、refuse")


def test_the_rows_of_outcomes_are_fields_that_acts_need() -> None:
    said = {act: {name for name, wanted in fields.items() if wanted} for act, fields in actfields.options().items()}
    several = {act for act, ways in law().outcomes.items() if len(ways) > 1 and act in said}
    by_data = {"coercive_measure", "evidence_supplement", "notice", "attendance"}  # what is found, not what is chosen
    assert several - by_data - {"vote"} <= {act for act, names in said.items() if names}
