"""Running cases move to other versions of their processes: what was asked, and what became of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "migration",
        sa.Column("process_key", sa.String(length=64), nullable=False),
        sa.Column("source_hash", sa.String(length=64), nullable=False),
        sa.Column("target_hash", sa.String(length=64), nullable=False),
        sa.Column("source_version", sa.Integer(), nullable=False),
        sa.Column("target_version", sa.Integer(), nullable=False),
        sa.Column("elements", sa.JSON(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by_id", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_reason", sa.Text(), nullable=False),
        sa.Column("undone_by_id", sa.String(length=32), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_migration_asked_by_id_person")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_migration_decided_by_id_person")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["person.id"], name=op.f("fk_migration_undone_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration")),
    )
    op.create_index("ix_migration_process_key_state", "migration", ["process_key", "state"])
    op.create_table(
        "migrated_instance",
        sa.Column("migration_id", sa.String(length=32), nullable=False),
        sa.Column("instance_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["migration_id"], ["migration.id"], name=op.f("fk_migrated_instance_migration_id_migration")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["engine_instance.id"], name=op.f("fk_migrated_instance_instance_id_engine_instance")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_migrated_instance_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migrated_instance")),
        sa.UniqueConstraint(
            "migration_id", "instance_id", name=op.f("uq_migrated_instance_migration_id_instance_id")
        ),
    )
    op.create_index("ix_migrated_instance_instance_id", "migrated_instance", ["instance_id"])
    op.create_index("ix_migrated_instance_state", "migrated_instance", ["state", "migration_id", "number"])
