"""What stands still until somebody sees to it: processes, external tasks, documents and messages that failed.

Each is noted where it failed (`state.record_incident`, `machines.fail`, `documents.rendering`, `notices.deliveries`);
here they are read as one list. There are few of them, or something is wrong with the whole installation: a list stops
at MOST of each kind, the numbers beside it at COUNTED.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, Post, subtree
from workflows.cases.file import Case
from workflows.diagrams.library import PublishedPackage
from workflows.documents.document import Document
from workflows.engine.state import EngineInstance
from workflows.external.tables import ExternalTask
from workflows.notices.deliveries import NoticeDelivery
from workflows.operations import scope

INSTANCE, EXTERNAL, DOCUMENT, DELIVERY = "instance", "external", "document", "delivery"
Query = Select[*tuple[Any, ...]]
SIZE = 50
MOST, COUNTED = 500, 10_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that failed.

    case_id, number, opened: of its case, which a message has not always; process_key, package_hash, version,
    element_id, name: where in which process; since: when it failed last, or since when it waits; code, facts: why;
    attempts: failures so far; again: when it is tried again by itself; whom: for whom a message was.
    """

    kind: str
    id: str
    since: datetime
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    instance_id: str = ""
    case_id: str = ""
    number: str | None = None
    opened: datetime | None = None
    process_key: str = ""
    package_hash: str = ""
    version: int | None = None
    element_id: str = ""
    name: str = ""
    attempts: int = 0
    again: datetime | None = None
    whom: str = ""

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list. counts: of each kind, up to COUNTED; cut: kinds of which only the latest MOST are shown."""

    troubles: Sequence[Trouble]
    counts: Mapping[str, int]
    page: int
    pages: int
    cut: Sequence[str]


def page(session: Session, actor: Actor, kind: str = "", number: int = 1) -> Page:
    """A page of what stands still, the latest first; of one kind or of all. Raises Forbidden."""
    bureaus = scope.bureaus(session, actor)
    queries = {each: _QUERIES[each](session, bureaus) for each in KINDS}
    counts = {each: _count(session, queries[each]) for each in KINDS}
    wanted = [each for each in KINDS if kind in ("", each)]
    found = [one for each in wanted for one in _READERS[each](session, queries[each])]
    found.sort(key=lambda one: (-one.since.timestamp(), one.kind, one.id))
    pages = max(1, -(-len(found) // SIZE))
    number = min(max(1, number), pages)
    cut = [each for each in wanted if counts[each] > MOST]
    return Page(found[(number - 1) * SIZE : number * SIZE], counts, number, pages, cut)


def of_instance(session: Session, row: EngineInstance, case: Case) -> Sequence[Trouble]:
    """What failed in one instance, itself and its external tasks."""
    own = select(EngineInstance, Case).join(Case, Case.id == EngineInstance.case_id)
    outside = _external(session, [case.bureau_id]).where(ExternalTask.instance_id == row.id)
    return [
        *_read_instances(session, own.where(EngineInstance.id == row.id, EngineInstance.incident.is_not(None))),
        *_read_external(session, outside),
    ]


def versions(session: Session, hashes: Collection[str]) -> Mapping[str, int]:
    """Package hash → the number of its newest version."""
    wanted = select(PublishedPackage.package_hash, func.max(PublishedPackage.version))
    found = wanted.where(PublishedPackage.package_hash.in_(hashes)).group_by(PublishedPackage.package_hash)
    return {row[0]: row[1] for row in session.execute(found)}


def named(session: Session, actor: Actor, keys: Collection[str]) -> Mapping[str, tuple[str | None, str]]:
    """What lists call these (`Trouble.key`): number of the case, name of the step, document or person.

    Those that the actor does not look after are left out. Raises Forbidden.
    """
    bureaus = scope.bureaus(session, actor)
    ids = {kind: [key.removeprefix(f"{kind}:") for key in keys if key.startswith(f"{kind}:")] for kind in KINDS}
    cases = {
        INSTANCE: (EngineInstance.id, EngineInstance.process_key, EngineInstance.case_id),
        EXTERNAL: (ExternalTask.id, ExternalTask.name, ExternalTask.case_id),
        DOCUMENT: (Document.id, Document.number, Document.case_id),
    }  # fmt: skip
    found: dict[str, tuple[str | None, str]] = {}
    for kind, (of, name, case_id) in cases.items():
        wanted = select(of, Case.number, name).join(Case, Case.id == case_id)
        for row in session.execute(wanted.where(of.in_(ids[kind]), Case.bureau_id.in_(bureaus))):
            found[f"{kind}:{row[0]}"] = (row[1], row[2])
    for sent in session.execute(_deliveries(session, bureaus).where(NoticeDelivery.id.in_(ids[DELIVERY]))):
        found[f"{DELIVERY}:{sent[0].id}"] = (None, sent[1])
    return found


def _count(session: Session, query: Query) -> int:
    rows = query.with_only_columns(Case.id if query.column_descriptions[-1]["entity"] is Case else NoticeDelivery.id)
    return session.execute(select(func.count()).select_from(rows.limit(COUNTED).subquery())).scalar_one()


def _instances(_session: Session, bureaus: Collection[str]) -> Query:
    return (
        select(EngineInstance, Case).join(Case, Case.id == EngineInstance.case_id)
        .where(EngineInstance.incident.is_not(None), scope.within(Case.bureau_id, bureaus))
    )  # fmt: skip


def _read_instances(session: Session, query: Query) -> Iterator[Trouble]:
    rows = session.execute(query.order_by(EngineInstance.id).limit(MOST)).all()
    known = versions(session, {row.package_hash for row, _ in rows})
    for row, case in rows:
        noted = json.loads(row.incident)
        facts = noted.get("facts", {})
        key = str(facts.get("process") or row.process_key)
        package_hash = json.loads(row.pins).get(key, row.package_hash)
        yield Trouble(
            INSTANCE, row.id, datetime.fromisoformat(noted["at"]), noted["code"], facts, row.id, case.id, case.number,
            case.opened_at, row.process_key, package_hash, known.get(row.package_hash),
            str(facts.get("element", "")), str(facts.get("label", "")), row.attempts,
            row.try_at if row.attempts else None,
        )  # fmt: skip


def _external(_session: Session, bureaus: Collection[str]) -> Query:
    return (
        select(ExternalTask, Case).join(Case, Case.id == ExternalTask.case_id)
        .where(ExternalTask.ended_at.is_(None), ExternalTask.retries == 0, scope.within(Case.bureau_id, bureaus))
    )  # fmt: skip


def _read_external(session: Session, query: Query) -> Iterator[Trouble]:
    rows = session.execute(query.order_by(ExternalTask.created_at.desc(), ExternalTask.id).limit(MOST)).all()
    known = versions(session, {row.package_hash for row, _ in rows})
    for row, case in rows:
        yield Trouble(
            EXTERNAL, row.id, row.created_at, "operations.external_failed", {"topic": row.topic, "message": row.error},
            row.instance_id, case.id, case.number, case.opened_at, row.process_key, row.package_hash,
            known.get(row.package_hash), row.element_id, row.name,
        )  # fmt: skip


def _documents(_session: Session, bureaus: Collection[str]) -> Query:
    return (
        select(Document, Case).join(Case, Case.id == Document.case_id)
        .where(Document.state == "pending", Document.attempts > 0, scope.within(Case.bureau_id, bureaus))
    )  # fmt: skip


def _read_documents(session: Session, query: Query) -> Iterator[Trouble]:
    for row, case in session.execute(query.order_by(Document.created_at.desc(), Document.id).limit(MOST)):
        error = row.error or {}
        yield Trouble(
            DOCUMENT, row.id, row.created_at, error.get("code", "document.render_failed"), error.get("facts", {}),
            case_id=case.id, number=case.number, opened=case.opened_at, name=f"{row.title} {row.number}",
            attempts=row.attempts, again=row.retry_at,
        )  # fmt: skip


def _deliveries(session: Session, bureaus: Collection[str]) -> Query:
    units = {unit for bureau in bureaus for unit in subtree(session, bureau)}
    theirs = select(Post.person_id).where(Post.unit_id.in_(units))
    return (
        select(NoticeDelivery, Person.name).join(Person, Person.id == NoticeDelivery.person_id)
        .where(NoticeDelivery.state == "failed", NoticeDelivery.person_id.in_(theirs))
    )  # fmt: skip


def _read_deliveries(session: Session, query: Query) -> Iterator[Trouble]:
    order = (NoticeDelivery.planned_at.desc(), NoticeDelivery.id)
    for row, name in session.execute(query.order_by(*order).limit(MOST)):
        facts = {"channel": row.channel, "reason": row.reason, "topic": row.topic}
        yield Trouble(DELIVERY, row.id, row.ended_at or row.planned_at, row.code, facts, attempts=row.attempts,
                      whom=name)  # fmt: skip


_QUERIES: Mapping[str, Callable[[Session, Collection[str]], Query]] = {
    INSTANCE: _instances, EXTERNAL: _external, DOCUMENT: _documents, DELIVERY: _deliveries,
}  # fmt: skip
_READERS: Mapping[str, Callable[[Session, Query], Iterator[Trouble]]] = {
    INSTANCE: _read_instances, EXTERNAL: _read_external, DOCUMENT: _read_documents, DELIVERY: _read_deliveries,
}  # fmt: skip
KINDS = tuple(_QUERIES)
"""Kinds of troubles, in the order in which they are offered."""
