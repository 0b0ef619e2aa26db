"""How commands reach the store: the database of the settings, brought up to date, for as long as one command takes."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli.printing import visible

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.jobs.learn.learner import Learner
    from bot.store.database import Database
    from bot.store.failure_groups import Remark

Result = TypeVar("Result")

Note = Annotated[str, typer.Option(help="Why; kept with the decision.")]
Actor = Annotated[str, typer.Option(help="Who says so.")]
OPERATOR = "operator"


@contextmanager
def open_database() -> "Generator[Database]":
    """The database of the settings, brought up to date. Raises NeedsHuman where it can't be used."""
    from bot.catalog import find_data
    from bot.compose import database_url_of
    from bot.config import load_settings
    from bot.store.database import Database
    from bot.store.migrate import upgrade

    database = Database(database_url_of(load_settings()))
    try:
        upgrade(database, find_data("migrations"))
        yield database
    finally:
        database.close()


def ask(question: "Callable[[Connection], Result]") -> Result:
    """The answer, in one transaction."""
    with open_database() as database:
        return asyncio.run(database.transact(question))


def with_learner(work: "Callable[[Learner], Awaitable[Result]]") -> Result:
    """What `work` gives, with the protocols that are in force. Raises NeedsHuman where the database can't be used."""
    from bot.compose import open_learner
    from bot.config import load_settings

    async def run() -> Result:
        async with open_learner(load_settings()) as learner:
            return await work(learner)

    return asyncio.run(run())


def remark_of(actor: str, note: str) -> "Remark":
    """Who says so and why, as of now."""
    from bot.store.failure_groups import Remark

    return Remark(visible(actor), visible(note), datetime.now(UTC))
