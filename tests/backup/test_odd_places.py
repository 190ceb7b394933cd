"""Backups, restores and checkpoints at places and of contents that are not as they should be: one sentence each."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from webapp import cli
from workflows.backup.manifest import CHECKPOINT, LISTING, MANIFEST, part_of
from workflows.ledger.canonical import digest, text

DEEP = b"[" * 200_000
DATABASE = "database.sqlite"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of an English terminal; what it says to keep lies in `var`, which is not there yet."""
    for name in ("FASHEN_ENV", "FASHEN_DATABASE_URL", "FASHEN_FILES_URL", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FASHEN_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("FASHEN_SECRET_KEY", "0123456789abcdef" * 2)  # else development writes one into `var`
    return tmp_path


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a backup of it: `var` and `backup`. Never changed."""
    place = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FASHEN_VAR", str(place / "var"))
        assert cli.run(["db", "upgrade"]) == 0
        stored = place / "var" / "files" / "2d" / "71"
        stored.mkdir(parents=True)
        (stored / "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881").write_bytes(b"x")
        assert cli.run(["backup", str(place / "backup")]) == 0
    return place


@pytest.fixture
def installed(home: Path, kept: Path) -> Path:
    shutil.copytree(kept / "var", home / "var")
    return home


@pytest.fixture
def backup(home: Path, kept: Path) -> Path:
    """A backup, and an environment in which nothing was installed."""
    shutil.copytree(kept / "backup", home / "backup")
    return home / "backup"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """What the terminal says of a command that must not succeed: one sentence."""
    capsys.readouterr()
    assert cli.run([str(one) for one in arguments]) in (1, 2)
    said = capsys.readouterr().err
    assert said.strip()
    assert "Traceback" not in said
    return said


def contents(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("place", ["a file", "a file/inside", "x" * 300, "missing/" + "x" * 300, "circle", "/"])
def test_a_backup_to_an_odd_place_leaves_nothing(
    installed: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (installed / "a file").touch()
    (installed / "circle").symlink_to("circle")
    before = contents(installed)
    refused(capsys, "backup", installed / place)
    assert contents(installed) == before


def test_a_backup_to_where_nobody_may_write_is_a_sentence(
    installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "can't be written" in refused(capsys, "backup", "/proc/fashen-backup")


@pytest.mark.parametrize("place", ["files", "files/backup", "files/../files/deep/backup", "link/backup"])
def test_a_backup_into_the_folder_of_the_files_is_refused(
    installed: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (installed / "var" / "link").symlink_to("files")
    if place == "files":
        shutil.rmtree(installed / "var" / "files")
    before = contents(installed)
    assert "keeps its files" in refused(capsys, "backup", installed / "var" / place)
    assert contents(installed) == before


def test_a_backup_to_a_place_of_several_new_folders_with_a_way_up_is_made(installed: Path) -> None:
    assert cli.run(["backup", str(installed / "one" / ".." / "two" / "three")]) == 0
    assert (installed / "two" / "three" / MANIFEST).is_file()


def test_a_name_that_no_terminal_can_write_is_no_obstacle(
    installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["backup", os.fsdecode(os.fsencode(installed) + b"/\xff\xfe")]) == 0
    assert "\\udcff" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["backup", "{}/backup"], ["ledger", "verify"], ["ledger", "checkpoint"]])
def test_where_no_database_is_none_is_made(
    home: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no database file" in refused(capsys, *(one.format(home) for one in command))
    assert contents(home) == set()


@pytest.mark.parametrize("garbage", [b"garbage " * 1_000, b"SQLite format 3\0" + b"\xff" * 5_000])
@pytest.mark.parametrize("command", [["backup", "{}/backup"], ["ledger", "verify"], ["restore", "{}/kept"]])
def test_a_garbage_database_is_a_sentence_and_stays_alone(
    home: Path, kept: Path, garbage: bytes, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "kept").symlink_to(kept / "backup")
    (home / "var").mkdir()
    (home / "var" / "fashen.sqlite").write_bytes(garbage)
    before = contents(home)
    refused(capsys, *(one.format(home) for one in command))
    assert contents(home) == before
    assert (home / "var" / "fashen.sqlite").read_bytes() == garbage


def test_a_database_that_is_damaged_inside_leaves_no_backup(
    installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (installed / "var" / "fashen.sqlite").open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 20_000)
    refused(capsys, "backup", installed / "backup")
    assert not [name for name in contents(installed) if "backup" in name]


@pytest.mark.parametrize("written", [DEEP, b'{"a":' * 100_000, b"\xff\xfe", b"", b"null", b"[]", b'"\\ud800"', b"NaN"])
@pytest.mark.parametrize("name", [MANIFEST, CHECKPOINT])
def test_a_backup_with_another_text_in_it_is_refused_with_nothing_touched(
    backup: Path, name: str, written: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (backup / name).write_bytes(written)
    if name == CHECKPOINT:
        seal(backup)
    untouched(backup, capsys)


@pytest.mark.parametrize(
    "written", [b"\xff\xfe\n", b"x y\n", b"x" * 1_000_000, b"\n", b"a" * 64 + b" 99999999999999999\n"]
)
def test_a_backup_with_another_list_of_files_is_refused_with_nothing_touched(
    backup: Path, written: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (backup / LISTING).write_bytes(written)
    seal(backup)
    untouched(backup, capsys)


@pytest.mark.parametrize(
    "change",
    [
        {"revision": "\ud800"}, {"revision": "0001"}, {"revision": ""}, {"files": 10**400}, {"files": 1e300},
        {"files": None}, {"bytes": "many"}, {"format": "\ud800"}, {"format": None}, {"dialect": "\ud800"},
        {"taken_at": 5}, {"taken_at": "tomorrow"}, {"database": {"name": "../database.sqlite"}},
        {"database": {"name": ""}}, {"database": {"name": "\0"}}, {"database": {"name": 5}}, {"database": None},
        {"database": []}, {"checkpoint": {"size": 1e300}}, {"listing": {"name": MANIFEST}}, {"more": {"a": 1}},
    ],
)  # fmt: skip
def test_a_manifest_that_is_sound_in_itself_and_makes_no_sense_is_refused(
    backup: Path, change: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    seal(backup, change)
    untouched(backup, capsys)


@pytest.mark.parametrize(
    "written", [b"", b"garbage " * 1_000, b"SQLite format 3\0" + b"\xff" * 5_000, "another", "cut"]
)
def test_a_garbage_database_in_a_backup_that_is_sound_in_itself_is_refused(
    backup: Path, written: bytes | str, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (backup / DATABASE).read_bytes()
    if written == "cut":
        written = whole[: len(whole) // 2]
    elif written == "another":
        written = whole[:4096] + b"\0" * (len(whole) - 4096)
    assert isinstance(written, bytes)
    (backup / DATABASE).write_bytes(written)
    seal(backup)
    untouched(backup, capsys)


@pytest.mark.parametrize("folder", [False, True])
@pytest.mark.parametrize("name", [MANIFEST, CHECKPOINT, LISTING, DATABASE])
def test_a_part_that_is_missing_or_a_folder_is_refused(
    backup: Path, name: str, folder: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    (backup / name).unlink()
    if folder:
        (backup / name).mkdir()
    untouched(backup, capsys)


def test_a_folder_that_is_a_file_or_not_there_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "a file").touch()
    for place in ("a file", "nowhere"):
        refused(capsys, "restore", home / place)
    assert contents(home) == {"a file"}


def test_a_restore_that_fails_half_way_leaves_an_empty_installation(
    backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from workflows.backup import databases

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "fashen.sqlite")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(databases, "put_back", full)
        assert "No space left" in refused(capsys, "restore", backup)
    assert not (backup.parent / "var" / "files").exists()
    assert cli.run(["restore", str(backup)]) == 0


@pytest.mark.parametrize("place", ["missing/x.json", "a file/x.json", "x" * 300, "folder"])
def test_a_checkpoint_to_an_odd_place_is_a_sentence(
    installed: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (installed / "a file").touch()
    (installed / "folder").mkdir()
    before = contents(installed)
    refused(capsys, "ledger", "checkpoint", "--out", installed / place)
    assert contents(installed) == before


def test_a_checkpoint_does_not_replace_a_device(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(installed / "pipe")
    refused(capsys, "ledger", "checkpoint", "--out", installed / "pipe")
    assert (installed / "pipe").is_fifo()


@pytest.mark.parametrize(
    "written",
    [DEEP, b'{"streams":' * 100_000, b"\xff\xfe", b"", b"null", b"5", b'{"streams":5}',
     b'{"streams":[["a",1e999,"b"]]}',
     b'{"algorithm":[],"format":"fashen-ledger-checkpoint-1","streams":[],"taken_at":"2023-09-22T01:30:00.000000Z"}',
     b'{"streams":[],"taken_at":{}}', b'{"streams":{"abc":1}}', b"1" * 10_000],
)  # fmt: skip
def test_a_checkpoint_that_is_none_is_a_sentence(
    installed: Path, written: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (installed / "x.json").write_bytes(written)
    assert "checkpoint" in refused(capsys, "ledger", "verify", "--checkpoint", installed / "x.json")


def seal(backup: Path, change: dict[str, object] | None = None) -> None:
    """A manifest that is sound in itself: it has the checksums of what lies there now, and what `change` says."""
    content = json.loads((backup / MANIFEST).read_text("utf-8"))
    for name in ("database", "checkpoint", "listing"):
        part = part_of(backup / content[name]["name"])
        content[name] = {"name": part.name, "sha256": part.sha256, "size": part.size}
    for name, value in (change or {}).items():
        content[name] = {**content[name], **value} if isinstance(value, dict) and name in content else value
    del content["digest"]
    try:
        sealed = text({**content, "digest": digest("sha256", text(content).encode())})
    except Exception:  # noqa: BLE001 (what the canonical form does not allow is written as it is)
        sealed = json.dumps({**content, "digest": "x"})
    (backup / MANIFEST).write_text(sealed, "utf-8")


def untouched(backup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A restore is refused in a sentence, and neither database nor files were made."""
    refused(capsys, "restore", backup)
    assert not (backup.parent / "var" / "files").exists()
    database = backup.parent / "var" / "fashen.sqlite"
    assert not database.exists() or database.stat().st_size <= 4096
