"""Commands in this process, over a database of their own: what is printed and how it ends, without a start each."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.catalog import find_data
from bot.cli.app import app
from bot.store.database import Database
from bot.store.migrate import upgrade

Rmo = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def store(home: Path) -> Callable[..., None]:
    """Writes into the database that the commands read: `store(function, argument, ...)`."""

    def write(function: Callable[..., object], *arguments: object) -> None:
        database = Database(f"sqlite:///{home / 'rmo.db'}")
        upgrade(database, find_data("migrations"))
        asyncio.run(database.transact(function, *arguments))
        database.close()

    return write


@pytest.fixture
def run(home: Path) -> Rmo:
    def command(*arguments: str, stdin: str | None = None) -> Result:
        environment = {"RMO_HOME": str(home), "DATABASE_URL": "", "COLUMNS": "200"}
        return CliRunner().invoke(app, arguments, input=stdin, env=environment)

    return command


def rows(result: Result) -> Sequence[Sequence[str]]:
    """The cells of what was printed for a program."""
    assert result.exit_code == 0, result.output
    return [line.split("\t") for line in result.stdout.splitlines()]
