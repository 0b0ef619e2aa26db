"""What every route of the API does alike: nobody without the token comes in, and every problem has its status.

Answers 200 · 400 what was sent can't be used · 401 no or another token · 403 no token is set · 404 there is no such
thing · 409 it is already so · 413 too much was sent · 503 the database is out of reach. Always JSON, never cached.
"""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Final, cast

from fastapi import Request
from fastapi.responses import Response

from bot.model.codec import encode, finite
from bot.model.errors import NeedsHuman, Retryable

BODY_BYTES: Final = 64 * 1024


class Refusal(Exception):
    """Ends a request with this status and this text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


async def answer(request: Request, token: str, work: Callable[[], Awaitable[object]], status: int = 200) -> Response:
    """What `work` gives, encoded; `token` is what callers have to send, and an empty one keeps the API closed.

    A NeedsHuman of `work` is the caller's mistake.
    """
    try:
        _authenticate(request, token)
        found = await work()
    except Refusal as refusal:
        return _json(refusal.status, {"error": str(refusal)})
    except NeedsHuman as error:
        return _json(400, {"error": str(error)})
    except Retryable as error:
        return _json(503, {"error": str(error)})
    return _json(status, encode(found))


def sole_parameters(request: Request) -> dict[str, str]:
    """The query's parameters; raises Refusal where one is given twice."""
    pairs = request.query_params.multi_items()
    if len(dict(pairs)) != len(pairs):
        raise Refusal(400, "a parameter is given twice; give each once")
    return dict(pairs)


def refuse_parameters(request: Request) -> None:
    """Raises Refusal where the query has any."""
    for name in sole_parameters(request):
        raise Refusal(400, f"there is no parameter {name[:100]!r} here; leave it out")


async def read_object(request: Request) -> dict[str, object]:
    """The JSON object that was sent; raises Refusal where it is none, is too long or too deep, or has a key twice."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise Refusal(413, f"more than {BODY_BYTES} bytes were sent; send less")
    try:
        found = json.loads(body, object_pairs_hook=_pairs, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _Unclear) else "it can't be read"
        raise Refusal(400, f"the body is no JSON object: {reason}; send one as application/json") from error
    if not isinstance(found, dict):
        raise Refusal(400, "the body is no JSON object; send one as application/json")
    return cast("dict[str, object]", found)


class _Unclear(ValueError):
    """JSON that different readers read differently."""


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise _Unclear("a name stands twice")
    return dict(pairs)


def _refuse_constant(name: str) -> object:
    raise _Unclear(f"{name} is no JSON")


def _authenticate(request: Request, token: str) -> None:
    if not token:
        raise Refusal(403, "the API is closed: set RMO_API_TOKEN and start the server again")
    sent = request.headers.getlist("authorization")
    scheme, _, given = (sent[0] if len(sent) == 1 else "").partition(" ")
    # Headers are bytes; they were read as Latin-1, which is the way back.
    same = hmac.compare_digest(given.strip().encode("latin-1"), token.encode())
    if scheme.lower() != "bearer" or not same:
        raise Refusal(401, "send the header 'Authorization: Bearer TOKEN' with the value of RMO_API_TOKEN")


def _json(status: int, body: object) -> Response:
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(json.dumps(finite(body)), status, headers, "application/json")
