"""`rmo failures`: what has failed, how often, and which failures are one."""

import asyncio
import json
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli.failures_import import import_failures

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database
    from bot.store.failure_queries import FailurePage, ShownFailure, Top

Result = TypeVar("Result")

failures = typer.Typer(no_args_is_help=True, help="What has failed, how often, and which failures are one.")
failures.command("import")(import_failures)

Repository = Annotated[str | None, typer.Option(help="Only of this repository, as OWNER/NAME.")]
ActionItem = Annotated[str | None, typer.Option(help="Only of this action item.")]
Category = Annotated[str | None, typer.Option(help="syntax, logic, runtime, style, security, type, ...")]
Tool = Annotated[str | None, typer.Option(help="pytest, ruff, bandit, ...")]
Fingerprint = Annotated[str | None, typer.Option(help="Only of this group.")]
Since = Annotated[str | None, typer.Option(help="From this day or moment (2026-01-31, UTC).")]
Until = Annotated[str | None, typer.Option(help="Before this day or moment.")]
Limit = Annotated[str | None, typer.Option(help="How many at most: 1 to 200.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Note = Annotated[str, typer.Option(help="Why; kept with the decision.")]
Actor = Annotated[str, typer.Option(help="Who says so.")]


@failures.command("list")
def list_command(
    repository: Repository = None,
    action_item: ActionItem = None,
    category: Category = None,
    tool: Tool = None,
    fingerprint: Fingerprint = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    before: Annotated[str | None, typer.Option(help="The page after the one that ended with this id.")] = None,
    as_json: AsJson = False,
) -> None:
    """List failures, newest first."""
    from bot.store.failure_filter import LIST_NAMES, read_filter
    from bot.store.failure_queries import list_failures

    wanted = read_filter(_given(locals(), LIST_NAMES), LIST_NAMES)
    page = _ask(lambda connection: list_failures(connection, wanted))
    _print_json(page) if as_json else _print_page(page)


@failures.command("show")
def show_command(
    failure: Annotated[str, typer.Argument(help="Id of a failure, as `list` shows it.")], as_json: AsJson = False
) -> None:
    """Show one failure with its text."""
    from bot.store.failure_filter import read_id
    from bot.store.failure_queries import show_failure

    wanted = read_id("id", failure)
    shown = _ask(lambda connection: show_failure(connection, wanted))
    if shown is None:
        sys.stderr.write(f"rmo: there is no failure {wanted}; `rmo failures list` shows which there are\n")
        raise typer.Exit(1)
    _print_json(shown) if as_json else _print_shown(shown)


@failures.command("top")
def top_command(
    repository: Repository = None,
    action_item: ActionItem = None,
    category: Category = None,
    tool: Tool = None,
    fingerprint: Fingerprint = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    by: Annotated[str | None, typer.Option(help="Count by category, rule or fingerprint.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show which failures most tasks ran into, and which share of all tasks that is."""
    from bot.store.failure_filter import TOP_NAMES, read_filter
    from bot.store.failure_queries import top_failures

    wanted = read_filter(_given(locals(), TOP_NAMES), TOP_NAMES)
    top = _ask(lambda connection: top_failures(connection, wanted))
    _print_json(top) if as_json else _print_top(top)


@failures.command("merge")
def merge_command(
    fingerprint: Annotated[str, typer.Argument(help="The group to give up.")],
    into: Annotated[str, typer.Argument(help="The group that it is counted as.")],
    note: Note = "",
    actor: Actor = "operator",
) -> None:
    """Count two groups of failures as one from now on."""
    from bot.store.failure_groups import Remark, merge

    remark = Remark(_visible(actor), _visible(note), datetime.now(UTC))
    canonical = _ask(lambda connection: merge(connection, fingerprint, into, remark))
    typer.echo(f"{_visible(fingerprint)} counts as {_visible(canonical)} from now on")


@failures.command("split")
def split_command(
    fingerprint: Annotated[str, typer.Argument(help="The group to divide.")],
    by: Annotated[str, typer.Option(help="repository, action_item, path or test.")],
    note: Note = "",
    actor: Actor = "operator",
) -> None:
    """Tell the failures of one group apart by a feature from now on."""
    from bot.store.failure_groups import Remark, split

    remark = Remark(_visible(actor), _visible(note), datetime.now(UTC))
    _ask(lambda connection: split(connection, fingerprint, by, remark))
    typer.echo(f"{_visible(fingerprint)} is told apart by {by} from now on")


@failures.command("part")
def part_command(fingerprint: Annotated[str, typer.Argument(help="A fingerprint that was merged or split.")]) -> None:
    """Take back what was said of a fingerprint: it stands for itself again."""
    from bot.store.failure_groups import part

    _ask(lambda connection: part(connection, fingerprint))
    typer.echo(f"{_visible(fingerprint)} stands for itself again")


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


def _ask(question: "Callable[[Connection], Result]") -> Result:
    with open_database() as database:
        return asyncio.run(database.transact(question))


def _given(options: dict[str, object], names: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in options.items() if name in names and isinstance(value, str)}


def _visible(text: object) -> str:
    """A hostile text for a terminal: nothing in it can act on the terminal or hide from the reader."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in str(text))


def _print_json(value: object) -> None:
    from bot.model.codec import encode

    typer.echo(json.dumps(encode(value), indent=2))


def _print_table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on a terminal, else one line a row with tabs between."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        for row in rows:
            typer.echo("\t".join(map(_visible, row)))
        return
    table = Table(*titles)
    for row in rows:
        table.add_row(*(Text(_visible(cell)) for cell in row))
    console.print(table)


def _print_page(page: "FailurePage") -> None:
    if not page.failures:
        typer.echo("no failure matches")
        return
    titles = ("id", "found", "repository", "action item", "category", "tool", "rule", "group", "place")
    rows = [
        (
            *(each.id, f"{each.found_at:%Y-%m-%d %H:%M}", each.repository, each.action_item, each.category),
            *(each.tool, each.rule, each.group, each.test or each.path),
        )
        for each in page.failures
    ]
    _print_table(titles, rows)
    if page.next is not None:
        sys.stderr.write(f"there are more: --before {page.next}\n")


def _print_top(top: "Top") -> None:
    if not top.groups:
        typer.echo(f"no failure matches; {top.tasks} tasks")
        return
    titles = ("tasks", "rate", "failures", "category", "tool", "rule", "group", "newest")
    rows = [
        (
            *(f"{each.tasks}/{top.tasks}", f"{each.rate:.1%}", each.failures, each.category, each.tool, each.rule),
            *(each.group, each.latest),
        )
        for each in top.groups
    ]
    _print_table(titles, rows)


def _print_shown(shown: "ShownFailure") -> None:
    from dataclasses import fields

    for each in fields(shown.failure):
        value = getattr(shown.failure, each.name)
        typer.echo(f"{each.name}: {_visible('' if value is None else value)}")
    typer.echo("message:" if shown.message is not None else "message: deleted; its time was over")
    for line in (shown.message or "").split("\n"):
        typer.echo(f"  {_visible(line)}")
