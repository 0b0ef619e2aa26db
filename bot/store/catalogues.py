"""Versions of the catalogue that runs were told: kept for ever, with a pointer at the one that new runs get."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import JSON, Column, Connection, DateTime, ForeignKey, Integer, Table, Text, select, update

from bot.store.tables import aware, insert_once, metadata

catalogue_table: Final = Table(
    "catalogue",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("files", JSON, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

adopted_table: Final = Table(
    "adopted_catalogue",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, ForeignKey("catalogue.digest"), nullable=False),
    Column("source_sha", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
_ONLY: Final = 1


@dataclass(frozen=True, slots=True)
class StoredCatalogue:
    """The version that new runs get."""

    digest: str
    files: Mapping[str, str]
    """By path."""
    source_sha: str
    """The commit that it was read from; several commits may have the same files."""
    at: datetime
    """When it became the one."""


def write_catalogue(
    connection: Connection, digest: str, files: Mapping[str, str], source_sha: str, at: datetime
) -> None:
    """Keep this version, and let new runs get it from now on."""
    keep_catalogue(connection, digest, files, at)
    row = {"digest": digest, "source_sha": source_sha, "at": at}
    if not insert_once(connection, adopted_table, {"id": _ONLY, **row}):
        connection.execute(update(adopted_table).where(adopted_table.c.id == _ONLY).values(row))


def keep_catalogue(connection: Connection, digest: str, files: Mapping[str, str], at: datetime) -> None:
    """Keep this version for whoever asks what a run was told; new runs get what they got before."""
    insert_once(connection, catalogue_table, {"digest": digest, "files": dict(files), "at": at})


def read_catalogue(connection: Connection, digest: str) -> Mapping[str, str] | None:
    """The files of that version by path; None where nobody has kept it."""
    query = select(catalogue_table.c.files).where(catalogue_table.c.digest == digest)
    return connection.execute(query).scalar_one_or_none()


def current_catalogue(connection: Connection) -> StoredCatalogue | None:
    """The version that new runs get; None where none was ever adopted."""
    kept, adopted = catalogue_table.c, adopted_table.c
    query = (
        select(kept.digest, kept.files, adopted.source_sha, adopted.at)
        .select_from(adopted_table.join(catalogue_table, kept.digest == adopted.digest))
        .where(adopted.id == _ONLY)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else StoredCatalogue(row.digest, row.files, row.source_sha, aware(row.at))
