"""`rmo run`: the engine on a clone of the user's own repository."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer


def run(
    repo: Annotated[Path, typer.Option(help="A git repository; its current branch and work tree stay untouched.")],
    issue: Annotated[Path, typer.Option(help="Markdown file; its first heading is the title.")],
    model: Annotated[str | None, typer.Option(help="anthropic:NAME, openai:NAME or script:FILE.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report to this file.")] = None,
    ci_network: Annotated[bool, typer.Option("--ci-network", help="Let the workflows reach the network.")] = False,
) -> None:
    """Work on an issue of your own repository; the result is a branch and the text of a pull request."""
    from bot.cli.progress import run_to_end
    from bot.config import load_settings
    from bot.local.run import run_locally

    settings = load_settings()
    if model is not None:
        settings = settings.model_copy(update={"model": model})
    raise typer.Exit(run_to_end(partial(run_locally, settings, repo, issue, ci_network), json_file))
