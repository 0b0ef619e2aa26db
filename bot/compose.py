"""The composition root: settings in, a working bot out. The only place that chooses between backends."""

import os
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bot.catalog import find_data, read_files
from bot.config import Settings
from bot.git.cache import RepositoryCache
from bot.github.app import GitHubApp
from bot.github.pace import GITHUB_LIMITS, NO_LIMITS, WriteLimits
from bot.jobs.context import Context, nothing_is_reached
from bot.jobs.engine import Engine
from bot.jobs.learn.learner import Learner
from bot.jobs.library import Library, knowledge_of
from bot.jobs.limits import Limits
from bot.jobs.run_issue import advance
from bot.jobs.service import Service
from bot.jobs.validation.cache import ValidationCache
from bot.model.command import Unqualified
from bot.model.ids import MicroDollars, RunId
from bot.models import OpenedModel, open_configured_model
from bot.network.github_transport import GitHubTransport
from bot.sandbox import Sandbox, qualify
from bot.secrets.scan import redact
from bot.store.database import Database, use_write_ahead_log
from bot.store.migrate import upgrade
from bot.ways import way_to

COUNTS = "counts.duckdb"
"""File of the counting engine, in the state directory."""


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything that runs; `close` it at the end."""

    settings: Settings
    context: Context
    service: Service

    async def close(self) -> None:
        await self.context.github.close()
        self.context.database.close()


def git_url_of(api_url: str) -> str:
    """Where a GitHub has its pages and its repositories, given its REST API's URL.

    Of github.com and of an enterprise's own part of it (`api.NAME.ghe.com`) that is another host; of a GitHub
    Enterprise Server the same (GitHub docs: "REST API endpoints for GitHub Enterprise Server", "data residency").
    """
    parts = urlsplit(api_url)
    host = parts.hostname or ""
    if host == "api.github.com" or (host.startswith("api.") and host.endswith(".ghe.com")):
        return f"https://{host.removeprefix('api.')}"
    return f"{parts.scheme}://{parts.netloc}"


def database_url_of(settings: Settings) -> str:
    """The database that is set, else a SQLite file in the state directory, which is made."""
    if settings.database_url:
        return settings.database_url
    settings.home.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{settings.home.resolve() / 'rmo.db'}"


def engine_url_of(database_url: str) -> str:
    """The engine's own tables: a schema of the same PostgreSQL database, or a SQLite file beside ours."""
    if database_url.startswith("sqlite:///"):
        path = Path(database_url.removeprefix("sqlite:///"))
        return f"sqlite:///{path.with_name(f'{path.stem}-engine{path.suffix}')}"
    return database_url


def limits_of(settings: Settings) -> Limits:
    """What the operator lets this server do, in millionths of a US dollar."""

    def money(dollars: float) -> MicroDollars:
        return MicroDollars(round(dollars * 1e6))

    return Limits(
        queued=settings.queue_per_repository,
        daily=money(settings.daily_cost),
        daily_of_repository=money(settings.daily_cost_of_repository),
        daily_of_person=money(settings.daily_cost_of_person),
        daily_of_issue=money(settings.daily_cost_of_issue),
    )


async def compose(
    settings: Settings,
    private_key: str,
    *,
    model: OpenedModel | None = None,
    watch: Callable[[RunId], Awaitable[None]] | None = None,
    sandbox: Sandbox | Unqualified | None = None,
    environments: Path | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    reached: Callable[[str], None] = nothing_is_reached,
    transport: httpx.AsyncBaseTransport | None = None,
    is_local: bool = False,
) -> Bot:
    """A bot for these settings, its database brought up to date.

    `is_local` says that GitHub is the one of a local run: nobody has to be asked, and there are no secrets to hand out.
    `reached` and `transport` (in place of the network to GitHub) are where a test gets between two acts.
    Raises NeedsHuman for whatever a person has to mend first.
    """
    opened = model or open_configured_model(settings)
    way = way_to(settings, settings.github_api_url, "GITHUB_API_URL")
    root = find_data("protocols").parent
    database_url = database_url_of(settings)
    database = Database(database_url)
    upgrade(database, find_data("migrations"))
    packaged = knowledge_of(read_files(root))
    library = Library(database, packaged)
    await library.keep(clock())
    await library.follow()
    qualified = sandbox or await qualify(settings.sandbox, client=dict(os.environ))
    github = GitHubApp(
        settings.app_id,
        private_key,
        settings.github_api_url,
        write_limits=_write_limits(settings.write_pause),
        transport=transport,
        connect=lambda: GitHubTransport(way),
        guard=redact,
    )
    context = Context(
        database=database,
        github=github,
        clones=RepositoryCache(settings.home / "clones", way=way.git_settings),
        sandbox=qualified,
        environments=environments or settings.home / "environments",
        validations=ValidationCache(settings.home / "validations"),
        tests_wall=timedelta(minutes=settings.check_minutes),
        installer=dict(os.environ),
        library=library,
        catalogue=packaged.catalogue,
        policy=packaged.policy,
        model=opened,
        git_url=git_url_of(settings.github_api_url),
        protocols_repository=settings.protocols_repository,
        counts=settings.home / COUNTS,
        limits=limits_of(settings),
        onboarding=settings.onboarding and not is_local,
        is_local=is_local,
        checks_poll=timedelta(seconds=settings.poll_seconds),
        now=clock,
        nonce=lambda: secrets.token_hex(16),
        watch=watch or _unwatched,
        reached=reached,
    )
    engine_url = engine_url_of(database_url)
    use_write_ahead_log(engine_url)
    engine = Engine(engine_url, settings.worker, settings.runs_per_repository, lambda run: advance(context, run))
    return Bot(
        settings,
        context,
        Service(
            context,
            engine,
            reconcile_every=timedelta(seconds=settings.poll_seconds),
            keep_texts=timedelta(days=settings.keep_text_days),
        ),
    )


@asynccontextmanager
async def open_learner(
    settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncGenerator[Learner]:
    """What learning from the store needs, for a command; with the newest protocols that the server has adopted.

    Raises NeedsHuman where the database can't be used.
    """
    database = Database(database_url_of(settings))
    try:
        upgrade(database, find_data("migrations"))
        library = Library(database, knowledge_of(read_files(find_data("protocols").parent)))
        knowledge = await library.follow()
        counts = settings.home / COUNTS
        yield Learner(database, counts, knowledge.catalogue, knowledge.files, knowledge.policy.learning, clock)
    finally:
        database.close()


def _write_limits(pause: float) -> WriteLimits:
    return replace(GITHUB_LIMITS, pause=timedelta(seconds=pause)) if pause else NO_LIMITS


async def _unwatched(_: RunId) -> None:
    """Nobody watches."""
