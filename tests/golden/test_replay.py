"""What a release stored is loaded, upgraded and carried to its end by the program as it is now (test D13)."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import NIGHTLY
from tests.golden import dump, freeze, release, replay
from tests.golden.release import Golden, Release, goldens, releases
from tests.postgres import TestServer
from workflows.diagrams import library
from workflows.documents.fonts import Fonts
from workflows.engine.package import Package, read_folder

EVERY = goldens() if NIGHTLY else goldens()[::4]
"""All of them at night; D13 also finishes them all."""


def newest(case: str) -> list[Golden]:
    """The goldens of a case in the last release that holds it."""
    return [golden for golden in releases()[-1].goldens() if golden.case == case]


FINISHED_HERE = [newest(case)[len(newest(case)) * 3 // 4] for case in freeze.POINTS]
"""One of each case, some way into it."""


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> replay.Opener:
    return replay.sqlite_opener(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="module")
def postgresql(postgres: TestServer) -> replay.Opener:
    return replay.postgres_opener(postgres)


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return Fonts()


def test_every_shipped_package_belongs_to_a_stored_release() -> None:
    stored = {hash for kept in releases() for hash in kept.packages.values()}
    changed = sorted(key for key, package in library.shipped().items() if package.hash not in stored)
    assert not changed, (
        f"{', '.join(changed)} under bpmn/ changed since the last stored release. Raise the version in pyproject.toml, "
        "run `python -m tests.golden.freeze`, and commit the folder that it adds under tests/golden/."
    )


@pytest.mark.parametrize("kept", releases(), ids=lambda kept: kept.version)
def test_the_content_of_every_released_package_is_stored(kept: Release) -> None:
    published = {row["hash"]: row for row in kept.bureau()["engine_package"]}
    for key, hash in kept.packages.items():
        folder = kept.folder / "packages" / key
        assert folder.is_dir(), f"{kept.version}: the content of {key} is not stored under {folder}"
        assert read_folder(folder).hash == hash, f"{kept.version}: {folder} is not what was released"
        assert Package.from_json(key, published[hash]["files"]).hash == hash, f"{kept.version}: {key} in the database"


def test_the_goldens_hold_the_moments_that_matter() -> None:
    found: Counter[str] = Counter()
    for golden in releases()[-1].goldens():
        rows = golden.rows()
        live = [row for row in rows["task"] if row["state"] in ("open", "claimed")]
        running = [row for row in rows["engine_instance"] if row["status"] == "running"]
        keys = {row["process_key"] for row in running}
        voted = [row for row in rows["task"] if row["element_id"] == "vote" and row["state"] == "completed"]
        found["a vote with some votes cast"] += bool(voted) and any(row["element_id"] == "vote" for row in live)
        found["a boundary timer waits"] += any(row["due"] for row in running)
        found["in a called process"] += any(row["process_key"] not in keys for row in rows.get("engine_scope", []))
        found["a sibling runs beside its case"] += len(running) > 1
        found["before filing"] += any(row["element_id"] == "approve_filing" for row in live)
        found["a hearing is to be held"] += any(row["element_id"] == "hold_hearing" for row in live)
        found["only the archive is left"] += [row["element_id"] for row in live] == ["archive"]
        found["finished"] += not running
    assert all(found.values()), found


@pytest.mark.parametrize("golden", EVERY, ids=str)
def test_a_golden_loads_and_stands_where_it_stood(golden: Golden, sqlite: replay.Opener) -> None:
    with replay.loaded(golden, sqlite(golden.release)) as store:
        assert replay.broken(store, golden.checkpoint) == []


@pytest.mark.parametrize("database", replay.DATABASES)
@pytest.mark.parametrize("golden", FINISHED_HERE, ids=str)
def test_a_golden_is_carried_to_its_end(
    golden: Golden, database: str, tmp_path: Path, fonts: Fonts, request: pytest.FixtureRequest
) -> None:
    assert replay.replay(golden, request.getfixturevalue(database), tmp_path, fonts) == []


def test_a_golden_that_was_tampered_with_is_found(sqlite: replay.Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    golden = newest("yinzhou-welders")[1]
    whole = golden.rows()
    spoilt = copy.deepcopy(whole)
    spoilt["ledger_entry"][3]["data"] = spoilt["ledger_entry"][3]["data"].replace("}", " }")
    moved = {**whole, "engine_task": [row for row in whole["engine_task"] if row["state"] != "ready"]}
    for rows, found in ((spoilt, "ledger"), (moved, "its steps are not its tasks")):
        monkeypatch.setattr(Golden, "rows", lambda _self, rows=rows: rows)
        with replay.loaded(golden, sqlite(golden.release)) as store:
            assert found in "\n".join(replay.broken(store, golden.checkpoint))


def test_a_case_that_can_not_go_on_is_found(
    sqlite: replay.Opener, tmp_path: Path, fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = FINISHED_HERE[0]
    script = golden.script
    steps = [step for step in script.steps if step.get("task") != "sign_decision"]
    monkeypatch.setattr(Golden, "script", property(lambda _self: replace(script, steps=steps)))
    early = next(one for one in newest(golden.case) if one.steps <= 6)
    wrong = replay.replay(early, sqlite, tmp_path, fonts)
    assert any("script.task_not_open" in line for line in wrong)


def test_a_stored_release_is_never_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = releases()[-1]
    monkeypatch.setattr(freeze, "version", lambda: stored.version)
    before = {path: path.stat().st_mtime_ns for path in stored.folder.rglob("*")}
    with pytest.raises(freeze.AlreadyStored):
        freeze.freeze()
    assert freeze.main() == 1
    assert {path: path.stat().st_mtime_ns for path in stored.folder.rglob("*")} == before


def test_a_version_without_goldens_is_added_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (freeze, release):
        monkeypatch.setattr(module, "HERE", tmp_path)
    monkeypatch.setattr(freeze, "version", lambda: "9.9.9")
    monkeypatch.setattr(freeze, "POINTS", {"yinzhou-welders": (0, 2)})
    assert freeze.freeze() == tmp_path / "9.9.9"
    (kept,) = releases()
    assert kept.packages == {key: package.hash for key, package in library.shipped().items()}
    assert [golden.steps for golden in kept.goldens()] == [0, 2]
    assert dump.parse(dump.text(kept.bureau())) == kept.bureau()
