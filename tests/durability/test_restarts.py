"""Cases are finished although the database goes away again and again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.durability import restarts

pytestmark = pytest.mark.durability


def test_every_case_is_finished_once_while_the_database_restarts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restarts, "CALM", (0.5, 1.5))
    seen = restarts.run(tmp_path, 3)
    assert seen.odd == []
    assert seen.gaps
    assert seen.statuses[500] == 0


def test_a_503_while_the_database_is_there_is_noticed() -> None:
    watch = restarts.Watch(gaps=[(10.0, 11.0)], silent=[(9.5, 10.5), (11.5, 12.0), (20.0, 20.1)])
    assert watch.outside() == 1
