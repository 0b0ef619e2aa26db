"""Commands that people gave in threads, each of which is obeyed once, whoever tells us of it how often."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Connection, DateTime, Table, Text, exists, select

from bot.model.ids import CommentId, IssueNumber, RepositoryId
from bot.store.tables import insert_once, metadata

command_table = Table(
    "command",
    metadata,
    Column("comment_id", BigInteger, primary_key=True, autoincrement=False),
    Column("repository_id", BigInteger, nullable=False),
    Column("issue", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("handled_at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class HandledCommand:
    """A comment whose commands were dealt with, and what came of them."""

    comment: CommentId
    repository: RepositoryId
    issue: IssueNumber
    author: str
    outcome: str


def is_handled(connection: Connection, comment: CommentId) -> bool:
    return connection.execute(select(exists().where(command_table.c.comment_id == comment))).scalar_one()


def handle(connection: Connection, command: HandledCommand, now: datetime) -> None:
    """From now on the comment is nothing new."""
    row = {
        "comment_id": command.comment,
        "repository_id": command.repository,
        "issue": command.issue,
        "author": command.author,
        "outcome": command.outcome,
        "handled_at": now,
    }
    insert_once(connection, command_table, row)
