"""What model requests cost on each day: reserved at their dearest before they are made, settled when they are paid.

A request whose answer never came stays counted at what it might have cost.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
    select,
    text,
    update,
)

from bot.model.ids import IssueNumber, MicroDollars, RepositoryId, RunId
from bot.store.journal import run_table
from bot.store.tables import insert_once, metadata

_LOCK: Final = 7_241_995
"""Any number that no other lock of this database has."""

spending_table = Table(
    "spending",
    metadata,
    Column("run_id", Text, ForeignKey("run.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("repository_id", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("reserved", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=True),
    PrimaryKeyConstraint("run_id", "seq"),
)


@dataclass(frozen=True, slots=True)
class Spender:
    """Whose budgets a request is counted against."""

    run: RunId
    repository: RepositoryId
    issue: IssueNumber
    actor: str


@dataclass(frozen=True, slots=True)
class SpentToday:
    """What the day has cost so far, what is reserved included."""

    total: MicroDollars
    repository: MicroDollars
    person: MicroDollars
    issue: MicroDollars


def take_turn(connection: Connection) -> None:
    """Until the transaction ends nobody else reserves anything, so that no two requests are promised the same money."""
    if connection.dialect.name == "postgresql":
        # SQLite's transactions exclude each other anyway
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def spent_on(connection: Connection, spender: Spender, day: date) -> SpentToday:
    """All that the day has cost, and the shares of the spender's repository, person and issue."""
    table = spending_table
    return SpentToday(
        total=_sum(connection, day),
        repository=_sum(connection, day, table.c.repository_id == spender.repository),
        person=_sum(connection, day, table.c.actor == spender.actor),
        issue=_sum(connection, day, table.c.run_id.in_(_runs_of(spender))),
    )


def spent_in(connection: Connection, repository: RepositoryId, day: date) -> tuple[MicroDollars, MicroDollars]:
    """All that the day has cost, and the share of one repository."""
    return _sum(connection, day), _sum(connection, day, spending_table.c.repository_id == repository)


def reserve(connection: Connection, spender: Spender, seq: int, day: date, amount: MicroDollars) -> bool:
    """Reserve what a request may cost; False where it was reserved before."""
    row = {
        "run_id": spender.run,
        "seq": seq,
        "repository_id": spender.repository,
        "actor": spender.actor,
        "day": day,
        "reserved": amount,
    }
    return insert_once(connection, spending_table, row)


def is_reserved(connection: Connection, run: RunId, seq: int) -> bool:
    here = (spending_table.c.run_id == run) & (spending_table.c.seq == seq)
    return connection.execute(select(func.count()).select_from(spending_table).where(here)).scalar_one() > 0


def settle(connection: Connection, run: RunId, seq: int, cost: MicroDollars) -> None:
    """What the request has cost in the end."""
    here = (spending_table.c.run_id == run) & (spending_table.c.seq == seq)
    connection.execute(update(spending_table).where(here).values(spent=cost))


def _runs_of(spender: Spender):
    return select(run_table.c.id).where(
        (run_table.c.repository_id == spender.repository) & (run_table.c.issue == spender.issue)
    )


def _sum(connection: Connection, day: date, *conditions: ColumnElement[bool]) -> MicroDollars:
    counted = func.coalesce(func.sum(func.coalesce(spending_table.c.spent, spending_table.c.reserved)), 0)
    query = select(counted).where(spending_table.c.day == day, *conditions)
    return MicroDollars(int(connection.execute(query).scalar_one()))
