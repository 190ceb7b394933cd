"""Lists walk indexes of their own since 0003 and 0007; what no query looks for any more need not be kept in order."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("ix_task_state", "ix_task_due_at", "ix_task_assignee_state"):
        op.drop_index(name, table_name="task")
