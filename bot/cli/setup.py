"""`rmo setup`: the bot's own GitHub App."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bot.model.errors import NeedsHuman


def setup(
    webhook_url: Annotated[str, typer.Option(help="Where GitHub reaches this bot: https://HOST/webhook.")] = "",
    poll: Annotated[bool, typer.Option("--poll", help="No webhook: the bot will ask GitHub by itself.")] = False,
    organization: Annotated[str, typer.Option(help="Register it for this organization; else for yourself.")] = "",
    name: Annotated[str, typer.Option(help="Name of the App; no other App may have it.")] = "Fractal-RMO",
    force: Annotated[bool, typer.Option("--force", help="Replace credentials that are there.")] = False,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    port: Annotated[int, typer.Option(help="Port of the page on 127.0.0.1; 0 takes a free one.")] = 0,
    home: Annotated[Path | None, typer.Option(help="Directory for all state.")] = None,
) -> None:
    """Register the bot's GitHub App, and keep its credentials on this machine."""
    from bot.cli.interrupt import run_interruptibly
    from bot.config import load_settings
    from bot.setup.credentials import refuse_second
    from bot.setup.start import open_browser, registration_of, set_up

    if bool(webhook_url) == poll:
        raise NeedsHuman("say how the bot hears of things: --webhook-url https://HOST/webhook, or --poll")
    settings = load_settings(home)
    if not force:
        refuse_second(settings)
    registration = registration_of(settings, name, organization, webhook_url)

    async def show(page: str) -> None:
        import asyncio

        opened = browser and await asyncio.to_thread(open_browser, page)
        told = "The page is open in your browser" if opened else "Open this page in a browser on this machine"
        typer.echo(f"{told}: {page}")

    with tempfile.TemporaryDirectory(prefix="rmo-") as directory:
        for line in run_interruptibly(set_up(settings, registration, show, port), Path(directory)):
            typer.echo(line)
