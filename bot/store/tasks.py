"""Tasks and the tries at their items: what failures are counted against.

A task row is written when a task is frozen and closed when its run ends; nothing else of it changes but the plan,
which is added once, before the Executor is first called, and its place on the clock (`clock.py`), which is given once.
"""

from collections.abc import Sequence

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    select,
    update,
)

from bot.model.codec import encode
from bot.model.evidence import Evidence, PlannedTask, TaskId
from bot.store.tables import in_batches, insert_new, metadata

task_table = Table(
    "task",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run_id", Text, ForeignKey("run.id"), nullable=True, index=True),
    Column("repository", Text, nullable=False, index=True),
    Column("issue", BigInteger, nullable=True),
    Column("language", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("arms", JSON, nullable=False),
    Column("stratum", Text, nullable=False),
    Column("planned", JSON, nullable=False),
    Column("features", JSON, nullable=False),
    Column("assigned_at", DateTime(timezone=True), nullable=False, index=True),
    Column("outcome", Text, nullable=True),
    Column("closed_at", DateTime(timezone=True), nullable=True),
    Column("labeller", Text, nullable=True),
    Column("position", Integer, nullable=True),
    Index("uq_task_position", "position", unique=True),
)
attempt_table = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("task_id", Text, ForeignKey("task.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("item_key", Text, nullable=False),
    Column("action_item", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("event", Text, nullable=False),
    Column("succeeded", Boolean, nullable=False),
    Column("validated", Boolean, nullable=False),
    Column("first_validation", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("features", JSON, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("task_id", "seq", "position", name="uq_attempt_place"),
    Index("ix_attempt_action_item", "action_item", "task_id"),
)

Firsts = frozenset[tuple[TaskId, int, str]]
"""Task, sequence number and item key of each entry that validated an item for the first time."""


def write_tasks(connection: Connection, evidence: Sequence[Evidence]) -> None:
    """Open, plan and close tasks; whatever is there already stays as it is: the first plan, the first end."""
    opened = [_task_row(each) for each in evidence if each.opened is not None]
    insert_new(connection, task_table, opened, ("id",))
    for each in evidence:
        if each.opened is None and each.planned is not None:
            _plan(connection, each.task, each.planned)
    closed = [
        {"closing": each.task, "outcome": each.closed.outcome, "closed_at": each.closed.closed_at}
        for each in evidence
        if each.closed is not None
    ]
    if closed:
        still_open = (task_table.c.id == bindparam("closing")) & task_table.c.outcome.is_(None)
        connection.execute(update(task_table).where(still_open), closed)


def _plan(connection: Connection, task: TaskId, plan: PlannedTask) -> None:
    here = task_table.c.id == task
    row = connection.execute(select(task_table.c.planned, task_table.c.features).where(here)).one_or_none()
    if row is None or row.planned:
        return
    values = {
        "language": plan.language,
        "planned": encode(plan.units),
        "features": {**row.features, **plan.features},
    }
    connection.execute(update(task_table).where(here).values(values))


def write_tries(connection: Connection, evidence: Sequence[Evidence]) -> Firsts:
    """Store every judged try, and say which entries were the first to validate an item."""
    tried = [each for each in evidence if each.tries]
    validated = _validated(connection, [each.task for each in tried])
    firsts: set[tuple[TaskId, int, str]] = set()
    rows: list[dict[str, object]] = []
    for each in tried:
        for position, judged in enumerate(each.tries):
            item = (each.task, judged.item)
            first = judged.validated and (item not in validated or validated[item] == (each.seq, position))
            if first:
                validated[item] = (each.seq, position)
                firsts.add((each.task, each.seq, judged.item))
            rows.append(
                {
                    "task_id": each.task,
                    "seq": each.seq,
                    "position": position,
                    "item_key": judged.item,
                    "action_item": judged.action,
                    "attempt": judged.attempt,
                    "event": judged.event,
                    "succeeded": judged.succeeded,
                    "validated": judged.validated,
                    "first_validation": first,
                    "source": judged.source,
                    "features": dict(judged.features),
                    "at": each.at,
                }
            )
    insert_new(connection, attempt_table, rows, ("task_id", "seq", "position"))
    return frozenset(firsts)


def _validated(connection: Connection, tasks: Sequence[TaskId]) -> dict[tuple[TaskId, str], tuple[int, int]]:
    """Where each item of these tasks was first validated, as far as that has happened."""
    found: dict[tuple[TaskId, str], tuple[int, int]] = {}
    ids = list(dict.fromkeys(tasks))
    table = attempt_table.c
    for some in in_batches(ids):
        query = select(table.task_id, table.item_key, table.seq, table.position).where(
            table.task_id.in_(some), table.first_validation.is_(True)
        )
        found.update(
            {(TaskId(row.task_id), row.item_key): (row.seq, row.position) for row in connection.execute(query)}
        )
    return found


def _task_row(evidence: Evidence) -> dict[str, object]:
    opened, planned = evidence.opened, evidence.planned
    assert opened is not None
    return {
        "id": evidence.task,
        "run_id": evidence.run,
        "repository": opened.repository,
        "issue": opened.issue,
        "language": planned.language if planned else "unknown",
        "model": opened.model,
        "protocol": opened.protocol,
        "arms": dict(opened.arms),
        "stratum": opened.stratum,
        "planned": encode(planned.units) if planned else [],
        "features": {**opened.features, **(planned.features if planned else {})},
        "assigned_at": opened.assigned_at,
        "outcome": None,
        "closed_at": None,
        "labeller": opened.labeller or None,
    }
