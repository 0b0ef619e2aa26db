"""Making the App: GitHub turns the code of its registration page into the App's credentials, once and within an hour.

(GitHub docs: "Registering a GitHub App from a manifest".) It is asked for without any credentials, for there are none
yet.
"""

from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from bot.github.connections import GITHUB_COM, TIMEOUT
from bot.github.errors import NotFound, OutcomeUnknown, Unavailable, Unreadable
from bot.github.exchange import API_VERSION
from bot.github.refusals import error_of

PLACE = "/app-manifests/CODE/conversions"
"""What messages call it: the code itself is a secret until it is used."""


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """What a new App proves itself with; the secrets show in no message and no log."""

    id: int
    slug: str
    pem: str = field(repr=False)
    """Its private key."""
    webhook_secret: str = field(repr=False)
    """Empty where the manifest names no webhook."""
    html_url: str
    """The App's page, from which it is installed."""


class _Conversion(BaseModel):
    id: int
    slug: str
    pem: str
    webhook_secret: str | None = None
    html_url: str


async def convert_manifest(
    code: str, base_url: str = GITHUB_COM, *, transport: httpx.AsyncBaseTransport | None = None
) -> AppCredentials:
    """The credentials that GitHub made for the manifest that it gave `code` for; it gives them once.

    `base_url` is the REST API's; `transport` replaces the network. Raises `NotFound` for a code that was used or is
    older than an hour, `Unavailable` when nothing happened, `OutcomeUnknown` when they may be lost on the way.
    """
    headers = {
        "accept": "application/vnd.github+json",
        "user-agent": "fractal-rmo",
        "x-github-api-version": API_VERSION,
    }
    url = f"{base_url.rstrip('/')}/app-manifests/{quote(code, safe='')}/conversions"
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, transport=transport) as client:
            response = await client.post(url, headers=headers)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Unavailable(f"GitHub can't be reached for the App's credentials ({error!r}); try again") from error
    except httpx.TransportError as error:
        raise OutcomeUnknown(f"the App's credentials got lost ({error!r}); delete the App and make it anew") from error
    if response.status_code == 404:
        raise NotFound("GitHub does not know this code: it was used or is older than an hour; make the App anew")
    if response.status_code >= 300:
        raise error_of("POST", PLACE, response.status_code, response.headers, response.content)
    try:
        made = _Conversion.model_validate_json(response.content)
    except ValidationError as error:
        raise Unreadable("GitHub's answer holds no credentials of an App; delete the App and make it anew") from error
    return AppCredentials(made.id, made.slug, made.pem, made.webhook_secret or "", made.html_url)
