"""`rmo serve` from start to end: what this process does of receiving and working, until it is told to stop."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from enum import Enum

from sqlalchemy import Connection, text

from bot.catalog import find_data, read_files
from bot.compose import Bot, compose, database_url_of
from bot.config import Settings
from bot.intake.webhook import WebhookSecret
from bot.jobs.library import Library, knowledge_of
from bot.model.errors import NeedsHuman
from bot.model.event import Delivery
from bot.store.database import Database
from bot.store.group_commit import GroupCommit
from bot.store.inbox import InboxResult
from bot.store.migrate import upgrade
from bot.web.app import create_app
from bot.web.failures import failures_api
from bot.web.insights import insights_api
from bot.web.patterns import patterns_api
from bot.web.server import listen, serving


class Part(Enum):
    """What one process does."""

    ALL = "all"
    WEB = "web"
    WORKERS = "workers"
    POLL = "poll"


def ping(connection: Connection) -> None:
    """Raises where the database does not answer."""
    connection.execute(text("select 1"))


async def serve_forever(settings: Settings, part: Part) -> None:
    """Serve until SIGINT or SIGTERM; a second one ends the process at once.

    Raises NeedsHuman for whatever a person has to mend before it can start.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop_or_leave, stopping)
    async with AsyncExitStack() as stack:
        if part is Part.WEB:
            database = Database(database_url_of(settings))
            stack.callback(database.close)
            upgrade(database, find_data("migrations"))
            url = await start_web(stack, settings, database, None)
        else:
            bot = await compose(settings, read_private_key(settings))
            stack.push_async_callback(bot.close)
            await bot.service.start()
            stack.push_async_callback(bot.service.stop)
            if part is not Part.POLL:
                bot.service.ask_for_lost_deliveries()
            receives = part is Part.ALL
            url = await start_web(stack, settings, bot.context.database, bot) if receives else ""
        print(_ready(part, url), flush=True)  # noqa: T201 - the one line that says that it is ready
        await stopping.wait()


def _ready(part: Part, url: str) -> str:
    match part:
        case Part.ALL | Part.WEB:
            return f"receiving webhooks at {url}/webhook"
        case Part.WORKERS:
            return "working; webhooks are received elsewhere"
        case Part.POLL:
            return "asking GitHub; no webhook is needed"


def _stop_or_leave(stopping: asyncio.Event) -> None:
    if stopping.is_set():
        # An exception would make the event loop end everything that is under way first.
        os._exit(1)
    stopping.set()


async def start_web(stack: AsyncExitStack, settings: Settings, database: Database, bot: Bot | None) -> str:
    """Receive webhooks until the stack is closed; gives the URL."""
    secret = settings.webhook_secret.get_secret_value()
    if not secret:
        raise NeedsHuman("no webhook secret is set; set RMO_WEBHOOK_SECRET, or use --poll, which needs none")
    shared = WebhookSecret(secret.encode())
    listening = listen(settings.host, settings.port)
    inbox = await stack.enter_async_context(GroupCommit(database, lambda: datetime.now(UTC)))

    async def store(delivery: Delivery) -> InboxResult:
        result = await inbox.store(delivery)
        if bot is not None:
            bot.service.hurry()
        return result

    async def answer() -> None:
        await database.transact(ping)

    token = settings.api_token.get_secret_value()
    library = bot.context.library if bot else Library(database, knowledge_of(read_files(find_data("protocols").parent)))
    app = create_app(
        shared,
        store,
        answer,
        failures_api(database, token),
        patterns_api(database, token),
        insights_api(database, token, library.follow, lambda: datetime.now(UTC)),
    )
    return await stack.enter_async_context(serving(app, listening))


def read_private_key(settings: Settings) -> str:
    """The App's key; raises NeedsHuman where it is missing."""
    if not settings.app_id:
        raise NeedsHuman("no App is set; run `rmo setup`, or set RMO_APP_ID and RMO_PRIVATE_KEY_FILE")
    if settings.private_key_file is None:
        raise NeedsHuman("no private key is set; run `rmo setup`, or set RMO_PRIVATE_KEY_FILE to the App's PEM file")
    try:
        return settings.private_key_file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise NeedsHuman(f"the private key {str(settings.private_key_file)!r} can't be read: {error}") from error
