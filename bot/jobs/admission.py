"""Whether a repository takes another run now. What has to wait waits on GitHub: the label is its place in the queue.

One comment a repository tells of it, not one an issue: on the first issue that had to wait, edited in place.
"""

from datetime import timedelta

from sqlalchemy import Connection

from bot import comments
from bot.comments import QueueReason
from bot.github.client import Client
from bot.github.comments import keep_comment
from bot.github.pulls import list_open_pull_requests
from bot.jobs.context import Context
from bot.model.ids import IssueNumber, RepositoryId
from bot.model.repository import Repository, RepositoryConfig
from bot.store import journal, notices
from bot.store.notices import Notice

BRANCHES = "rmo/issue-"
QUEUE = "queue"


async def is_full(context: Context, repository: RepositoryId) -> bool:
    """Whether the repository has as many runs as it may have; costs no request."""
    active = await context.database.transact(journal.active_runs, repository)
    return len(active) >= context.limits.queued


async def why_no_room(
    context: Context, client: Client, repository: Repository, config: RepositoryConfig
) -> QueueReason | None:
    """What another run of the repository has to wait for; None where it may begin."""
    if await is_full(context, repository.id):
        return "unfinished"
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
    if waiting and why is not None:
        notice = await context.database.transact(_notice, repository.id, Notice(min(waiting), why, context.now()))
        said = comments.queue_summary(len(waiting), why)
        await keep_comment(client, IssueNumber(notice.number), comments.QUEUE_MARKER, said)
        return
    notice = await context.database.transact(notices.read_notice, repository.id, QUEUE)
    if notice is not None:
        await keep_comment(client, IssueNumber(notice.number), comments.QUEUE_MARKER, comments.queue_empty())
        await context.database.transact(notices.forget_notice, repository.id, QUEUE)


def _notice(connection: Connection, repository: RepositoryId, notice: Notice) -> Notice:
    """The notice that stands, `notice` itself where there was none."""
    notices.keep_notice(connection, repository, QUEUE, notice)
    return notices.read_notice(connection, repository, QUEUE) or notice
