"""A repository that goes by another name: followed where its owner is the same, left alone where it is not."""

from bot.github.repositories import read_repository_by_id
from bot.jobs.context import Context
from bot.jobs.pause import NO_PAUSE, Pause
from bot.model.outcome import StepFailed
from bot.model.repository import Repository
from bot.model.run import RunRequest
from bot.store import journal


async def follow_repository(context: Context, request: RunRequest, problem: str) -> StepFailed | Pause:
    """The run goes on under the new name; a repository that changed hands is nobody's consent any more."""
    before = request.repository
    client = context.github.installation_client(before.installation)
    now = await read_repository_by_id(client, before.id)
    if now is None or now.owner.casefold() != before.owner.casefold():
        return StepFailed("repository_moved", f"{before.full_name} was transferred, deleted or taken away from me")
    if now.full_name == before.full_name:
        return StepFailed("needs_human", problem)
    await renamed(context, now)
    return NO_PAUSE


async def renamed(context: Context, repository: Repository) -> None:
    """Every run of the repository knows its new name."""
    await context.database.transact(journal.rename_repository, repository.id, repository.owner, repository.name)
