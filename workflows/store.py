"""The one unit of work: one transaction per command, and the only place that commits.

SQLite runs in WAL with `synchronous=FULL`, and a writing unit begins with `BEGIN IMMEDIATE`, so that writers queue
instead of failing half-way. PostgreSQL runs in READ COMMITTED and commands lock the rows they change.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    DateTime,
    Dialect,
    Engine,
    MetaData,
    StaticPool,
    String,
    TypeDecorator,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

BUSY_SECONDS = 30
HASTY_MILLISECONDS = 200
IN_MEMORY = "sqlite://"
"""The URL of a database that lives in one connection and is gone with it."""
KEPT_OPEN = 5
"""Connections that a process keeps between requests; those beyond are closed after use."""
IDLE_IN_TRANSACTION_SECONDS = 60


class Base(DeclarativeBase):
    """All tables of the house share one metadata; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Utc(TypeDecorator[datetime]):
    """A moment: stored in UTC, always with its zone in Python. A moment without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments; bring the others to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """A fresh row id: 32 hexadecimal digits, unguessable."""
    return uuid.uuid4().hex


class Row(Base):
    """A table whose rows carry an unguessable id."""

    __abstract__ = True
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that one statement, and the wait for one lock, may take on PostgreSQL."""

    statement: float
    lock: float


class Store:
    """The database of one installation.

    url: an SQLAlchemy URL, sqlite:///path or postgresql+psycopg://…, or IN_MEMORY: then one unit of work at a time.
    connections: the most that are open at once; whoever needs one more waits. patience: how long PostgreSQL may take
    over one statement and over one lock, in seconds; None for commands at a terminal, which may take their time.
    """

    def __init__(self, url: str, *, connections: int = 15, patience: Patience | None = None) -> None:
        sqlite = url.startswith("sqlite")
        if sqlite and (path := url.removeprefix("sqlite:///")) and path != url:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        kept = min(KEPT_OPEN, connections)
        options: dict[str, Any] = {"pool_pre_ping": not sqlite, "pool_size": kept, "max_overflow": connections - kept}
        if url == IN_MEMORY:
            options = {"poolclass": StaticPool}
        if sqlite:
            options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        else:
            options["connect_args"] = _postgres_options(url, patience)
        self.engine: Engine = create_engine(url, **options)
        if sqlite:
            _tune_sqlite(self.engine)
        self._reading = self.engine.execution_options(fashen_reading=True)
        self._hasty = self.engine.execution_options(fashen_hasty=True)

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self.engine.dialect.name

    @contextmanager
    def work(self, *, hasty: bool = False) -> Iterator[Session]:
        """One unit of work: everything in the block is committed together at its end, or nothing is.

        hasty: wait for other writers HASTY_MILLISECONDS at most, for what may as well be left undone; then
        OperationalError is raised.
        """
        with Session(self._hasty if hasty else self.engine, expire_on_commit=False) as session, session.begin():
            if hasty and self.dialect == "postgresql":
                session.execute(text(f"SET LOCAL lock_timeout = {HASTY_MILLISECONDS}"))
            yield session

    @contextmanager
    def read(self, *, snapshot: bool = False) -> Iterator[Session]:
        """A view for queries; whatever the block changes is thrown away.

        snapshot: all statements of the block see the database as of one moment (on SQLite they always do).
        """
        engine = self._reading
        if snapshot and self.dialect == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine, expire_on_commit=False, autoflush=False) as session:
            try:
                yield session
            finally:
                session.expunge_all()  # what was read stays readable afterwards
                session.rollback()

    def close(self) -> None:
        """Give all connections back to the database."""
        self.engine.dispose()


def _postgres_options(url: str, patience: Patience | None) -> dict[str, Any]:
    """What every connection is told, beside what the URL says.

    A machine that vanished in the middle of a unit of work must not keep its locks: the server ends a transaction in
    which nothing happens, and both ends notice within a minute that nobody is there any more.
    """
    given = make_url(url).query
    told: dict[str, Any] = {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10,
                            "keepalives_count": 3}  # fmt: skip
    limits = {} if patience is None else {
        "statement_timeout": patience.statement, "lock_timeout": patience.lock,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_SECONDS,
    }  # fmt: skip
    said = [str(given["options"])] if "options" in given else []
    if limits or said:
        told["options"] = " ".join([*(f"-c {name}={int(value * 1000)}" for name, value in limits.items()), *said])
    return {name: value for name, value in told.items() if name == "options" or name not in given}


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's begin event below says how a transaction starts
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS}000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        hasty = options.get("fashen_hasty")
        connection.exec_driver_sql(f"PRAGMA busy_timeout={HASTY_MILLISECONDS if hasty else BUSY_SECONDS * 1000}")
        connection.exec_driver_sql("BEGIN" if options.get("fashen_reading") else "BEGIN IMMEDIATE")
