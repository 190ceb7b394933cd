"""Entries of elements that are gone, lists left empty and forms that no step uses are told of and stop no check."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import yaml

from tests.diagrams.spoiling import led, spoiled, undrawn
from workflows.diagrams import checking, declared, library, reading
from workflows.diagrams.proof import ERROR, WARNING
from workflows.engine.definition import Definition
from workflows.engine.package import Package

PENALTY, REVIEW = "penalty", "legal_review"


def shipped(key: str, changed: Callable[[dict[str, Any]], None] = lambda said: None) -> Definition:
    """A shipped process, and what its process.yaml says changed."""
    package = library.shipped()[key]
    said = yaml.safe_load(package.files["process.yaml"])
    changed(said)
    text = yaml.safe_dump(said, allow_unicode=True, sort_keys=False).encode()
    return reading.check(Package(key, {**package.files, "process.yaml": text}), library.shipped().keys())


def said_to_be(key: str, value: Any, said: dict[str, Any]) -> None:
    said[key] = value


@pytest.mark.parametrize(("process", "key", "lacks"), [
    (PENALTY, "kinds", "行政处罚"), (PENALTY, "starts", "criminal_referral"), (REVIEW, "roles", "法制审核人员"),
    (REVIEW, "documents", "法制审核意见书"),
])  # fmt: skip
def test_a_list_that_is_empty_though_the_diagram_has_something_for_it(process: str, key: str, lacks: str) -> None:
    (one,) = declared.check(shipped(process, partial(said_to_be, key, [])))
    assert (one.code, one.element, one.severity) == ("process.list_empty", key, WARNING)
    assert lacks in one.facts["lacks"]["zh"] + one.facts["lacks"]["en"] and one.line


def test_what_the_shipped_processes_say_fits_them() -> None:
    assert [one for key in library.shipped() for one in declared.check(shipped(key))] == []


def test_a_form_that_no_step_uses_is_told() -> None:
    package = library.shipped()[REVIEW]
    with_one = Package(REVIEW, {**package.files, "forms/second_look.form": b'{"components": []}'})
    (one,) = declared.check(reading.check(with_one, library.shipped().keys()))
    assert (one.code, one.file, one.severity) == ("lint.form_unused", "forms/second_look.form", WARNING)


@pytest.mark.parametrize("key", ["operators", "nobody", "twice", "labels"])
def test_an_entry_of_an_element_that_is_gone_is_told_with_its_line(key: str) -> None:
    value = {"operators": ["claim"], "nobody": "administrator", "twice": "keep"}.get(key, {"zh": "无", "en": "None"})
    (one,) = declared.check(shipped(REVIEW, lambda said: said.setdefault(key, {}).update(gone=value)))
    assert (one.code, one.element, one.severity) == ("process.left_over", f"{key}.gone", WARNING) and one.line


def test_a_deleted_step_leaves_all_checks_to_speak() -> None:
    drawn = spoiled(REVIEW, led("after_initial_to_counsel_review", "conclude_review"), undrawn("counsel_review"))
    package = Package(REVIEW, {**drawn.files, "process.yaml": library.shipped()[REVIEW].files["process.yaml"]})
    found = {(one.code, one.element, one.severity) for one in checking.check(package, {})}
    assert ("process.left_over", "labels.counsel_review", WARNING) in found
    assert ("statutory.counsel_before_conclusion", "conclude_review", ERROR) in found
