"""From a stored delivery to a run that starts, ends, wakes or obeys. A delivery is a hint: the API is asked first."""

from typing import Final

from bot.github.client import Client
from bot.github.repositories import list_repositories, read_repository
from bot.intake.webhook import parse_delivery
from bot.jobs import onboard
from bot.jobs.admission import must_wait, others_wait
from bot.jobs.context import Context, Queue
from bot.jobs.follow_issue import follow_issue, text_was_edited
from bot.jobs.follow_pull_request import follow_pull_requests, hear_review
from bot.jobs.follow_repository import TAKEN_AWAY, find_repository, renamed
from bot.jobs.press import press
from bot.jobs.reconcile import reconcile_repository
from bot.jobs.rouse import leave_wish
from bot.jobs.steer import steer
from bot.model.event import (
    BranchTouched,
    ButtonPressed,
    ChecksTouched,
    CommentWritten,
    Delivery,
    EventSource,
    Ignored,
    InstallationTouched,
    IssueTouched,
    PullRequestReviewed,
    PullRequestTouched,
    RepositoryTouched,
)
from bot.model.ids import InstallationId
from bot.model.run import RunRequest
from bot.model.wish import Wish
from bot.store import journal

_BEGINS: Final = frozenset({"labeled", "reopened", "unlocked"})
"""After which there may be a run to begin; everything else can only end one."""


async def receive_delivery(context: Context, queue: Queue, delivery: Delivery) -> str:
    """What came of the delivery, in words; raises Retryable where that can't be done now."""
    event = parse_delivery(delivery.event, delivery.body)
    match event:
        case Ignored(reason=reason):
            return f"ignored: {reason}"
        case InstallationTouched(installation=installation, action=action):
            return await _installation_touched(context, queue, installation, action)
        case IssueTouched(source=source) | CommentWritten(source=source) | ButtonPressed(source=source):
            own = await context.github.identity()
            if source.sender == own.login:
                return "ignored: our own act"
            return await _person_acted(context, queue, event, delivery)
        case RepositoryTouched(source=source, action=action):
            return await _repository_touched(context, queue, source, action)
        case ChecksTouched() | BranchTouched() | PullRequestTouched() | PullRequestReviewed():
            return await _work_touched(context, queue, event, delivery.id)


async def _person_acted(
    context: Context, queue: Queue, event: IssueTouched | CommentWritten | ButtonPressed, delivery: Delivery
) -> str:
    client = _client(context, event.source)
    match event:
        case IssueTouched():
            return await _issue_touched(context, queue, client, event)
        case CommentWritten(issue=issue, comment=comment, on_pull_request=on_pull_request):
            repository = await read_repository(client)
            return await steer(context, queue, client, repository, issue, comment, on_pull_request=on_pull_request)
        case ButtonPressed():
            return await press(context, queue, client, event, delivery.id)


async def _issue_touched(context: Context, queue: Queue, client: Client, event: IssueTouched) -> str:
    source, issue = event.source, event.issue
    if not await context.database.transact(journal.active_runs_of_issue, source.repository, issue):
        if event.action not in _BEGINS:
            return "nothing is under way there"
        waits = await must_wait(context, source.repository) or "others" * await others_wait(context, source.repository)
        if waits:
            return f"waits: {waits}"
    repository = await read_repository(client)
    if event.text_changed:
        await text_was_edited(context, queue, repository, issue)
    return await follow_issue(context, queue, client, repository, issue, event.digest)


async def _work_touched(
    context: Context,
    queue: Queue,
    event: ChecksTouched | BranchTouched | PullRequestTouched | PullRequestReviewed,
    key: str,
) -> str:
    """Runs at work look again; a pull request whose run has ended is looked at for work that it asks for."""
    client = _client(context, event.source)
    active = await context.database.transact(journal.active_runs, event.source.repository)
    match event:
        case PullRequestTouched(head_ref=onboard.BRANCH, action="closed"):
            await reconcile_repository(context, queue, client, await read_repository(client))
        case PullRequestTouched(action="closed"):
            repository = await read_repository(client)
            for issue in sorted({request.issue for request in active}):
                await follow_issue(context, queue, client, repository, issue)
        case _:
            for request in active:
                await queue.wake(request.run_id, key)
    if isinstance(event, PullRequestReviewed):
        await hear_review(context, queue, client, event.source.repository, event.head_ref)

    def concerned(request: RunRequest) -> bool:
        """Its own branch, or the one that it is to go into."""
        match event:
            case PullRequestTouched(head_ref=branch) | PullRequestReviewed(head_ref=branch):
                return request.branch == branch
            case ChecksTouched(branch=branch):
                # GitHub does not always say which branch a check run is about.
                return branch in ("", request.branch)
            case BranchTouched(ref=ref):
                return ref in (f"refs/heads/{request.branch}", f"refs/heads/{request.repository.default_branch}")

    made = await follow_pull_requests(context, queue, client, event.source.repository, concerned)
    return f"woke {len(active)}, {made} wish(es)"


async def _repository_touched(context: Context, queue: Queue, source: EventSource, action: str) -> str:
    """A new name is taken over; a repository that changed hands, or takes no more, is left in peace."""
    active = await context.database.transact(journal.active_runs, source.repository)
    found = await find_repository(context, source.installation, source.repository)
    if found is not None and not found.archived and action == "renamed":
        await renamed(context, found)
        return f"renamed to {found.full_name}"
    if found is not None and not found.archived and action not in ("transferred", "publicized", "privatized"):
        return "nothing to do"
    why = f"the repository was {action}" if found is not None else TAKEN_AWAY
    for request in active:
        await leave_wish(context, queue, request, Wish("cancel", why))
    return f"{why}; {len(active)} run(s) end"


async def _installation_touched(context: Context, queue: Queue, installation: InstallationId, action: str) -> str:
    """What was taken up or let go on is looked at at once, as nobody wants to wait for the next sweep."""
    if action == "suspend":
        return f"{action}; nothing can be done there"
    if action in ("deleted", "removed"):
        return f"{action}; {await _let_go(context, queue, installation)} run(s) end"
    count = 0
    for repository in await list_repositories(context.github.installation_client(installation)):
        client = context.github.client(repository.full_name, installation, repository=repository.id)
        await reconcile_repository(context, queue, client, repository)
        for request in await context.database.transact(journal.active_runs, repository.id):
            await queue.wake(request.run_id, f"{action}:{context.nonce()}")
        count += 1
    return f"{action}; looked at {count} repositories"


async def _let_go(context: Context, queue: Queue, installation: InstallationId) -> int:
    """Runs in repositories that the installation has no more end; how many."""
    active = [each for each in await context.database.transact(journal.active_runs) if _is_of(each, installation)]
    gone = [each for each in active if await find_repository(context, installation, each.repository.id) is None]
    for request in gone:
        await leave_wish(context, queue, request, Wish("cancel", TAKEN_AWAY))
    return len(gone)


def _is_of(request: RunRequest, installation: InstallationId) -> bool:
    return request.repository.installation == installation


def _client(context: Context, source: EventSource) -> Client:
    return context.github.client(source.full_name, source.installation, repository=source.repository)
