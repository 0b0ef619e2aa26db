"""Programs that the bot had started do not die with it; the next life must not run into what they still do."""

import asyncio

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.crash.conftest import OpenPlace
from tests.crash.final_state import Final, final_state
from tests.crash.lives import until
from tests.crash.place import Place


class HeldFetches:
    """Stands before GitHub's git, and answers the first transfer and all later ones only when it is told to."""

    def __init__(self) -> None:
        self.arrived = 0
        self.first_may_go = asyncio.Event()
        self.later_may_go = asyncio.Event()

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def held(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].endswith("/git-upload-pack"):
                self.arrived += 1
                await (self.first_may_go if self.arrived == 1 else self.later_may_go).wait()
            await app(scope, receive, send)

        return held


@pytest.mark.full
async def test_a_fetch_that_outlives_the_bot_is_waited_for(
    new_place: OpenPlace, undisturbed: tuple[Final, Place]
) -> None:
    expected, _ = undisturbed
    fetches = HeldFetches()
    async with new_place(around=fetches) as place:
        await place.label_an_issue()
        await place.begin_life()
        await until(lambda: fetches.arrived == 1)
        await place.kill()
        await place.begin_life()
        await until(lambda: place.diary.boundaries.count("3:PrepareEnvironment:intended") == 2)
        # without a lock the second life's own transfer comes now, and ends after the first one has changed everything
        try:
            async with asyncio.timeout(2):
                await until(lambda: fetches.arrived == 2)
        except TimeoutError:
            pass
        fetches.first_may_go.set()
        wanted = place.order.home / "clones" / f"{place.repository.id}.git" / "refs" / "wanted"
        await until(lambda: wanted.is_dir() and any(wanted.iterdir()))
        fetches.later_may_go.set()
        assert (await place.end_life()).code == 0
        (await final_state(place)).assert_same_as(expected)
