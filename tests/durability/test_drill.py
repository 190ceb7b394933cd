"""One drill of L6 on SQLite; `python -m tests.durability L6` does several on both databases."""

from __future__ import annotations

from pathlib import Path

from tests.durability import drill


def test_an_installation_is_restored_from_a_backup_and_work_goes_on(furnished: Path) -> None:
    outcome = drill.Outcome()
    url, clean = f"sqlite:///{furnished}/fashen.sqlite", f"sqlite:///{furnished}/restored/fashen.sqlite"
    drill.drill(furnished, url, clean, outcome, unclean=1)
    assert outcome.wrong == []
    assert outcome.recovery_seconds
    assert outcome.refused.total() >= 15
