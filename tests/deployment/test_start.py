"""In production nothing serves or works on a database of another revision, and says so in a sentence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.deployment.machines import production
from tests.durability.server import ROOT, START_SECONDS, free_port
from webapp.launch import OUTDATED
from workflows import migrations
from workflows.store import Store

SERVER = ("-m", "webapp.launch", "--no-worker", "--port", str(free_port()))
WORKER = ("-m", "webapp", "worker")
WSGI = ("-c", "import webapp.wsgi")


def tried(folder: Path, command: Sequence[str], url: str = "") -> subprocess.CompletedProcess[str]:
    environment = production(url or database(folder), str(folder / "files"))
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=START_SECONDS,
        check=False,
    )  # fmt: skip


def database(folder: Path, revision: str | None = None) -> str:
    """The URL of a database that says it has this revision; of an empty one if none is given."""
    url = f"sqlite:///{folder / 'fashen.sqlite'}"
    if revision is not None:
        store = Store(url)
        migrations.upgrade(store)
        with store.work() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :told"), {"told": revision})
        store.close()
    return url


@pytest.mark.parametrize("command", [SERVER, WORKER, WSGI])
def test_an_empty_database_is_refused_by_server_and_worker(tmp_path: Path, command: Sequence[str]) -> None:
    refused = tried(tmp_path, command)
    assert refused.returncode == 1
    assert "fashen db upgrade" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(("revision", "said"), [("0001", "备份后运行 fashen db upgrade"), ("9999", "请升级本程序")])
def test_an_older_and_a_newer_database_are_refused(tmp_path: Path, revision: str, said: str) -> None:
    database(tmp_path, revision)
    refused = tried(tmp_path, SERVER)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert revision in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_program_that_is_too_old_does_not_upgrade(tmp_path: Path) -> None:
    database(tmp_path, "9999")
    refused = tried(tmp_path, ("-m", "webapp", "db", "upgrade"))
    assert refused.returncode == 1
    assert "9999" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_that_is_away_is_said(tmp_path: Path) -> None:
    refused = tried(tmp_path, SERVER, f"postgresql://nobody@127.0.0.1:{free_port()}/fashen")
    assert refused.returncode == 1
    assert "无法使用数据库" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_worker_under_which_the_database_is_upgraded_ends_with_a_code_of_its_own(tmp_path: Path) -> None:
    url = database(tmp_path, migrations.newest())
    environment = production(url, str(tmp_path / "files"))
    running = subprocess.Popen(
        [sys.executable, *WORKER], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    running.stdout.readline()  # it runs
    store = Store(url)
    with store.work() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    _, told = running.communicate(timeout=START_SECONDS)
    assert running.returncode == OUTDATED
    assert "9999" in told
    assert "Traceback" not in told
