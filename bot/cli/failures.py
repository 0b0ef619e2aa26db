"""`rmo failures`: what has failed, how often, and which failures are one."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.asking import OPERATOR, Actor, Note, ask, remark_of
from bot.cli.failures_import import import_failures
from bot.cli.printing import AsJson, print_facts, print_json, print_table, visible

if TYPE_CHECKING:
    from bot.store.failure_queries import FailurePage, ShownFailure, Top

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
    page = ask(lambda connection: list_failures(connection, wanted))
    print_json(page) if as_json else _print_page(page)


@failures.command("show")
def show_command(
    failure: Annotated[str, typer.Argument(help="Id of a failure, as `list` shows it.")], as_json: AsJson = False
) -> None:
    """Show one failure with its text."""
    from bot.store.failure_filter import read_id
    from bot.store.failure_queries import show_failure

    wanted = read_id("id", failure)
    shown = ask(lambda connection: show_failure(connection, wanted))
    if shown is None:
        sys.stderr.write(f"rmo: there is no failure {wanted}; `rmo failures list` shows which there are\n")
        raise typer.Exit(1)
    print_json(shown) if as_json else _print_shown(shown)


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
    top = ask(lambda connection: top_failures(connection, wanted))
    print_json(top) if as_json else _print_top(top)


@failures.command("merge")
def merge_command(
    fingerprint: Annotated[str, typer.Argument(help="The group to give up.")],
    into: Annotated[str, typer.Argument(help="The group that it is counted as.")],
    note: Note = "",
    actor: Actor = OPERATOR,
) -> None:
    """Count two groups of failures as one from now on."""
    from bot.store.failure_groups import merge

    remark = remark_of(actor, note)
    canonical = ask(lambda connection: merge(connection, fingerprint, into, remark))
    typer.echo(f"{visible(fingerprint)} counts as {visible(canonical)} from now on")


@failures.command("split")
def split_command(
    fingerprint: Annotated[str, typer.Argument(help="The group to divide.")],
    by: Annotated[str, typer.Option(help="repository, action_item, path or test.")],
    note: Note = "",
    actor: Actor = OPERATOR,
) -> None:
    """Tell the failures of one group apart by a feature from now on."""
    from bot.store.failure_groups import split

    remark = remark_of(actor, note)
    ask(lambda connection: split(connection, fingerprint, by, remark))
    typer.echo(f"{visible(fingerprint)} is told apart by {by} from now on")


@failures.command("part")
def part_command(fingerprint: Annotated[str, typer.Argument(help="A fingerprint that was merged or split.")]) -> None:
    """Take back what was said of a fingerprint: it stands for itself again."""
    from bot.store.failure_groups import part

    ask(lambda connection: part(connection, fingerprint))
    typer.echo(f"{visible(fingerprint)} stands for itself again")


def _given(options: dict[str, object], names: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in options.items() if name in names and isinstance(value, str)}


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
    print_table(titles, rows)
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
    print_table(titles, rows)


def _print_shown(shown: "ShownFailure") -> None:
    from dataclasses import fields

    print_facts([(each.name, getattr(shown.failure, each.name)) for each in fields(shown.failure)])
    typer.echo("message:" if shown.message is not None else "message: deleted; its time was over")
    for line in (shown.message or "").split("\n"):
        typer.echo(f"  {visible(line)}")
