"""A running server over a bureau whose process has a round of signers, on the simulated clock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.browser.conftest import LiveSite, served
from tests.cases.operators.countersigning import package
from webapp import settings
from webapp.app import create_app
from webapp.security import limiter
from workflows import bureau
from workflows.actors import Person, acting
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI
from workflows.diagrams import library
from workflows.files import Files
from workflows.store import Store

BEFORE = datetime(2021, 1, 4, 9, tzinfo=SHANGHAI)
"""A moment before the first of the cases."""
SIGNERS = ("member2", "publisher1")
"""Who countersigns: the chief engineer and the general office."""


@pytest.fixture(scope="package")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demonstration bureau and its own version of the process."""
    path = tmp_path_factory.mktemp("bureau") / "fashen.sqlite"
    shutil.copyfile(sqlite_template, path)
    store = Store(f"sqlite:///{path}")
    with clock.simulated(BEFORE), store.work() as session:
        bureau.load_demo(session)
        who = {row.login: row.id for row in session.execute(select(Person)).scalars()}
        library.publish(
            session, package([who[login] for login in SIGNERS]), acting(session, who["admin"]), "增加处罚建议会签环节"
        )
    store.close()
    return path


@contextmanager
def opened(furnished: Path, folder: Path) -> Iterator[LiveSite]:
    """A server over a copy of the bureau."""
    shutil.copyfile(furnished, folder / "fashen.sqlite")
    told = settings.read({"FASHEN_VAR": str(folder), "FASHEN_DATABASE_URL": f"sqlite:///{folder / 'fashen.sqlite'}"})
    store, files = Store(told.database_url), Files(told.files_url)
    with clock.simulated(BEFORE) as time, served(create_app(told, store, files)) as address:
        yield LiveSite(address, store, files, time)
    limiter.reset()
    store.close()
