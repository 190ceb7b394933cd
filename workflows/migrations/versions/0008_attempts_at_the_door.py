"""A login that the database left without an answer is no failure: attempts are kept apart until they are answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("login_failures", sa.Column("attempts", sa.JSON(), server_default="{}", nullable=False))
