"""The process says that it lives, and whether requests would succeed here."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.webapp.site import Site, make_app
from webapp import readiness
from workflows import migrations


@pytest.fixture
def app() -> Flask:
    """An application for each test: how often the disk is asked is kept in it."""
    return make_app()


@pytest.fixture
def upgraded(site: Site) -> Site:
    """A site whose database says its revision, as one made by migrations does."""
    with site.store.work() as session:
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        session.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": migrations.newest()})
    return site


def missing(site: Site) -> object:
    answer = site.visitor().get("/readyz")
    assert answer.status_code == (503 if "missing" in answer.json else 200)
    return answer.json.get("missing", [])


def test_a_server_with_database_and_files_is_ready(upgraded: Site) -> None:
    answer = upgraded.visitor().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_strangers_learn_nothing_but_a_word(upgraded: Site) -> None:
    with upgraded.store.work() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    answer = upgraded.visitor().get("/readyz")
    assert answer.json == {"status": "not ready", "missing": ["revision"]}
    assert "9999" not in answer.text


def test_a_database_without_a_revision_is_not_ready(site: Site) -> None:
    assert missing(site) == ["revision"]


def test_a_damaged_database_is_not_ready_but_the_process_lives(upgraded: Site, tmp_path: Path) -> None:
    upgraded.store.close()
    for each in tmp_path.glob("demo.sqlite*"):
        each.write_bytes(b"garbage" * 1000)
    assert missing(upgraded) == ["database"]
    assert upgraded.visitor().get("/healthz").json == {"status": "ok"}


def test_a_store_of_files_that_is_gone_is_seen_and_asked_rarely(
    upgraded: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = [0.0]
    monkeypatch.setattr(readiness.time, "monotonic", lambda: passed[0])
    assert missing(upgraded) == []
    (tmp_path / "files").write_text("no folder any more")
    assert missing(upgraded) == []
    passed[0] = readiness.FILES_EVERY_SECONDS
    assert missing(upgraded) == ["files"]
    (tmp_path / "files").unlink()
    passed[0] *= 2
    assert missing(upgraded) == []


def test_a_server_that_ends_is_not_ready(upgraded: Site) -> None:
    readiness.of(upgraded.app).draining = True
    assert missing(upgraded) == ["ending"]
    assert upgraded.visitor().get("/login").status_code == 200
