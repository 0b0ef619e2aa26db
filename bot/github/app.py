"""The App at GitHub: its key, the tokens of its installations, and the clients that ask with them.

A token is asked for one repository with the permissions of the task at hand, lives an hour and stays in memory: an
agent that talked its way out of everything else would still hold no more than that (GitHub docs: "Generating an
installation access token"). Its form is GitHub's own affair: no length and no pattern is assumed.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.connections import GITHUB_COM, TIMEOUT, Connections
from bot.github.errors import NotPermitted, Refused
from bot.github.etags import EtagCache
from bot.github.exchange import Carrier, Exchange, Line
from bot.github.outgoing import Guard, unguarded
from bot.github.pace import GITHUB_LIMITS, Pace, WriteLimits
from bot.model.errors import NeedsHuman
from bot.model.forge import AppIdentity
from bot.model.ids import InstallationId, RepositoryId

Permissions = Mapping[str, str]

WORKING: Permissions = {
    "actions": "read",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "read",
}
"""What a run needs. Never `workflows`: GitHub itself then refuses a commit that touches its own judge."""
READING: Permissions = {"contents": "read", "metadata": "read"}
RERUNNING: Permissions = {"actions": "write", "metadata": "read"}
"""Only where an administrator granted it, and only for the call that needs it."""
EARLY = 60.0
"""Seconds before its end from which a token is not used any more."""


class _App(BaseModel):
    id: int
    slug: str


class _Token(BaseModel):
    token: str
    expires_at: datetime


_APP = TypeAdapter(_App)
_TOKEN = TypeAdapter(_Token)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a token is for."""

    installation: InstallationId
    repository: RepositoryId | str | None
    """Its id, else its name; None for all that the installation has."""
    permissions: tuple[tuple[str, str], ...]

    def body(self) -> dict[str, Any]:
        asked: dict[str, Any] = {"permissions": dict(self.permissions)}
        if isinstance(self.repository, str):
            asked["repositories"] = [self.repository]
        elif self.repository is not None:
            asked["repository_ids"] = [self.repository]
        return asked


