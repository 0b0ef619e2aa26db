"""What GitHub knows about the App: its permissions, its webhook, what became of deliveries; and GitHub's clock."""

from dataclasses import dataclass
from datetime import datetime

import httpx
from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.connections import TIMEOUT
from bot.github.errors import NotFound, Unavailable
from bot.github.refusals import answered_at


@dataclass(frozen=True, slots=True)
class AppRegistration:
    """The App as it is registered."""

    id: int
    slug: str
    url: str
    """Its page."""
    owner: str
    of_organization: bool
    permissions: dict[str, str]
    """What it asks of those who install it: permission -> read, write or admin."""
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hook:
    """Where GitHub delivers to."""

    url: str
    """Empty where no address is set."""
    verifies_certificates: bool


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """What came of one attempt at delivering a webhook."""

    event: str
    delivered_at: datetime
    status: str
    """GitHub's words."""
    status_code: int
    """0 where there was no answer."""


class _Owner(BaseModel):
    login: str = ""
    type: str = ""
    slug: str = ""
    """An enterprise has this instead of a login."""


class _App(BaseModel):
    id: int
    slug: str
    html_url: str
    owner: _Owner = _Owner()
    permissions: dict[str, str] = {}
    events: list[str] = []


class _Hook(BaseModel):
    url: str | None = None
    insecure_ssl: str | float = "0"


class _Attempt(BaseModel):
    event: str
    delivered_at: datetime
    status: str
    status_code: int


_APP = TypeAdapter(_App)
_HOOK = TypeAdapter(_Hook)
_ATTEMPTS = TypeAdapter(list[_Attempt])


async def read_registration(app: Client) -> AppRegistration:
    """The App as GitHub has it; `app` asks as the App, as in all that follows."""
    found = await app.get(_APP, "/app")
    owner = found.owner.login or found.owner.slug
    return AppRegistration(
        id=found.id,
        slug=found.slug,
        url=found.html_url,
        owner=owner,
        of_organization=found.owner.type == "Organization",
        permissions=found.permissions,
        events=tuple(found.events),
    )


async def read_hook(app: Client) -> Hook | None:
    """The App's webhook, None where it has none."""
    found = await app.find(_HOOK, "/app/hook/config")
    return Hook(found.url or "", str(found.insecure_ssl) not in ("1", "1.0")) if found is not None else None


async def list_attempts(app: Client, most: int = 100) -> tuple[DeliveryAttempt, ...]:
    """The newest attempts at delivering webhooks, newest first, one page of them; GitHub keeps them for three days."""
    found: list[_Attempt] = []
    try:
        async for page in app.pages(_ATTEMPTS, "/app/hook/deliveries", {"per_page": most}):
            found = page
            break
    except NotFound:
        return ()
    return tuple(DeliveryAttempt(each.event, each.delivered_at, each.status, each.status_code) for each in found)


async def read_clock(base_url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> datetime:
    """GitHub's time, of whatever it answers to one who has no credentials. Raises `Unavailable`."""
    url = f"{base_url.rstrip('/')}/meta"
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, transport=transport) as client:
            return answered_at((await client.get(url, headers={"user-agent": "fractal-rmo"})).headers)
    except httpx.HTTPError as error:
        raise Unavailable(f"GitHub does not answer at {base_url!r} ({error!r})") from error
