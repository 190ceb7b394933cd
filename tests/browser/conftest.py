"""A running server over a bureau of its own, on the simulated clock, for browsers to talk to."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from waitress import wasyncore
from waitress.server import create_server

from tests.browser.studio import Studio
from webapp import settings
from webapp.app import create_app
from webapp.security import limiter
from workflows import bureau
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI, SimulatedClock
from workflows.files import Files
from workflows.store import Store

expect.set_options(timeout=20_000)
"""Milliseconds; a limit for hanging on a busy machine, not an expectation."""
MORNING = datetime(2024, 2, 26, 8, 30, tzinfo=SHANGHAI)


@dataclass
class LiveSite:
    """A server that answers at `address`, with what lies behind it. logins: what a browser keeps of who logged in."""

    address: str
    store: Store
    files: Files
    time: SimulatedClock
    logins: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="session")
def demo_database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demonstration bureau."""
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    shutil.copyfile(sqlite_template, path)
    store = Store(f"sqlite:///{path}")
    with store.work() as session:
        bureau.load_demo(session)
    store.close()
    return path


@pytest.fixture
def live(demo_database: Path, tmp_path: Path) -> Iterator[LiveSite]:
    """A server for one test."""
    with opened(demo_database, tmp_path) as site:
        yield site


@pytest.fixture(scope="module")
def shared_live(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A server for all tests of a module, each of which has cases of its own there."""
    with opened(demo_database, tmp_path_factory.mktemp("shared")) as site:
        yield site


@contextmanager
def opened(demo_database: Path, folder: Path) -> Iterator[LiveSite]:
    """A server over a copy of the demonstration bureau, on the simulated clock."""
    path = folder / "demo.sqlite"
    shutil.copyfile(demo_database, path)
    told = settings.read({"FASHEN_VAR": str(folder), "FASHEN_DATABASE_URL": f"sqlite:///{path}"})
    store, files = Store(told.database_url), Files(told.files_url)
    app = create_app(told, store, files)
    with clock.simulated(MORNING) as time, served(app) as address:
        yield LiveSite(address, store, files, time)
    limiter.reset()
    store.close()


@pytest.fixture(scope="module")
def drafting_site(demo_database: Path, tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Studio]:
    """Administrators who edit drafts, logged in once for all tests of a module."""
    with opened(demo_database, tmp_path_factory.mktemp("studio")) as site:
        studio = Studio(site, chromium)
        yield studio
        studio.close()


@pytest.fixture
def studio(drafting_site: Studio) -> Iterator[Studio]:
    """The same for one test, whose pages may not complain."""
    with drafting_site.quiet():
        yield drafting_site
    drafting_site.tidy()


@contextmanager
def served(app: object) -> Iterator[str]:
    """Serve an application on a free port until the block ends; its address."""
    sockets: dict[int, Any] = {}
    server = create_server(app, sockets, host="127.0.0.1", port=0, threads=8, clear_untrusted_proxy_headers=True)
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            wasyncore.loop(timeout=0.2, map=sockets, count=1)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(sockets)  # browsers keep their connections, and would keep the server

    thread = threading.Thread(target=run, name="live site")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        ended.set()
        thread.join()
