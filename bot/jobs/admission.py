"""Whether a repository takes another run now. What has to wait waits on GitHub: the label is its place in the queue.

One comment a repository tells of it, not one an issue: on the first issue that had to wait, edited in place.
"""

from datetime import timedelta

from bot import comments
from bot.comments import QueueReason
from bot.github.client import Client
from bot.github.comments import keep_comment
from bot.github.errors import Moved, NotFound
from bot.github.pulls import list_open_pull_requests
from bot.jobs.context import Context
from bot.jobs.daily_budget import is_used_up
from bot.model.ids import IssueNumber, RepositoryId
from bot.model.repository import Repository, RepositoryConfig
from bot.store import journal, notices
from bot.store.notices import Notice

BRANCHES = "rmo/issue-"
QUEUE = "queue"
UNTOLD = ""
"""Of a queue that the next sweep has to tell of."""


async def must_wait(context: Context, repository: RepositoryId) -> QueueReason | None:
    """What is known without a request to keep another run of the repository waiting."""
    active = await context.database.transact(journal.active_runs, repository)
    if len(active) >= context.limits.queued:
        return "unfinished"
    return "money" if await is_used_up(context, repository) else None


async def others_wait(context: Context, repository: RepositoryId) -> bool:
    """Whether issues of the repository have found no room, and no sweep has looked again since.

    A further one waits behind them: however many are labelled at once, GitHub is not asked about each.
    """
    return await context.database.transact(notices.read_notice, repository, QUEUE) is not None


async def found_no_room(context: Context, repository: RepositoryId, issue: IssueNumber) -> None:
    """For the next sweep to tell of, and for those that are labelled until then."""
    await context.database.transact(notices.keep_notice, repository, QUEUE, Notice(issue, UNTOLD, context.now()))


async def why_no_room(
    context: Context, client: Client, repository: Repository, config: RepositoryConfig
) -> QueueReason | None:
    """What another run of the repository has to wait for; None where it may begin."""
    reason = await must_wait(context, repository.id)
    if reason is not None:
        return reason
    an_hour_ago = context.now() - timedelta(hours=1)
    begun = await context.database.transact(journal.runs_begun_since, repository.id, an_hour_ago)
    if begun >= config.runs_an_hour:
        return "an_hour"
    active = await context.database.transact(journal.active_runs, repository.id)
    unfinished = {request.branch for request in active}
    open_now = await list_open_pull_requests(client, head_prefix=BRANCHES)
    waiting = sum(pull.head_ref not in unfinished for pull in open_now)
    return "open_pull_requests" if waiting + len(active) >= config.open_pull_requests else None


async def tell_queue(
    context: Context, client: Client, repository: Repository, waiting: tuple[IssueNumber, ...], why: QueueReason | None
) -> None:
    """The one comment about issues that wait says what is true; where none waits and none was told, nothing is said."""
    notice = await context.database.transact(notices.read_notice, repository.id, QUEUE)
    told = notice if notice is not None and notice.said != UNTOLD else None
    if waiting and why is not None:
        place = IssueNumber(told.number) if told is not None else min(waiting)
        if await _say(client, place, comments.queue_summary(len(waiting), why)):
            said = Notice(place, why, context.now())
            await context.database.transact(notices.write_notice, repository.id, QUEUE, said)
            return
    elif told is not None:
        await _say(client, IssueNumber(told.number), comments.queue_empty())
    if notice is not None:
        await context.database.transact(notices.forget_notice, repository.id, QUEUE)


async def _say(client: Client, issue: IssueNumber, text: str) -> bool:
    """Whether it could be said there; an issue that is gone takes the comment along, and another one gets the next."""
    try:
        await keep_comment(client, issue, comments.QUEUE_MARKER, text)
    except (NotFound, Moved):
        return False
    return True
