"""What Alembic runs: revisions on the connection that `workflows.migrations.upgrade` hands in."""

from __future__ import annotations

from alembic import context
from sqlalchemy.engine import Connection

from workflows.models import metadata


def run(connection: Connection) -> None:
    """Run the revisions asked for, within the transaction that is open on `connection`."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=True,
        render_as_batch=True,  # SQLite can't alter most of a table; Alembic rebuilds it
        user_module_prefix="workflows.store.",
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
