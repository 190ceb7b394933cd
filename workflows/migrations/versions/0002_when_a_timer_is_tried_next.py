"""When the timers of an instance are tried next, apart from when they come due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("engine_instance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("try_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
        batch_op.drop_index("ix_engine_instance_status_due")
        batch_op.create_index("ix_engine_instance_try_at_id", ["try_at", "id"], unique=False)
    # Timers that rested after an incident are tried again too: from now on they rest for a while, not for ever.
    op.execute(sa.text("UPDATE engine_instance SET try_at = due"))
