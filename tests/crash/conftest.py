"""The origin of all repositories, the App's key, the process that lives are forked from, and the undisturbed run."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.localhub.actions.scripted import scripted_runner
from tests.crash.final_state import Final, final_state
from tests.crash.lives import Cradle
from tests.crash.place import Place, make_origin, open_place

OpenPlace = Callable[..., AbstractAsyncContextManager[Place]]


@pytest.fixture(scope="session")
def cradle() -> Iterator[Cradle]:
    with Cradle() as ready:
        yield ready


@pytest.fixture(scope="session")
def new_place(tmp_path_factory: pytest.TempPathFactory, cradle: Cradle) -> OpenPlace:
    """Opens a place of its own at each call; a red first verdict and a green second one unless told otherwise."""
    origin = make_origin(tmp_path_factory.mktemp("origin"))
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    key = rsa.generate_private_key(65537, 2048).private_bytes(*pem).decode()

    def open_one(**wishes: Any) -> AbstractAsyncContextManager[Place]:
        execute = wishes.pop("execute", None) or scripted_runner(["failure", "success"])
        directory = tmp_path_factory.mktemp("place")
        return open_place(directory, origin, key, cradle, execute, **wishes)

    return open_one


@pytest.fixture
async def place(new_place: OpenPlace) -> AsyncGenerator[Place]:
    """A place where an issue is labelled and nobody has seen it yet."""
    async with new_place() as opened:
        await opened.label_an_issue()
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def undisturbed(new_place: OpenPlace) -> tuple[Final, Place]:
    """What a run leaves behind that nobody kills, and where it took place."""
    async with new_place() as opened:
        await opened.label_an_issue()
        await opened.live()
        return await final_state(opened), opened
