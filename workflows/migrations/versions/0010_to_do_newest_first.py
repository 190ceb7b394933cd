"""What one has to do is read newest first along an index, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    still = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_task_arrived_assignee", "task", ["assignee_id", "created_at"], unique=False,
        sqlite_where=still, postgresql_where=still,
    )  # fmt: skip
