"""What all tests share: a fresh database on SQLite and on PostgreSQL, a browser, and how hard hypothesis tries.

`store` gives each test an empty database with all tables, once on SQLite and once on PostgreSQL. A test that has
reasons to run on one of them only takes `sqlite_store` or `postgres_store`.
"""

from __future__ import annotations

import gc
import operator
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from workflows.store import Store

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.postgres import TestServer
    from tests.s3 import ObjectStore

MEMORY, ROOM = Path("/dev/shm"), 6 << 30
"""Where thousands of small databases cost no disk, and the bytes that must be free there."""


def in_memory() -> None:
    """Put all temporary files of this run into memory, unless the machine has little of it or TMPDIR says where."""
    told = Path("/proc/meminfo")
    free = [line for line in told.read_text().splitlines() if line.startswith("MemAvailable")] if told.exists() else []
    if "TMPDIR" in os.environ or not free or not os.access(MEMORY, os.W_OK):
        return
    if min(shutil.disk_usage(MEMORY).free, int(free[0].split()[1]) << 10) > ROOM:
        os.environ["TMPDIR"], tempfile.tempdir = str(MEMORY), None


in_memory()

NIGHTLY = os.environ.get("FASHEN_NIGHTLY") == "1"

LONG = {"durability", "browser", "cases"}
"""Folders of tests that take minutes."""

# Times are never asserted: the machines that run this are shared, and a slow example is not a wrong one.
# The same examples in every run, so that what fails after a change fails by it; at night others, and more of them.
settings.register_profile(
    "fast", max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("nightly", parent=settings.get_profile("fast"), max_examples=1000, derandomize=False)
settings.load_profile("nightly" if NIGHTLY else "fast")


class Compiled(BytecodeCache):
    """Templates compiled once a process and not once an application: half of a page test's time went into them."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.kept[bucket.key, bucket.checksum] = bucket.code


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}


SQL: LRUCache[Any, Any] = LRUCache(4000)
"""Statements compiled once a process and not once a database: every test has a database of its own."""


def share_compiled_sql() -> None:
    """Let all databases of one kind share what SQLAlchemy has compiled: their dialects are alike in these tests."""

    def share(dialect: type[DefaultDialect], engine: Engine) -> None:
        engine._compiled_cache = SQL

    same = operator.attrgetter("name", "driver", "paramstyle", "server_version_info")
    DefaultDialect.engine_created = classmethod(share)  # type: ignore[method-assign,assignment]
    DefaultDialect.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign,assignment]
    DefaultDialect.__eq__ = lambda one, other: (  # type: ignore[method-assign]
        type(one) is type(other) and same(one) == same(other)
    )


share_compiled_sql()


def pytest_collection_finish() -> None:
    """What all tests share stays for good: the collector of garbage need not walk through it again and again,
    nor look for what is left behind as often as in a program that runs for days.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long ones first, so that no worker waits for another at the end; nightly tests only at night or by name."""
    items.sort(key=lambda item: not any(part in LONG for part in item.path.relative_to(config.rootpath).parts))
    if NIGHTLY or config.getoption("markexpr") or any("::" in argument for argument in config.args):
        return
    nightly = [item for item in items if item.get_closest_marker("nightly")]
    if nightly:
        config.hook.pytest_deselected(items=nightly)
        items[:] = [item for item in items if item not in nightly]


def make_tables(url: str) -> None:
    """Create all tables of the house in an empty database, as the models say."""
    from workflows.models import metadata

    store = Store(url)
    metadata.create_all(store.engine)
    store.close()


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this test worker: "gw0", "gw1" … or "main" when there is only one."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def postgres(worker: str) -> TestServer:
    """The PostgreSQL server of this run; started by the first test that asks for it, stopped when Python ends.

    Its folder lies beside pytest's own, which other runs tidy up.
    """
    from tests.postgres import TestServer

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")
    return TestServer(Path(tempfile.gettempdir()) / f"fashen-postgres-{run}", worker)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and no rows."""
    path = tmp_path_factory.mktemp("template") / "fashen.sqlite"
    make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite database with all tables."""
    path = tmp_path / "fashen.sqlite"
    shutil.copyfile(sqlite_template, path)
    store = Store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture
def postgres_store(postgres: TestServer) -> Iterator[Store]:
    """An empty PostgreSQL database with all tables."""
    url = postgres.fresh_database(make_tables)
    store = Store(url)
    yield store
    store.close()
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty database with all tables; the test runs once on SQLite and once on PostgreSQL."""
    chosen: Store = request.getfixturevalue("sqlite_store" if request.param == "sqlite" else "postgres_store")
    return chosen


def make_demo(url: str) -> None:
    """Create all tables and load the demonstration bureau."""
    from workflows.bureau import load_demo

    make_tables(url)
    store = Store(url)
    with store.work() as session:
        load_demo(session)
    store.close()


@pytest.fixture(scope="session")
def sqlite_demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demonstration bureau."""
    path = tmp_path_factory.mktemp("demo") / "fashen.sqlite"
    make_demo(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_demo_store(sqlite_demo_template: Path, tmp_path: Path) -> Iterator[Store]:
    """The demonstration bureau on SQLite."""
    path = tmp_path / "demo.sqlite"
    shutil.copyfile(sqlite_demo_template, path)
    store = Store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture
def postgres_demo_store(postgres: TestServer) -> Iterator[Store]:
    """The demonstration bureau on PostgreSQL."""
    url = postgres.fresh_database(make_demo)
    store = Store(url)
    yield store
    store.close()
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def demo_store(request: pytest.FixtureRequest) -> Store:
    """The demonstration bureau; the test runs once on SQLite and once on PostgreSQL."""
    name = "sqlite_demo_store" if request.param == "sqlite" else "postgres_demo_store"
    chosen: Store = request.getfixturevalue(name)
    return chosen


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table; once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    server: TestServer = request.getfixturevalue("postgres")
    url = server.empty_database()
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def s3() -> Iterator[ObjectStore]:
    """The S3 server of this run; started by the first test that asks for it."""
    from tests.s3 import ObjectStore

    server = ObjectStore().start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real Chromium, headless. Fails, and says what was tried, when none can be started."""
    from tests.chromium import launched

    with launched() as browser:
        yield browser


