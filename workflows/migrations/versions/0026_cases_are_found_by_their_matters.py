"""A case's own entry of the search tells its matters too: those of before are dropped, the upgrade writes them anew."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM search_entry WHERE kind = 'case'")
