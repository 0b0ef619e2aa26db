"""A town: a GitHub on loopback with any number of repositories, the bot as its App, and the people who use both.

The bot is composed as `rmo serve` composes it. It is told what happens by signed webhooks, or, in a town without
them, asks for it as `rmo serve --poll` does. People use PyGithub, which shares no code with the bot's own client.
The contract gate stands on the wire: whatever passes has to agree with GitHub's own description.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeVar

from github import Auth, Github
from github.Repository import Repository
from pydantic import SecretStr
from sqlalchemy import Connection

from bot.compose import Bot, compose
from bot.config import Settings
from bot.local.runner import runner
from bot.local.world import APP_PERMISSIONS
from bot.localhub import LocalHub, RegisteredApp, serve
from bot.localhub.actions.queue import Execute
from bot.localhub.actions.runs import RunOutcome
from bot.localhub.journal import JournalEntry
from bot.localhub.state.accounts import Role
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun
from bot.loop import fold
from bot.model.command import Unqualified
from bot.model.ids import IssueNumber, RepositoryId
from bot.model.journal import Entry
from bot.model.phase import Ended, Judging
from bot.model.run import RecordedFailure, Run
from bot.models import OpenedModel
from bot.sandbox import Sandbox
from bot.serving import start_web
from bot.setup.manifest import EVENTS
from bot.store import inbox, journal
from bot.store.failures import read_failures
from tests.contract.gate import ContractGate
from tests.scenarios.cast import Cast, Line

ENVIRONMENTS = Path(os.environ.get("RMO_TEST_CACHE") or Path(tempfile.gettempdir()) / "rmo-test-environments")
"""Installed dependencies, kept between runs of the tests: a cold installation takes ten seconds."""
SECRET = "It's a Secret to Everybody"
API_TOKEN = "a token of the town"
BOT = "fractal-rmo[bot]"
LABEL = "rmo"
CONFIG = ".github/fractal-rmo.yml"
ROOM = {"open_pull_requests": 100, "runs_an_hour": 1000}
"""Town stories have many runs; those about the limits say their own."""
PEOPLE: Mapping[str, Role | None] = {"maintainer": "admin", "helper": "triage", "reader": "read", "stranger": None}
PATIENCE = 180.0
"""Seconds until a wait is given up; nothing is measured by it."""
NEVER = 3_600.0
"""Seconds between two looks at GitHub, for a bot that has to live by webhooks."""
NO_SANDBOX = Unqualified("this scenario executes nothing", "Nothing to mend.")

Result = TypeVar("Result")


async def within(waiting: Awaitable[Result], what: str) -> Result:
    """What `waiting` comes to; AssertionError where it never does."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await waiting
    except TimeoutError as error:
        raise AssertionError(f"it did not happen: {what}") from error


@dataclass(frozen=True, slots=True)
class Story:
    """A run, as the bot's own store tells it."""

    run: Run
    entries: tuple[Entry, ...]
    failures: tuple[RecordedFailure, ...]


