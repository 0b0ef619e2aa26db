"""`rmo demo`: from a label to a pull request on this machine, with no account and no key."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer


def demo(
    model: Annotated[str | None, typer.Option(help="anthropic:NAME or openai:NAME; without it, a script.")] = None,
    leave: Annotated[bool, typer.Option("--exit", help="End when the run has ended.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report to this file.")] = None,
    port: Annotated[int, typer.Option(help="Port of the local GitHub; 0 takes a free one.")] = 0,
) -> None:
    """Show the whole way on a local GitHub: a labelled issue, a failing first try, a green pull request."""
    from bot.cli.progress import run_to_end
    from bot.config import load_settings
    from bot.local.demo import demonstrate

    settings = load_settings()
    raise typer.Exit(run_to_end(partial(demonstrate, settings, model, port, leave), json_file))
