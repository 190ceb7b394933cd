"""A request whose answer was lost is sent again and done once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.durability.retries import of_commands, over_http
from workflows.store import Store

pytestmark = pytest.mark.durability


def test_a_form_whose_answer_was_lost_is_done_once(tmp_path: Path) -> None:
    told = over_http(tmp_path, 12)
    assert told.odd == []
    assert len(told.done) >= 12
    assert told.retried >= set(told.done)


def test_a_command_that_commits_into_a_broken_connection_is_done_once(demo_store: Store) -> None:
    url = demo_store.engine.url.render_as_string(hide_password=False)
    demo_store.close()
    assert of_commands(url, 8) == []
