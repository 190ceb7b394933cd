"""The lists of heads are read newest first along an index, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    still = sa.text("ended_at IS NULL")
    for name, column in (("bureau", "bureau_id"), ("case_unit", "case_unit_id")):
        op.create_index(
            f"ix_task_arrived_{name}", "task", [column, "created_at"], unique=False,
            sqlite_where=still, postgresql_where=still,
        )  # fmt: skip
