"""What people and events outside want of runs, until an entry of the journal has taken it in."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    ForeignKey,
    PrimaryKeyConstraint,
    Table,
    Text,
    exists,
    select,
    update,
)

from bot.model.ids import RunId
from bot.model.wish import ENDING, Wish
from bot.store.tables import insert_once, metadata

wish_table = Table(
    "wish",
    metadata,
    Column("run_id", Text, ForeignKey("run.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("wanted_by", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("granted_at", DateTime(timezone=True), nullable=True),
    PrimaryKeyConstraint("run_id", "kind", "key"),
)


def wish(connection: Connection, run: RunId, wanted: Wish, now: datetime) -> bool:
    """Leave a wish for `run`; a second one of the same kind and key changes nothing. Says whether it is new.

    A wish to end can be left again once an earlier one was granted: the run may have been taken up since.
    """
    values = {
        "run_id": run,
        "kind": wanted.kind,
        "key": wanted.key,
        "reason": wanted.reason,
        "value": wanted.value,
        "wanted_by": wanted.by,
        "made_at": now,
    }
    if insert_once(connection, wish_table, values):
        return True
    if wanted.kind not in ENDING:
        return False
    granted = _here(run, wanted) & wish_table.c.granted_at.is_not(None)
    again = connection.execute(update(wish_table).where(granted).values(**values, granted_at=None))
    return again.rowcount == 1


def _here(run: RunId, wanted: Wish) -> ColumnElement[bool]:
    return (wish_table.c.run_id == run) & (wish_table.c.kind == wanted.kind) & (wish_table.c.key == wanted.key)


def read_wishes(connection: Connection, run: RunId) -> tuple[Wish, ...]:
    """Those that nothing has come of yet, oldest first."""
    query = select(wish_table).where((wish_table.c.run_id == run) & wish_table.c.granted_at.is_(None))
    return tuple(
        Wish(row.kind, row.reason, row.key, row.value, row.wanted_by)
        for row in connection.execute(query.order_by(wish_table.c.made_at, wish_table.c.kind, wish_table.c.key))
    )


def grant(connection: Connection, run: RunId, wanted: Wish, now: datetime) -> None:
    """The wish was taken in, or refused for good."""
    connection.execute(update(wish_table).where(_here(run, wanted)).values(granted_at=now))


def grant_endings(connection: Connection, run: RunId, now: datetime) -> None:
    """The run has ended: what was to end it must not end it again once it is taken up for something else."""
    here = (wish_table.c.run_id == run) & wish_table.c.kind.in_(ENDING) & wish_table.c.granted_at.is_(None)
    connection.execute(update(wish_table).where(here).values(granted_at=now))


def has_wishes(run: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a run that has ended has something to do again."""
    return exists().where(
        (wish_table.c.run_id == run) & wish_table.c.granted_at.is_(None) & wish_table.c.kind.notin_(ENDING)
    )
