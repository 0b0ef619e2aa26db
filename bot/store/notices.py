"""What a repository was told once, and where: so that it is not told again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Connection, DateTime, PrimaryKeyConstraint, Table, Text, delete, select

from bot.model.ids import RepositoryId
from bot.store.tables import aware, insert_once, metadata, storable

notice_table = Table(
    "notice",
    metadata,
    Column("repository_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("said", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("repository_id", "kind"),
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What was said, and at which issue or pull request."""

    number: int
    said: str
    at: datetime


def read_notice(connection: Connection, repository: RepositoryId, kind: str) -> Notice | None:
    query = select(notice_table).where(_here(repository, kind))
    row = connection.execute(query).one_or_none()
    return None if row is None else Notice(row.number, row.said, aware(row.at))


def write_notice(connection: Connection, repository: RepositoryId, kind: str, notice: Notice) -> None:
    """Replaces what was said before."""
    forget_notice(connection, repository, kind)
    keep_notice(connection, repository, kind, notice)


def keep_notice(connection: Connection, repository: RepositoryId, kind: str, notice: Notice) -> bool:
    """Written where nothing of this kind was said yet; says whether it was."""
    row = {"number": notice.number, "said": storable(notice.said), "at": notice.at}
    return insert_once(connection, notice_table, {"repository_id": repository, "kind": kind, **row})


def forget_notice(connection: Connection, repository: RepositoryId, kind: str) -> None:
    connection.execute(delete(notice_table).where(_here(repository, kind)))


def _here(repository: RepositoryId, kind: str):
    return (notice_table.c.repository_id == repository) & (notice_table.c.kind == kind)
