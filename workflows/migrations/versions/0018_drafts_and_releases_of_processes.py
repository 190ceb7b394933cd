"""Processes are changed in drafts, and published by two people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "process_draft",
        sa.Column("process_key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("from_hash", sa.String(length=64), nullable=True),
        sa.Column("from_version", sa.Integer(), nullable=True),
        sa.Column("present_hash", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("writers", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.String(length=32), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_process_draft_author_id_person")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_process_draft_changed_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_draft")),
    )
    op.create_index("ix_process_draft_process_key_state", "process_draft", ["process_key", "state"], unique=False)

    op.create_table(
        "process_draft_copy",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_process_draft_copy_by_id_person")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["process_draft.id"], name=op.f("fk_process_draft_copy_draft_id_process_draft")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_draft_copy")),
        sa.UniqueConstraint(
            "draft_id", "path", "by_id", "revision", name=op.f("uq_process_draft_copy_draft_id_path_by_id_revision")
        ),
    )
    op.create_table(
        "process_draft_save",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_process_draft_save_by_id_person")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["process_draft.id"], name=op.f("fk_process_draft_save_draft_id_process_draft")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_draft_save")),
        sa.UniqueConstraint("draft_id", "path", "revision", name=op.f("uq_process_draft_save_draft_id_path_revision")),
    )
    op.create_table(
        "process_release",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("draft_revision", sa.Integer(), nullable=False),
        sa.Column("process_key", sa.String(length=64), nullable=False),
        sa.Column("package_hash", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("present_hash", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("writers", sa.JSON(), nullable=False),
        sa.Column("asked_by_id", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_process_release_asked_by_id_person")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_process_release_decided_by_id_person")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["process_draft.id"], name=op.f("fk_process_release_draft_id_process_draft")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_release")),
    )
    op.create_index("ix_process_release_draft_id", "process_release", ["draft_id"], unique=False)
    op.create_index(
        "ix_process_release_process_key_version", "process_release", ["process_key", "version"], unique=False
    )
    op.create_index("ix_process_release_state_publish_at", "process_release", ["state", "publish_at"], unique=False)
