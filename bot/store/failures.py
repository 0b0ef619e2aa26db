"""The failure store: every failure of every run, written in the transaction that records its journal entry."""

from sqlalchemy import Column, Connection, DateTime, ForeignKey, Integer, Table, Text, UniqueConstraint, insert, select

from bot.model.failure import Failure
from bot.model.ids import Fingerprint, RunId
from bot.model.journal import Entry
from bot.model.run import RecordedFailure
from bot.store.tables import metadata

MESSAGE_CHARACTERS = 2_000

failure_table = Table(
    "failure",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", Text, ForeignKey("run.id"), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("action_item", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("fingerprint", Text, nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("line", Integer, nullable=True),
    Column("test", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("run_id", "seq", "position", name="uq_failure_place"),
)


def record_failures(connection: Connection, run: RunId, entry: Entry, failures: tuple[RecordedFailure, ...]) -> None:
    """Store what `entry` found; the journal's own key makes it happen once."""
    rows = [
        {
            "run_id": run,
            "seq": entry.seq,
            "position": position,
            "step": recorded.step,
            "attempt": recorded.attempt,
            "action_item": recorded.action_item,
            "source": recorded.failure.source,
            "category": recorded.failure.category,
            "tool": recorded.failure.tool,
            "rule": recorded.failure.rule,
            "fingerprint": recorded.failure.fingerprint,
            "path": recorded.failure.path,
            "line": recorded.failure.line,
            "test": recorded.failure.test,
            "message": recorded.failure.message.replace("\x00", "\u2400")[:MESSAGE_CHARACTERS],
            "found_at": entry.ended_at,
        }
        for position, recorded in enumerate(failures)
    ]
    if rows:
        connection.execute(insert(failure_table), rows)


def read_failures(connection: Connection, run: RunId) -> tuple[RecordedFailure, ...]:
    """Every failure of `run`, in the order in which they were found."""
    query = (
        select(failure_table)
        .where(failure_table.c.run_id == run)
        .order_by(failure_table.c.seq, failure_table.c.position)
    )
    return tuple(
        RecordedFailure(
            step=row.step,
            action_item=row.action_item,
            attempt=row.attempt,
            failure=Failure(
                source=row.source,
                category=row.category,
                tool=row.tool,
                rule=row.rule,
                message=row.message,
                path=row.path,
                line=row.line,
                test=row.test,
                fingerprint=Fingerprint(row.fingerprint),
            ),
        )
        for row in connection.execute(query)
    )
