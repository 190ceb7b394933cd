"""A backup is whole or not there; a restore goes into an empty installation or nowhere."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from tests.desk.conftest import Bureau
from tests.desk.conftest import bureau as bureau
from tests.desk.conftest import time as time
from tests.durability.grants import _version_table as version_table
from webapp import cli
from workflows import backup, migrations
from workflows.backup import databases
from workflows.backup.manifest import MANIFEST, part_of
from workflows.cases import commands
from workflows.desk.execute import execute
from workflows.errors import Invalid, Unavailable
from workflows.files import Files
from workflows.store import Store


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files((tmp_path / "files").as_uri())


@pytest.fixture
def case_id(bureau: Bureau, files: Files) -> str:
    """A lead with one file, in a database that knows its revision."""
    version_table(bureau.store)
    made, stored = bureau.open(), files.put(io.BytesIO("现场照片".encode()), 100)
    file = {"sha256": stored.sha256, "size": stored.size, "name": "照片.txt", "media_type": "text/plain"}
    execute(bureau.store, commands.add_material, bureau.actor("officer1"), made, kind="other", file=file)
    return made


def test_what_was_backed_up_is_restored_and_checks(
    bureau: Bureau, case_id: str, files: Files, tmp_path: Path, empty_url: str
) -> None:
    told = []
    taken = backup.take(bureau.store, files, tmp_path / "backup", progress=lambda what, *_: told.append(what))
    assert (taken.files, taken.revision, taken.dialect) == (1, migrations.newest(), bureau.store.dialect)
    target, put = Store(empty_url), Files((tmp_path / "put").as_uri())
    try:
        if target.dialect != bureau.store.dialect:
            with pytest.raises(Invalid, match="dialect_other"):
                backup.restore(tmp_path / "backup", target, put)
            return
        restored = backup.restore(tmp_path / "backup", target, put)
        assert restored.sound
        assert restored.entries > 0
        with target.read() as session:
            assert session.execute(text("SELECT id FROM case_file")).scalars().all() == [case_id]
        assert len(list(put.hashes())) == 1
        with pytest.raises(Invalid, match="database_used"):
            backup.restore(tmp_path / "backup", target, put)
    finally:
        target.close()
    assert "files" in told


def test_a_store_of_files_that_is_in_use_is_not_restored_into(
    bureau: Bureau, case_id: str, files: Files, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    backup.take(bureau.store, files, tmp_path / "backup")
    server = request.getfixturevalue("postgres") if bureau.store.dialect == "postgresql" else None
    url = server.empty_database() if server else f"sqlite:///{tmp_path / 'clean.sqlite'}"
    target = Store(url)
    with pytest.raises(Invalid, match="files_used"):
        backup.restore(tmp_path / "backup", target, files)
    target.close()
    if server:
        server.drop(url)


def test_a_user_who_may_create_no_tables_is_told_who_restores(
    bureau: Bureau, case_id: str, files: Files, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if bureau.store.dialect != "postgresql":
        return  # SQLite has no users
    backup.take(bureau.store, files, tmp_path / "backup")
    server = request.getfixturevalue("postgres")
    url = server.empty_database()
    owner = Store(url)
    with owner.engine.begin() as connection:
        connection.execute(text("CREATE ROLE restores_nothing LOGIN PASSWORD 'only'"))
    login = make_url(url).set(username="restores_nothing", password="only")
    target, put = Store(login.render_as_string(hide_password=False)), Files((tmp_path / "put").as_uri())
    try:
        with pytest.raises(Invalid, match=r"backup\.no_right") as refused:
            backup.restore(tmp_path / "backup", target, put)
        assert refused.value.facts["role"] == "restores_nothing"
        assert not (tmp_path / "put").exists()
    finally:
        target.close()
        with owner.engine.begin() as connection:
            connection.execute(text("DROP ROLE restores_nothing"))
        owner.close()
        server.drop(url)


def test_an_archive_that_cannot_be_read_is_refused_with_nothing_touched(
    bureau: Bureau, case_id: str, files: Files, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    taken = backup.take(bureau.store, files, tmp_path / "backup")
    part = tmp_path / "backup" / taken.database.name
    part.write_bytes(b"garbage " * 1_000)
    sealed = replace(taken, database=part_of(part))
    (tmp_path / "backup" / MANIFEST).write_text(sealed.to_json(), "utf-8")
    server = request.getfixturevalue("postgres") if bureau.store.dialect == "postgresql" else None
    target = Store(server.empty_database() if server else f"sqlite:///{tmp_path / 'clean.sqlite'}")
    with pytest.raises(Invalid, match=r"backup\.damaged"):
        backup.restore(tmp_path / "backup", target, Files((tmp_path / "put").as_uri()))
    assert databases.is_empty(target)
    assert not (tmp_path / "put").exists()
    url = target.engine.url.render_as_string(hide_password=False)
    target.close()
    if server:
        server.drop(url)


def test_a_backup_that_fails_leaves_nothing_behind(
    bureau: Bureau, case_id: str, files: Files, tmp_path: Path
) -> None:
    (stored,) = (path for path in (tmp_path / "files").rglob("*") if path.is_file())
    stored.unlink()
    with pytest.raises(Unavailable, match=r"file\.missing"):
        backup.take(bureau.store, files, tmp_path / "backup")
    assert not [path for path in tmp_path.iterdir() if "backup" in path.name]


def test_a_folder_that_is_in_use_is_not_written_into(
    bureau: Bureau, case_id: str, files: Files, tmp_path: Path
) -> None:
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "other").touch()
    with pytest.raises(Invalid, match="folder_used"):
        backup.take(bureau.store, files, tmp_path / "backup")


def test_the_commands_at_the_terminal_back_up_restore_and_compare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("FASHEN_ENV", "FASHEN_DATABASE_URL", "FASHEN_FILES_URL", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("FASHEN_VAR", str(tmp_path / "one"))
    assert cli.run(["db", "upgrade"]) == 0
    assert cli.run(["backup", str(tmp_path / "kept")]) == 0
    assert cli.run(["backup", str(tmp_path / "kept")]) == 1
    assert cli.run(["restore", str(tmp_path / "kept")]) == 1
    assert "not empty" in capsys.readouterr().err
    monkeypatch.setenv("FASHEN_VAR", str(tmp_path / "two"))
    assert cli.run(["restore", str(tmp_path / "kept")]) == 0
    assert "as they were" in capsys.readouterr().out
    assert cli.run(["ledger", "verify", "--state"]) == 0
    assert "say what the ledger says" in capsys.readouterr().out
    assert cli.run(["db", "grant", "somebody"]) == 1
