"""What an upgrade adds to cases that were under way: the rows stand in the ledger, and tokens know the steps behind."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from tests.golden import replay
from tests.golden.release import goldens, releases
from workflows import fold
from workflows.engine.state import EngineTask
from workflows.fold.lines import add_lines
from workflows.store import Store

OLDEST = releases()[0]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> replay.Opener:
    return replay.sqlite_opener(tmp_path_factory.mktemp("golden"))


def lines(store: Store) -> list[dict[str, list[object]]]:
    """What the tokens of the database know of the steps behind them, oldest token first."""
    with store.read() as session:
        bodies = session.scalars(select(EngineTask.body).order_by(EngineTask.number)).all()
    return [json.loads(body).get("internal", {}).get("line", {}).get("past", {}) for body in bodies]


def test_tokens_of_the_oldest_release_know_the_steps_behind_them(opened: replay.Opener) -> None:
    golden = next(one for one in goldens() if one.release == OLDEST and one.name == "09-after-issue_notice")
    stored = [json.loads(row["body"]) for row in golden.rows()["engine_task"]]
    assert not any("line" in body.get("internal", {}) for body in stored)
    with replay.loaded(golden, opened(OLDEST)) as store:
        (token,) = lines(store)
        assert {"approve_filing", "investigate", "check_by_unit", "first_review", "issue_notice"} <= token.keys()
        with store.work() as session:
            assert add_lines(session) == 0
        with store.read(snapshot=True) as session:
            assert list(fold.verify_state(session)) == []


def test_a_token_that_is_not_where_the_ledger_says_is_left_alone(opened: replay.Opener) -> None:
    golden = next(one for one in goldens() if one.release == OLDEST and one.name == "09-after-issue_notice")
    with replay.loaded(golden, opened(OLDEST)) as store:
        before = golden.rows()["engine_task"][0]["body"]
        with store.work() as session:
            session.execute(update(EngineTask).values(body=before, element="serve"))
        with store.work() as session:
            assert add_lines(session) == 0
        assert lines(store) == [{}]
        with store.read(snapshot=True) as session:
            assert list(fold.verify_state(session)) != []


def test_ages_that_are_counted_otherwise_today_are_those_of_the_replay(opened: replay.Opener) -> None:
    """A step with a timer on it takes an age more than it did at the oldest release."""
    golden = next(one for one in goldens() if one.release == OLDEST and one.name == "14-after-serve")
    with replay.loaded(golden, opened(OLDEST)) as store:
        assert replay.broken(store, golden.checkpoint) == []
