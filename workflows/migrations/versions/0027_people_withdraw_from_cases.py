"""Whoever takes part in a case can withdraw from it because of an interest, not its officers alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflows.store import Utc

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_recusal",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("ordered_by_id", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_recusal_case_id_case_file")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_recusal_person_id_person")),
        sa.ForeignKeyConstraint(["ordered_by_id"], ["person.id"], name=op.f("fk_case_recusal_ordered_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_recusal")),
        sa.UniqueConstraint("case_id", "person_id", name=op.f("uq_case_recusal_case_id_person_id")),
    )
    with op.batch_alter_table("case_recusal") as batch_op:
        batch_op.create_index(batch_op.f("ix_case_recusal_person_id"), ["person_id"], unique=False)
