"""Narrowed lists and those of offers, newest first, are counted and walked along an index as well."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STILL, OPEN = sa.text("ended_at IS NULL"), sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.add_column("task_candidate", sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("task_candidate", sa.Column("case_unit_id", sa.String(length=32), nullable=True))
    op.add_column("task_candidate", sa.Column("returned", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        sa.text(
            "UPDATE task_candidate SET"
            " returned = (SELECT returned FROM task WHERE task.id = task_candidate.task_id),"
            " arrived_at = (SELECT created_at FROM task WHERE task.id = task_candidate.task_id),"
            " case_unit_id = (SELECT case_unit_id FROM task WHERE task.id = task_candidate.task_id)"
        )
    )
    op.drop_index("ix_task_candidate_waiting", "task_candidate")
    _index("ix_task_candidate_waiting", "task_candidate", ["person_id", "due_at", "case_unit_id"], OPEN)
    _index("ix_task_candidate_arrived", "task_candidate", ["person_id", "arrived_at"], OPEN)
    op.create_index(
        "ix_task_candidate_returned", "task_candidate", ["person_id"], unique=False,
        sqlite_where=sa.text("closed_at IS NULL AND returned IS 1"),
        postgresql_where=sa.text("closed_at IS NULL AND returned IS TRUE"),
    )  # fmt: skip
    for name in ("assignee", "bureau", "opener"):
        op.drop_index(f"ix_task_waiting_{name}", "task")
        _index(f"ix_task_waiting_{name}", "task", [f"{name}_id", "due_at", "case_unit_id"], STILL)
    _index("ix_task_arrived_opener", "task", ["opener_id", "created_at"], STILL)


def _index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)
