"""A step of an old case costs what a step of a new one costs: its waiting tasks have an index of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STILL = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_index("ix_task_waiting_case", "task", ["case_id", "due_at"], sqlite_where=STILL, postgresql_where=STILL)
    op.create_index("ix_task_instance_id_element_id_state", "task", ["instance_id", "element_id", "state"])
    op.drop_index("ix_task_instance_id", table_name="task")
