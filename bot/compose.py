"""The composition root: settings in, a working bot out. The only place that chooses between backends."""

import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bot.catalog import find_data, load_catalogue, load_policy
from bot.config import Settings
from bot.git.cache import RepositoryCache
from bot.github.app import GitHubApp
from bot.github.pace import GITHUB_LIMITS, NO_LIMITS
from bot.jobs.context import Context
from bot.jobs.engine import Engine
from bot.jobs.run_issue import advance
from bot.jobs.service import Service
from bot.llm.access import Access
from bot.llm.ask import Ask, open_model
from bot.llm.price import FREE, price_of
from bot.llm.script import Script, load_script
from bot.llm.spec import AnthropicSpec, OpenAISpec, ScriptSpec, parse_spec
from bot.model.command import Unqualified
from bot.model.conversation import Agent, ModelAnswer, ModelRequest, Price
from bot.model.errors import NeedsHuman
from bot.model.ids import MicroDollars, RunId
from bot.sandbox import Sandbox, qualify
from bot.store.database import Database
from bot.store.migrate import upgrade


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A model that answers, with what it costs."""

    spec: str
    price: Price
    answer: Ask
    script: Script | None = None

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        return await self.answer(request)

    def left_over(self, consumed: Mapping[Agent, int]) -> list[str]:
        lines = self.script.left_over(consumed) if self.script else ()
        return [f"line {line.line} of the script was never asked for ({line.agent})" for line in lines]


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything that runs; `close` it at the end."""

    settings: Settings
    context: Context
    service: Service

    async def close(self) -> None:
        await self.context.github.close()
        self.context.database.close()


def open_configured_model(settings: Settings) -> OpenedModel:
    """The model that the settings name.

    Raises NeedsHuman for an unknown form, a missing key, an unknown price or a script that can't be read.
    """
    if not settings.model:
        raise NeedsHuman("no model is set; give --model anthropic:NAME, openai:NAME or script:FILE")
    spec = parse_spec(settings.model)
    price = _stated_price(settings.model_price)
    match spec:
        case AnthropicSpec():
            access = Access(settings.anthropic_api_key.get_secret_value() or None)
        case OpenAISpec():
            access = Access(settings.openai_api_key.get_secret_value() or None, settings.openai_base_url or None)
        case ScriptSpec(path=path):
            return scripted(settings.model, load_script(path))
    return OpenedModel(settings.model, price or price_of(spec), open_model(spec, access, price))


def scripted(name: str, script: Script) -> OpenedModel:
    """A script as a model: free, and always the same."""
    return OpenedModel(name, FREE, script.answer, script)


def _stated_price(text: str) -> Price | None:
    if not text:
        return None
    try:
        given, taken = (float(part) for part in text.split(","))
    except ValueError as error:
        raise NeedsHuman(f"{text!r} is no price; give INPUT,OUTPUT in US dollars a million tokens") from error
    return Price(MicroDollars(round(given * 1_000_000)), MicroDollars(round(taken * 1_000_000)))


def git_url_of(api_url: str) -> str:
    """Where a GitHub's repositories are cloned from, given its REST API's URL."""
    parts = urlsplit(api_url)
    if parts.hostname == "api.github.com":
        return "https://github.com"
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


async def compose(
    settings: Settings,
    private_key: str,
    *,
    model: OpenedModel | None = None,
    watch: Callable[[RunId], Awaitable[None]] | None = None,
    sandbox: Sandbox | Unqualified | None = None,
    environments: Path | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Bot:
    """A bot for these settings, its database brought up to date.

    Raises NeedsHuman for whatever a person has to mend first.
    """
    opened = model or open_configured_model(settings)
    root = find_data("protocols").parent
    database_url = database_url_of(settings)
    database = Database(database_url)
    upgrade(database, find_data("migrations"))
    qualified = sandbox or await qualify(settings.sandbox)
    pause = settings.write_pause.total_seconds()
    github = GitHubApp(
        settings.app_id,
        private_key,
        settings.github_api_url,
        write_limits=GITHUB_LIMITS if pause else NO_LIMITS,
    )
    context = Context(
        database=database,
        github=github,
        clones=RepositoryCache(settings.home / "clones"),
        sandbox=qualified,
        environments=environments or settings.home / "environments",
        installer=dict(os.environ),
        catalogue=load_catalogue(root),
        policy=load_policy(root),
        model=opened,
        git_url=git_url_of(settings.github_api_url),
        checks_poll=timedelta(seconds=settings.poll_seconds),
        now=clock,
        nonce=lambda: secrets.token_hex(16),
        watch=watch or _unwatched,
    )
    engine = Engine(
        engine_url_of(database_url), settings.worker, settings.runs_per_repository, lambda run: advance(context, run)
    )
    return Bot(settings, context, Service(context, engine, timedelta(seconds=settings.poll_seconds)))


async def _unwatched(_: RunId) -> None:
    """Nobody watches."""
