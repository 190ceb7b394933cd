"""Rights of fields are checked when a process is published: by name, by line, and by whether the step can be done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import paper
from tests.engine import drawing as d
from workflows.diagrams import description, fieldrights, library
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, Problem


def refused(rights: Any) -> list[Problem]:
    with pytest.raises(DiagramRefused) as caught:
        library.check(paper.package(rights), ["paper"])
    return caught.value.problems


def test_rights_that_fit_are_taken() -> None:
    package = paper.package()
    assert library.check(package, ["paper"]).key == "paper"
    assert fieldrights.of(package, "check")["secret"] == "hide"
    assert fieldrights.of(package, "elsewhere") == {}


@pytest.mark.parametrize(
    ("rights", "code", "place"),
    [
        ({"nowhere": {"title": "read"}}, "process.element_unknown", "nowhere"),
        ({"start": {"title": "hide"}}, "process.step_without_form", "start"),
        ({"check": ["title"]}, "process.value_bad", "check"),
        ({"check": {"nothing": "read"}}, "process.field_unknown", "check.nothing"),
        ({"check": {"replies.nothing": "read"}}, "process.field_unknown", "check.replies.nothing"),
        ({"check": {"title.said": "read"}}, "process.field_unknown", "check.title.said"),
        ({"check": {"title": "see"}}, "process.value_unknown", "check.title"),
        ({"check": {"title": ["read"]}}, "process.value_unknown", "check.title"),
        ({"check": {"goods.count": "read"}}, "process.column_of_open_list", "check.goods.count"),
        ({"check": {"replies.party": "hide"}}, "process.column_of_open_list", "check.replies.party"),
        ({"draft": {"title": "hide"}}, "process.field_never_written", "draft.title"),
        ({"draft": {"title": "read"}}, "process.field_never_written", "draft.title"),
    ],
)
def test_a_right_that_can_not_work_is_refused(rights: Any, code: str, place: str) -> None:
    (problem,) = refused(rights)
    assert (problem.code, problem.place) == (code, f"process.yaml#fields.{place}")


def test_the_line_of_the_wrong_right_is_told() -> None:
    package = paper.package({"check": {"title": "read", "nothing": "hide"}})
    (problem,) = refused({"check": {"title": "read", "nothing": "hide"}})
    lines = package.files[description.FILE].decode().splitlines()
    assert problem.line is not None
    assert lines[problem.line - 1].strip() == "nothing: hide"


def test_a_required_field_that_no_step_before_it_writes_is_refused_wherever_it_stands() -> None:
    nobody = {"draft": {"title": "hide"}, "check": {"title": "hide"}, "decide": {"title": "write"}}
    assert {problem.place for problem in refused(nobody)} == {
        "process.yaml#fields.draft.title", "process.yaml#fields.check.title",
    }  # fmt: skip


def test_what_an_act_needs_can_not_be_hidden_though_its_form_does_not_insist_on_it() -> None:
    shipped = library.shipped()["legal_review"]
    name = "forms/counsel_review.form"
    form = json.loads(shipped.files[name])
    (opinion,) = [one for one in form["components"] if one.get("key") == "opinion"]
    opinion["validate"] = {}
    said = shipped.files[description.FILE] + b"\nfields: {counsel_review: {opinion: hide}}\n"
    package = Package("legal_review", {**shipped.files, name: json.dumps(form).encode(), description.FILE: said})
    with pytest.raises(DiagramRefused) as caught:
        library.check(package, ["legal_review"])
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("process.field_of_act", "process.yaml#fields.counsel_review.opinion")


def test_a_statutory_act_is_done_with_what_its_own_person_wrote() -> None:
    act = d.properties(act="closing")
    package = paper.package({"decide": {"title": "read", "secret": "hide"}}, inner=act)
    with pytest.raises(DiagramRefused) as caught:
        library.check(package, ["paper"])
    assert [(one.code, one.place) for one in caught.value.problems if one.place.startswith("process.yaml")] == [
        ("process.field_of_act", "process.yaml#fields.decide.title")
    ]
