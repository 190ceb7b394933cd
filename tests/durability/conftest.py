"""An installation that is ready to be served: built once in a run and copied, since building it takes seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.durability.both import demonstration


@pytest.fixture(scope="session")
def built_installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of the newest revision with the demonstration bureau; nobody is connected to it."""
    path = tmp_path_factory.mktemp("built") / "fashen.sqlite"
    demonstration(f"sqlite:///{path}")
    return path


@pytest.fixture
def furnished(built_installation: Path, tmp_path: Path) -> Path:
    """The folder of the test, with a copy of that file in it under the name that a server looks for."""
    shutil.copyfile(built_installation, tmp_path / "fashen.sqlite")
    return tmp_path
