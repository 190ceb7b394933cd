"""A published case, played once on each database, for every test that looks at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import make_demo
from tests.desk.conftest import bureau as bureau
from tests.desk.conftest import time as time
from workflows import play
from workflows.calendar import clock
from workflows.documents.fonts import Fonts
from workflows.files import Files
from workflows.store import Store

if TYPE_CHECKING:
    from tests.postgres import TestServer

CASES = Path(__file__).parents[1] / "cases"


def play_case(store: Store, files: Files, name: str) -> str:
    """Play a published case to its end; its id."""
    script = play.read(CASES / f"{name}.yaml")
    with clock.simulated(script.begins) as time:
        return play.Player(store, files, Fonts(), time).play(script).case_id


@pytest.fixture(scope="session")
def played_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a SQLite database and files, in which a case with a meeting and a hearing was played."""
    folder = tmp_path_factory.mktemp("played")
    url = f"sqlite:///{folder / 'fashen.sqlite'}"
    make_demo(url)
    store = Store(url)
    play_case(store, Files((folder / "files").as_uri()), "jiangmen-fireworks")
    store.close()
    return folder


@pytest.fixture
def played(played_template: Path, tmp_path: Path) -> Iterator[Store]:
    """The played case on SQLite, in a copy of its own."""
    shutil.copyfile(played_template / "fashen.sqlite", tmp_path / "fashen.sqlite")
    store = Store(f"sqlite:///{tmp_path / 'fashen.sqlite'}")
    yield store
    store.close()


@pytest.fixture(scope="module")
def played_on_postgresql(postgres: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A shorter case on PostgreSQL."""
    url = postgres.fresh_database(make_demo)
    store = Store(url)
    play_case(store, Files(tmp_path_factory.mktemp("files").as_uri()), "yinzhou-welders")
    yield store
    store.close()
    postgres.drop(url)
