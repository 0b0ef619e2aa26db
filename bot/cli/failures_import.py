"""`rmo failures import`: starting with the history that another system has recorded."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer


def import_failures(
    file: Annotated[Path, typer.Argument(help="JSON lines, plain or packed with gzip, one attempt a line.")],
    action_item: Annotated[str, typer.Option(help="Action item that the attempts were at, such as fix_defect.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Store another system's attempts, those that passed too; importing a file again adds nothing."""
    from bot.cli.asking import open_database
    from bot.jobs.import_failures import import_failures as import_file
    from bot.model.codec import encode
    from bot.model.ids import ActionId

    with open_database() as database:
        report = asyncio.run(import_file(file, database, now=lambda: datetime.now(UTC), action=ActionId(action_item)))
    if as_json:
        import json

        typer.echo(json.dumps(encode(report), indent=2))
    else:
        typer.echo(
            f"{report.records} records ({report.passed} passed, {report.failed} failed); new in the store: "
            f"{report.added.tasks} tasks, {report.added.tries} tries, {report.added.failures} failures"
        )
    for bad in report.bad_lines:
        sys.stderr.write(f"line {bad.number}: {bad.reason}\n")
    if report.bad > len(report.bad_lines):
        sys.stderr.write(f"and {report.bad - len(report.bad_lines)} more lines that are no records\n")
    if report.bad:
        raise typer.Exit(1)
