"""`GET /api/v1/failures`: the failure store for programs. Closed to everyone without the token that the operator set.

Raw text of a failure is served only where one failure is asked for, as a JSON string of ASCII escapes.
"""

import hmac
import json
from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from bot.model.codec import encode
from bot.model.errors import Retryable
from bot.store.database import Database
from bot.store.errors import FilterInvalid
from bot.store.failure_filter import LIST_NAMES, TOP_NAMES, FailureFilter, read_filter, read_id
from bot.store.failure_queries import list_failures, show_failure, top_failures

PATH: Final = "/api/v1/failures"


class _Refusal(Exception):
    """Ends a request with this status and this text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def failures_api(database: Database, token: str) -> APIRouter:
    """The routes; `token` is what callers have to send, and an empty one keeps them closed.

    Answers 200 · 400 a filter can't be used · 401 no or another token · 403 no token is set · 404 no such failure ·
    503 the database is out of reach.
    """
    router = APIRouter()

    async def answer(request: Request, find: Callable[[], Callable[[Connection], object]]) -> Response:
        try:
            _authenticate(request, token)
            found = await database.transact(find())
            if found is None:
                raise _Refusal(404, "there is no such failure; GET /api/v1/failures lists them")
        except _Refusal as refusal:
            return _json(refusal.status, {"error": str(refusal)})
        except FilterInvalid as error:
            return _json(400, {"error": str(error)})
        except Retryable as error:
            return _json(503, {"error": str(error)})
        return _json(200, encode(found))

    @router.get(PATH)
    async def listed(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        def find() -> Callable[[Connection], object]:
            wanted = _filter(request, LIST_NAMES)
            return lambda connection: list_failures(connection, wanted)

        return await answer(request, find)

    @router.get(f"{PATH}/top")
    async def top(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        def find() -> Callable[[Connection], object]:
            wanted = _filter(request, TOP_NAMES)
            return lambda connection: top_failures(connection, wanted)

        return await answer(request, find)

    @router.get(PATH + "/{failure}")
    async def shown(request: Request, failure: str) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        def find() -> Callable[[Connection], object]:
            _filter(request, frozenset())
            wanted = read_id("id", failure)
            return lambda connection: show_failure(connection, wanted)

        return await answer(request, find)

    return router


def _authenticate(request: Request, token: str) -> None:
    if not token:
        raise _Refusal(403, "the API is closed: set RMO_API_TOKEN and start the server again")
    sent = request.headers.getlist("authorization")
    scheme, _, given = (sent[0] if len(sent) == 1 else "").partition(" ")
    # Headers are bytes; they were read as Latin-1, which is the way back.
    same = hmac.compare_digest(given.strip().encode("latin-1"), token.encode())
    if scheme.lower() != "bearer" or not same:
        raise _Refusal(401, "send the header 'Authorization: Bearer TOKEN' with the value of RMO_API_TOKEN")


def _filter(request: Request, allowed: frozenset[str]) -> FailureFilter:
    pairs = request.query_params.multi_items()
    if len(dict(pairs)) != len(pairs):
        raise FilterInvalid("a filter is given twice; give each once")
    if not allowed and pairs:
        raise FilterInvalid(f"there is no filter {pairs[0][0][:100]!r} for one failure; leave it out")
    return read_filter(dict(pairs), allowed)


def _json(status: int, body: object) -> Response:
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(json.dumps(body), status, headers, "application/json")
