"""The one MetaData that every table of the store hangs on; each table stands in the file of its noun.

Beside it stands what both databases need said in a way of their own.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar, cast

from sqlalchemy import Connection, MetaData, Table
from sqlalchemy.dialects import postgresql, sqlite

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Names of constraints are fixed, so that a migration can drop what it made on both databases."""


def insert_new(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]], key: tuple[str, ...]
) -> None:
    """Insert the rows whose `key` is not there yet; safe beside other writers, in the order of the rows."""
    if rows:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(insert(table).on_conflict_do_nothing(index_elements=list(key)), rows)


def insert_once(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert the row unless a constraint of the table has it already; says whether it was new."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    inserting = insert(table).values(row).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(inserting).first() is not None


_AT_ONCE: Final = 500
Key = TypeVar("Key")


def in_batches(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """As many at once as one query may have parameters; SQLite allows some thousands."""
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def storable(text: str) -> str:
    """A text without what a database can't hold: NUL becomes visible, a lone surrogate an escape."""
    return text.replace("\x00", "\u2400").encode("utf-8", "backslashreplace").decode()


def storable_json(value: object) -> object:
    """An encoded value without what JSON or a database can't hold: an infinite number becomes a text that reads so."""
    match value:
        case str():
            return storable(value)
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return {str(key): storable_json(each) for key, each in cast("Mapping[object, object]", value).items()}
        case list() | tuple():
            return [storable_json(each) for each in cast("Sequence[object]", value)]
        case _:
            return value


def aware(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is stored in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
