"""What somebody delegated (委派) is a list of theirs, which walks an index of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    still = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_task_waiting_owner", "task", ["owner_id", "due_at", "case_unit_id"], sqlite_where=still,
        postgresql_where=still,
    )  # fmt: skip
