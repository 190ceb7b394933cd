"""A site for each test: SQLite with the demonstration bureau, Monday 4 March 2024, 09:00."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import update

from tests.webapp.site import PASSWORD, Site, make_app
from webapp import settings
from webapp.house import House
from webapp.security import limiter
from workflows import bureau, passwords
from workflows.actors import Person
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI
from workflows.files import Files
from workflows.store import Store

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MORNING = datetime(2024, 3, 4, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="session")
def demo_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demonstration bureau."""
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    shutil.copyfile(sqlite_template, path)
    store = Store(f"sqlite:///{path}")
    with store.work() as session:
        bureau.load_demo(session)
        session.execute(update(Person).values(password_hash=CHEAP.hash(PASSWORD)))
    store.close()
    return path


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real algorithm with the least work: a hundred logins should not take a minute."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP)
    passwords._nobody.cache_clear()


@pytest.fixture(scope="session")
def app() -> Flask:
    """The application; its routes are made once for all tests, its house is each test's own."""
    return make_app()


@pytest.fixture
def site(app: Flask, demo_template: Path, tmp_path: Path) -> Iterator[Site]:
    """The application, its clock standing still until the test sets it forward."""
    path = tmp_path / "demo.sqlite"
    shutil.copyfile(demo_template, path)
    told = settings.read({
        "FASHEN_VAR": str(tmp_path), "FASHEN_DATABASE_URL": f"sqlite:///{path}", "FASHEN_UPLOAD_LIMIT_MB": "1",
    })  # fmt: skip
    store, files = Store(told.database_url), Files(str(tmp_path / "files"))
    with clock.simulated(MORNING) as time:
        app.extensions["fashen"] = House(told, store, files)
        yield Site(app, store, files, time)
    limiter.reset()
    store.close()
