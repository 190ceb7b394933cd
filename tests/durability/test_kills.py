"""The promise of durability on the real server: an answered step stands, another is done once or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.durability.both import demonstration
from tests.durability.kills import Outcome, run
from tests.postgres import TestServer

pytestmark = pytest.mark.durability

KILLS = int(os.environ.get("FASHEN_KILLS", "6"))


def holds(outcome: Outcome, kills: int) -> None:
    assert outcome.findings.clean, outcome.report()
    assert outcome.receipts.odd == []
    assert outcome.struck >= kills // 2, "the kills did not come while completions were under way"
    assert outcome.findings.completed >= kills, "too few completions to show anything"


def test_no_step_is_lost_doubled_or_half_written_when_the_server_is_killed(furnished: Path) -> None:
    holds(run(furnished, kills=KILLS), KILLS)


def test_nor_is_it_on_postgresql(tmp_path: Path, postgres: TestServer) -> None:
    few = max(4, KILLS // 3)
    holds(run(tmp_path, kills=few, database=postgres.fresh_database(demonstration)), few)
