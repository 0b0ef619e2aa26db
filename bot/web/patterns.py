"""`GET /api/v1/patterns` and `DELETE /api/v1/patterns/{id}`: patterns for programs, with every number that was used."""

from datetime import UTC, datetime
from typing import Final, cast, get_args

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.jobs.learn.showing import read_summaries, read_summary
from bot.model.pattern import PatternId, PatternStatus
from bot.store.database import Database
from bot.store.failure_groups import Remark
from bot.store.patterns import delete_pattern
from bot.web.api import Refusal, answer, refuse_parameters, sole_parameters

PATH: Final = "/api/v1/patterns"
ACTOR: Final = "api"


def patterns_api(database: Database, token: str) -> APIRouter:
    """The routes; `token` is what callers have to send, and an empty one keeps them closed."""
    router = APIRouter()

    @router.get(PATH)
    async def listed(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        async def find() -> object:
            return {"patterns": await database.transact(read_summaries, _status(request))}

        return await answer(request, token, find)

    @router.get(PATH + "/{pattern}")
    async def shown(request: Request, pattern: str) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        async def find() -> object:
            refuse_parameters(request)
            return await _found(database, pattern)

        return await answer(request, token, find)

    @router.delete(PATH + "/{pattern}")
    async def deleted(request: Request, pattern: str) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        async def delete() -> object:
            refuse_parameters(request)
            await _found(database, pattern)
            remark = Remark(ACTOR, "", datetime.now(UTC))
            return {"deleted": await database.transact(delete_pattern, PatternId(pattern), remark)}

        return await answer(request, token, delete)

    return router


async def _found(database: Database, pattern: str) -> object:
    summary = await database.transact(read_summary, PatternId(pattern)) if pattern.isalnum() else None
    if summary is None:
        raise Refusal(404, "there is no such pattern; GET /api/v1/patterns lists them")
    return summary


def _status(request: Request) -> PatternStatus | None:
    given = sole_parameters(request)
    unknown = next((name for name in given if name != "status"), None)
    if unknown is not None:
        raise Refusal(400, f"there is no parameter {unknown[:100]!r}; use status")
    status = given.get("status")
    if status is not None and status not in get_args(PatternStatus):
        raise Refusal(400, f"there is no status {status[:100]!r}; use one of {', '.join(get_args(PatternStatus))}")
    return cast("PatternStatus | None", status)
