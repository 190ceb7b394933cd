"""The demonstration bureau as the installation, and one published case played to its end in a throw-away bureau."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from workflows import play
from workflows.actors import Actor, Person, acting
from workflows.diagrams import library
from workflows.rehearsal import sandbox, scene
from workflows.rehearsal.sandbox import Sandbox
from workflows.rehearsal.scene import Scene
from workflows.store import Store

CASES = Path(__file__).parents[1] / "cases"


def person(store: Store, login: str) -> Actor:
    with store.read() as session:
        return acting(session, session.execute(select(Person.id).where(Person.login == login)).scalar_one())


def moves_of(name: str) -> tuple[play.Script, list[dict[str, Any]]]:
    """A published case as moves."""
    script = play.read(CASES / f"{name}.yaml")
    return script, [{**script.start, "process": "penalty"}, *map(dict, script.steps)]


@dataclass
class Archive:
    """A throw-away bureau with one archived case."""

    sandbox: Sandbox
    moves: list[dict[str, Any]]
    scene: Scene


@pytest.fixture
def prepared(sqlite_demo_store: Store) -> Sandbox:
    """A throw-away bureau in which the shipped penalty process is tried."""
    script, _ = moves_of("yinzhou-welders")
    with sqlite_demo_store.read() as session:
        return sandbox.prepare(
            session, person(sqlite_demo_store, "admin"), library.shipped()["penalty"], script.begins
        )


@pytest.fixture
def archive(prepared: Sandbox) -> Iterator[Archive]:
    """The same bureau when the case of Yinzhou was archived; the clock stands there until the test ends."""
    _, moves = moves_of("yinzhou-welders")
    with scene.staged(prepared, moves) as played:
        assert played.stopped is None
        yield Archive(prepared, moves, played)
