"""A repository that goes by another name is followed; one that was transferred or taken away is left alone.

An installation belongs to one account, so what it still has is still its owner's, whatever either is called now.
"""

from typing import Final

from bot.github.errors import NotFound
from bot.github.repositories import read_repository_by_id
from bot.jobs.context import Context
from bot.jobs.pause import NO_PAUSE, Pause
from bot.model.ids import InstallationId, RepositoryId
from bot.model.outcome import StepFailed
from bot.model.repository import Repository
from bot.model.run import RunRequest
from bot.store import journal

TAKEN_AWAY: Final = "the repository was transferred, deleted or taken away from me"


async def follow_repository(context: Context, request: RunRequest) -> StepFailed | Pause | None:
    """The run goes on under the new name; a repository that changed hands is nobody's consent any more.

    None where the repository is where it was. Raises as the GitHub edge does.
    """
    before = request.repository
    now = await find_repository(context, before.installation, before.id)
    if now is None:
        return StepFailed("repository_moved", TAKEN_AWAY)
    if now.full_name == before.full_name:
        return None
    await renamed(context, now)
    return NO_PAUSE


async def find_repository(
    context: Context, installation: InstallationId, repository: RepositoryId
) -> Repository | None:
    """The repository as it is now; None where the installation has it no more, or is gone itself."""
    try:
        return await read_repository_by_id(context.github.installation_client(installation), repository)
    except NotFound:
        return None


async def renamed(context: Context, repository: Repository) -> None:
    """Every run of the repository knows its new name."""
    await context.database.transact(journal.rename_repository, repository.id, repository.owner, repository.name)
