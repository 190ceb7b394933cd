"""A process whose publication is done by a program outside, begun for a case of the demonstration bureau."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tests.engine.drawing import boundary, draw, end, error, extensions, flows, node, start, user
from tests.publishing import put_in_force
from workflows.actors import SYSTEM
from workflows.cases.file import Case, lock_case
from workflows.desk import advance
from workflows.engine import handlers
from workflows.engine.package import Package
from workflows.external import accounts
from workflows.external.accounts import Machine
from workflows.external.tables import ExternalTask
from workflows.store import Store

TOPIC = "gazette"


def serve(topic: str = TOPIC) -> None:
    """Make the topic known, as the setting of an installation does."""
    if topic not in handlers.known_topics():
        handlers.serve(topic)


def package(outputs: str = "page, place") -> Package:
    """start → publish (a machine) → file (a person), with an error caught beside."""
    said = f'<camunda:properties><camunda:property name="outputs" value="{outputs}"/></camunda:properties>'
    publish = node("serviceTask", "publish", extensions(said), camunda_type="external", camunda_topic=TOPIC)
    return Package(
        "gazette",
        {
            "gazette.bpmn": draw(
                start(), publish, boundary("caught", "publish", error("refused")), user("file"), user("repair"), end(),
                end("e2"), flows("start > publish > file > end\ncaught > repair > e2"), key="gazette",
                events="error:refused",
            )
        },
    )  # fmt: skip


def begin(store: Store, case_id: str, count: int = 1, **variables: Any) -> list[str]:
    """Start so many instances for a case; the ids of their external tasks."""
    made = package()
    with store.work() as session:
        put_in_force(session, made)
        case = lock_case(session, case_id)
        instances = [advance.start(session, case, "gazette", variables, SYSTEM).id for _ in range(count)]
    with store.read() as session:
        wanted = select(ExternalTask.id).where(ExternalTask.instance_id.in_(instances))
        return list(session.scalars(wanted.order_by(ExternalTask.created_at, ExternalTask.id)))


def admit(store: Store, name: str = "gazette-office", topics: tuple[str, ...] = (TOPIC,)) -> tuple[Machine, str]:
    """A machine account and its token."""
    for topic in topics:
        serve(topic)
    with store.work() as session:
        token = accounts.admit(session, SYSTEM, name, topics)
        session.flush()
        machine = accounts.known(session, token)
    assert machine is not None
    return machine, token


def any_case(store: Store) -> str:
    """The id of a case."""
    with store.read() as session:
        return session.scalars(select(Case.id)).first() or ""
