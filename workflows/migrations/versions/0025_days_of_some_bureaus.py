"""The days that steps took are read from one index, whichever bureaus somebody looks after."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_DONE = sa.text("ended_at IS NOT NULL")
_COLUMNS = ["package_hash", "ended_at", "element_id", "created_at", "kind", "state", "bureau_id"]


def upgrade() -> None:
    op.drop_index("ix_task_done_version", "task")
    op.create_index("ix_task_done_version", "task", _COLUMNS, sqlite_where=_DONE, postgresql_where=_DONE)
