"""Bringing what we do in line with what GitHub says, on a timer and at start: lost webhooks cost time, never work."""

from collections.abc import Sequence

from bot.comments import QueueReason
from bot.github.client import Client
from bot.github.comments import list_comments
from bot.github.errors import Moved, NotFound
from bot.github.issues import list_labelled_issues
from bot.github.pulls import list_open_pull_requests
from bot.github.repositories import list_installations, list_repositories
from bot.intake.command import parse_commands
from bot.intake.payload import TRIGGER_LABEL
from bot.jobs.admission import BRANCHES, tell_queue, why_no_room
from bot.jobs.context import Context, Queue
from bot.jobs.dashboard import keep_dashboard
from bot.jobs.follow_issue import WAITS, follow_issue
from bot.jobs.follow_pull_request import follow_pull_requests
from bot.jobs.follow_repository import renamed
from bot.jobs.standing import standing_of
from bot.jobs.steer import steer
from bot.model.errors import RmoError
from bot.model.forge import Comment
from bot.model.ids import IssueNumber, RepositoryId, RunId
from bot.model.repository import Repository, RepositoryConfig
from bot.model.run import RunRequest
from bot.store import journal
from bot.store.late_outcomes import runs_to_follow


async def reconcile(context: Context, queue: Queue) -> tuple[str, ...]:
    """One sweep over all installations; what could not be looked at, in words. Nothing it does harms when repeated.

    It starts what is labelled and has no run, ends what is no longer wanted, obeys commands and reviews that nobody
    told us of, and hands every unfinished run to the queue again, so that a run whose place in the queue was lost is
    carried on from its journal.
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
                await reconcile_repository(context, queue, _client(context, repository), repository)
            except RmoError as error:
                problems.append(f"{repository.full_name}: {error}")
    return tuple(problems)


async def catch_up(context: Context) -> None:
    """Before any run is resumed: leave a wish to cancel those that nobody wants any more.

    Raises as the GitHub edge does; whatever was not looked at then is found by the next sweep.
    """
    for request in await context.database.transact(journal.active_runs):
        repository = request.repository
        await follow_issue(context, _Nobody(), _client(context, repository), repository, request.issue)


class _Nobody:
    """The queue before the engine has started; the first sweep tells it everything again."""

    async def enqueue(self, run: RunId, repository: RepositoryId) -> None: ...

    async def wake(self, run: RunId, key: str) -> None: ...


async def reconcile_repository(context: Context, queue: Queue, client: Client, repository: Repository) -> None:
    """One repository, unless it is being looked at already; raises as the GitHub edge does."""
    if repository.id in context.sweeping:
        return
    context.sweeping.add(repository.id)
    try:
        await _sweep(context, queue, client, repository)
    finally:
        context.sweeping.discard(repository.id)


async def _sweep(context: Context, queue: Queue, client: Client, repository: Repository) -> None:
    active = await context.database.transact(journal.active_runs, repository.id)
    if any(request.repository.full_name != repository.full_name for request in active):
        await renamed(context, repository)
    followed = {request.issue for request in active}
    for issue in sorted(followed):
        await follow_issue(context, queue, client, repository, issue)
    standing = await standing_of(context, client, repository)
    if standing.why_not:
        return
    labelled = await list_labelled_issues(client, TRIGGER_LABEL)
    fresh = {issue.number for issue in labelled if not issue.locked} - followed
    waiting, why = await _begin_what_fits(context, queue, client, repository, standing.config, sorted(fresh))
    await tell_queue(context, client, repository, waiting, why)
    await follow_pull_requests(context, queue, client, repository.id)
    await _obey_commands(context, queue, client, repository)
    await keep_dashboard(context, client, repository, standing.config)


async def _begin_what_fits(
    context: Context,
    queue: Queue,
    client: Client,
    repository: Repository,
    config: RepositoryConfig,
    labelled: Sequence[IssueNumber],
) -> tuple[tuple[IssueNumber, ...], QueueReason | None]:
    """Labelled issues get their runs, the oldest first, while there is room; those that wait, and for what."""
    waiting: list[IssueNumber] = []
    reason: QueueReason | None = None
    for issue in labelled:
        known = await context.database.transact(journal.runs_of_issue, repository.id, issue)
        if not known:
            reason = reason or await why_no_room(context, client, repository, config)
            if reason is not None:
                waiting.append(issue)
                continue
        said = await follow_issue(context, queue, client, repository, issue)
        if said.startswith(WAITS):
            reason = reason or await why_no_room(context, client, repository, config)
            waiting.append(issue)
    return tuple(waiting), reason


async def _obey_commands(context: Context, queue: Queue, client: Client, repository: Repository) -> None:
    """Commands in the threads of runs that can still obey, in case nobody told us of them."""
    active = await context.database.transact(journal.active_runs, repository.id)
    ended = await context.database.transact(runs_to_follow, repository.id)
    for number, on_pull_request in await _threads(client, (*active, *ended)):
        for comment in await _said(client, number):
            if not comment.author_is_bot and parse_commands(comment.body):
                await steer(context, queue, client, repository, number, comment.id, on_pull_request=on_pull_request)


async def _said(client: Client, number: IssueNumber) -> tuple[Comment, ...]:
    """Nothing where the issue was deleted or transferred: what goes on elsewhere is not kept from being looked at."""
    try:
        return await list_comments(client, number)
    except (NotFound, Moved):
        return ()


async def _threads(client: Client, requests: Sequence[RunRequest]) -> list[tuple[IssueNumber, bool]]:
    """Where people may command these runs: in their issues, and in their pull requests."""
    branches = {request.branch for request in requests}
    pulls = await list_open_pull_requests(client, head_prefix=BRANCHES) if branches else ()
    own = [(IssueNumber(pull.number), True) for pull in pulls if pull.head_ref in branches]
    return sorted({*((request.issue, False) for request in requests), *own})


def _client(context: Context, repository: Repository) -> Client:
    return context.github.client(repository.full_name, repository.installation, repository=repository.id)
