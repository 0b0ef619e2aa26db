"""`GET /api/v1/failures`: the failure store for programs. Closed to everyone without the token that the operator set.

Raw text of a failure is served only where one failure is asked for, as a JSON string of ASCII escapes.
"""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.store.database import Database
from bot.store.errors import FilterInvalid
from bot.store.failure_filter import LIST_NAMES, TOP_NAMES, FailureFilter, read_filter, read_id
from bot.store.failure_queries import list_failures, show_failure, top_failures
from bot.web.api import Refusal, answer

PATH: Final = "/api/v1/failures"


def failures_api(database: Database, token: str) -> APIRouter:
    """The routes; `token` is what callers have to send, and an empty one keeps them closed."""
    router = APIRouter()

    @router.get(PATH)
    async def listed(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        async def find() -> object:
            return await database.transact(list_failures, _filter(request, LIST_NAMES))

        return await answer(request, token, find)

    @router.get(f"{PATH}/top")
    async def top(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        async def find() -> object:
            return await database.transact(top_failures, _filter(request, TOP_NAMES))

        return await answer(request, token, find)

    @router.get(PATH + "/{failure}")
    async def shown(request: Request, failure: str) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        async def find() -> object:
            _filter(request, frozenset())
            found = await database.transact(show_failure, read_id("id", failure))
            if found is None:
                raise Refusal(404, "there is no such failure; GET /api/v1/failures lists them")
            return found

        return await answer(request, token, find)

    return router


def _filter(request: Request, allowed: frozenset[str]) -> FailureFilter:
    pairs = request.query_params.multi_items()
    if len(dict(pairs)) != len(pairs):
        raise FilterInvalid("a filter is given twice; give each once")
    if not allowed and pairs:
        raise FilterInvalid(f"there is no filter {pairs[0][0][:100]!r} for one failure; leave it out")
    return read_filter(dict(pairs), allowed)
