"""Figures are kept one an id, and what was measured before stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.durability import __main__ as command
from tests.durability import document, record
from tests.durability.__main__ import TESTS, Measured, shown


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


def clean(n: int) -> record.Figures:
    return record.Figures("D3", n, 0, 1.0, "one retry")


def test_a_small_run_without_a_failure_is_not_published() -> None:
    measured = TESTS["D3"]
    assert [measured.whole(n) for n in (None, 12, 999, 1_000, 2_000)] == [True, False, False, True, True]
    assert record.place(clean(12), whole=measured.whole(12)) == record.SMALL
    assert record.place(clean(1_000), whole=measured.whole(1_000)) == record.FILE


def test_a_run_in_which_something_failed_is_published_however_small() -> None:
    assert record.place(replace(clean(2), failures=1), whole=False) == record.FILE


def test_a_run_of_a_part_of_everything_is_never_whole() -> None:
    assert TESTS["D2"].whole(None)
    assert not TESTS["D2"].whole(100_000)


def test_fewer_kills_said_in_the_environment_are_not_a_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHEN_KILLS", "20")
    assert (TESTS["D1"].rounds(None), TESTS["D1"].whole(None)) == (20, False)
    monkeypatch.setenv("FASHEN_KILLS", "500")
    assert TESTS["D1"].whole(None)


def test_what_is_not_published_lies_where_git_does_not_look() -> None:
    assert "/var/" in (record.ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert record.SMALL.relative_to(record.ROOT).parts[0] == "var"


def test_the_command_publishes_only_what_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published, small = tmp_path / "bench.json", tmp_path / "small.json"
    found = {"D3": 0}
    monkeypatch.setattr(record, "ROOT", tmp_path)
    monkeypatch.setattr(record, "FILE", published)
    monkeypatch.setattr(record, "SMALL", small)
    monkeypatch.setattr(record, "commit", lambda: "abc")
    monkeypatch.setattr(document, "write", lambda: None)
    monkeypatch.setattr(Measured, "__call__", lambda self, n: replace(clean(n or 1_000), failures=found["D3"]))

    def run(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["durability", "D3", *arguments])
        return command.main()

    assert run() == 0
    assert run("--n", "12") == 0
    assert (record.recorded(published)["D3"]["n"], record.recorded(small)["D3"]["n"]) == (1_000, 12)
    assert run("--n", "13", "--record") == 0
    assert record.recorded(published)["D3"]["n"] == 13
    found["D3"] = 2
    assert run("--n", "2") == 1
    assert record.recorded(published)["D3"]["failures"] == 2
    found["D3"] = 0
    assert run("--n", "500") == 0
    assert record.recorded(published)["D3"]["failures"] == 2
    assert run() == 0
    assert record.recorded(published)["D3"]["failures"] == 0
