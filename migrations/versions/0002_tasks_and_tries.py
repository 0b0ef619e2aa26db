"""Tasks and tries, which failures are counted against; failures with their context, and their raw text kept apart."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATIC = ("ruff", "bandit", "mypy", "pyright", "basedpyright", "ty")


def upgrade() -> None:
    _make_tables()
    connection = op.get_bind()
    _make_tasks(connection)
    with op.batch_alter_table("failure") as table:
        table.add_column(sa.Column("task_id", sa.Text(), nullable=True))
        table.alter_column("run_id", existing_type=sa.Text(), nullable=True)
        for name in ("item_key", "agent", "exception", "level"):
            table.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("first_validation", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("features", sa.JSON(), nullable=False, server_default="{}"))
    connection.execute(
        sa.text(
            "update failure set task_id = run_id, agent = 'executor', level = case"
            " when category in ('environment', 'format', 'tampering') then 'other'"
            " when source = 'ci' then 'ci' when category = 'syntax' then 'syntax'"
            " when tool in :static then 'static' else 'tests' end"
        ).bindparams(sa.bindparam("static", _STATIC, expanding=True))
    )
    # SQLite replaces an altered table, which nothing may point to meanwhile: the texts wait in a table of their own.
    connection.execute(sa.text("create table message as select task_id, seq, position, message, found_at from failure"))
    with op.batch_alter_table("failure") as table:
        table.drop_column("message")
        table.alter_column("task_id", existing_type=sa.Text(), nullable=False)
        for name in ("item_key", "agent", "exception", "level"):
            table.alter_column(name, existing_type=sa.Text(), server_default=None)
        table.alter_column("first_validation", existing_type=sa.Boolean(), server_default=None)
        table.alter_column("features", existing_type=sa.JSON(), server_default=None)
        table.drop_constraint("uq_failure_place", type_="unique")
        table.create_unique_constraint("uq_failure_place", ["task_id", "seq", "position"])
        table.create_foreign_key("fk_failure_task_id_task", "task", ["task_id"], ["id"])
    op.create_index("ix_failure_action_item", "failure", ["action_item"])
    op.create_index("ix_failure_found_at", "failure", ["found_at"])
    _move_texts(connection)


def _make_tables() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("issue", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("arms", sa.JSON(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("planned", sa.JSON(), nullable=False),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_task_run_id_run"),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
    )
    for name in ("run_id", "repository", "assigned_at"):
        op.create_index(f"ix_task_{name}", "task", [name])
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_key", sa.Text(), nullable=False),
        sa.Column("action_item", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("validated", sa.Boolean(), nullable=False),
        sa.Column("first_validation", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_attempt_task_id_task"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sa.UniqueConstraint("task_id", "seq", "position", name="uq_attempt_place"),
    )
    op.create_index("ix_attempt_action_item", "attempt", ["action_item", "task_id"])
    op.create_table(
        "task_failure",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_task_failure_task_id_task"),
        sa.PrimaryKeyConstraint("task_id", "fingerprint", name="pk_task_failure"),
    )
    op.create_index("ix_task_failure_fingerprint", "task_failure", ["fingerprint"])
    for name, column in (("fingerprint_alias", "canonical"), ("fingerprint_split", "feature")):
        op.create_table(
            name,
            sa.Column("fingerprint", sa.Text(), nullable=False),
            sa.Column(column, sa.Text(), nullable=False),
            sa.Column("note", sa.Text(), nullable=False),
            sa.Column("actor", sa.Text(), nullable=False),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint("fingerprint", name=f"pk_{name}"),
        )
    op.create_table(
        "salt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_salt"),
    )


def _make_tasks(connection: sa.Connection) -> None:
    """A task for each run that was frozen or has failures; what its journal says of it, and no features."""
    needed = sa.text(
        "select id, full_name, issue, requested_at from run where id in (select run_id from failure)"
        " or id in (select run_id from journal where outcome_kind = 'TaskFrozen') order by id"
    ).columns(requested_at=sa.DateTime(timezone=True))
    said = sa.text("select outcome, ended_at from journal where run_id = :run and outcome_kind = :kind").columns(
        outcome=sa.JSON(), ended_at=sa.DateTime(timezone=True)
    )
    task = sa.table(
        "task",
        *(sa.column(name, sa.Text()) for name in ("id", "run_id", "repository", "language", "model", "protocol")),
        *(sa.column(name, sa.Text()) for name in ("stratum", "outcome")),
        *(sa.column(name, sa.JSON()) for name in ("arms", "planned", "features")),
        *(sa.column(name, sa.DateTime(timezone=True)) for name in ("assigned_at", "closed_at")),
        sa.column("issue", sa.BigInteger()),
    )
    for run in connection.execute(needed).all():
        frozen = connection.execute(said, {"run": run.id, "kind": "TaskFrozen"}).first()
        stopped = connection.execute(said, {"run": run.id, "kind": "Stopped"}).first()
        facts = _part(frozen.outcome if frozen else None, "frozen")
        ended = _part(stopped.outcome if stopped else None)
        row: dict[str, object] = {
            **{"id": run.id, "run_id": run.id, "repository": run.full_name, "issue": run.issue},
            **{"language": "unknown", "model": facts.get("model", ""), "protocol": facts.get("protocol", "")},
            **{"arms": {}, "stratum": "", "planned": [], "features": {}},
            "assigned_at": _utc(frozen.ended_at if frozen else run.requested_at),
            "outcome": str(ended.get("reason", "")) if stopped else None,
            "closed_at": _utc(stopped.ended_at) if stopped else None,
        }
        connection.execute(sa.insert(task).values(row))


def _part(outcome: Any, name: str | None = None) -> Mapping[str, Any]:
    """An outcome's fields, or those of its field `name`; none where it has another form."""
    found = outcome.get(name) if name and isinstance(outcome, dict) else outcome  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON of any form
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _move_texts(connection: sa.Connection) -> None:
    op.create_table(
        "failure_text",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("kept_since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id", "seq", "position"],
            ["failure.task_id", "failure.seq", "failure.position"],
            name="fk_failure_text_place",
        ),
        sa.PrimaryKeyConstraint("task_id", "seq", "position", name="pk_failure_text"),
    )
    op.create_index("ix_failure_text_kept_since", "failure_text", ["kept_since"])
    connection.execute(
        sa.text(
            "insert into failure_text (task_id, seq, position, message, kept_since)"
            " select task_id, seq, position, message, found_at from message"
        )
    )
    op.drop_table("message")
    connection.execute(
        sa.text(
            "insert into task_failure (task_id, fingerprint, category, tool, rule, first_at)"
            " select task_id, fingerprint, min(category), min(tool), min(rule), min(found_at) from failure"
            " group by task_id, fingerprint"
        )
    )


