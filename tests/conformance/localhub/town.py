"""Who lives in the tests' GitHub: the bot with githubkit, people with PyGithub, plain HTTP for the rest."""

import asyncio
import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth, Github
from github.Repository import Repository
from githubkit import AppAuthStrategy, AppInstallationAuthStrategy, GitHub
from githubkit.cache import MemCacheStrategy

from bot.localhub import LocalHub, RegisteredApp
from bot.localhub.state.accounts import Level
from bot.model.ids import InstallationId, RepositoryId
from tests.conformance.localhub.receiver import Receiver

SECRET = "It's a Secret to Everybody"
PERMISSIONS: dict[str, Level] = {
    "actions": "write",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "statuses": "write",
}
FILES = {"README.md": "# Shop\n", "shop.py": "def total(prices):\n    return sum(prices)\n"}
Result = TypeVar("Result")


@functools.cache
def app_key() -> str:
    """One key for all tests: making it takes longer than most of them."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return pem.decode()


def everything() -> tuple[str, ...]:
    """Every event that an App can subscribe to here."""
    return (
        *("issues", "issue_comment", "pull_request", "pull_request_review", "pull_request_review_comment"),
        *("push", "create", "delete", "check_run", "check_suite", "workflow_run", "status", "repository"),
    )


@dataclass(frozen=True, slots=True)
class Written:
    """A commit that the bot made."""

    sha: str
    parent: str
    answer: dict[str, Any]


@dataclass(slots=True)
class Town:
    hub: LocalHub
    url: str
    repository_id: RepositoryId
    app: RegisteredApp
    installation: InstallationId
    tokens: dict[str, str]
    receiver: Receiver
    full_name: str = "acme/shop"
    _people: list[Github] = field(default_factory=list[Github])
    _bots: list[object] = field(default_factory=list[object])
    """githubkit's namespaces hold their client weakly, so somebody else has to hold it."""

    @property
    def api(self) -> str:
        return f"{self.url}/api/v3"

    @property
    def repository_path(self) -> str:
        return f"/repos/{self.full_name}"

    def person(self, login: str, *, enterprise: bool = True) -> Repository:
        """The repository through PyGithub, as this person sees it."""
        client = Github(
            base_url=self.api if enterprise else self.url,
            auth=Auth.Token(self.tokens[login]),
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        self._people.append(client)
        return client.get_repo(self.full_name)

    async def as_person(self, login: str, act: Callable[[Repository], Result]) -> Result:
        """Let a person do something with PyGithub, which blocks, without blocking the server."""
        return await asyncio.to_thread(lambda: act(self.person(login)))

    def bot(self) -> Any:
        """The bot's own client, githubkit; untyped, because its answers are read here as JSON, not by its models."""
        strategy = AppInstallationAuthStrategy(self.app.id, self.app.private_key_pem, int(self.installation))
        client = GitHub(
            strategy,
            base_url=f"{self.api}/",
            trust_env=False,
            http_cache=False,
            cache_strategy=MemCacheStrategy(),
            auto_retry=False,
            timeout=20,
        )
        self._bots.append(client)
        return client

    def app_client(self) -> Any:
        """githubkit with the App's JWT; untyped like the bot's."""
        strategy = AppAuthStrategy(self.app.id, self.app.private_key_pem)
        client = GitHub(
            strategy,
            base_url=f"{self.api}/",
            trust_env=False,
            http_cache=False,
            cache_strategy=MemCacheStrategy(),
            auto_retry=False,
            timeout=20,
        )
        self._bots.append(client)
        return client

    async def token(self, **permissions: Level) -> str:
        """An installation token that holds these permissions only; without any, all."""
        body = {"permissions": permissions} if permissions else {}
        async with self.http(self.jwt()) as client:
            answer = await client.post(f"/app/installations/{self.installation}/access_tokens", json=body)
        return str(answer.raise_for_status().json()["token"])

    def jwt(self, *, life: int = 540, key: str | None = None) -> str:
        """The App's JWT, as the documentation says to make it."""
        now = int(time.time())
        claims = {"iat": now - 60, "exp": now + life, "iss": str(self.app.id)}
        return jwt.encode(claims, key or self.app.private_key_pem, algorithm="RS256")

    async def commit(self, branch: str, files: dict[str, str], message: str, parent: str | None = None) -> Written:
        """Let the bot commit `files` by the Git Data API and move or make the branch."""
        git = self.bot().rest.git
        heads = (await git.async_list_matching_refs("acme", "shop", f"heads/{branch}")).json()
        start = heads[0]["object"]["sha"] if heads else parent or await self.head("main")
        base = (await git.async_get_commit("acme", "shop", start)).json()["tree"]["sha"]
        changes = [
            {"path": path, "mode": "100644", "type": "blob", "content": text} for path, text in sorted(files.items())
        ]
        tree = (await git.async_create_tree("acme", "shop", data={"base_tree": base, "tree": changes})).json()["sha"]
        wish = {"message": message, "tree": tree, "parents": [start]}
        made = (await git.async_create_commit("acme", "shop", data=wish)).json()
        if heads:
            await git.async_update_ref("acme", "shop", f"heads/{branch}", sha=made["sha"], force=False)
        else:
            await git.async_create_ref("acme", "shop", ref=f"refs/heads/{branch}", sha=made["sha"])
        return Written(made["sha"], start, made)

    async def head(self, branch: str) -> str:
        """SHA of a branch."""
        answer = await self.bot().rest.git.async_get_ref("acme", "shop", f"heads/{branch}")
        return str(answer.json()["object"]["sha"])

    def http(self, credential: str | None = None) -> httpx.AsyncClient:
        """Plain HTTP against the API."""
        headers = {} if credential is None else {"authorization": f"Bearer {credential}"}
        return httpx.AsyncClient(base_url=self.api, headers=headers, trust_env=False, timeout=20)

    def close(self) -> None:
        for client in self._people:
            client.close()
