"""Bringing what we do in line with what GitHub says, on a timer and at start: lost webhooks cost time, never work."""

from bot.github.client import Client
from bot.github.issues import list_labelled_issues
from bot.github.repositories import list_installations, list_repositories
from bot.intake.payload import TRIGGER_LABEL
from bot.jobs.context import Context, Queue
from bot.jobs.receive_event import follow_issue
from bot.model.errors import RmoError
from bot.model.ids import IssueNumber, RepositoryId, RunId
from bot.model.repository import Repository
from bot.store import journal


async def reconcile(context: Context, queue: Queue) -> tuple[str, ...]:
    """One sweep over all installations; what could not be looked at, in words. Nothing it does harms when repeated.

    It starts what is labelled and has no run, ends what is no longer wanted, and hands every unfinished run to the
    queue again, so that a run whose place in the queue was lost is carried on from its journal.
    """
    problems: list[str] = []
    for request in await context.database.transact(journal.active_runs):
        await queue.enqueue(request.run_id, request.repository.id)
    try:
        installations = await list_installations(context.github.app_client())
    except RmoError as error:
        return (str(error),)
    for installation in installations:
        if installation.suspended:
            continue
        try:
            repositories = await list_repositories(context.github.installation_client(installation.id))
        except RmoError as error:
            problems.append(f"{installation.account}: {error}")
            continue
        for repository in repositories:
            try:
                await _reconcile_repository(context, queue, repository)
            except RmoError as error:
                problems.append(f"{repository.full_name}: {error}")
    return tuple(problems)


async def catch_up(context: Context) -> None:
    """Before any run is resumed: leave a wish to cancel those that nobody wants any more.

    Raises as the GitHub edge does; whatever was not looked at then is found by the next sweep.
    """
    for request in await context.database.transact(journal.active_runs):
        repository = request.repository
        await follow_issue(context, _Nobody(), _client(context, repository), repository, request.issue, "start")


class _Nobody:
    """The queue before the engine has started; the first sweep tells it everything again."""

    async def enqueue(self, run: RunId, repository: RepositoryId) -> None: ...

    async def wake(self, run: RunId, key: str) -> None: ...


async def _reconcile_repository(context: Context, queue: Queue, repository: Repository) -> None:
    client = _client(context, repository)
    labelled = {issue.number for issue in await list_labelled_issues(client, TRIGGER_LABEL)}
    active = await context.database.transact(journal.active_runs, repository.id)
    for issue in sorted(labelled | {request.issue for request in active}):
        await follow_issue(context, queue, client, repository, IssueNumber(issue), "reconcile")


def _client(context: Context, repository: Repository) -> Client:
    return context.github.client(repository.full_name, repository.installation, repository=repository.id)
