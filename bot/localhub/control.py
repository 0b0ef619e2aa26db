"""The server's own doors, for tests that run it as another process: the journal, faults, and waiting until idle."""

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.localhub.effects.checks import press, rerequest
from bot.localhub.effects.webhooks import release
from bot.localhub.errors import LocalhubError
from bot.localhub.faults import Answer, CutResponse, Delay, Drop, Duplicate, Hold, LoseResponse
from bot.localhub.state.world import World


class RequestFaultWish(BaseModel):
    """An order for `Faults.on_request`."""

    on: Literal["request"]
    method: str
    path: str
    kind: Literal["answer", "delay", "lose_response", "cut_response"]
    nth: int = 1
    times: int = 1
    status: int = 500
    body: str = '{"message": "Server Error"}'
    headers: dict[str, str] = {"content-type": "application/json"}
    effect: Literal["skipped", "done"] = "skipped"
    seconds: float = 0.0


class DeliveryFaultWish(BaseModel):
    """An order for `Faults.on_delivery`."""

    on: Literal["delivery"]
    event: str
    action: str | None = None
    kind: Literal["drop", "duplicate", "hold"]
    nth: int = 1
    times: int = 1


class FaultWish(BaseModel):
    """Body of POST /_localhub/faults."""

    fault: Annotated[RequestFaultWish | DeliveryFaultWish, Field(discriminator="on")]


class ReleaseWish(BaseModel):
    """Body of POST /_localhub/release."""

    newest_first: bool = False


class PressWish(BaseModel):
    """Body of POST /_localhub/press: a person presses a button of a check run; `Re-run` where none is named."""

    repository: str
    check_run: int
    login: str
    button: str | None = None


def order(world: World, wish: RequestFaultWish | DeliveryFaultWish) -> None:
    """Turn a fault's description into the fault."""
    if isinstance(wish, DeliveryFaultWish):
        fault = {"drop": Drop(), "duplicate": Duplicate(), "hold": Hold()}[wish.kind]
        world.faults.on_delivery(wish.event, fault, action=wish.action, nth=wish.nth, times=wish.times)
        return
    match wish.kind:
        case "answer":
            request_fault = Answer(wish.status, wish.body, tuple(wish.headers.items()), wish.effect)
        case "delay":
            request_fault = Delay(wish.seconds)
        case "lose_response":
            request_fault = LoseResponse()
        case "cut_response":
            request_fault = CutResponse()
    world.faults.on_request(wish.method, wish.path, request_fault, nth=wish.nth, times=wish.times)


def routes(world: World) -> list[Route]:
    """The doors over this state; loopback only, so without credentials."""

    async def journal(request: Request) -> Response:
        record = world.journal
        entries = record.requests if request.query_params.get("all") else record.entries
        return JSONResponse(record.as_json(entries))

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            world.faults.clear()
            return Response(status_code=204)
        try:
            wish = FaultWish.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"message": str(error)}, 422)
        order(world, wish.fault)
        return Response(status_code=204)

    async def release_held(request: Request) -> Response:
        try:
            wish = ReleaseWish.model_validate_json(await request.body() or b"{}")
        except ValidationError as error:
            return JSONResponse({"message": str(error)}, 422)
        release(world, newest_first=wish.newest_first)
        return Response(status_code=204)

    async def press_button(request: Request) -> Response:
        try:
            wish = PressWish.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"message": str(error)}, 422)
        owner, _, name = wish.repository.partition("/")
        repository = world.repository(owner, name)
        check = None if repository is None else repository.checks.get(wish.check_run)
        if repository is None or check is None:
            return JSONResponse({"message": "Not Found"}, 404)
        person = world.add_account(wish.login, "User")
        try:
            if wish.button is None:
                rerequest(world, repository, check, person)
            else:
                press(world, repository, check, wish.button, person)
        except LocalhubError as error:
            return JSONResponse({"message": str(error)}, 422)
        return Response(status_code=204)

    async def idle(request: Request) -> Response:
        await world.background.idle()
        return Response(status_code=204)

    async def avatar(request: Request) -> Response:
        hue = hashlib.sha256(str(request.path_params["account"]).encode()).digest()[0] * 360 // 256
        circle = f'<circle cx="16" cy="16" r="16" fill="hsl({hue} 45% 45%)"/>'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">{circle}</svg>'
        return Response(svg, media_type="image/svg+xml")

    return [
        Route("/_localhub/journal", journal),
        Route("/_localhub/faults", faults, methods=["POST", "DELETE"]),
        Route("/_localhub/release", release_held, methods=["POST"]),
        Route("/_localhub/press", press_button, methods=["POST"]),
        Route("/_localhub/idle", idle),
        Route("/_localhub/avatars/{account:int}.svg", avatar),
    ]
