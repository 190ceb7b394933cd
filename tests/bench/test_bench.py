"""The benchmarks run: a handful of samples each, on both databases, written as they will be read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as bench
from bench import operations
from bench.measure import TINY, Measure, p25, ratio

ROOT = Path(__file__).parents[2]
FIELDS = {"measure": str, "median": float, "p25": float, "n": int, "unit": str, "what": str, "date": str}


def written(file: Path) -> dict[str, dict[str, Any]]:
    return {entry["measure"]: entry for entry in json.loads(file.read_text("utf-8"))}


def measured(part: str, folder: Path) -> dict[str, dict[str, Any]]:
    """What one part writes after a handful of samples."""
    bench.keep(list(bench.PARTS[part](folder, TINY)), folder / "results.json")
    return written(folder / "results.json")


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("flatness", ("step_flatness", "bytes_per_step", "bytes_flatness", "stored_bytes_per_step",
                      "stored_bytes_flatness", "statements_per_step", "step_ms")),
        ("memory", ("step_vs_memory", "engine_vs_memory")),
        ("timers", ("timer",)),
    ],
)  # fmt: skip
def test_a_part_measures_on_both_databases_and_every_entry_is_whole(
    part: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    found = measured(part, tmp_path)
    assert found.keys() >= {f"{name}_{database}" for name in names for database in ("sqlite", "postgresql")}
    for entry in found.values():
        assert {name: type(entry[name]) for name in FIELDS} == FIELDS
        assert entry["median"] > 0 and entry["n"] > 0


def test_what_is_measured_again_takes_its_old_place(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    one, other = (Measure(name, 1.0, 1.0, 3, "ms", "") for name in ("one", "other"))
    bench.keep([one, other], file)
    bench.keep([Measure("one", 2.0, 1.5, 4, "ms", "again")], file)
    found = written(file)
    assert list(found) == ["one", "other"]
    assert (found["one"]["median"], found["one"]["n"]) == (2.0, 4)


def test_a_ratio_is_that_of_the_medians_and_its_quartile_that_of_the_stretches() -> None:
    found = ratio("r", [2.0, 2.0, 6.0, 6.0], [1.0, 1.0, 2.0, 2.0], "", 2)
    assert found.median == pytest.approx(4.0 / 1.5)
    assert found.p25 == pytest.approx(p25([2.0, 3.0]))


@pytest.mark.nightly
def test_viewflow_does_the_same_approvals_in_its_own_environment(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    command = [sys.executable, "-m", "bench", "--tiny", "--only", "viewflow", "--results", str(results)]
    subprocess.run(command, cwd=ROOT, check=True)
    wanted = {f"completions_vs_viewflow_{name}" for name in ("sqlite", "postgresql")}
    assert written(results).keys() == wanted | {f"{name}_2_processes" for name in wanted}


@pytest.mark.nightly
def test_the_pages_of_operations_are_seen_by_whoever_may(tmp_path: Path) -> None:
    found = measured("operations", tmp_path)
    assert found.keys() == {f"operations_{name}" for name in operations.PAGES}
    assert all(entry["small_ms"] > 0 and entry["ratio"] > 0 for entry in found.values())
