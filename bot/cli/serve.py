"""`rmo serve`: the GitHub App."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.model.errors import NeedsHuman


def serve(
    workers_only: Annotated[bool, typer.Option("--workers-only", help="Work, but receive no webhooks.")] = False,
    web_only: Annotated[bool, typer.Option("--web-only", help="Receive webhooks, but do no work.")] = False,
    poll: Annotated[bool, typer.Option("--poll", help="Ask GitHub instead of being told; needs no URL.")] = False,
    model: Annotated[str | None, typer.Option(help="anthropic:NAME, openai:NAME or script:FILE.")] = None,
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1.")] = None,
    home: Annotated[Path | None, typer.Option(help="Directory for all state.")] = None,
) -> None:
    """Serve the GitHub App: webhooks in, pull requests out. Settings come from the environment (see docs)."""
    from bot.cli.logs import keep_secrets_out_of_logs
    from bot.config import load_settings
    from bot.serving import Part, serve_forever
    from bot.web.server import run_web

    if sum((workers_only, web_only, poll)) > 1:
        raise NeedsHuman("--workers-only, --web-only and --poll exclude each other; give one of them")
    keep_secrets_out_of_logs()
    settings = load_settings(home)
    changes = {"model": model, "port": port}
    settings = settings.model_copy(update={name: value for name, value in changes.items() if value is not None})
    part = Part.WORKERS if workers_only else Part.WEB if web_only else Part.POLL if poll else Part.ALL
    run = run_web if part is Part.WEB else asyncio.run
    run(serve_forever(settings, part))
