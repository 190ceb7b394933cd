"""Notes pinned to the pages of materials."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_note",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("material_id", sa.String(length=32), nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=True),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=True),
        sa.Column("y", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("point", sa.String(length=8), nullable=False),
        sa.Column("circle", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_page_note_author_id_person")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_page_note_case_id_case_file")),
        sa.ForeignKeyConstraint(["material_id"], ["material.id"], name=op.f("fk_page_note_material_id_material")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_page_note_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_note")),
    )
    op.create_index("ix_page_note_case_id_material_id", "page_note", ["case_id", "material_id"], unique=False)
