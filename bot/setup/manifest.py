"""What the App asks of GitHub, and the form in which it asks: the smallest set with which the loop works.

`workflows` is left out so that GitHub itself refuses a commit of ours that touches its own judge; `administration` and
`secrets` because nothing that the bot does needs them. (GitHub docs: "Registering a GitHub App from a manifest".)
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from bot.github.app import WORKING
from bot.model.errors import NeedsHuman

PERMISSIONS: Final = WORKING
"""Permission -> level; a run's token is asked for with exactly these."""
EVENTS: Final = (
    *("issues", "issue_comment", "pull_request", "pull_request_review", "pull_request_review_comment"),
    *("check_run", "check_suite", "status", "workflow_run", "push", "repository"),
)
"""Events of installations come without being asked for, and a form that asks for them is refused."""
NAME: Final = "Fractal-RMO"
MOST_NAME: Final = 34
"""Characters of an App's name (GitHub docs: "Registering a GitHub App")."""
_LOGIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?")
_HERE: Final = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # names to refuse, nothing is bound to them # nosec B104


@dataclass(frozen=True, slots=True)
class Registration:
    """The App that is wanted."""

    name: str
    organization: str
    """Whose it shall be; empty for the person who registers it."""
    webhook_url: str
    """Where GitHub delivers to; empty: the bot asks by itself."""
    web_url: str
    """The GitHub it is registered at, as people see it."""


def wanted(name: str, organization: str, webhook_url: str, web_url: str) -> Registration:
    """The registration, if GitHub could take it; raises NeedsHuman with what to give instead."""
    if not 0 < len(name.strip()) <= MOST_NAME or not name.isprintable():
        raise NeedsHuman(f"{name!r} is no name of an App; give 1 to {MOST_NAME} characters with --name")
    if organization and _LOGIN.fullmatch(organization) is None:
        raise NeedsHuman(f"{organization!r} names no organization; give its name as in its address")
    if webhook_url:
        _check_webhook(webhook_url, web_url)
    return Registration(name.strip(), organization, webhook_url, web_url.rstrip("/"))


def _check_webhook(url: str, web_url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise NeedsHuman(f"--webhook-url {url!r} is no URL ({error}); give https://HOST/webhook") from error
    if parts.scheme not in ("https", "http") or not host or not url.isprintable() or " " in url:
        raise NeedsHuman(f"--webhook-url {url!r} is no address; give https://HOST/webhook")
    if parts.path.rstrip("/").rpartition("/")[2] != "webhook":
        raise NeedsHuman(f"--webhook-url {url!r} does not end in /webhook, where `rmo serve` receives; add it")
    if host in _HERE and urlsplit(web_url).hostname not in _HERE:
        raise NeedsHuman(f"GitHub can't reach {host!r}; give a public address with --webhook-url, or use --poll")


def form_address(registration: Registration, state: str) -> str:
    """Where the form is sent to."""
    owner = f"/organizations/{quote(registration.organization)}" if registration.organization else ""
    return f"{registration.web_url}{owner}/settings/apps/new?state={quote(state)}"


def manifest_of(registration: Registration, redirect_url: str) -> dict[str, object]:
    """The form's content; GitHub leads the person's browser to `redirect_url` afterwards.

    Without a webhook the form says nothing of one: GitHub refuses `hook_attributes` that have no URL, an inactive
    hook's too, and makes an App with an inactive hook where they are missing.
    """
    asked: dict[str, object] = {
        "name": registration.name,
        "url": registration.web_url,
        "description": "Labelled issues become validated pull requests.",
        "redirect_url": redirect_url,
        "public": False,
        "default_permissions": dict(PERMISSIONS),
    }
    if registration.webhook_url:
        asked["url"] = _origin(registration.webhook_url)
        asked["hook_attributes"] = {"url": registration.webhook_url, "active": True}
        asked["default_events"] = list(EVENTS)
    return asked


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
