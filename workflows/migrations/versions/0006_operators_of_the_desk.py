"""The operators of the desk: what is asked beside a step, substitutes, cases that are held up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "substitute",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("substitute_id", sa.String(length=32), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_substitute_created_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_substitute_person_id_person")),
        sa.ForeignKeyConstraint(["substitute_id"], ["person.id"], name=op.f("fk_substitute_substitute_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitute")),
    )
    with op.batch_alter_table("substitute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_substitute_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_substitute_substitute_id"), ["substitute_id"], unique=False)

    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("suspended_for", sa.String(length=1000), server_default="", nullable=False))

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=10), server_default="step", nullable=False))
        batch_op.add_column(sa.Column("parent_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("ended_for_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("urged_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("effect", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("question", sa.String(length=2000), server_default="", nullable=False))
        batch_op.alter_column("engine_task_id", existing_type=sa.VARCHAR(length=36), nullable=True)
        batch_op.create_index("ix_task_parent_id", ["parent_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_task_parent_id_task"), "task", ["parent_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_task_ended_for_id_person"), "person", ["ended_for_id"], ["id"])
