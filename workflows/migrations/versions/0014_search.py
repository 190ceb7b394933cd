"""The index of the full-text search. `search rebuild`, or the upgrade itself, fills it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("grams", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=True),
        sa.Column("awaits", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_search_entry_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_search_entry_row_id_kind", "search_entry", ["row_id", "kind"], unique=False)
    op.create_index("ix_search_entry_case_id_kind", "search_entry", ["case_id", "kind"], unique=False)
    waits = sa.text("awaits IS NOT NULL")
    op.create_index(
        "ix_search_entry_awaits", "search_entry", ["awaits"], unique=False, sqlite_where=waits, postgresql_where=waits
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_search_entry_grams", "search_entry", ["grams"], unique=False, postgresql_using="gin")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE search_gram USING"
            " fts5(grams, content='', columnsize=0, detail=none, tokenize=\"ascii\")"
        )
