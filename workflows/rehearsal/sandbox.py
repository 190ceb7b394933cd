"""A throw-away bureau in memory: the tables, the people of the demonstration bureau, what this bureau set, one draft.

Of the installation it takes what processes depend on and nothing that tells of anybody: the catalogue, the bureau's
rules, the calendar, the versions in force. What happens in it leaves no trace, because it has nothing of the
installation but copies; when the connection is closed it is gone.
"""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from workflows import bureau, ledger
from workflows.actors import SYSTEM, Actor, legal_subject
from workflows.calendar import clock
from workflows.calendar.days import Workday
from workflows.cases.catalogue import BureauRule, Matter, ReviewClass
from workflows.diagrams.library import BUREAU, PublishedPackage
from workflows.engine import handlers, packages
from workflows.engine.definition import Definition
from workflows.engine.definition import read as read_definition
from workflows.engine.package import Package
from workflows.engine.packages import EngineCurrent
from workflows.errors import FashenError, NotFound
from workflows.external.tables import MachineAccount
from workflows.ledger import events
from workflows.models import metadata
from workflows.rehearsal import people
from workflows.store import IN_MEMORY, Store

MACHINE = "sandbox"
"""The name of the program outside that does external tasks here, by the hand of whoever plays."""
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Shelf(Generic[Key, Value]):
    """The last few of something that costs time to make; whatever is not here is made anew."""

    def __init__(self, places: int) -> None:
        self._places, self._kept = places, OrderedDict[Key, Value]()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """What is kept under a key."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Key, value: Value) -> None:
        """Keep something; what was not asked for longest goes."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._places:
                self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A prepared bureau, to be opened as often as one likes. key: two with one key are the same.

    package: that is tried; beside: the versions in force here, that of its own process among them; at: the moment at
    which it was set up.
    """

    key: str
    package: Package
    beside: Sequence[Package]
    data: bytes
    at: datetime

    def open(self, data: bytes | None = None) -> Store:
        """A store of its own, as prepared or as `kept` said it stood later. Close it after use."""
        store = Store(IN_MEMORY)
        _connection(store).deserialize(zlib.decompress(data or self.data))
        return store


def kept(store: Store) -> bytes:
    """How the bureau stands, for `Sandbox.open`."""
    return zlib.compress(_connection(store).serialize(), 1)


_prepared: Shelf[str, Sandbox] = Shelf(8)


def prepare(session: Session, actor: Actor, package: Package, at: datetime) -> Sandbox:
    """A bureau in which the package is in force as its process, beside the versions in force here.

    session: of the installation, which is only read; actor: whose bureau's own rules count; at: the moment at which it
    opens. Raises DiagramRefused where the engine can't read the package.
    """
    taken = _taken(session, actor)
    present = {key: packages.stored(session, hash) for key, hash in _in_force(session).items()}
    neighbours = {**present, package.key: package}
    read_definition(package, callable_keys=set(neighbours))
    key = _key(taken, neighbours, package, at)
    if (found := _prepared.get(key)) is not None:
        return found
    store = Store(IN_MEMORY)
    try:
        metadata.create_all(store.engine)
        with clock.apart(at), store.work() as scratch:
            _furnish(scratch, taken, neighbours)
        made = Sandbox(key, package, list(present.values()), kept(store), at)
    finally:
        store.close()
    _prepared.put(key, made)
    return made


def _connection(store: Store) -> Any:
    """The one connection of a database in memory, as sqlite3 has it."""
    return store.engine.raw_connection().driver_connection


def _in_force(session: Session) -> dict[str, str]:
    rows = session.execute(select(EngineCurrent.key, EngineCurrent.package_hash).order_by(EngineCurrent.key))
    return {row.key: row.package_hash for row in rows}


def _taken(session: Session, actor: Actor) -> dict[str, list[dict[str, Any]]]:
    """Rows of the installation's catalogue, rules and calendar."""
    own = _bureau_of(session, actor)
    rules = select(BureauRule.__table__).where(or_(BureauRule.bureau_id.is_(None), BureauRule.bureau_id == own))
    queries = {
        "matter": select(Matter.__table__).order_by(Matter.code),
        "review_class": select(ReviewClass.__table__).order_by(ReviewClass.code),
        "workday": select(Workday.__table__).order_by(Workday.day),
        "bureau_rule": rules.order_by(BureauRule.id),
    }
    return {name: [dict(row) for row in session.execute(query).mappings()] for name, query in queries.items()}


def _bureau_of(session: Session, actor: Actor) -> str:
    try:
        return legal_subject(session, actor.unit_id).id
    except NotFound:
        return ""


def _key(
    taken: Mapping[str, list[dict[str, Any]]], neighbours: Mapping[str, Package], package: Package, at: datetime
) -> str:
    """What the prepared bureau is made of, as one text. package: that is tried."""
    parts = (repr(taken), repr(sorted((key, one.hash) for key, one in neighbours.items())), package.key, at.isoformat())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _furnish(
    session: Session, taken: Mapping[str, list[dict[str, Any]]], neighbours: Mapping[str, Package]
) -> None:
    units = bureau.load_people(session, None)
    people.fill(session, units["bureau"], _readable(neighbours.values()))
    session.add(MachineAccount(
        name=MACHINE, token_digest="", topics=sorted(handlers.known_topics()), created_at=clock.now()
    ))  # fmt: skip
    own = units["bureau"].id
    for name, rows in taken.items():
        if name == "bureau_rule":
            rows = [{**row, "bureau_id": own if row["bureau_id"] else None} for row in rows]
        if rows:
            session.execute(insert(metadata.tables[name]), rows)
    for package in neighbours.values():
        _put_in_force(session, package)


def _readable(neighbours: Iterable[Package]) -> Iterator[Definition]:
    """The processes as read; one that this version can't read is its own trouble."""
    for package in neighbours:
        try:
            yield read_definition(package, published=True)
        except FashenError:
            continue


def _put_in_force(session: Session, package: Package) -> None:
    """As a publication does, without the library's checks: a draft is tried before it passes them."""
    packages.store(session, package, now=clock.now())
    packages.set_current(session, package.key, package.hash)
    session.add(PublishedPackage(
        process_key=package.key, version=1, package_hash=package.hash, source=BUREAU, reason="试运行",
        published_at=clock.now(), published_by=SYSTEM.person_id,
    ))  # fmt: skip
    event = events.PackagePublished(key=package.key, package_hash=package.hash, reason="试运行")
    ledger.append(session, "bureau", event, actor=SYSTEM)
