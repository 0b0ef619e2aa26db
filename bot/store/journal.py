"""Journals of runs: the only truth about them. An entry is inserted once and never changed."""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from bot.model.codec import decode, decode_outcome, decode_step, encode
from bot.model.ids import IssueNumber, RepositoryId, RunId
from bot.model.journal import Entry
from bot.model.outcome import Outcome
from bot.model.run import RunRequest
from bot.model.step import Step
from bot.store.errors import Superseded
from bot.store.tables import metadata
from bot.store.wishes import has_wishes

run_table = Table(
    "run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("repository_id", BigInteger, nullable=False, index=True),
    Column("full_name", Text, nullable=False),
    Column("issue", BigInteger, nullable=False),
    Column("label_event", BigInteger, nullable=False),
    Column("request", JSON, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
)

journal_table = Table(
    "journal",
    metadata,
    Column("run_id", Text, ForeignKey("run.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("step_kind", Text, nullable=False),
    Column("outcome_kind", Text, nullable=False),
    Column("step", JSON, nullable=False),
    Column("outcome", JSON, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=False),
    Column("github_seconds", Float, nullable=False),
    PrimaryKeyConstraint("run_id", "seq"),
    Index("ix_journal_outcome_kind", "outcome_kind"),
)

intent_table = Table(
    "intent",
    metadata,
    Column("run_id", Text, ForeignKey("run.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("step", JSON, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False),
    PrimaryKeyConstraint("run_id", "seq"),
)


@dataclass(frozen=True, slots=True)
class Intent:
    """A step that was begun; `attempts` counts how often."""

    step: Step
    started_at: datetime
    attempts: int


def open_run(connection: Connection, request: RunRequest) -> bool:
    """Store the run unless it is there; True when it is new."""
    if connection.execute(select(exists().where(run_table.c.id == request.run_id))).scalar_one():
        return False
    row = {
        "id": request.run_id,
        "repository_id": request.repository.id,
        "full_name": request.repository.full_name,
        "issue": request.issue,
        "label_event": request.label.event,
        "request": encode(request),
        "requested_at": request.requested_at,
    }
    connection.execute(insert(run_table).values(row))
    return True


def read_request(connection: Connection, run: RunId) -> RunRequest | None:
    data = connection.execute(select(run_table.c.request).where(run_table.c.id == run)).scalar_one_or_none()
    return None if data is None else decode(data, RunRequest)


def read_journal(connection: Connection, run: RunId) -> tuple[Entry, ...]:
    """All entries of `run`, in their order."""
    query = select(journal_table).where(journal_table.c.run_id == run).order_by(journal_table.c.seq)
    return tuple(
        Entry(
            seq=row.seq,
            step=decode_step(row.step),
            outcome=decode_outcome(row.outcome),
            started_at=_aware(row.started_at),
            ended_at=_aware(row.ended_at),
            github_seconds=row.github_seconds,
        )
        for row in connection.execute(query)
    )


def record(connection: Connection, run: RunId, entry: Entry) -> None:
    """Append `entry`; raises Superseded when another worker has already recorded its number."""
    row = {
        "run_id": run,
        "seq": entry.seq,
        "step_kind": type(entry.step).__name__,
        "outcome_kind": type(entry.outcome).__name__,
        "step": _plain(encode(entry.step, Step)),
        "outcome": _plain(encode(entry.outcome, Outcome)),
        "started_at": entry.started_at,
        "ended_at": entry.ended_at,
        "github_seconds": entry.github_seconds,
    }
    try:
        connection.execute(insert(journal_table).values(row))
    except IntegrityError as error:
        raise Superseded(f"entry {entry.seq!r} of run {run!r} was recorded by another worker") from error


def _plain(data: object) -> object:
    """JSON without what a database can't hold: NUL characters and lone surrogates become visible escapes."""
    text = json.dumps(data, ensure_ascii=True)
    return json.loads(text.replace("\\u0000", "\\u2400")) if "\\u0000" in text else data


def begin(connection: Connection, run: RunId, seq: int, step: Step, now: datetime) -> Intent:
    """The intent to take a step, written before its effect; counts how often it was begun."""
    here = (intent_table.c.run_id == run) & (intent_table.c.seq == seq)
    row = connection.execute(select(intent_table).where(here)).one_or_none()
    encoded = _plain(encode(step, Step))
    if row is None:
        values = {"run_id": run, "seq": seq, "step": encoded, "started_at": now, "attempts": 1}
        connection.execute(insert(intent_table).values(values))
        return Intent(step, now, 1)
    if row.step != encoded:
        connection.execute(update(intent_table).where(here).values(step=encoded, started_at=now, attempts=1))
        return Intent(step, now, 1)
    connection.execute(update(intent_table).where(here).values(attempts=row.attempts + 1))
    return Intent(step, _aware(row.started_at), row.attempts + 1)


def forget_attempts(connection: Connection, run: RunId, seq: int) -> None:
    """The step was tried without a failure and only waits: its tries are counted anew."""
    here = (intent_table.c.run_id == run) & (intent_table.c.seq == seq)
    connection.execute(update(intent_table).where(here).values(attempts=0))


def begin_anew(connection: Connection, run: RunId, seq: int, now: datetime) -> None:
    """The step could not be tried at all, for no fault of the run's: neither its tries nor its time count."""
    here = (intent_table.c.run_id == run) & (intent_table.c.seq == seq)
    connection.execute(update(intent_table).where(here).values(attempts=0, started_at=now))


def active_runs(connection: Connection, repository: RepositoryId | None = None) -> tuple[RunRequest, ...]:
    """Runs that have something to do, oldest first: without a last word, or with a wish to be taken up again."""
    query = select(run_table.c.request).where(~_has_ended() | has_wishes(run_table.c.id))
    return _requests(connection, query, repository)


def ended_runs(connection: Connection, repository: RepositoryId) -> tuple[RunRequest, ...]:
    """Runs of the repository that have said their last word so far, oldest first."""
    return _requests(connection, select(run_table.c.request).where(_has_ended()), repository)


def is_active(connection: Connection, run: RunId) -> bool:
    """Whether the run has something to do."""
    active = (run_table.c.id == run) & (~_has_ended() | has_wishes(run_table.c.id))
    return connection.execute(select(exists().where(active))).scalar_one()


def _has_ended() -> ColumnElement[bool]:
    """Whether the newest entry is the last word: a run that was taken up again has others after it."""
    later = journal_table.alias("later")
    newest = select(func.max(later.c.seq)).where(later.c.run_id == journal_table.c.run_id).scalar_subquery()
    return exists().where(
        (journal_table.c.run_id == run_table.c.id)
        & (journal_table.c.outcome_kind == "Stopped")
        & (journal_table.c.seq == newest)
    )


def _requests(
    connection: Connection, query: Select[tuple[Any]], repository: RepositoryId | None
) -> tuple[RunRequest, ...]:
    if repository is not None:
        query = query.where(run_table.c.repository_id == repository)
    ordered = query.order_by(run_table.c.requested_at, run_table.c.id)
    return tuple(decode(row.request, RunRequest) for row in connection.execute(ordered))


def active_runs_of_issue(
    connection: Connection, repository: RepositoryId, issue: IssueNumber
) -> tuple[RunRequest, ...]:
    return tuple(request for request in active_runs(connection, repository) if request.issue == issue)


def runs_of_issue(connection: Connection, repository: RepositoryId, issue: IssueNumber) -> tuple[RunRequest, ...]:
    """Every run of the issue, oldest first."""
    query = select(run_table.c.request).where(run_table.c.issue == issue)
    return _requests(connection, query, repository)


def run_of_branch(connection: Connection, repository: RepositoryId, branch: str) -> RunRequest | None:
    """The run whose work branch it is; None where it is no such branch."""
    found = re.fullmatch(r"rmo/issue-([0-9]{1,18})-([0-9]{1,18})", branch)
    if found is None:
        return None
    request = read_request(connection, RunId(f"{repository}-{found[1]}-{found[2]}"))
    return request if request is not None and request.repository.id == repository else None


def runs_begun_since(connection: Connection, repository: RepositoryId, since: datetime) -> int:
    """How many runs of the repository were opened since then."""
    here = (run_table.c.repository_id == repository) & (run_table.c.requested_at >= since)
    return connection.execute(select(func.count()).select_from(run_table).where(here)).scalar_one()


def rename_repository(connection: Connection, repository: RepositoryId, owner: str, name: str) -> int:
    """Every run of the repository knows its new name; how many runs there are."""
    rows = connection.execute(
        select(run_table.c.id, run_table.c.request).where(run_table.c.repository_id == repository)
    ).all()
    for row in rows:
        before = decode(row.request, RunRequest)
        after = replace(before, repository=replace(before.repository, owner=owner, name=name))
        values = {"request": encode(after), "full_name": after.repository.full_name}
        connection.execute(update(run_table).where(run_table.c.id == row.id).values(values))
    return len(rows)


def runs_of(connection: Connection, issue: IssueNumber) -> tuple[RunRequest, ...]:
    """Every run of issues with this number, oldest first."""
    query = select(run_table.c.request).where(run_table.c.issue == issue).order_by(run_table.c.requested_at)
    return tuple(decode(row.request, RunRequest) for row in connection.execute(query))


def _aware(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is stored in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