def downgrade() -> None:
    """Back to failures of runs alone; what only the newer tables can hold is lost."""
    connection = op.get_bind()
    with op.batch_alter_table("failure") as table:
        table.add_column(sa.Column("message", sa.Text(), nullable=False, server_default=""))
    connection.execute(
        sa.text(
            "update failure set message = coalesce((select t.message from failure_text t where"
            " t.task_id = failure.task_id and t.seq = failure.seq and t.position = failure.position), '')"
        )
    )
    op.drop_table("failure_text")
    connection.execute(sa.text("delete from failure where run_id is null"))
    op.drop_index("ix_failure_action_item", "failure")
    op.drop_index("ix_failure_found_at", "failure")
    with op.batch_alter_table("failure") as table:
        table.alter_column("message", existing_type=sa.Text(), server_default=None)
        table.alter_column("run_id", existing_type=sa.Text(), nullable=False)
        table.drop_constraint("uq_failure_place", type_="unique")
        table.create_unique_constraint("uq_failure_place", ["run_id", "seq", "position"])
        table.drop_constraint("fk_failure_task_id_task", type_="foreignkey")
        for name in ("task_id", "item_key", "agent", "exception", "level", "first_validation", "features"):
            table.drop_column(name)
    for name in ("salt", "fingerprint_split", "fingerprint_alias", "task_failure", "attempt", "task"):
        op.drop_table(name)
