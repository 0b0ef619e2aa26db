"""One request to GitHub and its answer, in which nothing is retried: an error says by its type what the job may do.

githubkit carries the request and the credentials. Its own retries stay off, because it repeats a POST that met a 502
and so comments twice, and because it sleeps in the worker until a limit resets.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from bot.github.connections import Connections
from bot.github.errors import OutcomeUnknown, RateLimited, Unavailable
from bot.github.etags import EtagCache
from bot.github.meter import Meter
from bot.github.outgoing import Guard, unguarded
from bot.github.pace import Pace
from bot.github.refusals import READS, error_of

API_VERSION = "2022-11-28"
"""The version that github.com and every supported GitHub Enterprise Server speak."""

Body = Mapping[str, Any]


class Carried(Protocol):
    """What githubkit gives for an answer."""

    @property
    def raw_response(self) -> httpx.Response: ...


class Carrier(Protocol):
    """What is used of `githubkit.GitHub`."""

    async def arequest(
        self, method: str, url: str, *, json: Body | None = None, headers: Mapping[str, str] | None = None
    ) -> Carried: ...


class Credentials(Protocol):
    """Who asks: the App itself, or one of its installations."""

    @property
    def asker(self) -> str:
        """Names what may be seen with these credentials."""
        ...

    async def carrier(self) -> Carrier:
        """What sends with these credentials."""
        ...

    def reject(self) -> bool:
        """GitHub refused them: forget what can be got anew. False when nothing can."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """What the clients of one installation share: connections, pace, answers of earlier requests, clock."""

    base_url: str
    connections: Connections
    pace: Pace
    etags: EtagCache
    clock: Callable[[], float]
    """Monotonic seconds."""
    sleep: Callable[[float], Awaitable[None]]
    guard: Guard = unguarded
    """Stands between every text and a write."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Sends requests on a line with one asker's credentials, and measures how long that takes."""

    line: Line
    credentials: Credentials
    meter: Meter = field(default_factory=Meter)

    async def paced(self, method: str, url: str, body: Body | None) -> httpx.Response:
        """Like `ask`, in a write's turn; raises `RateLimited` when the turn is too far off to wait for here."""
        self.line.pace.admit()
        wait = self.line.pace.reserve()
        if wait > 0:
            await self.line.sleep(wait)
            self.meter.add_pacing(wait)
        return await self.ask(method, url, body=body)

    async def ask(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: Body | None = None
    ) -> httpx.Response:
        """GitHub's answer with a status below 400; with refused credentials it is asked once more with new ones.

        Raises what `refusals.error_of` makes of other answers, `Unavailable` when there was none, and
        `OutcomeUnknown` when there was none to a write that may have arrived.
        """
        response = await self._attempt(method, url, headers or {}, body)
        if response.status_code == 401 and self.credentials.reject():
            response = await self._attempt(method, url, headers or {}, body)
        if response.status_code < 400:
            self.line.pace.answered()
            return response
        error = error_of(method, urlsplit(url).path, response.status_code, response.headers, response.content)
        if isinstance(error, RateLimited) and error.after is not None:
            error.after = self.line.pace.close(error.after)
        elif response.status_code < 500:
            self.line.pace.answered()
        if isinstance(error, OutcomeUnknown):
            error.after = max(error.after or timedelta(), self.line.pace.settles)
        raise error

    async def _attempt(self, method: str, url: str, headers: Mapping[str, str], body: Body | None) -> httpx.Response:
        from githubkit.exception import GitHubException, RequestFailed  # slow: only once a request is made

        self.line.pace.admit()
        sent = {"x-github-api-version": API_VERSION, **headers}
        started = self.line.clock()
        try:
            carrier = await self.credentials.carrier()
            return (await carrier.arequest(method, url, json=body, headers=sent)).raw_response
        except RequestFailed as failed:
            return failed.response.raw_response
        except GitHubException as error:
            cause = error.__cause__
            if not isinstance(cause, httpx.RequestError):
                raise
            unsent = isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            if method in READS or unsent:
                raise Unavailable(f"GitHub gave no answer to {method} {url} ({cause!r}); try again") from error
            said = f"no answer to {method} {url} ({cause!r}); look whether it happened"
            raise OutcomeUnknown(said, after=self.line.pace.settles) from error
        finally:
            self.meter.add_request(self.line.clock() - started)