class GitHubApp:
    """The App with one GitHub; makes clients that share connections, tokens, pace and known answers."""

    def __init__(
        self,
        app_id: int,
        private_key: str,
        base_url: str = GITHUB_COM,
        *,
        write_limits: WriteLimits = GITHUB_LIMITS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
        connect: Callable[[], httpx.AsyncBaseTransport] | None = None,
        guard: Guard = unguarded,
    ) -> None:
        """`private_key` is PEM; `base_url` the REST API's, of a GitHub Enterprise Server `https://HOST/api/v3`.

        `clock` gives monotonic seconds; `transport` replaces the network, and is closed by `close`; `connect` opens the
        way to it where that is not as the environment says. `guard` takes out of every text of a write what must not
        be said in public.
        """
        self._app_id = app_id
        self._private_key = private_key
        self._base_url = base_url.rstrip("/")
        self._write_limits = write_limits
        self._clock = clock
        self._sleep = sleep
        self._connections = Connections(transport, connect)
        self._guard = guard
        self._etags = EtagCache()
        self._paces: dict[InstallationId | None, Pace] = {}
        self._tokens: dict[_Scope, tuple[str, float]] = {}
        """Token and, by our clock, when it is too old."""
        self._identity: AppIdentity | None = None

    def app_client(self) -> Client:
        """Asks as the App itself: installations, deliveries."""
        return Client(Exchange(self._line(None), _AppCredentials(self)), self.identity)

    def installation_client(self, installation: InstallationId) -> Client:
        """Asks what repositories an installation has; may do nothing else in them."""
        scope = _Scope(installation, None, (("metadata", "read"),))
        exchange = Exchange(self._line(installation), _TokenCredentials(self, scope))
        return Client(exchange, self.identity, installation=installation)

    def client(
        self,
        full_name: str,
        installation: InstallationId,
        *,
        repository: RepositoryId | None = None,
        permissions: Permissions = WORKING,
    ) -> Client:
        """Asks for one repository; give its id where it is known, as names change.

        Raises `NeedsHuman` when `full_name` is none.
        """
        scope = _scope(full_name, installation, repository, permissions)
        exchange = Exchange(self._line(installation), _TokenCredentials(self, scope))
        return Client(exchange, self.identity, full_name=full_name, installation=installation)

    async def token(
        self,
        full_name: str,
        installation: InstallationId,
        *,
        repository: RepositoryId | None = None,
        permissions: Permissions = READING,
    ) -> str:
        """A token for git over HTTPS, valid for a minute at least; raises as `Client.send` does."""
        return await self.minted(_scope(full_name, installation, repository, permissions))

    async def identity(self) -> AppIdentity:
        """Which App we are; asked for once."""
        if self._identity is None:
            app = await self.app_client().get(_APP, "/app")
            self._identity = AppIdentity(app.id, app.slug)
        return self._identity

    async def close(self) -> None:
        """Close the connections of this event loop."""
        await self._connections.shut()

    async def minted(self, scope: _Scope) -> str:
        """A token for `scope`, from memory while it is fresh."""
        kept = self._tokens.get(scope)
        if kept is not None and self._clock() < kept[1]:
            return kept[0]
        asked_at = self._clock()
        path = f"/app/installations/{scope.installation}/access_tokens"
        try:
            fresh, answered = await self.app_client().send_dated(_TOKEN, path, scope.body())
        except Refused as error:
            raise NotPermitted(f"{error}; give the App this repository and the permissions that it asks for") from error
        lifetime = (fresh.expires_at - answered).total_seconds()
        self._tokens[scope] = fresh.token, asked_at + lifetime - EARLY
        return fresh.token

    def forget(self, scope: _Scope) -> bool:
        """Drop the token for `scope`; whether there was one."""
        return self._tokens.pop(scope, None) is not None

    def carrier(self, auth: Any) -> Carrier:
        """A githubkit client with these credentials, on our connections."""
        from githubkit import GitHub  # slow: only once a request is made
        from githubkit.cache import MemCacheStrategy

        return GitHub(
            auth,
            # Its default is one cache for the process, which would give the JWT of one key to another with that App id
            cache_strategy=MemCacheStrategy(),
            base_url=self._base_url,
            user_agent="fractal-rmo",
            timeout=TIMEOUT,
            async_transport=self._connections,
            auto_retry=False,
            http_cache=False,
            follow_redirects=False,
        )

    def carrier_as_app(self) -> Carrier:
        """A githubkit client that signs its requests with the App's key."""
        from githubkit import AppAuthStrategy  # slow: only once a request is made

        try:
            load_pem_private_key(self._private_key.encode(), password=None)
        except ValueError as error:
            raise NotPermitted(f"the App's private key is no PEM key ({error}); set the one GitHub gave you") from error
        return self.carrier(AppAuthStrategy(self._app_id, self._private_key))

    def _line(self, installation: InstallationId | None) -> Line:
        pace = self._paces.setdefault(installation, Pace(self._write_limits, self._clock))
        return Line(self._base_url, self._connections, pace, self._etags, self._clock, self._sleep, self._guard)


class _AppCredentials:
    def __init__(self, app: GitHubApp) -> None:
        self._app = app
        self._carrier: Carrier | None = None
        self.asker = "app"

    async def carrier(self) -> Carrier:
        if self._carrier is None:
            self._carrier = self._app.carrier_as_app()
        return self._carrier

    def reject(self) -> bool:
        return False


class _TokenCredentials:
    def __init__(self, app: GitHubApp, scope: _Scope) -> None:
        self._app = app
        self._scope = scope
        self._token = ""  # none yet # nosec B105
        self._carrier: Carrier | None = None
        self.asker = repr(scope)

    async def carrier(self) -> Carrier:
        token = await self._app.minted(self._scope)
        if self._carrier is None or token != self._token:
            self._token, self._carrier = token, self._app.carrier(token)
        return self._carrier

    def reject(self) -> bool:
        return self._app.forget(self._scope)


def _scope(
    full_name: str, installation: InstallationId, repository: RepositoryId | None, permissions: Permissions
) -> _Scope:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.{1,2}$)[A-Za-z0-9_.-]+", full_name) is None:
        raise NeedsHuman(f"{full_name!r} names no repository; write it as owner/name")
    name = full_name.partition("/")[2]
    return _Scope(installation, repository if repository is not None else name, tuple(sorted(permissions.items())))
