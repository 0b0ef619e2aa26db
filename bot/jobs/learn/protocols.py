"""The repository that holds the protocols: found through the App's installation, read at its default branch's head."""

from dataclasses import dataclass

from bot.catalog import holds
from bot.git.tree import list_files, read_files
from bot.github.branches import read_branch_head
from bot.github.client import Client
from bot.github.repositories import find_installation, read_repository
from bot.jobs.context import Context
from bot.model.errors import NeedsHuman
from bot.model.ids import CommitSha
from bot.model.repository import Repository

FILE_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Protocols:
    """Where protocol pull requests go."""

    client: Client
    repository: Repository
    head: CommitSha
    """Of its default branch."""


async def find_protocols(context: Context) -> Protocols | None:
    """The repository as it is now; None where none is set.

    Raises NeedsHuman where the App is not installed on it or it is empty, and as the GitHub edge does.
    """
    name = context.protocols_repository
    if not name:
        return None
    installation = await find_installation(context.github.app_client(), name)
    if installation is None:
        raise NeedsHuman(f"the App is not installed on {name!r}, which is to hold the protocols; install it there")
    repository = await read_repository(context.github.client(name, installation))
    client = context.github.client(repository.full_name, installation, repository=repository.id)
    head = await read_branch_head(client, repository.default_branch)
    if head is None:
        raise NeedsHuman(f"{name!r} has no commits; push a copy of `actions/` and `protocols/` to it")
    return Protocols(client, repository, head)


async def read_protocols(context: Context, protocols: Protocols) -> dict[str, str]:
    """Path -> text of every file of the catalogue at the head."""
    repository = protocols.repository
    token = await context.github.token(repository.full_name, repository.installation, repository=repository.id)
    url = f"{context.git_url}/{repository.full_name}.git"
    await context.clones.fetch(url, token, repository.id, (protocols.head,))
    clone = context.clones.location(repository.id)
    entries = await list_files(clone, protocols.head)
    wanted = sorted(entry.path for entry in entries if entry.is_regular and holds(entry.path))
    contents = await read_files(clone, protocols.head, wanted, FILE_BYTES)
    return {path: content.decode("utf-8", "replace") for path, content in contents.items()}
