"""Running a command: one unit of work, one retry after a lost race, an incident on the record when the engine fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import SYSTEM, Actor, holders, subtree
from workflows.calendar import clock
from workflows.cases.file import lock_case
from workflows.engine import state
from workflows.errors import Incident, Unavailable
from workflows.external.accounts import Machine
from workflows.ledger import events
from workflows.store import Store

P = ParamSpec("P")
R = TypeVar("R")


def execute(store: Store, command: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run `command(session, …)` in a unit of work and return what it returns.

    When somebody else wrote the same unique row at the same moment (the same idempotency key sent twice), it is tried
    once more: the second run finds the other's outcome. Raises Unavailable when the database does not answer; an
    Incident is put on the record of its instance before it is raised again.
    """
    try:
        try:
            with store.work() as session:
                return command(session, *args, **kwargs)
        except IntegrityError:
            with store.work() as session:
                return command(session, *args, **kwargs)
    except OperationalError as error:
        raise Unavailable("store.unavailable") from error
    except Incident as incident:
        with store.work() as session:
            put_on_record(session, incident, _who(args))
        raise


def _who(args: tuple[object, ...]) -> Actor:
    """Who gave a command: its person, its machine, or else the worker."""
    for each in args:
        if isinstance(each, (Actor, Machine)):
            return each if isinstance(each, Actor) else each.actor
    return SYSTEM


def put_on_record(session: Session, incident: Incident, actor: Actor) -> None:
    """Note an incident on its instance and in the ledger, and tell the administrators; the case itself is as before.

    incident.facts["instance"]: the id; without one there is nothing to note. What the worker meets again at every new
    try is noted once.
    """
    instance_id: Any = incident.facts.get("instance")
    case_id = state.case_of(session, instance_id) if instance_id else None
    if case_id is None:
        return
    case = lock_case(session, case_id)  # first, as in every command: another order could end in a deadlock
    new = state.record_incident(session, instance_id, incident, now=clock.now())
    if actor == SYSTEM and not new:
        return
    facts = {k: v if isinstance(v, (int, bool)) else str(v) for k, v in incident.facts.items()}
    ledger.append(
        session,
        f"case:{case.id}",
        events.IncidentRaised(
            instance_id=instance_id,
            code=incident.code,
            element_id=str(facts.get("element", "")),
            name=str(facts.get("label", "")),
            facts=facts,
        ),
        actor=actor,
        case_id=case.id,
    )
    for admin in holders(session, "sys_admin", subtree(session, case.bureau_id)):
        if actor == SYSTEM:
            outbox.send(session, admin.id, "timer_incident", {"title": case.title}, case_id=case.id)
        else:
            outbox.send(session, admin.id, "incident", {"title": case.title}, case_id=case.id)
