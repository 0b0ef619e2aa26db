"""The world of a bench: a GitHub on loopback with the tasks' repositories and the protocols, the bot, its maintainer.

It is the world of a local run, with more than one repository, with a clock that can be put forward, and with people
who merge. Whatever they do goes through PyGithub, which shares no code with the bot's own client.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from sqlalchemy import Connection

from bot.bench.ci import direct_runner
from bot.bench.clock import Clock
from bot.bench.people import People
from bot.compose import Bot, compose
from bot.config import Settings
from bot.local.runner import runner
from bot.local.world import APP_PERMISSIONS
from bot.localhub import LocalHub
from bot.localhub import serve as serve_hub
from bot.loop import fold
from bot.model.ids import IssueNumber, RepositoryId, RunId
from bot.model.phase import Ended
from bot.model.run import Run
from bot.models import OpenedModel
from bot.sandbox import Sandbox
from bot.serving import start_web
from bot.setup.manifest import EVENTS
from bot.store import journal

OWNER: Final = "bench"
PROTOCOLS: Final = f"{OWNER}/protocols"
MAINTAINERS: Final = ("maintainer", "second-maintainer")
"""Two, because learning asks for the word of more than one person where there is more than one."""
AT_ONCE: Final = 3
"""Runs that one repository has under way at a time."""
CHECK_SECONDS: Final = 20.0
"""How long a task's tests may take; the right ones take well below one."""


@dataclass(frozen=True, slots=True)
class Issue:
    """A labelled issue."""

    repository: str
    """Its name, without the owner."""
    number: IssueNumber


class BenchWorld:
    """Open it with `open_bench_world`."""

    def __init__(self, url: str, bot: Bot, clock: Clock, ids: Mapping[str, RepositoryId], people: People):
        self.url = url
        self.bot = bot
        self.clock = clock
        self._ids = ids
        self._people = people
        self._moved = asyncio.Event()

    async def moved(self, _: RunId) -> None:
        """Something happened in a run."""
        self._moved.set()

    async def file(self, repository: str, title: str, body: str, *, by: int = 0) -> Issue:
        """A maintainer files an issue and labels it; `by` says whose turn it is."""
        name = f"{OWNER}/{repository}"
        number = await asyncio.to_thread(self._people.file, name, title, body, by=by)
        return Issue(repository, IssueNumber(number))

    async def merge_protocols(self) -> int:
        """The maintainer merges every open protocol pull request; how many there were."""
        return await asyncio.to_thread(self._people.merge_all, PROTOCOLS)

    async def until_ended(self, issues: Sequence[Issue]) -> list[Run]:
        """The newest runs of all these issues, once each has ended."""
        while True:
            self._moved.clear()
            runs = await self.bot.context.database.transact(self._runs, issues)
            if runs is not None:
                return runs
            try:
                async with asyncio.timeout(5.0):
                    await self._moved.wait()
            except TimeoutError:
                continue

    def _runs(self, connection: Connection, issues: Sequence[Issue]) -> list[Run] | None:
        found: list[Run] = []
        for issue in issues:
            requests = [
                each
                for each in journal.runs_of(connection, issue.number)
                if each.repository.id == self._ids[issue.repository]
            ]
            if not requests:
                return None
            run = fold(requests[-1], journal.read_journal(connection, requests[-1].run_id))
            if not isinstance(run.phase, Ended):
                return None
            found.append(run)
        return found


@asynccontextmanager
async def open_bench_world(
    settings: Settings,
    home: Path,
    repositories: Mapping[str, Mapping[str, str]],
    protocols: Mapping[str, str],
    model: OpenedModel,
    sandbox: Sandbox,
    *,
    act: bool = False,
) -> AsyncGenerator[BenchWorld]:
    """A world that lives as long as the block, in the directory `home`; only installed dependencies outlive that.

    `repositories` are those with the tasks (name -> path -> text), `protocols` is the one that holds the protocols.
    With `act`, workflow files are really read and carried out by act.
    """
    clock = Clock()
    async with AsyncExitStack() as stack:
        environments = settings.home / "environments"
        wall = timedelta(seconds=CHECK_SECONDS)
        execute = (
            runner(sandbox, environments, home / "actions", timedelta(minutes=2), network=False)
            if act
            else direct_runner(sandbox, environments, wall)
        )
        hub = LocalHub(home / "hub", execute=execute, runs_at_once=2, newest_only=True)
        url = await stack.enter_async_context(serve_hub(hub, 0))
        secret = secrets.token_hex(32)
        app = hub.create_app("Fractal RMO", APP_PERMISSIONS, EVENTS, None, secret)
        tokens = [hub.add_user(login) for login in MAINTAINERS]
        ids: dict[str, RepositoryId] = {}
        for name, files in {**repositories, PROTOCOLS.partition("/")[2]: protocols}.items():
            ids[name] = await hub.create_repository(OWNER, name, files)
            for login in MAINTAINERS:
                hub.set_role(ids[name], login, "admin")
            hub.install(app, ids[name])
        ours = settings.model_copy(
            update={
                "home": home / "bot",
                "database_url": "",
                "github_api_url": url,
                "app_id": app.id,
                "webhook_secret": SecretStr(secret),
                "write_pause": 0.0,
                "port": 0,
                "runs_per_repository": AT_ONCE,
                "check_minutes": CHECK_SECONDS / 60,
                "protocols_repository": PROTOCOLS,
            }
        )
        worlds: list[BenchWorld] = []

        async def watch(run: RunId) -> None:
            await worlds[0].moved(run)

        bot = await compose(
            ours,
            app.private_key_pem,
            model=model,
            watch=watch,
            sandbox=sandbox,
            environments=environments,
            clock=clock.now,
        )
        stack.push_async_callback(bot.close)
        people = People(url, tokens)
        stack.callback(people.close)
        worlds.append(BenchWorld(url, bot, clock, ids, people))
        await bot.service.start()
        stack.push_async_callback(bot.service.stop)
        hub.set_webhook(app, f"{await start_web(stack, ours, bot.context.database, bot)}/webhook")
        yield worlds[0]
        await hub.idle()
