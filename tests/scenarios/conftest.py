"""Towns for the scenarios: one with real CI, and one whose CI says what a story needs, at once."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from bot.sandbox import Sandbox, qualify
from tests.scenarios.check_world import check_world
from tests.scenarios.town import Town, open_town


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> Sandbox:
    """What executes the tasks' code."""
    qualified = await qualify()
    assert isinstance(qualified, Sandbox), qualified
    return qualified


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def real_town(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> AsyncGenerator[Town]:
    """Workflows really run here, and the bot executes what it has to, in the sandbox."""
    async with open_town(tmp_path_factory.mktemp("town"), sandbox) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Town]:
    """Nothing is executed here: a repository's CI ends as its story says; in the end no invariant may be broken."""
    async with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened
        await opened.settled()
        await check_world(opened)
