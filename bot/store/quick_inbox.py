"""The inbox's short way into SQLite: one kept connection and one statement, in the caller's thread, waiting for nobody.

What the engine, its pool and a change of threads add to a transaction is as much as the transaction itself, and the
receiver has a small one for every few deliveries. The way is only good for what is nearly always so: ids that are new,
and nobody else who writes. Whatever else happens is undone and left to the way that everything takes, which knows what
to do about it.

The event loop stands still for as long as a commit takes, which is the disk's time. On two busy cores that was measured
as 0.5 ms in the middle for 16 bodies of 12 KB, as an issue's are, and as 1.9 ms for 64; one in a hundred took 11 ms and
20 ms, and up to three times that beside a full run of the tests. That is right here: whoever is at the receiver waits
for that very commit, and a thread would add its start, its end and the fight for the interpreter to each. It holds for
small batches only, so a larger one is refused.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from bot.model.event import Delivery
from bot.store.database import Database
from bot.store.inbox import DIGEST_LATER

MAX_BYTES: Final = 1024 * 1024
"""Of all bodies of a batch; more take so long to write that they belong in a thread."""
_INSERT: Final = "INSERT INTO delivery (guid, event, body_sha256, body, received_at) VALUES (?, ?, ?, ?, ?)"


class QuickInbox:
    """A connection of its own to a SQLite database; `close` it before the database. For one thread at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        pooled = database.engine.raw_connection()
        self._connection = cast("sqlite3.Connection", pooled.driver_connection)
        # It is not given back: this one is closed by whoever opened it.
        pooled.detach()
        self._connection.execute("PRAGMA busy_timeout=0")

    def insert(self, deliveries: Sequence[Delivery], now: datetime) -> bool:
        """Whether all are committed, as new; otherwise none of them is, and nothing is said about why."""
        if sum(len(each.body) for each in deliveries) > MAX_BYTES:
            return False
        rows = _rows(deliveries, now)
        return self._database.at_once(lambda: self._inserted(rows))

    def _inserted(self, rows: Sequence[tuple[str, str, str, bytes, str]]) -> bool:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_INSERT, rows)
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._connection.rollback()
            return False
        return True

    def close(self) -> None:
        self._connection.close()


def _rows(deliveries: Sequence[Delivery], now: datetime) -> list[tuple[str, str, str, bytes, str]]:
    """A microsecond apart, so that the order of a batch is known later; times as SQLAlchemy writes them."""
    first = now.replace(tzinfo=None)
    return [
        (each.id, each.event, DIGEST_LATER, each.body, _written(first + timedelta(microseconds=place)))
        for place, each in enumerate(deliveries)
    ]


def _written(time: datetime) -> str:
    return time.isoformat(" ", "microseconds")
