"""`POST /api/v1/insights`: a person's item, as a JSON object; held to the rules of the checklists, then proposed.

`GET` tells how the items fare that live tasks are told by lot: what CI said of their tasks, and what people made of it.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.jobs.learn.insights import take_insight
from bot.jobs.learn.showing import read_item, read_trials
from bot.jobs.library import Knowledge
from bot.store.database import Database
from bot.web.api import Refusal, answer, read_object, refuse_parameters

PATH: Final = "/api/v1/insights"


def insights_api(
    database: Database, token: str, knowledge: Callable[[], Awaitable[Knowledge]], now: Callable[[], datetime]
) -> APIRouter:
    """The routes; `knowledge` gives the protocols that are in force. `POST` answers 201 with the drafted proposal."""
    router = APIRouter()

    @router.get(PATH)
    async def listed(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        async def find() -> object:
            refuse_parameters(request)
            known = await knowledge()
            return {"items": await database.transact(read_trials, known.catalogue, known.policy.learning, now())}

        return await answer(request, token, find)

    @router.get(PATH + "/{item}")
    async def shown(request: Request, item: str) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        async def find() -> object:
            refuse_parameters(request)
            known = await knowledge()
            found = await database.transact(read_item, known.catalogue, known.policy.learning, item, now())
            if found is None:
                raise Refusal(404, "there is no such item; `rmo protocols list` shows which there are")
            return found

        return await answer(request, token, find)

    @router.post(PATH)
    async def taken(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        async def take() -> object:
            refuse_parameters(request)
            given = await read_object(request)
            return await database.transact(take_insight, given, await knowledge(), now())

        return await answer(request, token, take, 201)

    return router
