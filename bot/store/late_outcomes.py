"""What became of pull requests after the bot's work was done: the slow truth about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Connection, DateTime, ForeignKey, PrimaryKeyConstraint, Row, Table, Text, exists, select

from bot.model.codec import decode
from bot.model.evidence import TaskId
from bot.model.ids import RepositoryId, RunId
from bot.model.run import RunRequest
from bot.store.journal import ended_runs, run_table
from bot.store.tables import aware, in_batches, insert_once, metadata, storable
from bot.store.tasks import task_table

LateKind = Literal["merged", "closed", "reverted", "none"]
"""`none`: the run has ended without a pull request, so nothing is waited for."""

late_table = Table(
    "late_outcome",
    metadata,
    Column("run_id", Text, ForeignKey("run.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("run_id", "kind"),
)


@dataclass(frozen=True, slots=True)
class LateOutcome:
    """What happened to a run's pull request, and when."""

    run: RunId
    kind: LateKind
    reason: str
    """Of a merge: the merge commit. Of a closed one: what the one who closed it said, cut; hostile text."""
    happened_at: datetime


def write_late_outcome(connection: Connection, outcome: LateOutcome) -> bool:
    """Record it once; says whether it is new."""
    row = {
        "run_id": outcome.run,
        "kind": outcome.kind,
        "reason": storable(outcome.reason),
        "happened_at": outcome.happened_at,
    }
    return insert_once(connection, late_table, row)


def read_late_outcomes(connection: Connection, run: RunId) -> tuple[LateOutcome, ...]:
    query = select(late_table).where(late_table.c.run_id == run).order_by(late_table.c.happened_at)
    return tuple(_outcome(row) for row in connection.execute(query))


def runs_to_follow(connection: Connection, repository: RepositoryId) -> tuple[RunRequest, ...]:
    """Runs that have ended and whose pull request may still be open, oldest first."""
    followed = {
        row.run_id
        for row in connection.execute(
            select(late_table.c.run_id)
            .join(run_table, run_table.c.id == late_table.c.run_id)
            .where(run_table.c.repository_id == repository)
        )
    }
    return tuple(request for request in ended_runs(connection, repository) if request.run_id not in followed)


def merged_since(connection: Connection, since: datetime) -> tuple[tuple[RunRequest, LateOutcome], ...]:
    """Runs whose pull request was merged since then and not reverted yet, oldest first."""
    reverted = late_table.alias("reverted")
    undone = exists().where((reverted.c.run_id == late_table.c.run_id) & (reverted.c.kind == "reverted"))
    query = (
        select(late_table, run_table.c.request)
        .join(run_table, run_table.c.id == late_table.c.run_id)
        .where((late_table.c.kind == "merged") & (late_table.c.happened_at >= since) & ~undone)
        .order_by(late_table.c.happened_at)
    )
    return tuple((decode(row.request, RunRequest), _outcome(row)) for row in connection.execute(query))


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """What happened to the pull request of a task, as far as it is known."""

    outcomes: tuple[LateOutcome, ...]
    """The earliest first."""
    superseded: bool
    """A newer run of the same issue had been asked for when it was closed."""


def read_task_ends(connection: Connection, tasks: Sequence[TaskId]) -> Mapping[TaskId, TaskEnd]:
    """Of those tasks of which anything is recorded."""
    newer = run_table.alias("newer")
    superseded = exists().where(
        (newer.c.repository_id == run_table.c.repository_id)
        & (newer.c.issue == run_table.c.issue)
        & (newer.c.requested_at > run_table.c.requested_at)
        & (newer.c.requested_at <= late_table.c.happened_at)
    )
    found: dict[TaskId, TaskEnd] = {}
    for some in in_batches(tasks):
        query = (
            select(late_table, task_table.c.id.label("task"), superseded.label("superseded"))
            .join(run_table, run_table.c.id == late_table.c.run_id)
            .join(task_table, task_table.c.run_id == late_table.c.run_id)
            .where(task_table.c.id.in_(some))
            .order_by(late_table.c.happened_at)
        )
        for row in connection.execute(query):
            known = found.get(TaskId(row.task), TaskEnd((), superseded=False))
            gone = known.superseded or (row.kind == "closed" and row.superseded)
            found[TaskId(row.task)] = TaskEnd((*known.outcomes, _outcome(row)), superseded=bool(gone))
    return found


def _outcome(row: Row[Any]) -> LateOutcome:
    return LateOutcome(RunId(row.run_id), row.kind, row.reason, aware(row.happened_at))
