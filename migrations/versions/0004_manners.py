"""Manners: wishes that are granted, commands in threads, late outcomes, notices, spending, deliveries that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _make_wishes()
    _schedule_deliveries()
    op.create_table(
        "command",
        sa.Column("comment_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("issue", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("handled_at", _TIME, nullable=False),
    )
    op.create_table(
        "late_outcome",
        sa.Column("run_id", sa.Text(), sa.ForeignKey("run.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("happened_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "kind", name="pk_late_outcome"),
    )
    op.create_table(
        "notice",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("repository_id", "kind", name="pk_notice"),
    )
    op.create_table(
        "spending",
        sa.Column("run_id", sa.Text(), sa.ForeignKey("run.id"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "seq", name="pk_spending"),
    )
    op.create_index("ix_spending_day", "spending", ["day"])


def _schedule_deliveries() -> None:
    op.add_column("delivery", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("delivery", sa.Column("not_before", _TIME, nullable=True))
    op.add_column("delivery", sa.Column("installation_id", sa.BigInteger(), nullable=True))
    op.add_column("delivery", sa.Column("repository_id", sa.BigInteger(), nullable=True))
    waits = sa.text("processed_at IS NULL")
    columns = ["installation_id", "repository_id", "received_at", "guid", "not_before", "tries"]
    op.create_index("ix_delivery_waits", "delivery", columns, sqlite_where=waits, postgresql_where=waits)
    op.create_table(
        "redelivery",
        sa.Column("guid", sa.Text(), primary_key=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
    )


def _make_wishes() -> None:
    """The key of a wish grows, which SQLite can only do by making the table anew; what was wished stays."""
    op.create_table(
        "wish_now",
        sa.Column("run_id", sa.Text(), sa.ForeignKey("run.id", name="fk_wish_run"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("wanted_by", sa.Text(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("granted_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("run_id", "kind", "key", name="pk_wish_key"),
    )
    op.execute(
        "INSERT INTO wish_now (run_id, kind, key, reason, value, wanted_by, made_at) "
        "SELECT run_id, kind, '', reason, 0, '', made_at FROM wish"
    )
    op.drop_table("wish")
    op.rename_table("wish_now", "wish")


def downgrade() -> None:
    for table in ("redelivery", "spending", "notice", "late_outcome", "command"):
        op.drop_table(table)
    op.drop_index("ix_delivery_waits", "delivery")
    for column in ("repository_id", "installation_id", "not_before", "tries"):
        op.drop_column("delivery", column)
    op.create_table(
        "wish_before",
        sa.Column("run_id", sa.Text(), sa.ForeignKey("run.id", name="fk_wish_run_id_run"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "kind", name="pk_wish"),
    )
    op.execute(
        "INSERT INTO wish_before (run_id, kind, reason, made_at) "
        "SELECT run_id, kind, min(reason), min(made_at) FROM wish WHERE granted_at IS NULL AND kind = 'cancel' "
        "GROUP BY run_id, kind"
    )
    op.drop_table("wish")
    op.rename_table("wish_before", "wish")
