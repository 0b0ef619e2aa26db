"""The database: one engine, short transactions in a thread, and retries where a retry is safe.

Everything that is kept goes through `transact`, so that locking, busy databases and lost connections are dealt with in
one place. SQLite runs with a write-ahead log and synchronous=FULL: what was acknowledged survives a crash.
"""

import asyncio
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from bot.store.errors import DatabaseUnusable, StoreUnavailable

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

BUSY_SECONDS = 30.0
_PASSING_STATES = frozenset({"40001", "40P01", "53300", "57P01", "57P02", "57P03"})
"""Serialization failure, deadlock, too many connections, and a server that stops, crashes or starts.
https://www.postgresql.org/docs/current/errcodes-appendix.html
"""


def parse_url(url: str) -> URL:
    """The engine's URL for a plain `sqlite:///...` or `postgresql://...`; raises DatabaseUnusable for any other."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUnusable(f"{url!r} is no database URL; use sqlite:////PATH or postgresql://HOST/NAME") from error
    match parsed.drivername:
        case "sqlite":
            return parsed
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise DatabaseUnusable(
                f"database {other!r} is not supported; use sqlite:////PATH or postgresql://HOST/NAME"
            )


class Database:
    """An open database; `close` it when the process ends."""

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.engine = _engine(self.url)
        # SQLite has one writer, and who waits for it sleeps and looks again; a lock wakes the next at once.
        self._alone = threading.Lock()
        self._turn: AbstractContextManager[object] = self._alone if self.url.drivername == "sqlite" else nullcontext()
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="store-")

    async def transact(
        self,
        work: Callable[Concatenate[Connection, Parameters], Result],
        /,
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """`work(connection, ...)` in one transaction that is committed when it returns.

        It may run more than once: a busy database or a serialization failure rolls it back and tries again for half a
        minute. Raises StoreUnavailable after that, IntegrityError where a constraint refuses the rows.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: self._attempt(lambda c: work(c, *args, **kwargs)))

    def at_once(self, work: Callable[[], bool]) -> bool:
        """What `work()` says, in this very thread; False, and not begun, while this process writes to SQLite elsewhere.

        Waits for nobody, so that the event loop may ask; nothing is tried again.
        """
        if not self._alone.acquire(blocking=False):
            return False
        try:
            return work()
        finally:
            self._alone.release()

    def _attempt(self, work: Callable[[Connection], Result]) -> Result:
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                with self._turn, self.engine.begin() as connection:
                    return work(connection)
            except IntegrityError:
                raise
            except DBAPIError as error:
                if not _is_passing(error):
                    raise
                if time.monotonic() > deadline:
                    raise StoreUnavailable(
                        f"the database did not answer for {BUSY_SECONDS:.0f} s: {error.orig}"
                    ) from error
                time.sleep(random.uniform(0.02, 0.2))  # jitter, no secret # nosec B311

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def use_write_ahead_log(url: str) -> None:
    """Have a SQLite database of others keep a write-ahead log, which is a property of the file; nothing elsewhere.

    Raises DatabaseUnusable where it is none or can't be written, as its owner would say it less clearly.
    """
    parsed = parse_url(url)
    if parsed.drivername == "sqlite" and parsed.database:
        connection = sqlite3.connect(parsed.database, timeout=BUSY_SECONDS)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            raise DatabaseUnusable(f"the database {parsed.database!r} can't be used: {mend_of(error)}") from error
        finally:
            connection.close()


def mend_of(problem: object) -> str:
    """A driver's complaint on one line, with what a person can do about it."""
    said = " ".join(str(problem).split())
    if "database is locked" in said:
        return f"{said}; another process holds it: end that one, then start again"
    return f"{said}; check the path or the server"


def _is_passing(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed a moment later."""
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in _PASSING_STATES or state.startswith("08")
    if hasattr(error.orig, "sqlstate"):
        # psycopg has no state where no server answered at all
        return isinstance(error, OperationalError)
    text = str(error.orig)
    return isinstance(error, OperationalError) and ("database is locked" in text or "database is busy" in text)


def _engine(url: URL) -> Engine:
    if url.drivername != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=8)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection: "object", _: object) -> None:  # pyright: ignore[reportUnusedFunction] - called by sqlalchemy
        _set_pragmas(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction] - called by sqlalchemy
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _set_pragmas(connection: object) -> None:
    """The driver's own transactions are switched off: it would start them late and lose the race for the lock."""
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
