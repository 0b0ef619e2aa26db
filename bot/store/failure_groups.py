"""What people say about groups of failures: these two are one, this one is several. Their word wins over the hash.

A merge points a fingerprint at another; merges are kept flat, so that one look-up is enough. A split tells the
failures of a group apart by one of their features, and names the parts `fingerprint/value`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    FromClause,
    Table,
    Text,
    case,
    delete,
    func,
    select,
    update,
)

from bot.store.errors import GroupingRefused
from bot.store.failures import failure_table
from bot.store.tables import metadata
from bot.store.tasks import task_table

alias_table = Table(
    "fingerprint_alias",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("canonical", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

split_table = Table(
    "fingerprint_split",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("feature", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

_VALUES: Final[Mapping[str, ColumnElement[str]]] = {
    "repository": task_table.c.features["repository"].as_string(),
    "action_item": failure_table.c.features["action_item"].as_string(),
    "path": failure_table.c.features["path"].as_string(),
    "test": failure_table.c.features["test"].as_string(),
}
SPLIT_FEATURES: Final = tuple(_VALUES)
"""By what a group may be split: each is a closed name or a salted hash."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Who said so, when and why."""

    actor: str
    note: str
    at: datetime


def merge(connection: Connection, fingerprint: str, into: str, remark: Remark) -> str:
    """Count `fingerprint` as `into` from now on; gives the fingerprint that both now have.

    Raises GroupingRefused where one of them is not known, or both are one already.
    """
    for each in (fingerprint, into):
        _refuse_unknown(connection, each)
    source, canonical = _canonical(connection, fingerprint), _canonical(connection, into)
    if source == canonical:
        raise GroupingRefused(f"{fingerprint!r} and {into!r} are one already; name two groups")
    row = {"canonical": canonical, "note": remark.note, "actor": remark.actor, "at": remark.at}
    connection.execute(update(alias_table).where(alias_table.c.canonical == source).values(canonical=canonical))
    connection.execute(alias_table.insert().values(fingerprint=source, **row))
    return canonical


def split(connection: Connection, fingerprint: str, feature: str, remark: Remark) -> None:
    """Tell the failures of a group apart by `feature` from now on; a second split replaces the first.

    Raises GroupingRefused where the fingerprint is not known, counts as another one, or `feature` can't split.
    """
    if feature not in _VALUES:
        raise GroupingRefused(f"a group can't be split by {feature!r}; name one of {', '.join(SPLIT_FEATURES)}")
    _refuse_unknown(connection, fingerprint)
    canonical = _canonical(connection, fingerprint)
    if canonical != fingerprint:
        raise GroupingRefused(f"{fingerprint!r} counts as {canonical!r}; split that one, or part them first")
    connection.execute(delete(split_table).where(split_table.c.fingerprint == fingerprint))
    row = {"feature": feature, "note": remark.note, "actor": remark.actor, "at": remark.at}
    connection.execute(split_table.insert().values(fingerprint=fingerprint, **row))


def part(connection: Connection, fingerprint: str) -> None:
    """Take back what was said of a fingerprint: it stands for itself again, undivided.

    Raises GroupingRefused where nothing was said.
    """
    _refuse_unknown(connection, fingerprint)
    said = sum(
        connection.execute(delete(table).where(table.c.fingerprint == fingerprint)).rowcount
        for table in (alias_table, split_table)
    )
    if not said:
        raise GroupingRefused(f"{fingerprint!r} is neither merged nor split; `rmo failures top` lists the groups")


def grouped(failures: FromClause) -> FromClause:
    """`failures`, a join that has the failure and task tables, with what people said of each fingerprint."""
    aliased = failures.outerjoin(alias_table, alias_table.c.fingerprint == failure_table.c.fingerprint)
    return aliased.outerjoin(split_table, split_table.c.fingerprint == _CANONICAL)


_CANONICAL: Final = func.coalesce(alias_table.c.canonical, failure_table.c.fingerprint)

GROUP: Final[ColumnElement[str]] = case(
    *(
        (split_table.c.feature == name, _CANONICAL + "/" + func.coalesce(value, "none"))
        for name, value in _VALUES.items()
    ),
    else_=_CANONICAL,
)
"""The group of a failure in a query over `grouped`."""


def _canonical(connection: Connection, fingerprint: str) -> str:
    query = select(alias_table.c.canonical).where(alias_table.c.fingerprint == fingerprint)
    return connection.execute(query).scalar_one_or_none() or fingerprint


def _refuse_unknown(connection: Connection, fingerprint: str) -> None:
    known = select(failure_table.c.id).where(failure_table.c.fingerprint == fingerprint).limit(1)
    if not fingerprint.isprintable() or connection.execute(known).first() is None:
        raise GroupingRefused(f"no failure has the fingerprint {fingerprint!r}; `rmo failures list` shows them")
