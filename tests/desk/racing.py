"""What a racing process does: runs one command when all are ready, and tells how it ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import select

from tests import leash
from workflows.actors import Person, acting
from workflows.calendar import clock
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.errors import FashenError
from workflows.store import Store

COMMANDS: dict[str, Callable[..., Any]] = {
    "complete": commands.complete_task,
    "claim": commands.claim_task,
    "open": commands.open_case,
}


_ready: Barrier


def stand_by(ready: Barrier) -> None:
    """Prepare a process: it has imported everything and knows where the contenders wait for each other."""
    global _ready
    _ready = ready
    leash.tie()


def race(url: str, moment: datetime, login: str, command: str, args: list[Any], kwargs: Any) -> tuple[str, str, Any]:
    """One contender, in a process of its own: (command, how it ended, what it said)."""
    store = Store(url)
    try:
        with clock.simulated(moment):
            with store.read() as session:
                person_id = session.execute(select(Person.id).where(Person.login == login)).scalar_one()
                actor = acting(session, person_id)
            _ready.wait(60)
            outcome = execute(store, COMMANDS[command], actor, *args, **kwargs)
            return command, "done", getattr(outcome, "replayed", None)
    except FashenError as error:
        return command, type(error).__name__, error.code
    finally:
        store.close()
