"""The packages that instances run on: each stored once by its hash, and which of them new instances take.

What is stored never changes, so definitions, once read, are cached by hash.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.engine.definition import Definition, Definitions
from workflows.engine.package import Package
from workflows.errors import Incident, Invalid, NotFound
from workflows.store import Base, Utc

_definitions = Definitions()


class EnginePackage(Base):
    """A package, stored once by its hash, never changed."""

    __tablename__ = "engine_package"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    files: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)


class EngineCurrent(Base):
    """The package that new instances of a process run on."""

    __tablename__ = "engine_current"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    package_hash: Mapped[str] = mapped_column(ForeignKey("engine_package.hash"))


def store(session: Session, package: Package, *, now: datetime) -> str:
    """Keep a package; the same package twice is kept once. The hash."""
    if session.execute(select(EnginePackage.hash).where(EnginePackage.hash == package.hash)).first() is None:
        session.execute(insert(EnginePackage).values(
            hash=package.hash, key=package.key, files=package.to_json(), created_at=now))
    return package.hash


def set_current(session: Session, key: str, hash: str) -> None:
    """New instances of `key` run on this package from now on. Raises NotFound ("engine.package_unknown")."""
    known = session.execute(select(EnginePackage.key).where(EnginePackage.hash == hash)).scalar()
    if known != key:
        raise NotFound("engine.package_unknown", key=key, hash=hash)
    if current(session, key) is None:
        session.execute(insert(EngineCurrent).values(key=key, package_hash=hash))
    else:
        session.execute(update(EngineCurrent).where(EngineCurrent.key == key).values(package_hash=hash))


def current(session: Session, key: str) -> str | None:
    """The hash of the package that new instances of `key` run on; None if there is none."""
    return session.execute(select(EngineCurrent.package_hash).where(EngineCurrent.key == key)).scalar()


def stored(session: Session, hash: str) -> Package:
    """A stored package.

    Raises NotFound ("engine.package_unknown"), and Incident ("engine.package_altered") when what is stored under the
    hash has another one: whoever changed the row must not decide what cases run on.
    """
    row = session.execute(select(EnginePackage.key, EnginePackage.files).where(EnginePackage.hash == hash)).first()
    if row is None:
        raise NotFound("engine.package_unknown", hash=hash)
    try:
        package = Package.from_json(row.key, row.files)
    except (ValueError, TypeError, AttributeError, Invalid) as error:
        raise Incident("engine.package_altered", hash=hash) from error
    if package.hash != hash:
        raise Incident("engine.package_altered", hash=hash)
    return package


def definition(session: Session, hash: str) -> Definition:
    """The definition with that hash. Raises as `stored` does, or DiagramRefused if this version no longer reads it."""
    return _definitions.get(hash, lambda: stored(session, hash))
