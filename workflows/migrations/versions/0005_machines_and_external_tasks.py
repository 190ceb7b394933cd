"""Programs outside and the external tasks that they do.

No row waits for them yet: before this revision no topic was served, and diagrams with external tasks were refused.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "machine_account",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_machine_account"),
        sa.UniqueConstraint("name", name="uq_machine_account_name"),
        sa.UniqueConstraint("token_digest", name="uq_machine_account_token_digest"),
    )
    op.create_table(
        "external_task",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("instance_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("process_key", sa.String(length=64), nullable=False),
        sa.Column("package_hash", sa.String(length=64), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("outputs", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("worker", sa.String(length=200), nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retries", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["machine_account.id"],
                                name="fk_external_task_account_id_machine_account"),
        sa.ForeignKeyConstraint(["instance_id"], ["engine_instance.id"],
                                name="fk_external_task_instance_id_engine_instance"),
        sa.PrimaryKeyConstraint("id", name="pk_external_task"),
    )  # fmt: skip
    op.create_index(
        "ix_external_task_topic_ended_at_created_at", "external_task", ["topic", "ended_at", "created_at"]
    )
    op.create_index("ix_external_task_instance_id_ended_at", "external_task", ["instance_id", "ended_at"])
