"""Whether the next task opens by itself is each person's choice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("list_layout", sa.Column("goes_on", sa.Boolean(), server_default=sa.true(), nullable=False))
