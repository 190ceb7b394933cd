"""What Alembic runs: revisions on the connection that `workflows.migrations.upgrade` hands in."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import TypeDecorator
from sqlalchemy.engine import Connection

from workflows.migrations import is_compared
from workflows.models import metadata


def plain_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    """In a revision, our own column types are written as what they are in the database: revisions outlive the code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def run(connection: Connection) -> None:
    """Run the revisions asked for, within the transaction that is open on `connection`."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=True,
        render_as_batch=True,  # SQLite can't alter most of a table; Alembic rebuilds it
        render_item=plain_type,
        include_object=is_compared,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
