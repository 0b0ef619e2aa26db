"""The failure store: every failure of every task, written in the transaction that records its journal entry.

What was known of a task as a whole (repository, model, protocol, arms) stands in its own row and is joined when it is
read. The raw text is kept apart: it is hostile, has an age limit, and mining never sees it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    and_,
    delete,
    select,
)

from bot.model.evidence import Evidence, FoundFailure
from bot.model.failure import Failure
from bot.model.ids import Fingerprint, RunId
from bot.model.run import RecordedFailure
from bot.store.tables import insert_new, metadata, storable
from bot.store.tasks import write_tasks, write_tries

MESSAGE_CHARACTERS = 2_000

failure_table = Table(
    "failure",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("task_id", Text, ForeignKey("task.id"), nullable=False),
    Column("run_id", Text, ForeignKey("run.id"), nullable=True, index=True),
    Column("seq", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("item_key", Text, nullable=False),
    Column("action_item", Text, nullable=False, index=True),
    Column("agent", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("exception", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("first_validation", Boolean, nullable=False),
    Column("fingerprint", Text, nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("line", Integer, nullable=True),
    Column("test", Text, nullable=False),
    Column("features", JSON, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False, index=True),
    UniqueConstraint("task_id", "seq", "position", name="uq_failure_place"),
)

failure_text_table = Table(
    "failure_text",
    metadata,
    Column("task_id", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("kept_since", DateTime(timezone=True), nullable=False, index=True),
    PrimaryKeyConstraint("task_id", "seq", "position"),
    ForeignKeyConstraint(
        ["task_id", "seq", "position"],
        ["failure.task_id", "failure.seq", "failure.position"],
        name="fk_failure_text_place",
    ),
)

task_failure_table = Table(
    "task_failure",
    metadata,
    Column("task_id", Text, ForeignKey("task.id"), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("task_id", "fingerprint"),
    Index("ix_task_failure_fingerprint", "fingerprint"),
)
"""Each failure once a task, which is the unit of every test; with all three levels of the fingerprint."""

AT_SAME_PLACE = and_(
    failure_text_table.c.task_id == failure_table.c.task_id,
    failure_text_table.c.seq == failure_table.c.seq,
    failure_text_table.c.position == failure_table.c.position,
)
"""Joins a failure with its raw text."""


def write_evidence(connection: Connection, evidence: Sequence[Evidence]) -> None:
    """Store what journal entries or imported records add; `(task, seq)` is the key, so a second time adds nothing.

    A task has to be opened before, or with, its first try or failure. A failure belongs to its item's first
    validation where the same entry validated that item for the first time.
    """
    write_tasks(connection, evidence)
    firsts = write_tries(connection, evidence)
    found = [(each, position, failure) for each in evidence for position, failure in enumerate(each.failures)]
    places = ("task_id", "seq", "position")
    rows = [
        _row(each, position, failure, (each.task, each.seq, failure.item) in firsts)
        for each, position, failure in found
    ]
    insert_new(connection, failure_table, rows, places)
    texts = [
        {
            "task_id": each.task,
            "seq": each.seq,
            "position": position,
            "message": storable(failure.recorded.failure.message)[:MESSAGE_CHARACTERS],
            "kept_since": each.at,
        }
        for each, position, failure in found
    ]
    insert_new(connection, failure_text_table, texts, places)
    insert_new(connection, task_failure_table, _distinct(evidence), ("task_id", "fingerprint"))


def _row(evidence: Evidence, position: int, found: FoundFailure, first: bool) -> dict[str, object]:
    recorded = found.recorded
    failure = recorded.failure
    return {
        "task_id": evidence.task,
        "run_id": evidence.run,
        "seq": evidence.seq,
        "position": position,
        "step": recorded.step,
        "attempt": recorded.attempt,
        "item_key": found.item,
        "action_item": recorded.action_item,
        "agent": found.agent,
        "source": failure.source,
        "category": failure.category,
        "tool": storable(failure.tool),
        "rule": storable(failure.rule),
        "exception": found.exception,
        "level": found.level,
        "first_validation": first,
        "fingerprint": failure.fingerprint,
        "path": storable(failure.path),
        "line": failure.line,
        "test": storable(failure.test),
        "features": dict(found.features),
        "found_at": evidence.at,
    }


def _distinct(evidence: Sequence[Evidence]) -> list[Mapping[str, object]]:
    """Each task's fingerprints once, in the order of keys, so that two writers cannot wait for each other."""
    rows: dict[tuple[str, str], Mapping[str, object]] = {}
    for each in evidence:
        for found in each.failures:
            failure = found.recorded.failure
            row = {
                "task_id": each.task,
                "fingerprint": failure.fingerprint,
                "category": failure.category,
                "tool": storable(failure.tool),
                "rule": storable(failure.rule),
                "first_at": each.at,
            }
            rows.setdefault((each.task, failure.fingerprint), row)
    return [rows[key] for key in sorted(rows)]


def read_failures(connection: Connection, run: RunId) -> tuple[RecordedFailure, ...]:
    """Every failure of `run`, in the order in which they were found; the message is empty once it has been deleted."""
    query = (
        select(failure_table, failure_text_table.c.message)
        .outerjoin(failure_text_table, AT_SAME_PLACE)
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
                message=row.message or "",
                path=row.path,
                line=row.line,
                test=row.test,
                fingerprint=Fingerprint(row.fingerprint),
            ),
        )
        for row in connection.execute(query)
    )


def delete_texts(connection: Connection, before: datetime) -> int:
    """Delete the raw texts that were stored before that moment; the failures themselves stay. Says how many."""
    return connection.execute(delete(failure_text_table).where(failure_text_table.c.kept_since < before)).rowcount
