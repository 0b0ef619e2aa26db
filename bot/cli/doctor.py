"""`rmo doctor`: whether all that the bot needs is there, and what to do where it is not."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.printing import AsJson, print_json, visible

if TYPE_CHECKING:
    from rich.console import Console

    from bot.doctor.examine import Question
    from bot.doctor.finding import Finding

STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def doctor(
    repo: Annotated[list[str] | None, typer.Option(help="Look at this repository too: OWNER/NAME.")] = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Push an empty commit to a branch there, see whether CI runs, delete it.")
    ] = False,
    as_json: AsJson = False,
    home: Annotated[Path | None, typer.Option(help="Directory for all state.")] = None,
) -> None:
    """Check credentials, permissions, webhook, clock, git, sandbox, model, database and disk; say how to mend them."""
    from bot.cli.interrupt import run_interruptibly
    from bot.doctor.examine import Question
    from bot.doctor.probe import Waiting
    from bot.model.errors import NeedsHuman

    if probe and not repo:
        raise NeedsHuman("--probe needs a repository to try it in; give --repo OWNER/NAME")
    question = Question(tuple(repo or ()), Waiting() if probe else None)
    with tempfile.TemporaryDirectory(prefix="rmo-") as directory:
        found = run_interruptibly(_look(question, home, as_json), Path(directory))
    problems = sum(each.state == "problem" for each in found)
    warnings = sum(each.state == "warning" for each in found)
    if as_json:
        print_json({"problems": problems, "warnings": warnings, "findings": found})
    else:
        typer.echo(f"problems: {problems}, warnings: {warnings}")
    raise typer.Exit(1 if problems else 0)


async def _look(question: "Question", home: Path | None, silent: bool) -> "list[Finding]":
    from rich.console import Console

    from bot.cli.progress import Progress
    from bot.config import load_settings
    from bot.doctor.examine import examine

    console = Console(soft_wrap=True, stderr=silent, quiet=silent)
    progress = Progress(console)
    found: list[Finding] = []
    try:
        async for each in examine(load_settings(home), question, dict(os.environ), progress.doing):
            found.append(each)
            _print(console, each)
    finally:
        progress.close()
    return found


def _print(console: "Console", finding: "Finding") -> None:
    from rich.text import Text

    about = f"{finding.repository} {finding.check}" if finding.repository else finding.check
    line = Text(f"{finding.state:<8} ", STYLES[finding.state])
    line.append(f"{visible(about)}: {visible(finding.said)}", "default")
    console.print(line, highlight=False)
    if finding.mend:
        console.print(Text(f"{'':<8} mend: {visible(finding.mend)}"), highlight=False)
