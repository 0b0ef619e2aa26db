"""The one MetaData that every table of the store hangs on; each table stands in the file of its noun.

Beside it stands what both databases need said in a way of their own.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

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


def aware(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is stored in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
