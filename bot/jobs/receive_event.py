"""From a stored delivery to a run that starts, ends or wakes. A delivery is a hint: the API is asked first."""

from bot.github.client import Client
from bot.github.errors import NotFound, NotPermitted
from bot.github.issues import label_events, read_issue
from bot.github.pulls import find_pull_request
from bot.github.repositories import read_repository
from bot.intake.payload import TRIGGER_LABEL
from bot.intake.webhook import parse_delivery
from bot.jobs.context import Context, Queue
from bot.model.errors import Retryable, RmoError
from bot.model.event import (
    BranchTouched,
    ChecksTouched,
    Delivery,
    EventSource,
    Ignored,
    IssueTouched,
    PullRequestTouched,
)
from bot.model.forge import IssueSnapshot, LabelEvent
from bot.model.ids import IssueNumber
from bot.model.journal import Wish
from bot.model.repository import Repository
from bot.model.run import RunRequest
from bot.model.task import Label
from bot.store import inbox, journal

BATCH = 50


async def receive_deliveries(context: Context, queue: Queue) -> int:
    """Deal with the deliveries that wait, oldest first; how many were dealt with.

    One that can't be dealt with now stays where it is and is tried again; what it hints at is also found by the
    reconciler.
    """
    deliveries = await context.database.transact(inbox.unprocessed, BATCH)
    handled = 0
    for delivery in deliveries:
        try:
            outcome = await _receive(context, queue, delivery)
        except Retryable:
            continue
        except RmoError as error:
            outcome = f"given up: {error}"
        await context.database.transact(inbox.mark_processed, delivery.id, outcome, context.now())
        handled += 1
    return handled


async def _receive(context: Context, queue: Queue, delivery: Delivery) -> str:
    event = parse_delivery(delivery.event, delivery.body)
    match event:
        case Ignored(reason=reason):
            return f"ignored: {reason}"
        case IssueTouched(source=source, issue=issue):
            return await _issue_touched(context, queue, source, issue, delivery.id)
        case PullRequestTouched(source=source, action="closed"):
            return await _pull_request_closed(context, queue, source, delivery.id)
        case ChecksTouched() | BranchTouched() | PullRequestTouched():
            return await _wake_runs(context, queue, event, delivery.id)


async def _issue_touched(context: Context, queue: Queue, source: EventSource, issue: IssueNumber, key: str) -> str:
    client = context.github.client(source.full_name, source.installation, repository=source.repository)
    repository = await read_repository(client)
    return await follow_issue(context, queue, client, repository, issue, key)


async def _pull_request_closed(context: Context, queue: Queue, source: EventSource, key: str) -> str:
    """Which run it belonged to, if any, is asked of the runs."""
    active = await context.database.transact(journal.active_runs, source.repository)
    for issue in sorted({request.issue for request in active}):
        await _issue_touched(context, queue, source, issue, key)
    return f"looked at {len(active)}"


async def follow_issue(
    context: Context, queue: Queue, client: Client, repository: Repository, issue: IssueNumber, key: str
) -> str:
    """Make the runs of an issue what its state asks for: one for the newest label, none without one.

    A run whose own pull request somebody has closed or merged is over too.
    """
    active = await context.database.transact(journal.active_runs_of_issue, repository.id, issue)
    try:
        snapshot = await read_issue(client, issue)
    except (NotFound, NotPermitted):
        snapshot = None
    labelled = None
    if snapshot is not None and _wants_run(snapshot):
        labelled = _newest(await label_events(client, issue))
    for request in active:
        if labelled is None or request.label.event != labelled.id:
            await _cancel(context, queue, request, _why_cancelled(snapshot), key)
        elif (ended := await _how_pull_request_ended(client, request)) is not None:
            await _cancel(context, queue, request, ended, key)
    if labelled is None:
        return "no run is wanted"
    request = RunRequest(repository, issue, Label(labelled.id, labelled.actor), context.now())
    new = await context.database.transact(journal.open_run, request)
    await queue.enqueue(request.run_id, repository.id)
    return f"run {request.run_id} {'opened' if new else 'is known'}"


async def _how_pull_request_ended(client: Client, request: RunRequest) -> str | None:
    """What somebody did with the run's own pull request; None while it is open or not there yet."""
    pull = await find_pull_request(client, request.branch)
    if pull is None or pull.state == "open":
        return None
    return f"pull request #{pull.number} was {'merged' if pull.merged else 'closed'}"


def _wants_run(issue: IssueSnapshot) -> bool:
    return issue.state == "open" and TRIGGER_LABEL in issue.labels and not issue.is_pull_request


def _newest(events: tuple[LabelEvent, ...]) -> LabelEvent | None:
    ours = [event for event in events if event.label == TRIGGER_LABEL and event.action == "labeled"]
    return max(ours, key=lambda event: (event.created_at, event.id), default=None)


def _why_cancelled(issue: IssueSnapshot | None) -> str:
    if issue is None:
        return "the issue is gone"
    if issue.state == "closed":
        return "the issue was closed"
    if TRIGGER_LABEL not in issue.labels:
        return f"the label `{TRIGGER_LABEL}` was removed"
    return "the issue was labelled anew; a new run follows"


async def _cancel(context: Context, queue: Queue, request: RunRequest, reason: str, key: str) -> None:
    await context.database.transact(journal.wish, request.run_id, Wish("cancel", reason), context.now())
    await queue.wake(request.run_id, f"cancel:{key}")


async def _wake_runs(
    context: Context, queue: Queue, event: ChecksTouched | BranchTouched | PullRequestTouched, key: str
) -> str:
    """Whatever waits in that repository looks again."""
    active = await context.database.transact(journal.active_runs, event.source.repository)
    for request in active:
        await queue.wake(request.run_id, key)
    return f"woke {len(active)}"
