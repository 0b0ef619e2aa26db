"""The registration as a small server on this machine: it hands out the form and takes GitHub's answer, once.

It listens on loopback alone and ends by itself. Whoever brings a code has to bring the state too that only our own
page held, or somebody could foist an App on us whose keys are theirs; and a page of the internet that leads its own
name to this address (DNS rebinding) is refused by the name.
"""

import asyncio
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.github.errors import Unavailable
from bot.github.manifest import AppCredentials
from bot.model.errors import NeedsHuman, RmoError
from bot.setup import pages
from bot.setup.manifest import PERMISSIONS, Registration, form_address, manifest_of
from bot.web.server import listen, serving

PATIENCE: Final = timedelta(hours=1)
"""For how long GitHub's code is good."""
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")

Convert = Callable[[str], Awaitable[AppCredentials]]
"""Exchanges GitHub's code for what it stands for."""
Keep = Callable[[AppCredentials], None]
"""Writes the credentials; raises NeedsHuman where it can't."""


def install_link(credentials: AppCredentials) -> str:
    """Where the App is given repositories."""
    return f"{credentials.html_url.rstrip('/')}/installations/new"


@dataclass(slots=True)
class _Flow:
    """One registration under way."""

    registration: Registration
    convert: Convert
    keep: Keep
    port: int
    entrance: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    """Part of the page's address: who may use this machine but has not been told it does not get the form."""
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    used: bool = False
    """A code was exchanged, or lost on the way: GitHub gives nothing for it a second time."""
    ended: asyncio.Future[AppCredentials] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def page(self) -> str:
        return f"{self.origin}/{self.entrance}"

    async def show_form(self, request: Request) -> Response:
        if not self.answers(request):
            return _refusal(403, f"Open {self.origin} with the address that `rmo setup` has printed.")
        nonce = secrets.token_urlsafe(16)
        hook = self.registration.webhook_url
        told = f"GitHub will tell {hook} what happens." if hook else "No webhook is made: the bot asks by itself."
        text = pages.form(
            nonce,
            urlsplit(self.registration.web_url).netloc,
            form_address(self.registration, self.state),
            manifest_of(self.registration, f"{self.origin}/callback"),
            PERMISSIONS,
            told,
        )
        return HTMLResponse(text, headers=pages.headers(nonce))

    async def take_code(self, request: Request) -> Response:
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if not self.answers(request) or not hmac.compare_digest(state.encode("utf-8", "replace"), self.state.encode()):
            return _refusal(403, f"This answer belongs to no form of this set-up. Begin again at {self.page}")
        if _CODE.fullmatch(code) is None:
            return _refusal(400, f"GitHub sent no code. Begin again at {self.page}")
        async with self.turn:
            if self.used:
                return _refusal(409, "This set-up is over; the terminal tells how it went.")
            try:
                made = await self.convert(code)
                self.used = True
                await asyncio.to_thread(self.keep, made)
            except Unavailable as error:
                return _refusal(502, f"{error}: reload this page.")
            except RmoError as error:
                self.used = True
                # The browser is told before the server ends.
                return _refusal(502, str(error), BackgroundTask(self._fail, error))
        nonce = secrets.token_urlsafe(16)
        text = pages.done(nonce, made.slug, install_link(made))
        return HTMLResponse(text, headers=pages.headers(nonce), background=BackgroundTask(self._succeed, made))

    async def _succeed(self, made: AppCredentials) -> None:
        self.ended.set_result(made)

    async def _fail(self, error: RmoError) -> None:
        self.ended.set_exception(error)

    def answers(self, request: Request) -> bool:
        """Whether the browser thinks that it speaks with this machine."""
        return request.headers.get("host") == f"127.0.0.1:{self.port}"


def _refusal(status: int, why: str, then: BackgroundTask | None = None) -> Response:
    nonce = secrets.token_urlsafe(16)
    return HTMLResponse(pages.refused(nonce, why), status, headers=pages.headers(nonce), background=then)


async def register(
    registration: Registration,
    convert: Convert,
    keep: Keep,
    show: Callable[[str], Awaitable[None]],
    *,
    port: int = 0,
    patience: timedelta = PATIENCE,
) -> AppCredentials:
    """Have a person register the App; `show` is given the address of the page to open.

    Returns after `keep`. Raises NeedsHuman after `patience`, where the port is taken, or what `convert` and `keep`
    raise.
    """
    async with AsyncExitStack() as stack:
        listening = listen("127.0.0.1", port)
        stack.callback(listening.close)
        flow = _Flow(registration, convert, keep, listening.getsockname()[1])
        application = Starlette(
            routes=[
                Route(f"/{flow.entrance}", flow.show_form, methods=["GET"]),
                Route("/callback", flow.take_code, methods=["GET"]),
            ]
        )
        await stack.enter_async_context(serving(application, listening))
        await show(flow.page)
        try:
            async with asyncio.timeout(patience.total_seconds()):
                return await flow.ended
        except TimeoutError as error:
            minutes = round(patience.total_seconds() / 60)
            raise NeedsHuman(f"nobody registered the App within {minutes} min; run `rmo setup` again") from error
