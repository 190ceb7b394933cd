"""Tests that a package carries: what is no test is told before anything is run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workflows.diagrams import library
from workflows.rehearsal import trials


@pytest.mark.parametrize("data", [
    b"!!python/object/apply:os.system [id]", b"nonsense", b"title: A\nprocess: penalty\nbegins: 2024-01-01\nmoves: []",
])  # fmt: skip
def test_a_file_that_is_no_test_is_a_finding(data: bytes) -> None:
    package = library.shipped()["penalty"]
    spoilt = replace(package, files={**package.files, "tests/evil.yaml": data})
    assert [(one.code, one.place) for one in trials.unreadable(spoilt)] == [
        ("trying.test_unreadable", "tests/evil.yaml")]  # fmt: skip
    assert trials.unreadable(package) == []