class Town:
    """Open it with `open_town`."""

    def __init__(self, hub: LocalHub, url: str, app: RegisteredApp, real_ci: Execute | None, stack: AsyncExitStack):
        self.hub = hub
        self.url = url
        self.app = app
        self.cast = Cast()
        self.real_ci = real_ci
        self.bot: Bot
        self.web = ""
        """Where the bot listens."""
        self._tokens = {login: hub.add_user(login) for login in PEOPLE}
        self._people: dict[str, Github] = {}
        self._ci: dict[int, Execute] = {}
        self._moved = asyncio.Condition()
        stack.callback(lambda: [each.close() for each in self._people.values()])

    async def found(
        self,
        name: str,
        files: Mapping[str, str],
        ci: Execute | None = None,
        *,
        as_it_is: bool = False,
        owner: str = "acme",
    ) -> "Place":
        """A new repository of `owner`, whose workflows `ci` runs; without one they really run.

        Unless `files` say otherwise in their configuration, nothing has to wait for room.
        """
        repository = await self.hub.create_repository(owner, name, files if as_it_is else _with_room(files))
        for login, role in PEOPLE.items():
            self.hub.set_role(repository, login, role)
        execute = ci or self.real_ci
        assert execute is not None, "this town has no sandbox for real workflows"
        self._ci[repository] = execute
        self.hub.install(self.app, repository)
        return Place(self, repository, f"{owner}/{name}")

    def person(self, login: str) -> Github:
        """PyGithub with this person's token; it blocks, so use it in a thread."""
        if login not in self._people:
            auth = Auth.Token(self._tokens[login])
            self._people[login] = Github(
                base_url=f"{self.url}/api/v3",
                auth=auth,
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,
            )
        return self._people[login]

    def token(self, login: str) -> str:
        return self._tokens[login]

    async def run_workflow(self, repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        """The hub's CI: each repository has its own."""
        return await self._ci[repository.id](repository, run)

    async def moved(self, _: object = None) -> None:
        """Something happened in a run."""
        async with self._moved:
            self._moved.notify_all()

    async def until(self, happened: Callable[[Connection], Result | None], what: str) -> Result:
        """What `happened` finds in the bot's store, as soon as it finds it."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < deadline:
            found = await self.bot.context.database.transact(happened)
            if found is not None:
                return found
            await self.pause()
        raise AssertionError(f"it did not happen: {what}")

    async def pause(self) -> bool:
        """Whether something happens in a run before a moment has passed."""
        async with self._moved:
            try:
                async with asyncio.timeout(0.2):
                    return await self._moved.wait()
            except TimeoutError:
                return False

    def leave(self, place: "Place") -> None:
        """Take the App out of a repository whose story is told: sweeps need not look at it any more."""
        for installation in self.hub.world.installations.values():
            installation.repository_ids.discard(place.id)

    async def settled(self) -> None:
        """GitHub has told everything, and the bot has taken it in."""
        await within(self.hub.idle(), "everything that GitHub had begun came to its end")
        await self.until(lambda connection: inbox.unprocessed(connection, 1) == () or None, "all webhooks taken in")


def _with_room(files: Mapping[str, str]) -> dict[str, str]:
    said = files.get(CONFIG, "")
    room = "".join(f"{key}: {most}\n" for key, most in ROOM.items() if f"{key}:" not in said)
    return {**files, CONFIG: f"{said}{room}"}


@dataclass(frozen=True, slots=True)
class Place:
    """One repository of the town."""

    town: Town
    id: RepositoryId
    full_name: str

    async def person(self, act: Callable[[Repository], Result], login: str = "maintainer") -> Result:
        """Let a person do something in the repository."""
        return await asyncio.to_thread(lambda: act(self.town.person(login).get_repo(self.full_name)))

    async def ask(self, title: str, body: str, lines: list[Line], labelled_by: str = "maintainer") -> IssueNumber:
        """An issue, for which the model plays `lines`; it is filed and labelled."""
        self.town.cast.learn(title, lines)
        number = await self.person(lambda repository: repository.create_issue(title=title, body=body).number)
        await self.label(number, labelled_by)
        return IssueNumber(number)

    async def label(self, issue: int, login: str = "maintainer") -> None:
        await self.person(lambda repository: repository.get_issue(issue).add_to_labels(LABEL), login)

    async def ended(self, issue: int, nth: int = 1, *, so: Callable[[Run], bool] = lambda run: True) -> Story:
        """The issue's `nth` run, once it has ended, and has done so as `so` says."""

        def look(connection: Connection) -> Story | None:
            story = self._story(connection, issue, nth)
            return story if story is not None and isinstance(story.run.phase, Ended) and so(story.run) else None

        return await self.town.until(look, f"run {nth} of {self.full_name}#{issue} ended")

    async def story(self, issue: int, nth: int = 1) -> Story | None:
        """The issue's `nth` run as it stands."""
        return await self.town.bot.context.database.transact(lambda connection: self._story(connection, issue, nth))

    def _story(self, connection: Connection, issue: int, nth: int) -> Story | None:
        requests = [each for each in journal.runs_of(connection, IssueNumber(issue)) if each.repository.id == self.id]
        if len(requests) < nth:
            return None
        request = requests[nth - 1]
        entries = journal.read_journal(connection, request.run_id)
        return Story(fold(request, entries), entries, read_failures(connection, request.run_id))

    def judging(self, connection: Connection, issue: int) -> bool:
        """Whether the issue's first run waits for its checks."""
        story = self._story(connection, issue, 1)
        return story is not None and isinstance(story.run.phase, Judging)

    async def runs(self, issue: int) -> int:
        """How many runs the issue has had."""

        def count(connection: Connection) -> int:
            found = journal.runs_of(connection, IssueNumber(issue))
            return sum(each.repository.id == self.id for each in found)

        return await self.town.bot.context.database.transact(count)

    def written_by_bot(self) -> list[JournalEntry]:
        """What the bot changed in the repository, as GitHub recorded it."""
        path = f"/repos/{self.full_name}/"
        return [each for each in self.town.hub.journal.entries if each.actor == BOT and each.path.startswith(path)]


@asynccontextmanager
async def open_town(
    directory: Path,
    sandbox: Sandbox | Unqualified = NO_SANDBOX,
    *,
    webhooks: Literal["on", "off"] = "on",
    poll_seconds: float = NEVER,
    actions: Literal["read", "write"] = "read",
    protocols: str = "",
    onboarding: bool = False,
    queue: int = 1_000,
    more: Mapping[str, object] = MappingProxyType({}),
    model: Callable[[Cast], OpenedModel] = lambda cast: cast.model,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncGenerator[Town]:
    """A town that lives as long as the block; unless told otherwise, the bot lives by webhooks alone.

    `protocols` names the repository whose checklists are in force, once it has been founded; `more` are settings of the
    bot by their names.
    """
    async with AsyncExitStack() as stack:
        gate = ContractGate()
        towns: list[Town] = []

        async def execute(repository: HubRepository, run: WorkflowRun) -> RunOutcome:
            return await towns[0].run_workflow(repository, run)

        hub = LocalHub(directory / "hub", execute=execute, runs_at_once=2)
        hub.app = gate.middleware(hub.app)  # pyright: ignore[reportAttributeAccessIssue, reportArgumentType]  # the gate spells ASGI's types its own way
        url = await stack.enter_async_context(serve(hub))
        app = hub.create_app("Fractal RMO", {**APP_PERMISSIONS, "actions": actions}, EVENTS, None, SECRET)
        real_ci = runner(sandbox, ENVIRONMENTS, directory / "actions", timedelta(minutes=2), network=False)
        town = Town(hub, url, app, real_ci, stack)
        towns.append(town)
        settings = Settings().model_copy(
            update={
                "home": directory / "bot",
                "database_url": "",
                "github_api_url": url,
                "app_id": app.id,
                "webhook_secret": SecretStr(SECRET),
                "api_token": SecretStr(API_TOKEN),
                "write_pause": 0.0,
                "poll_seconds": poll_seconds,
                "port": 0,
                "onboarding": onboarding,
                "queue_per_repository": queue,
                "protocols_repository": protocols,
                **more,
            }
        )
        town.bot = await compose(
            settings,
            app.private_key_pem,
            model=model(town.cast),
            clock=clock,
            watch=town.moved,
            sandbox=sandbox,
            environments=ENVIRONMENTS,
        )
        stack.push_async_callback(town.bot.close)
        await town.bot.service.start()
        stack.push_async_callback(town.bot.service.stop)
        if webhooks == "on":
            town.web = await start_web(stack, settings, town.bot.context.database, town.bot)
            hub.set_webhook(app, f"{town.web}/webhook")
        try:
            yield town
        finally:
            town.cast.end_pauses()
        await within(town.hub.idle(), "everything that GitHub had begun came to its end")
    gate.assert_kept()
