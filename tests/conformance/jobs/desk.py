"""A context with a database of its own and a clock that is moved by hand, for jobs that need no town."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.compose import compose
from bot.config import Settings
from bot.jobs.context import Context
from bot.llm.price import FREE
from bot.llm.script import load_exchange
from bot.model.command import Unqualified
from bot.model.conversation import ModelAnswer, ModelRequest
from bot.models import OpenedModel


@dataclass(slots=True)
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


async def _says_nothing(request: ModelRequest) -> ModelAnswer:
    raise AssertionError(f"the {request.agent} was asked")


@asynccontextmanager
async def open_context(
    home: Path, clock: Clock, *, url: str = "http://127.0.0.1:9", app: int = 1, private_key: str = ""
) -> AsyncGenerator[Context]:
    """As `rmo serve` would have it, with nothing under way; `url` is its GitHub."""
    settings = Settings().model_copy(
        update={"home": home, "database_url": "", "github_api_url": url, "app_id": app, "write_pause": 0.0}
    )
    bot = await compose(
        settings,
        private_key,
        model=OpenedModel("script:nobody", FREE, _says_nothing, load_exchange),
        clock=clock,
        sandbox=Unqualified("nothing is executed here", "Nothing to mend."),
        environments=home / "environments",
    )
    try:
        yield bot.context
    finally:
        await bot.close()
