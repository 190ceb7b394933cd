"""Drafts are played, tested and held against closed cases before they are published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "process_play",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("process_key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("moves", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["process_draft.id"], name=op.f("fk_process_play_draft_id_process_draft")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_process_play_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_play")),
    )
    op.create_index("ix_process_play_draft_id_changed_at", "process_play", ["draft_id", "changed_at"], unique=False)
    op.create_table(
        "process_test_run",
        sa.Column("package_hash", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_process_test_run_by_id_person")),
        sa.PrimaryKeyConstraint("package_hash", "path", name=op.f("pk_process_test_run")),
    )
    op.create_index(op.f("ix_process_test_run_ran_at"), "process_test_run", ["ran_at"], unique=False)
    op.create_table(
        "process_replay",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("draft_revision", sa.Integer(), nullable=False),
        sa.Column("package_hash", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("other", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("asked_by_id", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_process_replay_asked_by_id_person")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["process_draft.id"], name=op.f("fk_process_replay_draft_id_process_draft")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_replay")),
    )
    op.create_index(op.f("ix_process_replay_draft_id"), "process_replay", ["draft_id"], unique=False)
    op.create_index("ix_process_replay_state_asked_at", "process_replay", ["state", "asked_at"], unique=False)
