"""Lines that an older program stored are made those of today at the upgrade."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from tests.engine import drawing as d
from tests.engine.test_lineage import LOOP
from workflows import fold
from workflows.engine import packages, state
from workflows.engine.state import EngineTask
from workflows.fold.lines import shorten_lines
from workflows.store import Store


@pytest.fixture
def looped(sqlite_store: Store) -> str:
    """Id of an instance that has passed a split that nothing joins twice, and waits at the step before it."""
    with sqlite_store.work() as session:
        packages.set_current(session, LOOP.key, packages.store(session, LOOP, now=d.NOW))
        instance = state.start_instance(session, LOOP.key, {}, case_id=None, now=d.NOW)
        for element in ("file", "draft", "note", "decide", "draft", "note", "decide"):
            d.do(instance, element, round=0)
        state.save(session, instance)
        return instance.id


def bodies(store: Store) -> dict[str, str]:
    with store.read() as session:
        return dict(session.execute(select(EngineTask.element, EngineTask.body)).all())


def grow(store: Store, body: str) -> None:
    with store.work() as session:
        session.execute(update(EngineTask).where(EngineTask.element == "draft").values(body=body))


def test_a_path_that_grew_with_every_round_is_shortened(sqlite_store, looped):
    short = bodies(sqlite_store)
    body = json.loads(short["draft"])
    line, grown = body["internal"]["line"], [f"{-number}:g__decide" for number in range(300, 0, -1)]
    line["path"] += grown
    line["past"] = {id: [*visit, *(grown if id != "file" else [])] for id, visit in line["past"].items()}
    grow(sqlite_store, json.dumps(body))
    with sqlite_store.work() as session:
        assert shorten_lines(session) == 1
    assert bodies(sqlite_store) == short
    with sqlite_store.work() as session:
        assert shorten_lines(session) == 0


@pytest.mark.parametrize("body", ['{"internal": {"line": 1}}', '{"internal": {"line": {"past": {"file": 1}}}}'])
def test_a_damaged_line_stops_no_upgrade(sqlite_store, looped, body):
    grow(sqlite_store, body)
    with sqlite_store.work() as session:
        fold.take_over(session)
    assert bodies(sqlite_store)["draft"] == body
