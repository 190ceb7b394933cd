"""The promise of durability on the real server: an answered step stands, another is done once or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.durability.kills import run

pytestmark = pytest.mark.durability

KILLS = int(os.environ.get("FASHEN_KILLS", "20"))


def test_no_step_is_lost_doubled_or_half_written_when_the_server_is_killed(tmp_path: Path) -> None:
    outcome = run(tmp_path, kills=KILLS)
    assert outcome.findings.clean, outcome.report()
    assert outcome.receipts.odd == []
    assert outcome.struck >= KILLS // 2, "the kills did not come while completions were under way"
    assert outcome.findings.completed >= KILLS, "too few completions to show anything"
