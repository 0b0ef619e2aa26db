"""`POST /api/v1/insights`: a person's item, as a JSON object; held to the rules of the checklists, then proposed."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.jobs.learn.insights import take_insight
from bot.jobs.library import Knowledge
from bot.store.database import Database
from bot.web.api import answer, read_object, refuse_parameters

PATH: Final = "/api/v1/insights"


def insights_api(
    database: Database, token: str, knowledge: Callable[[], Awaitable[Knowledge]], now: Callable[[], datetime]
) -> APIRouter:
    """The route; `knowledge` gives the protocols that are in force. Answers 201 with the drafted proposal."""
    router = APIRouter()

    @router.post(PATH)
    async def taken(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        async def take() -> object:
            refuse_parameters(request)
            given = await read_object(request)
            return await database.transact(take_insight, given, await knowledge(), now())

        return await answer(request, token, take, 201)

    return router
