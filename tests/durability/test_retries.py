"""A request whose answer was lost is sent again and done once."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest

from tests.durability import retries
from tests.durability.people import Receipts
from tests.durability.retries import of_commands, over_http
from workflows.desk import receipts
from workflows.store import Store

pytestmark = pytest.mark.durability


def test_a_form_whose_answer_was_lost_is_done_once(furnished: Path) -> None:
    told = over_http(furnished, 12)
    assert told.odd == []
    assert len(told.done) >= 12
    assert told.retried >= set(told.done)


def test_a_command_that_commits_into_a_broken_connection_is_done_once(demo_store: Store) -> None:
    url = demo_store.engine.url.render_as_string(hide_password=False)
    demo_store.close()
    assert of_commands(url, 8) == []


def test_a_program_that_forgets_keys_fails_with_a_figure(
    sqlite_demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "replay", lambda *_: None)
    url = sqlite_demo_store.engine.url.render_as_string(hide_password=False)
    sqlite_demo_store.close()
    wrong = of_commands(url, 8)
    assert "task.completed" in wrong[0]
    assert "8 retries: 5 tasks completed" in wrong[-1]


def test_people_who_only_ever_hear_that_somebody_was_faster_give_up() -> None:
    told = Receipts(refused={str(number): ("a task", 409) for number in range(retries.MANY + 9)})
    person = retries.Forgetful("officer1", "", 1, told, threading.Event(), random.Random(1))
    person.is_alive = lambda: True  # type: ignore[method-assign]
    retries._until_done(told, 8, [person])
    assert told.odd == ["0 of 8 forms done, 59 sent again and refused"]
