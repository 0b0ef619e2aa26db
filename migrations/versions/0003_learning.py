"""Learning: the clock and labeller of tasks, patterns with their evidence, proposals, trials, catalogues, turns."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("task", sa.Column("labeller", sa.Text(), nullable=True))
    op.add_column("task", sa.Column("position", sa.Integer(), nullable=True))
    op.create_index("uq_task_position", "task", ["position"], unique=True)
    _make_patterns()
    _make_trials()
    _make_state()


def _make_patterns() -> None:
    op.create_table(
        "pattern_registration",
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "level", "signature", "origin")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("quarter", "registered_on")),
        sa.Column("registered_at", _TIME, nullable=False),
        sa.Column("first_position", sa.Integer(), nullable=False),
        sa.Column("registration", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("pattern", "number", name="pk_pattern_registration"),
    )
    for name in ("quarter", "registered_on"):
        op.create_index(f"ix_pattern_registration_{name}", "pattern_registration", [name])
    op.create_table(
        "pattern_point",
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("e_value", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("point", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("pattern", "block", name="pk_pattern_point"),
    )
    op.create_table(
        "pattern_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("act", "actor", "detail")),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pattern_event"),
        sa.UniqueConstraint("pattern", "at", "act", name="uq_pattern_event_once"),
    )
    op.create_index("ix_pattern_event_act", "pattern_event", ["act", "pattern"])
    op.create_table(
        "proposal",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=True),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("drafted_at", _TIME, nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
    )
    for name in ("pattern", "item", "status"):
        op.create_index(f"ix_proposal_{name}", "proposal", [name])


def _make_trials() -> None:
    op.create_table(
        "assignment",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("item", "task_id", "stratum")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("assigned_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("item", "task_id", name="pk_assignment"),
        sa.UniqueConstraint("item", "stratum", "position", name="uq_assignment_place"),
    )
    op.create_table(
        "item_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("state", "kind", "actor", "detail", "route")),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_item_event"),
        sa.UniqueConstraint("item", "at", "kind", name="uq_item_event_once"),
    )
    op.create_table(
        "replay_pair",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("item", "task_id")),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("pair", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("item", "task_id", "at", name="pk_replay_pair"),
    )


def _make_state() -> None:
    op.create_table(
        "catalogue",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_catalogue"),
    )
    op.create_table(
        "adopted_catalogue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("source_sha", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["catalogue.digest"], name="fk_adopted_catalogue_digest_catalogue"),
        sa.PrimaryKeyConstraint("id", name="pk_adopted_catalogue"),
    )
    op.create_table(
        "learning_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("act", "actor", "note")),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_learning_event"),
    )
    op.create_table(
        "task_exclusion",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("task_id", "reason", "actor", "note")),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_task_exclusion_task_id_task"),
        sa.PrimaryKeyConstraint("task_id", name="pk_task_exclusion"),
    )
    op.create_table(
        "turn",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("next_due_at", _TIME, nullable=False),
        sa.Column("leased_until", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("job", name="pk_turn"),
    )


def downgrade() -> None:
    """Back to failures alone; what was learned from them is lost, and can be learned again."""
    for table in ("turn", "task_exclusion", "learning_event", "adopted_catalogue", "catalogue"):
        op.drop_table(table)
    for table in ("replay_pair", "item_event", "assignment"):
        op.drop_table(table)
    for table in ("proposal", "pattern_event", "pattern_point", "pattern_registration"):
        op.drop_table(table)
    op.drop_index("uq_task_position", "task")
    op.drop_column("task", "position")
    op.drop_column("task", "labeller")
