"""`rmo validate`: the validation that a run goes through, for a person's own work tree."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer


def validate(
    path: Annotated[Path, typer.Argument(help="A git repository; its work tree is read, never written to.")],
    base: Annotated[
        str | None, typer.Option(help="Judge the change since this commit, and prove red before green.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report to this file.")] = None,
) -> None:
    """Validate a work tree, uncommitted changes included: syntax, lint, types, security, tests, tampering."""
    from bot.cli.progress import run_to_end
    from bot.config import load_settings
    from bot.local.validate import complaint_of, validate_locally

    raise typer.Exit(run_to_end(partial(validate_locally, load_settings(), path, base), json_file, complaint_of))
