"""The process library: which packages are published, and what stands in them.

A version is a row; the newest of a key is the one that new cases run on. Shipped packages are the first versions of a
bureau's own: a program upgrade replaces them only where the bureau published nothing of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows import ledger
from workflows.actors import SYSTEM, Actor
from workflows.calendar import clock
from workflows.diagrams import checking, description
from workflows.diagrams.reading import check as check
from workflows.diagrams.reading import schema
from workflows.diagrams.shipment import shipped as shipped
from workflows.engine import packages
from workflows.engine.definition import Definition
from workflows.engine.package import Package
from workflows.engine.packages import EngineCurrent
from workflows.errors import DiagramRefused, Incident, Invalid, NotFound
from workflows.ledger import events
from workflows.ledger.entries import EntryRow
from workflows.store import Row, Utc

SHIPPED, BUREAU = "shipped", "bureau"


class PublishedPackage(Row):
    """One published version of a process."""

    __tablename__ = "published_package"
    __table_args__ = (UniqueConstraint("process_key", "version"),)
    process_key: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[int] = mapped_column(Integer)
    package_hash: Mapped[str] = mapped_column(ForeignKey("engine_package.hash"))
    source: Mapped[str] = mapped_column(String(10))  # shipped | bureau
    reason: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(Utc)
    published_by: Mapped[str] = mapped_column(String(32))  # person id, or "system" for shipped ones


def publish(
    session: Session,
    package: Package,
    actor: Actor,
    reason: str,
    *,
    source: str = BUREAU,
    together: Mapping[str, Package] | None = None,
) -> str:
    """Make a package the current version of its process; returns its hash. The current one again changes nothing.

    together: packages published with it, by process key, itself among them. Raises DiagramRefused naming every error
    that the checks find (`checking.check`), Forbidden for a bureau's own package by anybody but a system administrator,
    or the worker, who carries out what two of them agreed on (`releases.py`); Invalid without a reason.
    """
    if source == BUREAU and actor != SYSTEM:
        actor.require("sys_admin")
    if not reason.strip():
        raise Invalid("library.reason_missing")
    ledger.lock_stream(session, "bureau")  # one publishing at a time
    if problems := checking.errors(session, package, together=together or {}):
        raise DiagramRefused("diagram.refused", problems, file=package.key)
    newest = _newest(session, package.key)
    if newest is not None and newest.package_hash == package.hash:
        return package.hash
    packages.store(session, package, now=clock.now())
    packages.set_current(session, package.key, package.hash)
    session.add(
        PublishedPackage(
            process_key=package.key,
            version=newest.version + 1 if newest else 1,
            package_hash=package.hash,
            source=source,
            reason=reason,
            published_at=clock.now(),
            published_by=actor.person_id,
        )
    )
    event = events.PackagePublished(
        key=package.key,
        package_hash=package.hash,
        reason=reason,
        previous_hash=newest.package_hash if newest else None,
    )
    ledger.append(session, "bureau", event, actor=actor)
    session.flush()
    return package.hash


def publish_shipped(session: Session) -> list[str]:
    """Publish what the program ships where the bureau has nothing of its own; the keys that got a new version."""
    found = shipped()
    newest = {key: _newest(session, key) for key in found}
    together = {key: one for key, one in found.items() if (row := newest[key]) is None or row.source != BUREAU}
    renewed: list[str] = []
    for key, package in together.items():
        if (row := newest[key]) is not None and row.package_hash == package.hash:
            continue
        publish(session, package, SYSTEM, "随程序发布", source=SHIPPED, together=together)
        renewed.append(key)
    return renewed


def current(session: Session, key: str) -> Definition:
    """The definition that new cases of a process run on. Raises NotFound."""
    found = packages.current(session, key)
    if found is None:
        raise NotFound("engine.process_unknown", key=key)
    return packages.definition(session, found)


def told(session: Session) -> list[ledger.Entry]:
    """Every publication that the ledger tells, in its order."""
    return ledger.of_event(session, "bureau", "PackagePublished")


def require_told(session: Session, pins: Mapping[str, str]) -> None:
    """Raise Incident ("library.not_told") unless each package is the one that the ledger says its process has now.

    pins: process key → package hash. Asked once for each instance that starts: who may write to the tables but did not
    publish must not decide what cases run on. A publication at the same moment disturbs nothing: a package that was
    the present one when the pins were read was told under its key, and the present ones and the ledger are compared
    as one statement sees them.
    """
    rows = session.execute(
        select(EntryRow.stream, EntryRow.seq, EntryRow.data, EngineCurrent.key, EngineCurrent.package_hash)
        .join(EngineCurrent, EngineCurrent.key.in_(list(pins)))
        .where(EntryRow.event == "PackagePublished")  # along the index of events: the stream is long
    )
    known: dict[str, set[str]] = {key: set() for key in pins}
    last: dict[str, str] = {}
    present: dict[str, str] = {}
    publications = [row for row in rows if row.stream == "bureau"]
    for _, _, data, key, package_hash in sorted(publications, key=lambda row: row.seq):
        present[key] = package_hash
        entry = json.loads(data)
        if entry["key"] == key:
            known[key].add(entry["package_hash"])
            last[key] = entry["package_hash"]
    for key, package_hash in pins.items():
        if package_hash not in known[key] or present.get(key) != last.get(key):
            raise Incident("library.not_told", process=key, hash=package_hash[:12])


def keys(session: Session) -> list[str]:
    """The processes of which a version is published, by key."""
    return sorted(session.execute(select(PublishedPackage.process_key).distinct()).scalars())


def versions(session: Session, key: str) -> list[PublishedPackage]:
    """The published versions of a process, the newest first."""
    wanted = select(PublishedPackage).where(PublishedPackage.process_key == key)
    return list(session.execute(wanted.order_by(PublishedPackage.version.desc())).scalars())


def contents(session: Session, key: str) -> list[tuple[PublishedPackage, list[int]]]:
    """The versions of a process by what they hold, the newest first: a rollback makes two of one content.

    Of each content the newest version, and the numbers of all versions that hold it, the oldest first.
    """
    found: dict[str, tuple[PublishedPackage, list[int]]] = {}
    for row in versions(session, key):
        found.setdefault(row.package_hash, (row, []))[1].insert(0, row.version)
    return list(found.values())


def definition(session: Session, package_hash: str) -> Definition:
    """The definition of a published version. Raises NotFound."""
    return packages.definition(session, package_hash)


def form(session: Session, package_hash: str, form_key: str) -> dict[str, Any]:
    """The form-js schema of a form in a package. Raises NotFound."""
    package = packages.definition(session, package_hash).package
    name = package.form(form_key)
    if name is None:
        raise NotFound("form.unknown", form=form_key)
    return schema(package.files[name], name)


def process_yaml(session: Session, package_hash: str) -> Mapping[str, Any]:
    """What `process.yaml` of a package says. Raises NotFound."""
    return description.read(packages.definition(session, package_hash).package)


def _newest(session: Session, key: str) -> PublishedPackage | None:
    newest = select(func.max(PublishedPackage.version)).where(PublishedPackage.process_key == key).scalar_subquery()
    return session.execute(
        select(PublishedPackage).where(PublishedPackage.process_key == key, PublishedPackage.version == newest)
    ).scalar_one_or_none()
