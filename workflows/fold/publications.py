"""What instances run on, compared with the publications that the ledger tells.

A package lies in `engine_package` under its hash, `engine_current` says which one new instances take, and
`published_package` is the library's list. Who may write these tables without a publication could let cases run on a
diagram that nobody checked; each row must therefore be the work of a PackagePublished entry.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.diagrams import library
from workflows.diagrams.library import PublishedPackage
from workflows.engine import packages
from workflows.engine.packages import EngineCurrent, EnginePackage
from workflows.engine.state import EngineInstance
from workflows.errors import Incident
from workflows.fold.difference import NOTHING, Difference
from workflows.ledger import Entry

UNTOLD = ("账本没有发布此流程包的记载", "no publication of this package stands in the ledger")


def compare(session: Session) -> Iterator[Difference]:
    """Where the library, the stored packages, the present ones or the pins of an instance are not as published."""
    told = library.told(session)
    hashes = {str(entry.data["package_hash"]) for entry in told}
    yield from _packages(session, hashes)
    yield from _present(session, told)
    yield from _versions(session, told)
    yield from _pins(session, hashes)


def _packages(session: Session, told: Collection[str]) -> Iterator[Difference]:
    """Every stored package was published, has the hash that it goes by, and none is missing."""
    kept = set(session.execute(select(EnginePackage.hash)).scalars())
    for package_hash in sorted(kept - set(told)):
        yield Difference("", "engine_package", package_hash, None, NOTHING, {"hash": package_hash}, UNTOLD)
    for package_hash in sorted(set(told) - kept):
        yield Difference("", "engine_package", package_hash, None, {"hash": package_hash}, NOTHING)
    for package_hash in sorted(kept):  # one at a time: a package may weigh megabytes
        try:
            packages.stored(session, package_hash)
        except Incident:
            cause = ("所存内容的摘要与此不同", "what is stored does not have this hash")
            yield Difference("", "engine_package", package_hash, "files", package_hash, "?", cause)


def _present(session: Session, told: list[Entry]) -> Iterator[Difference]:
    """New instances of a process take the package that was published last."""
    last = {str(entry.data["key"]): entry.data["package_hash"] for entry in told}
    kept = {row.key: row.package_hash for row in session.execute(select(EngineCurrent)).scalars()}
    for key in sorted({*last, *kept}):
        left, right = last.get(key, NOTHING), kept.get(key, NOTHING)
        if left != right:
            yield Difference("", "engine_current", key, "package_hash", left, right)


def _versions(session: Session, told: list[Entry]) -> Iterator[Difference]:
    """The n-th publication of a process is version n in the library, by whom and why the ledger says."""
    expected: dict[tuple[str, int], dict[str, Any]] = {}
    for entry in told:
        key = str(entry.data["key"])
        version = 1 + sum(known == key for known, _ in expected)
        expected[key, version] = {
            "package_hash": entry.data["package_hash"], "reason": entry.data["reason"], "published_by": entry.actor_id,
        }  # fmt: skip
    kept = {(row.process_key, row.version): row for row in session.execute(select(PublishedPackage)).scalars()}
    for place in sorted({*expected, *kept}):
        shown = f"{place[0]} {place[1]}"
        row, columns = kept.get(place), expected.get(place)
        if row is None or columns is None:
            found = NOTHING if row is None else {"package_hash": row.package_hash}
            yield Difference("", "published_package", shown, None, NOTHING if columns is None else columns, found)
            continue
        for column, value in columns.items():
            if getattr(row, column) != value:
                yield Difference("", "published_package", shown, column, value, getattr(row, column))


def _pins(session: Session, told: Collection[str]) -> Iterator[Difference]:
    """No instance runs on a package that was never published; the first of those with the same pins is named."""
    first = func.min(EngineInstance.id)
    together = select(EngineInstance.pins, first, func.count()).group_by(EngineInstance.pins)
    for pins, instance_id, count in session.execute(together):
        unknown = sorted(set(_hashes(pins)) - set(told))
        if unknown:
            case_id = session.execute(select(EngineInstance.case_id).where(EngineInstance.id == instance_id)).scalar()
            cause = UNTOLD if count == 1 else (
                f"{UNTOLD[0]}，此为 {count} 个实例中的第一个", f"{UNTOLD[1]} (the first of {count} instances)")
            yield Difference(case_id or "", "engine_instance", instance_id, "pins", NOTHING, unknown, cause)


def _hashes(pins: str) -> list[str]:
    """The hashes in the text of a column; none where the text is no such thing (the replay names it then)."""
    try:
        found = json.loads(pins)
    except ValueError:
        return []
    return [str(value) for value in found.values()] if isinstance(found, dict) else []
