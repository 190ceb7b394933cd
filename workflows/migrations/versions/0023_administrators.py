"""Units end, passwords are given once, posts are asked for, certificates remind, and chains are verified on request."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("unit", sa.Column("ended_on", sa.Date(), nullable=True))
    op.add_column("person", sa.Column("password_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "post_request",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by_id", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=500), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_request_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_post_request_unit_id_unit")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_post_request_asked_by_id_person")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_post_request_decided_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_request")),
    )
    op.create_index("ix_post_request_person_id", "post_request", ["person_id"], unique=False)
    op.create_index("ix_post_request_state", "post_request", ["state"], unique=False)
    op.create_table(
        "certificate_reminder",
        sa.Column("certificate_id", sa.String(length=32), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_reminder_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("certificate_id", "valid_to", "days", name=op.f("pk_certificate_reminder")),
    )
    op.create_table(
        "ledger_check",
        sa.Column("asked_by_id", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_check")),
    )
    op.create_index("ix_ledger_check_state", "ledger_check", ["state"], unique=False)
    op.create_index("ix_ledger_check_asked_at", "ledger_check", ["asked_at"], unique=False)
