"""A step of an old case costs what a step of a new one costs: its waiting tasks are found without its history."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_task_case_id_ended_at", "task", ["case_id", "ended_at"])
    op.drop_index("ix_task_case_id", table_name="task")
    op.create_index("ix_task_instance_id_element_id_state", "task", ["instance_id", "element_id", "state"])
    op.drop_index("ix_task_instance_id", table_name="task")
