"""The commands of administrators who keep the installation running, each ready to be tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.durability.trials import Deed
from tests.operations import standstill
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk.execute import execute, put_on_record
from workflows.documents.document import Document
from workflows.errors import Incident
from workflows.notices.deliveries import NoticeDelivery
from workflows.operations import retrying
from workflows.outbox import OutboxNotice
from workflows.store import Store

if TYPE_CHECKING:
    from tests.durability.faults import Drill


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
        delivery_id = _delivery(drill.store, admin.person_id)
        yield "operations.retrying.retry_delivery", lambda store, files: execute(
            store, retrying.retry_delivery, admin, delivery_id
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
