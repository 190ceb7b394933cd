"""Notices by e-mail and webhook: where and of what people want to be told, what is on its way, what was reminded of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OPEN = sa.text("try_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "notice_profile",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("webhook", sa.String(length=500), nullable=False),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_profile_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_profile")),
    )
    op.create_table(
        "notice_choice",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("timing", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_choice_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "topic", "channel", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "notice_delivery",
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["outbox_notice.id"], name=op.f("fk_notice_delivery_notice_id_outbox_notice")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_delivery_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_delivery")),
    )
    op.create_index(
        "ix_notice_delivery_waiting", "notice_delivery", ["channel", "try_at"], unique=False, sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_notice_delivery_person_id_state", "notice_delivery", ["person_id", "state"], unique=False)
    op.create_index("ix_notice_delivery_state_planned_at", "notice_delivery", ["state", "planned_at"], unique=False)
    op.create_table(
        "task_reminder",
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_reminder_task_id_task")),
        sa.PrimaryKeyConstraint("task_id", "due_at", "rule", name=op.f("pk_task_reminder")),
    )
