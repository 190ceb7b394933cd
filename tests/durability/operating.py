"""The commands of administrators who keep the installation running, each ready to be tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.durability.trials import Deed
from tests.operations import standstill
from workflows.actors import SYSTEM, Actor
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk.execute import execute, put_on_record
from workflows.diagrams import suspensions
from workflows.documents.document import Document
from workflows.errors import Incident
from workflows.notices.deliveries import NoticeDelivery
from workflows.operations import repairs, retrying
from workflows.outbox import OutboxNotice
from workflows.store import Store

if TYPE_CHECKING:
    from tests.durability.faults import Drill

REPAIR = "a" * 32


def deeds(drill: Drill) -> Iterator[tuple[str, Deed]]:
    """Each command of an administrator, on a process that stands still beside the drilled case."""
    with drill.store.read() as session:
        admin = drill.actor(session, "admin")
    with drill.aside():
        instance_id = _still(drill.store, drill.case_id)
        yield "operations.retrying.retry_instance", lambda store, files: execute(
            store, retrying.retry_instance, admin, instance_id
        )
        document_id = _document(drill.store, drill.case_id)
        yield "operations.retrying.retry_document", lambda store, files: execute(
            store, retrying.retry_document, admin, document_id
        )
        yield from _of_repairs(drill, admin)
        yield "diagrams.suspensions.suspend", lambda store, files: execute(
            store, suspensions.suspend, admin, "penalty", package_hash=None, holds=True, reason="流程图有误"
        )
        suspended = execute(drill.store, suspensions.suspend, admin, "penalty", package_hash=None, holds=True,
                            reason="流程图有误").id  # fmt: skip
        yield "diagrams.suspensions.resume", lambda store, files: execute(
            store, suspensions.resume, admin, suspended, reason="已改正"
        )
        delivery_id = _delivery(drill.store, admin.person_id)
        yield "operations.retrying.retry_delivery", lambda store, files: execute(
            store, retrying.retry_delivery, admin, delivery_id
        )


def _of_repairs(drill: Drill, admin: Actor) -> Iterator[tuple[str, Deed]]:
    """A value that a process waits for, and a step whose people have left."""
    with drill.store.read() as session:
        second = drill.actor(session, "secadmin")
    instance_id = standstill.begin(drill.store, drill.case_id, standstill.waiting(), copies=3)
    yield "operations.repairs.ask_variable", lambda store, files: execute(
        store, repairs.ask_variable, admin, instance_id, 0, "copies", 4, "份数有误", repair_id=REPAIR
    )
    execute(drill.store, repairs.ask_variable, admin, instance_id, 0, "copies", 4, "份数有误", repair_id=REPAIR)
    yield "operations.repairs.approve", lambda store, files: execute(store, repairs.approve, second, REPAIR, "已核对")
    yield "operations.repairs.reject", lambda store, files: execute(store, repairs.reject, second, REPAIR, "请核对")
    yield "operations.repairs.withdraw", lambda store, files: execute(store, repairs.withdraw, admin, REPAIR, "无需")
    task_id, to_id = standstill.nobody_left(drill.store, drill.case_id)
    yield "operations.repairs.ask_assignee", lambda store, files: execute(
        store, repairs.ask_assignee, admin, task_id, to_id, "已调离", repair_id="b" * 32
    )


def _still(store: Store, case_id: str) -> str:
    """A process at which a command failed."""
    instance_id = standstill.begin(store, case_id, standstill.failing())
    with store.work() as session:
        put_on_record(session, Incident("engine.no_flow", instance=instance_id, element="act", label="act"), SYSTEM)
    return instance_id


def _document(store: Store, case_id: str) -> str:
    """A document that could not be printed."""
    with store.work() as session:
        case = session.get_one(Case, case_id)
        row = Document(
            case_id=case_id, type="review_opinion", unit_id=case.bureau_id, year=1999, seq=1, number="〔1999〕1号",
            content={}, issued_on=clock.today(), issued_by="system", created_at=clock.now(), attempts=3,
            error={"code": "document.render_failed", "facts": {"reason": "font"}}, retry_at=clock.now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def _delivery(store: Store, person_id: str) -> str:
    with store.work() as session:
        notice = OutboxNotice(person_id=person_id, kind="task_offered", facts={}, created_at=clock.now())
        session.add(notice)
        session.flush()
        row = NoticeDelivery(notice_id=notice.id, person_id=person_id, channel="email", topic="tasks", state="failed",
                             planned_at=clock.now(), attempts=6, code="mail.refused")  # fmt: skip
        session.add(row)
        session.flush()
        return row.id
