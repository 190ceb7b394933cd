"""Repairs by two people, suspended processes, and the indexes along which administrators look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_RUNS, _DONE = "ended_at IS NULL", "ended_at IS NOT NULL"
_INDEXES = (
    ("ix_engine_instance_incident", "engine_instance", ["id"], "incident IS NOT NULL"),
    ("ix_engine_instance_running", "engine_instance", ["package_hash"], _RUNS),
    ("ix_external_task_waiting", "external_task", ["retries", "created_at"], _RUNS),
    ("ix_process_suspension_standing", "process_suspension", ["process_key"], _RUNS),
    ("ix_task_waiting_version", "task", ["package_hash", "element_id", "created_at"], _RUNS),
    ("ix_task_done_version", "task", ["package_hash", "ended_at", "element_id", "created_at", "kind", "state"], _DONE),
)


def upgrade() -> None:
    _create_suspensions()
    _create_repairs()
    op.create_index("ix_engine_scope_process_key", "engine_scope", ["process_key"])
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _create_suspensions() -> None:
    op.create_table(
        "process_suspension",
        sa.Column("process_key", sa.String(length=64), nullable=False),
        sa.Column("package_hash", sa.String(length=64), nullable=True),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by_id", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_process_suspension_by_id_person")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_process_suspension_ended_by_id_person")),
        sa.ForeignKeyConstraint(
            ["package_hash"], ["engine_package.hash"], name=op.f("fk_process_suspension_package_hash_engine_package")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_suspension")),
    )


def _create_repairs() -> None:
    op.create_table(
        "repair",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("instance_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("process_key", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("old", sa.JSON(), nullable=False),
        sa.Column("new", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by_id", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_repair_asked_by_id_person")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_repair_case_id_case_file")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_repair_decided_by_id_person")),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["engine_instance.id"], name=op.f("fk_repair_instance_id_engine_instance")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_repair_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair")),
    )
    op.create_index("ix_repair_instance_id", "repair", ["instance_id"])
    op.create_index("ix_repair_state_asked_at", "repair", ["state", "asked_at"])
