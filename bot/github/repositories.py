"""Where the App is installed, which repositories it has there, who may do what in them, and their files."""

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.errors import TooLarge
from bot.model.errors import NeedsHuman
from bot.model.forge import Installation, Permission, RateLimit
from bot.model.ids import CommitSha, InstallationId, RepositoryId
from bot.model.repository import Repository


class _Account(BaseModel):
    login: str = ""
    slug: str = ""
    """An enterprise has this instead of a login."""


class _Installation(BaseModel):
    id: InstallationId
    account: _Account = _Account()
    suspended_at: str | None = None
    permissions: dict[str, str] = {}


class _Owner(BaseModel):
    login: str


class _Repository(BaseModel):
    id: RepositoryId
    name: str
    owner: _Owner
    default_branch: str = "main"
    archived: bool = False
    private: bool = False


class _Repositories(BaseModel):
    repositories: list[_Repository]


class _Permission(BaseModel):
    permission: str


class _File(BaseModel):
    type: str
    encoding: str = ""
    content: str = ""


class _Rate(BaseModel):
    limit: int
    remaining: int
    reset: int


class _Rates(BaseModel):
    rate: _Rate


_INSTALLATION = TypeAdapter(_Installation)
_INSTALLATIONS = TypeAdapter(list[_Installation])
_REPOSITORY = TypeAdapter(_Repository)
_REPOSITORIES = TypeAdapter(_Repositories)
_PERMISSION = TypeAdapter(_Permission)
_CONTENT: TypeAdapter[_File | list[Any]] = TypeAdapter(_File | list[Any])
_RATES = TypeAdapter(_Rates)


async def find_installation(app: Client, full_name: str) -> InstallationId | None:
    """The installation that has the repository, None where the App is not installed; `app` asks as the App."""
    found = await app.find(_INSTALLATION, f"/repos/{quote(full_name)}/installation")
    return found.id if found is not None else None


async def list_installations(app: Client) -> tuple[Installation, ...]:
    """All installations of the App; `app` asks as the App."""
    return tuple(
        Installation(
            id=entry.id,
            account=entry.account.login or entry.account.slug,
            suspended=entry.suspended_at is not None,
            permissions=entry.permissions,
        )
        for page in await app.every(_INSTALLATIONS, "/app/installations")
        for entry in page
    )


async def list_repositories(client: Client) -> tuple[Repository, ...]:
    """The repositories that an installation's client may see."""
    return tuple(
        _repository(client, entry)
        for page in await client.every(_REPOSITORIES, "/installation/repositories")
        for entry in page.repositories
    )


async def read_repository(client: Client) -> Repository:
    """The client's repository under its present name, which differs from the client's after a rename."""
    return _repository(client, await client.get(_REPOSITORY, client.repository))


async def read_repository_by_id(client: Client, repository: RepositoryId) -> Repository | None:
    """The repository under its present name, whatever it was called when the client was made.

    None where the installation has it no more: deleted, transferred to another account, or taken away from the App.
    """
    return next((each for each in await list_repositories(client) if each.id == repository), None)


async def permission_of(client: Client, user: str) -> Permission:
    """What `user` may do in the repository; `none` for an account that does not exist."""
    found = await client.find(_PERMISSION, f"{client.repository}/collaborators/{quote(user, safe='')}/permission")
    match found.permission if found is not None else "none":
        case "admin":
            return "admin"
        case "write" | "maintain":
            return "write"
        case "read" | "triage":
            return "read"
        case _:
            return "none"


async def read_file(client: Client, path: str, ref: CommitSha | str) -> bytes | None:
    """A file's bytes at a commit or branch; None where there is no regular file of that name.

    Raises `TooLarge` above one megabyte, where GitHub leaves the content out.
    """
    found = await client.find(_CONTENT, f"{client.repository}/contents/{quote(path)}", {"ref": ref})
    if not isinstance(found, _File) or found.type != "file":
        return None
    if found.encoding != "base64":
        raise TooLarge(f"{path!r} has more than a megabyte; read it with git")
    return base64.b64decode(found.content)


async def rate_limit(client: Client) -> RateLimit:
    """What is left of the primary limit; asking costs nothing of it."""
    rate = (await client.get(_RATES, "/rate_limit")).rate
    return RateLimit(rate.limit, rate.remaining, datetime.fromtimestamp(rate.reset, UTC))


def _repository(client: Client, entry: _Repository) -> Repository:
    if client.installation is None:
        raise NeedsHuman("the App's own client sees no repositories; ask with an installation's client")
    return Repository(
        id=entry.id,
        owner=entry.owner.login,
        name=entry.name,
        installation=client.installation,
        default_branch=entry.default_branch,
        archived=entry.archived,
        private=entry.private,
    )
