"""Who was appointed to conclude a discussion in place of the presiding member."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agenda_item", sa.Column("presiders", sa.JSON(), server_default="[]", nullable=False))
