"""The lists of the desk: tasks know what lists look for; layouts, saved filters, copies for reading."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TASK = ("bureau_id", "case_unit_id", "opener_id")
FROM_CASE = {"bureau_id": "bureau_id", "case_unit_id": "unit_id", "opener_id": "opened_by_id"}


def upgrade() -> None:
    _filters_and_copies()
    with op.batch_alter_table("task", schema=None) as batch_op:
        for name in TASK:
            batch_op.add_column(sa.Column(name, sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("returned", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name, source in FROM_CASE.items():
        op.execute(
            sa.text(
                f"UPDATE task SET {name} = (SELECT {source} FROM case_file WHERE case_file.id = task.case_id)"  # noqa: S608 (names of our own)
            )
        )
    with op.batch_alter_table("task", schema=None) as batch_op:
        for name in TASK:
            batch_op.alter_column(name, existing_type=sa.String(length=32), nullable=False)
        batch_op.create_foreign_key(batch_op.f("fk_task_bureau_id_unit"), "unit", ["bureau_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_task_case_unit_id_unit"), "unit", ["case_unit_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_task_opener_id_person"), "person", ["opener_id"], ["id"])
        done = sa.text("ended_at IS NOT NULL")
        batch_op.create_index(
            "ix_task_done", ["ended_by_id", "ended_at"], unique=False, sqlite_where=done, postgresql_where=done
        )
        batch_op.create_index(
            "ix_task_returned",
            ["assignee_id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL AND returned IS 1"),
            postgresql_where=sa.text("ended_at IS NULL AND returned IS TRUE"),
        )
        for name, column in (
            ("assignee", "assignee_id"),
            ("bureau", "bureau_id"),
            ("case_unit", "case_unit_id"),
            ("opener", "opener_id"),
        ):
            still = sa.text("ended_at IS NULL")
            batch_op.create_index(
                f"ix_task_waiting_{name}",
                [column, "due_at"],
                unique=False,
                sqlite_where=still,
                postgresql_where=still,
            )
    with op.batch_alter_table("task_candidate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        still = sa.text("closed_at IS NULL")
        batch_op.create_index(
            "ix_task_candidate_waiting",
            ["person_id", "due_at"],
            unique=False,
            sqlite_where=still,
            postgresql_where=still,
        )
    # Who was offered what is taken or done waits for it no more. When that was: at its end, else at its claim.
    op.execute(
        sa.text(
            "UPDATE task_candidate SET"
            " due_at = (SELECT due_at FROM task WHERE task.id = task_candidate.task_id),"
            " closed_at = (SELECT CASE WHEN task.state = 'open' THEN NULL"
            " ELSE coalesce(task.ended_at, task.claimed_at, task.created_at) END"
            " FROM task WHERE task.id = task_candidate.task_id)"
        )
    )


def _filters_and_copies() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("which", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("sort", sa.String(length=120), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=True),
        sa.Column("bureau_id", sa.String(length=32), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["bureau_id"], ["unit.id"], name=op.f("fk_saved_filter_bureau_id_unit")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_saved_filter_owner_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_saved_filter_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("owner_id", "which", "name", name=op.f("uq_saved_filter_owner_id_which_name")),
    )
    op.create_index("ix_saved_filter_unit_id", "saved_filter", ["unit_id"], unique=False)
    op.create_table(
        "list_layout",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("which", sa.String(length=16), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("filter_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["filter_id"],
            ["saved_filter.id"],
            name=op.f("fk_list_layout_filter_id_saved_filter"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_list_layout_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "which", name=op.f("pk_list_layout")),
    )
    op.create_table(
        "saved_filter_role",
        sa.Column("filter_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["filter_id"],
            ["saved_filter.id"],
            name=op.f("fk_saved_filter_role_filter_id_saved_filter"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("filter_id", "role", name=op.f("pk_saved_filter_role")),
    )
    op.create_index("ix_saved_filter_role_role", "saved_filter_role", ["role"], unique=False)
    op.create_table(
        "case_copy",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=True),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("sent_by_id", sa.String(length=32), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_copy_case_id_case_file")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_copy_person_id_person")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["person.id"], name=op.f("fk_case_copy_sent_by_id_person")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_case_copy_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_copy")),
    )
    op.create_index("ix_case_copy_case_id", "case_copy", ["case_id"], unique=False)
    op.create_index("ix_case_copy_person_id_read_at", "case_copy", ["person_id", "read_at"], unique=False)
    op.create_index("ix_case_copy_person_id_sent_at", "case_copy", ["person_id", "sent_at"], unique=False)
