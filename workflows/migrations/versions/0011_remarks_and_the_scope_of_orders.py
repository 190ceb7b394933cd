"""Remarks on cases, and orders to act for somebody that are for some processes only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remark",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=True),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("to_id", sa.String(length=32), nullable=True),
        sa.Column("reply_to_id", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_remark_author_id_person")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_remark_case_id_case_file")),
        sa.ForeignKeyConstraint(["reply_to_id"], ["remark.id"], name=op.f("fk_remark_reply_to_id_remark")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_remark_task_id_task")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_remark_to_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    op.create_index("ix_remark_case_id_made_at", "remark", ["case_id", "made_at"], unique=False)
    op.create_index("ix_remark_to_id_answered_at", "remark", ["to_id", "answered_at"], unique=False)

    with op.batch_alter_table("substitute", schema=None) as batch_op:
        batch_op.add_column(sa.Column("processes", sa.JSON(), server_default="[]", nullable=False))
