"""The commands that move running cases to another version, each ready to be tried on the drilled case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.desk.migrating.office import WORDS, renamed
from tests.durability.trials import Deed
from workflows.actors import Actor
from workflows.desk.execute import execute
from workflows.desk.migrating import carrying, plans
from workflows.diagrams import library
from workflows.store import Store

if TYPE_CHECKING:
    from tests.durability.faults import Drill

FIRST = "d" * 31 + "1"


def deeds(drill: Drill) -> Iterator[tuple[str, Deed]]:
    """Asking, deciding, moving, ending and undoing; what a command needs is done before it is given out."""
    with drill.aside():
        with drill.store.read() as session:
            asker, decider = drill.actor(session, "admin"), drill.actor(session, "admin2")
        target = _published(drill.store, asker)
        yield "desk.migrating.plans.ask", _ask(asker, target)
        _ask(asker, target)(drill.store, drill.files)
        yield "desk.migrating.plans.approve", _decide(plans.approve, decider)
        yield "desk.migrating.plans.reject", _decide(plans.reject, decider)
        yield "desk.migrating.plans.withdraw", _decide(plans.withdraw, asker)
        _decide(plans.approve, decider)(drill.store, drill.files)
        yield "desk.migrating.carrying.carry_next", _carry
        while _carry(drill.store, drill.files) is not None:
            pass
        yield "desk.migrating.carrying.end_next", _end
        _end(drill.store, drill.files)
        yield "desk.migrating.plans.undo", lambda store, files: execute(store, plans.undo, asker, FIRST, "新版本有误")
        execute(drill.store, plans.undo, asker, FIRST, "新版本有误")
        yield "desk.migrating.carrying.carry_next back", _carry


def _published(store: Store, admin: Actor) -> int:
    with store.work() as session:
        library.publish(session, renamed(), admin, "修改流程")
        return library.versions(session, "penalty")[0].version


def _ask(asker: Actor, target: int) -> Deed:
    return lambda store, files: execute(
        store, plans.ask, asker, "penalty", migration_id=FIRST, source=1, target=target, elements={}, **WORDS
    )


def _decide(command: Any, actor: Actor) -> Deed:
    return lambda store, files: execute(store, command, actor, FIRST, "按规定办理")


def _carry(store: Store, _files: object) -> bool | None:
    with store.work() as session:
        return carrying.carry_next(session)


def _end(store: Store, _files: object) -> bool:
    with store.work() as session:
        return carrying.end_next(session)
