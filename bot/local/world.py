"""The world of a local run: a GitHub on loopback that knows one repository, the bot as its App, and a maintainer.

Everything between them goes over HTTP as it does in production: signed webhooks one way, the REST API and git the
other. Only where the network would be there is the loopback interface.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from sqlalchemy import Connection

from bot.comments import standing
from bot.compose import Bot, compose
from bot.config import Settings
from bot.local.person import MAINTAINER, file_and_label
from bot.local.runner import runner
from bot.local.show import Show, told
from bot.localhub import LocalHub
from bot.localhub import serve as serve_hub
from bot.loop import apply, fold
from bot.model.command import Unqualified
from bot.model.ids import IssueNumber, RunId
from bot.model.journal import Entry
from bot.model.phase import Ended
from bot.model.run import Run, RunRequest
from bot.models import OpenedModel
from bot.sandbox import qualify
from bot.serving import start_web
from bot.setup.manifest import EVENTS
from bot.store import journal

APP_PERMISSIONS: dict[str, Literal["read", "write"]] = {
    "actions": "read",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "statuses": "read",
}
"""What the App asks for on GitHub too; never `workflows`, `administration` or `secrets`."""
ISSUE_CHARACTERS = 2 * 1024**2
"""A file may say more than GitHub's form takes; what a run reads of it is cut by the same rule everywhere."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What the local GitHub's repository is made of."""

    owner: str
    name: str
    source: Path | dict[str, str]
    default_branch: str
    default_workflow: str | None
    """Workflow for a repository that has none of its own."""


class World:
    """A local GitHub with the bot at work in it."""

    def __init__(self, hub: LocalHub, url: str, bot: Bot, origin: Origin, token: str, show: Show) -> None:
        self.hub = hub
        self.url = url
        self.bot = bot
        self.origin = origin
        self.token = token
        self._show = show
        self._ended = asyncio.Event()
        self._told: dict[RunId, int] = {}

    def left_over(self, run: Run) -> list[str]:
        """Lines of a script that nobody asked for, in words."""
        return self.bot.context.model.left_over(run.requests_by_agent)

    @property
    def full_name(self) -> str:
        return f"{self.origin.owner}/{self.origin.name}"

    async def label_an_issue(self, title: str, body: str) -> IssueNumber:
        """A person files the issue and labels it."""
        return IssueNumber(await asyncio.to_thread(file_and_label, self.url, self.token, self.full_name, title, body))

    async def watch(self, run: RunId) -> None:
        """Tell what the newest journal entries of `run` mean."""
        request, entries = await self.bot.context.database.transact(_read, run)
        if request is None:
            return
        now = fold(request, ())
        for entry in entries:
            text = told(now, entry)
            now = apply(now, entry)
            if entry.seq > self._told.get(run, 0) and text:
                self._show.line(text)
        self._told[run] = now.last_seq
        self._show.doing(standing(now).splitlines()[0])
        if isinstance(now.phase, Ended):
            self._ended.set()

    async def until_ended(self, issue: IssueNumber) -> Run:
        """The run of `issue`, once it has ended."""
        await self._ended.wait()
        requests = await self.bot.context.database.transact(journal.runs_of, issue)
        request, entries = await self.bot.context.database.transact(_read, requests[-1].run_id)
        assert request is not None
        return fold(request, entries)


def _read(connection: Connection, run: RunId) -> tuple[RunRequest | None, tuple[Entry, ...]]:
    return journal.read_request(connection, run), journal.read_journal(connection, run)


@asynccontextmanager
async def open_world(
    settings: Settings,
    origin: Origin,
    model: OpenedModel,
    show: Show,
    home: Path,
    *,
    port: int = 0,
    ci_network: bool = False,
    first_id: int = 1001,
) -> AsyncGenerator[World]:
    """A world that lives as long as the block, in the directory `home`; only installed dependencies outlive that.

    Ids of issues' labels, and so the names of runs and branches, count from `first_id`.
    """
    async with AsyncExitStack() as stack:
        environments = settings.home / "environments"
        sandbox = await qualify(settings.sandbox, client=dict(os.environ))
        if isinstance(sandbox, Unqualified):
            show.line(f"not executed here: {sandbox.reason}. {sandbox.mend}")
        execute = runner(
            sandbox, environments, home / "actions", timedelta(minutes=settings.check_minutes), network=ci_network
        )
        hub = LocalHub(
            home / "hub",
            execute=execute,
            first_id=first_id,
            most_issue_characters=ISSUE_CHARACTERS,
            newest_only=True,
        )
        url = await stack.enter_async_context(serve_hub(hub, port))
        secret = secrets.token_hex(32)
        app = hub.create_app("Fractal RMO", APP_PERMISSIONS, EVENTS, None, secret)
        token = hub.add_user(MAINTAINER)
        repository = await hub.create_repository(
            origin.owner, origin.name, origin.source, origin.default_branch, default_workflow=origin.default_workflow
        )
        hub.set_role(repository, MAINTAINER, "admin")
        hub.install(app, repository)
        ours = settings.model_copy(
            update={
                "home": home / "bot",
                "database_url": "",
                "github_api_url": url,
                "app_id": app.id,
                "webhook_secret": SecretStr(secret),
                "write_pause": 0.0,
                "port": 0,
            }
        )
        worlds: list[World] = []

        async def watch(run: RunId) -> None:
            await worlds[0].watch(run)

        bot = await compose(
            ours,
            app.private_key_pem,
            model=model,
            watch=watch,
            sandbox=sandbox,
            environments=environments,
            is_local=True,
        )
        stack.push_async_callback(bot.close)
        worlds.append(World(hub, url, bot, origin, token, show))
        await bot.service.start()
        stack.push_async_callback(bot.service.stop)
        bot_url = await start_web(stack, ours, bot.context.database, bot)
        hub.set_webhook(app, f"{bot_url}/webhook")
        yield worlds[0]
