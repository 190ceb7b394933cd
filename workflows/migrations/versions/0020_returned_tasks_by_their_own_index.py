"""The indexes of what came back hold the mark itself, so that SQLite takes them without statistics."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_task_returned", "task", "assignee_id", "ended_at"),
    ("ix_task_candidate_returned", "task_candidate", "person_id", "closed_at"),
)


def upgrade() -> None:
    for name, table, whose, ended in _INDEXES:
        op.drop_index(name, table)
        op.create_index(
            name, table, [whose, "returned"], sqlite_where=sa.text(f"{ended} IS NULL AND returned IS 1"),
            postgresql_where=sa.text(f"{ended} IS NULL AND returned IS TRUE"),
        )  # fmt: skip
