"""The whole of the loopback GitHub in memory: everything an endpoint may read or change hangs here."""

import asyncio
import base64
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import httpx

from bot.localhub.background import Background
from bot.localhub.errors import LocalhubError
from bot.localhub.faults import Faults
from bot.localhub.journal import Journal
from bot.localhub.state.accounts import (
    ROLES,
    Account,
    App,
    Installation,
    InstallationToken,
    RegisteredApp,
    Role,
)
from bot.localhub.state.deliveries import HookDelivery
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun

ACTIONS_APP_ID = 15368
"""Id of the App `github-actions` on github.com."""


def node_id(kind: str, number: int) -> str:
    """GraphQL's global id; opaque to clients, readable to us."""
    return f"{kind}_" + base64.urlsafe_b64encode(f"{kind}:{number}".encode()).decode().rstrip("=")


class World:
    """All state, with the clock and the address that it is served at."""

    def __init__(
        self, root: Path, now: Callable[[], datetime], first_id: int = 1001, most_issue_characters: int = 65_536
    ) -> None:
        self.root = root
        self.now = now
        self.most_issue_characters = most_issue_characters
        self.base_url = "http://127.0.0.1"
        self.journal = Journal()
        self.faults = Faults()
        self.background = Background()
        self.accounts: dict[str, Account] = {}
        self.user_tokens: dict[str, Account] = {}
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}
        self.installation_tokens: dict[str, InstallationToken] = {}
        self.repositories: dict[int, HubRepository] = {}
        self.former_names: dict[str, int] = {}
        """Lower-case full name that a repository had -> its id: GitHub sends on from there."""
        self.manifest_codes: dict[str, tuple[RegisteredApp, datetime]] = {}
        """Code of the registration page -> the App, and when it was made."""
        self.deliveries: list[HookDelivery] = []
        self.start_run: Callable[[HubRepository, WorkflowRun], None] | None = None
        """Hands a queued run to the queue; None while Actions is switched off, then no run is made at all."""
        self.downloads: dict[str, tuple[str, bytes]] = {}
        """Key -> (media type, content) of what a redirect led to."""
        self.held_deliveries: list[HookDelivery] = []
        self.rate_used: Counter[str] = Counter()
        self._http: httpx.AsyncClient | None = None
        self._delivery_locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._ids: defaultdict[str, Iterator[int]] = defaultdict(lambda: itertools.count(first_id))
        github = self.add_account("github", "Organization")
        self.actions_app = App(
            id=ACTIONS_APP_ID,
            client_id="Iv1.actions",
            slug="github-actions",
            name="GitHub Actions",
            owner=github,
            bot=self.add_account("github-actions[bot]", "Bot", app_slug="github-actions"),
            public_key=b"",
            permissions={},
            events=(),
            webhook_url=None,
            webhook_secret="",  # it receives no webhooks # nosec B106
            created_at=now(),
        )

    @property
    def api_url(self) -> str:
        """Where the REST API is served, without a slash at its end."""
        return f"{self.base_url}/api/v3"

    @property
    def http(self) -> httpx.AsyncClient:
        """The client that sends webhooks; the machine's proxy settings are not for loopback."""
        if self._http is None:
            self._http = httpx.AsyncClient(trust_env=False)
        return self._http

    def delivery_lock(self, app: App) -> asyncio.Lock:
        """Held while a webhook of this App is on its way, so that they arrive in order."""
        return self._delivery_locks[app.id]

    async def close(self) -> None:
        """End what is under way, close the connections and end the processes of the git stores."""
        await self.background.stop()
        if self._http is not None:
            await self._http.aclose()
            self._http = None
        for repository in self.repositories.values():
            await repository.git.close()

    def next_id(self, kind: str) -> int:
        """Ids are unique within their kind and grow with time, as GitHub's do."""
        return next(self._ids[kind])

    def add_account(self, login: str, kind: str, *, app_slug: str | None = None) -> Account:
        """The account of this login, made if it is new."""
        known = self.accounts.get(login.lower())
        if known is not None:
            return known
        if kind not in ("User", "Organization", "Bot"):
            raise LocalhubError(f"an account of kind {kind!r} was asked for; use User, Organization or Bot")
        account = Account(self.next_id("account"), login, kind, self.now(), app_slug)
        self.accounts[login.lower()] = account
        return account

    def account(self, login: str) -> Account | None:
        return self.accounts.get(login.lower())

    def repository(self, owner: str, name: str) -> HubRepository | None:
        full_name = f"{owner}/{name}".lower()
        return next((each for each in self.repositories.values() if each.full_name.lower() == full_name), None)

    def moved_repository(self, owner: str, name: str) -> HubRepository | None:
        """The repository that was once called so."""
        return self.repositories.get(self.former_names.get(f"{owner}/{name}".lower(), -1))

    def installation_for(self, app: App, repository: HubRepository) -> Installation | None:
        """The App's installation that holds this repository."""
        return next((each for each in self.installations_on(repository) if each.app is app), None)

    def installations_on(self, repository: HubRepository) -> list[Installation]:
        return [each for each in self.installations.values() if repository.id in each.repository_ids]

    def role(self, repository: HubRepository, account: Account) -> Role | None:
        """What a person may do in a repository; None where nothing was granted."""
        if account is repository.owner:
            return "admin"
        return repository.roles.get(account.login.lower())

    def has_role(self, repository: HubRepository, account: Account, least: Role) -> bool:
        role = self.role(repository, account)
        return role is not None and ROLES.index(role) >= ROLES.index(least)
