"""The file that the counts are kept in: opened, or built again where it is damaged or of another version.

Nothing in it is the only copy of anything: the failure store has it all, so a file that cannot be read is thrown away
and filled again from the beginning, which its cursor of 0 asks for.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import duckdb
import numpy as np

from bot.mining import sql
from bot.mining.errors import CountsInUse

Column = Sequence[object] | np.ndarray[tuple[int, ...], np.dtype[np.generic]]
MEMORY = "256MB"
"""For the engine's own buffers; what is larger is spilled to a directory beside the file."""


LEAN = "16MB"
"""While there is counting: each block of columns is small, and what is kept longer is only read once."""


def open_counts(path: Path | None) -> duckdb.DuckDBPyConnection:
    """A connection to the file at `path` (None: in memory), with its tables. Raises CountsInUse."""
    if path is None:
        return _with_tables(_connected(":memory:"))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = _connected(str(path))
        try:
            version = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
            if version == (sql.SCHEMA,):
                return connection
        except duckdb.CatalogException:
            pass  # A file without tables is one of another version
        connection.close()
    except duckdb.IOException as problem:
        if "lock on file" in str(problem):
            raise CountsInUse(str(path)) from problem
    except duckdb.Error:
        pass
    for each in (path, path.with_name(f"{path.name}.wal")):
        each.unlink(missing_ok=True)
    return _with_tables(_connected(str(path)))


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty ones, in place of those that there are."""
    for (table,) in cast("list[tuple[str]]", connection.execute("SHOW TABLES").fetchall()):
        connection.execute(f"DROP TABLE {table}")
    for statement in sql.TABLES:
        connection.execute(statement)
    rows = [["schema", sql.SCHEMA], *([name, 0] for name in ("cursor", "batch", "counted", "compacted"))]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)


@contextmanager
def within(connection: duckdb.DuckDBPyConnection, memory: str) -> Generator[None]:
    """The engine's buffers limited to less for a while."""
    connection.execute(f"SET memory_limit = '{memory}'")
    try:
        yield
    finally:
        connection.execute(f"SET memory_limit = '{MEMORY}'")


def append(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, Column]) -> None:
    """Rows at the end of `table`, as one array a column; its other columns keep their defaults."""
    arrays = {name: _array(column) for name, column in columns.items()}
    connection.register("arriving", arrays)
    names = ", ".join(columns)
    # Table and columns are named in this package alone
    connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM arriving")  # nosec B608
    connection.unregister("arriving")


def _array(column: Column) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    if isinstance(column, np.ndarray):
        return column
    return np.array(column, object) if column and isinstance(column[0], str) else np.asarray(column, np.int64)


def arrays(answer: duckdb.DuckDBPyConnection) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The columns of an answer, all of whole numbers without gaps."""
    found = cast("Mapping[str, np.ndarray[tuple[int], np.dtype[np.float64]]]", answer.fetchnumpy())
    return {name: np.asarray(each).astype(np.int64) for name, each in found.items()}


def _connected(place: str) -> duckdb.DuckDBPyConnection:
    # One thread: the work is small, other work goes on beside it, and each thread has hash tables of its own
    spill = "" if place == ":memory:" else f"{place}.tmp"
    return duckdb.connect(place, config={"threads": 1, "memory_limit": MEMORY, "temp_directory": spill})


def _with_tables(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    create_tables(connection)
    return connection
