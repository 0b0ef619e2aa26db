"""The web application: the webhook receiver in front, and behind it what people and probes read."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

from bot.intake.webhook import WebhookSecret
from bot.model.errors import Retryable
from bot.web.webhook import Application, Store, WebhookReceiver, in_front_of


def create_app(
    secret: WebhookSecret, store: Store, ping: Callable[[], Awaitable[None]], *routers: APIRouter
) -> Application:
    """The ASGI application; `store` keeps a delivery, `ping` raises Retryable while the database is out of reach.

    `routers` are what else is served.
    """
    api = FastAPI(title="Fractal-RMO", docs_url=None, redoc_url=None, openapi_url=None)

    @api.get("/healthz")
    async def health() -> JSONResponse:  # pyright: ignore[reportUnusedFunction] - a route
        try:
            await ping()
        except Retryable as error:
            return JSONResponse({"status": "unavailable", "problem": str(error)}, status_code=503)
        return JSONResponse({"status": "ok"})

    for router in routers:
        api.include_router(router)
    return in_front_of(api, WebhookReceiver(secret, store))
