"""Figures are kept one an id, and what was measured before stays."""

from __future__ import annotations

from pathlib import Path

from tests.durability import record
from tests.durability.__main__ import TESTS, shown


def test_an_entry_replaces_the_older_of_its_id_and_keeps_the_others(tmp_path: Path) -> None:
    file = tmp_path / "durability.json"
    for test_id, n in (("D11", 1), ("L4", 2), ("D2", 3), ("D11", 4)):
        record.keep(record.Figures(test_id, n, 0, 1.26, "a round", {"clients": 8}), file)
    kept = record.recorded(file)
    assert list(kept) == ["D2", "D11", "L4"]
    assert kept["D11"]["n"] == 4
    assert kept["D11"]["figures"] == {"clients": 8}
    assert kept["D11"]["seconds"] == 1.3
    assert set(kept["D2"]) == {"id", "n", "failures", "seconds", "commit", "date", "what", "figures"}


def test_nothing_measured_is_no_error(tmp_path: Path) -> None:
    assert record.recorded(tmp_path / "none.json") == {}


def test_what_broke_is_shown_and_not_recorded() -> None:
    figures = record.Figures("D1", 1000, 1, 2.0, "one kill", {"re_sent": 3}, ("task 7 is lost",))
    assert shown(figures).splitlines() == [
        "D1  N 1,000  failures 1  2.0 s", "    one kill", "    re sent 3", "    ! task 7 is lost",
    ]  # fmt: skip


def test_every_registered_id_can_be_measured() -> None:
    for test_id, measured in TESTS.items():
        assert callable(measured.function()), test_id
