"""The installation's own salt: what makes hashed features equal within it and meaningless outside of it."""

from sqlalchemy import Column, Connection, Integer, Table, Text, select

from bot.store.tables import insert_new, metadata

salt_table = Table(
    "salt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("value", Text, nullable=False),
)
_ONLY = 1


def read_salt(connection: Connection, fresh: str) -> str:
    """The salt; `fresh`, an unpredictable text, becomes it where there is none yet. Never changes afterwards."""
    query = select(salt_table.c.value).where(salt_table.c.id == _ONLY)
    known = connection.execute(query).scalar_one_or_none()
    if known is None:
        insert_new(connection, salt_table, [{"id": _ONLY, "value": fresh}], ("id",))
        known = connection.execute(query).scalar_one()
    return known
