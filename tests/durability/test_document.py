"""docs/reliability.md says what was measured, all of it, and how to measure it again."""

from __future__ import annotations

import pytest

from tests.durability import record
from tests.durability.__main__ import TESTS
from tests.durability.document import DOCUMENT, PROMISES, written


def test_the_document_says_what_was_measured():
    assert DOCUMENT.read_text("utf-8") == written(), "run: python -m tests.durability.document"


def test_every_figure_stands_there_beside_its_command():
    text = written()
    for test_id in record.recorded():
        assert f"`python -m tests.durability {test_id}`" in text


@pytest.mark.nightly  # the figures are the night's; by day somebody may be mending what one of them found
def test_no_figure_is_left_of_a_test_that_is_gone_and_none_records_a_failure():
    for test_id, entry in record.recorded().items():
        assert test_id in TESTS
        assert entry["failures"] == 0, test_id


def test_every_test_that_can_be_measured_belongs_to_a_promise():
    ids = {one for promise in PROMISES for one in promise.ids}
    assert {test_id for test_id in TESTS if test_id.partition(".")[0] not in ids} == set()
