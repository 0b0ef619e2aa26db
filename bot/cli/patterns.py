"""`rmo patterns`: which failures seem to be no chance, how sure that is by now, and what is still missing."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from bot.cli.asking import ask
from bot.cli.printing import AsJson, print_facts, print_json, print_table, visible

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.learning.summary import PatternSummary
    from bot.model.pattern import PatternStatus, Table

patterns = typer.Typer(no_args_is_help=True, help="Which failures seem to be no chance, and how sure that is.")


@patterns.command("list")
def list_command(
    status: Annotated[str | None, typer.Option(help="watched, crossed, proposed, merged, rejected, ...")] = None,
    as_json: AsJson = False,
) -> None:
    """List patterns, those that were registered last first."""
    wanted = _status(status)
    found = ask(lambda connection: _summaries(connection, wanted))
    print_json(found) if as_json else _print_list(found)


@patterns.command("show")
def show_command(
    pattern: Annotated[str, typer.Argument(help="Id of a pattern, as `list` shows it.")],
    as_json: AsJson = False,
    plot: Annotated[Path | None, typer.Option(help="Draw the course of its evidence into this PNG file.")] = None,
) -> None:
    """Show one pattern with every number that was used."""
    from bot.jobs.learn.showing import read_summary
    from bot.model.pattern import PatternId

    found = ask(lambda connection: read_summary(connection, PatternId(pattern)))
    if found is None:
        sys.stderr.write(f"rmo: there is no pattern {visible(pattern)!r}; `rmo patterns list` shows which there are\n")
        raise typer.Exit(1)
    if plot is not None:
        _draw(found, plot)
    print_json(found) if as_json else _print_one(found)


def _draw(found: "PatternSummary", path: Path) -> None:
    from bot.model.errors import NeedsHuman
    from bot.plotting import draw_evidence
    from bot.store.patterns import read_pattern

    pattern = ask(lambda connection: read_pattern(connection, found.id))
    try:
        draw_evidence(pattern.points if pattern else (), path, title=found.text)
    except OSError as error:
        raise NeedsHuman(f"{str(path)!r} can't be written: {error.strerror or error}; choose another file") from error


def _status(text: str | None) -> "PatternStatus | None":
    from bot.model.errors import NeedsHuman
    from bot.model.pattern import PatternStatus

    if text is not None and text not in get_args(PatternStatus):
        raise NeedsHuman(f"there is no status {text!r}; use one of {', '.join(get_args(PatternStatus))}")
    return cast("PatternStatus | None", text)


def _summaries(connection: "Connection", status: "PatternStatus | None") -> "tuple[PatternSummary, ...]":
    from bot.jobs.learn.showing import read_summaries

    return read_summaries(connection, status)


def _print_list(found: "tuple[PatternSummary, ...]") -> None:
    if not found:
        typer.echo("no pattern is registered; `rmo mine` looks for some")
        return
    titles = ("id", "status", "tasks", "repositories", "odds", "e-value", "threshold", "needed", "pattern")
    rows = [
        (
            *(each.id, each.status, _share(each.support.table), each.support.repositories, _odds(each)),
            *(f"{each.e_value:.3g}", f"{each.threshold:.3g}", _needed(each), each.text),
        )
        for each in found
    ]
    print_table(titles, rows)


def _print_one(one: "PatternSummary") -> None:
    from bot.learning.summary import BARS, PLAIN_BARS, spark

    plain = "utf" not in (sys.stdout.encoding or "").lower()
    chance = one.reproducibility
    print_facts(
        [
            ("pattern", one.text),
            ("id", one.id),
            ("status", one.status),
            ("origin", one.origin),
            ("registered", f"{one.registered_at:%Y-%m-%d %H:%M}, of the budget of {one.quarter}"),
            ("seen before", _tasks(one.support.table)),
            ("seen in", f"{one.support.repositories} repositories on {one.support.days} days"),
            ("screen", f"lift {one.support.lift:.2f}, p {one.support.p_value:.2g}"),
            ("seen since", _tasks(one.evidence)),
            ("odds ratio", _odds(one)),
            ("e-value", f"{one.e_value:.3g} of {one.threshold:.3g}"),
            ("needed", _needed(one) and f"about {_needed(one)} more matching tasks"),
            ("reproducibility", f"{chance.rate:.0%} ({chance.low:.0%} to {chance.high:.0%}): {chance.nature}"),
            ("history", spark(one.history, PLAIN_BARS if plain else BARS) or "no block of tasks has closed since"),
        ]
    )
    for event in one.events:
        typer.echo(f"{event.at:%Y-%m-%d %H:%M}  {event.act} by {visible(event.actor)}  {visible(event.detail)}")


def _share(table: "Table") -> str:
    return f"{table.inside_with}/{table.inside}"


def _tasks(table: "Table") -> str:
    return f"{_share(table)} tasks in its context failed so, {table.outside_with}/{table.outside} outside"


def _odds(one: "PatternSummary") -> str:
    odds = one.odds_ratio
    return f"{odds.estimate:.2f} ({odds.low:.2f} to {odds.high:.2f})" if odds else ""


def _needed(one: "PatternSummary") -> str:
    match one.status, one.needed:
        case "watched", None:
            return "many"
        case "watched", needed:
            return str(needed)
        case _:
            return ""
