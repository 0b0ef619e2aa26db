"""Making an issue's runs what its state asks for: one for the newest label, none without one.

GitHub is asked, whatever a webhook said. A label is a place in GitHub's own queue: it is taken up once there is room.
"""

from typing import Final

from bot.github import issues
from bot.github.client import Client
from bot.github.errors import Moved, NotFound, NotPermitted
from bot.github.pulls import find_pull_request
from bot.github.repositories import permission_of
from bot.intake.payload import TRIGGER_LABEL
from bot.jobs.admission import found_no_room, why_no_room
from bot.jobs.context import Context, Queue
from bot.jobs.rouse import leave_wish
from bot.jobs.standing import standing_of
from bot.model.forge import IssueSnapshot, LabelEvent
from bot.model.ids import IssueNumber
from bot.model.repository import Repository, RepositoryConfig
from bot.model.run import RunRequest
from bot.model.task import Label
from bot.model.wish import Wish
from bot.store import journal

WAITS: Final = "waits: "
"""How the words for a run begin that has to wait for room."""


async def follow_issue(
    context: Context, queue: Queue, client: Client, repository: Repository, issue: IssueNumber, digest: str = ""
) -> str:
    """What was done, in words. `digest` is that of the text that was labelled, where a webhook has told it.

    A run whose own pull request somebody has closed or merged is over too.
    """
    snapshot = await _read(client, issue)
    labelled, retried = None, None
    known = await context.database.transact(journal.runs_of_issue, repository.id, issue)
    if snapshot is not None and _wants_run(snapshot):
        events = await issues.label_events(client, issue)
        labelled = _newest(events)
        retried = _retry_since(known, events, labelled)
    active = await context.database.transact(journal.active_runs_of_issue, repository.id, issue)
    for request in active:
        why = await _why_over(client, request, snapshot, labelled, retried)
        if why:
            await leave_wish(context, queue, request, Wish("cancel", why))
    if labelled is None:
        return "no run is wanted"
    request = retried or RunRequest(
        repository, issue, Label(labelled.id, labelled.actor, labelled.app), context.now(), digest
    )
    if any(each.run_id == request.run_id for each in known):
        if request.run_id in {each.run_id for each in active}:
            await queue.enqueue(request.run_id, repository.id)
        return f"run {request.run_id} is known"
    standing = await standing_of(context, client, repository)
    why_not = standing.why_not or _why_ignored(request.label, standing.config)
    if why_not:
        return f"no run begins: {why_not}"
    waits = await why_no_room(context, client, repository, standing.config)
    if waits is not None:
        await found_no_room(context, repository.id, issue)
        return f"{WAITS}{waits}"
    if not known:
        await _leave_receipt(client, issue, request.label)
    await context.database.transact(journal.open_run, request)
    await queue.enqueue(request.run_id, repository.id)
    return f"run {request.run_id} opened"


async def _leave_receipt(client: Client, issue: IssueNumber, label: Label) -> None:
    """The first sign of life, long before the first comment; one is enough, whoever labels the issue how often."""
    is_bot = label.actor.endswith("[bot]")
    if is_bot or await permission_of(client, label.actor) in ("admin", "write"):
        await issues.react_to_issue(client, issue, "eyes")


def _why_ignored(label: Label, config: RepositoryConfig) -> str:
    """To a bot nothing is answered, as two bots that answer each other never end; empty where it may label."""
    allowed = not label.actor.endswith("[bot]") or label.app in config.label_apps
    return "" if allowed else f"the bot {label.actor} is not among `label_apps`"


async def text_was_edited(context: Context, queue: Queue, repository: Repository, issue: IssueNumber) -> int:
    """Runs of the issue end: what was approved by the label is not what stands there now. How many do."""
    active = await context.database.transact(journal.active_runs_of_issue, repository.id, issue)
    for request in active:
        reason = "the text of the issue was edited after it was labelled"
        await leave_wish(context, queue, request, Wish("edited", reason))
    return len(active)


async def _read(client: Client, issue: IssueNumber) -> IssueSnapshot | None:
    """None for an issue that is gone, also to another repository."""
    try:
        return await issues.read_issue(client, issue)
    except (NotFound, NotPermitted, Moved):
        return None


async def _why_over(
    client: Client,
    request: RunRequest,
    snapshot: IssueSnapshot | None,
    labelled: LabelEvent | None,
    retried: RunRequest | None,
) -> str:
    """Why the run is over; empty where it is not."""
    if labelled is None:
        return _why_cancelled(snapshot)
    if request.run_id != (retried.run_id if retried is not None else _run_of(request, labelled)):
        return "the issue was labelled anew, or somebody asked for another try; a new run follows"
    pull = await find_pull_request(client, request.branch)
    if pull is None or pull.state == "open":
        return ""
    return f"pull request #{pull.number} was {'merged' if pull.merged else 'closed'}"


def _run_of(request: RunRequest, labelled: LabelEvent) -> str:
    newest = RunRequest(request.repository, request.issue, Label(labelled.id, labelled.actor), request.requested_at)
    return newest.run_id


def _retry_since(
    known: tuple[RunRequest, ...], events: tuple[LabelEvent, ...], labelled: LabelEvent | None
) -> RunRequest | None:
    """The newest run that a person asked for by a command after the label was put on."""
    ids = {event.id for event in events}
    later = [
        request
        for request in known
        if labelled is not None and request.label.event not in ids and request.requested_at >= labelled.created_at
    ]
    return later[-1] if later else None


def _wants_run(issue: IssueSnapshot) -> bool:
    labelled = TRIGGER_LABEL in issue.labels and not issue.is_pull_request
    return labelled and issue.state == "open" and not issue.locked


def _newest(events: tuple[LabelEvent, ...]) -> LabelEvent | None:
    ours = [event for event in events if event.label == TRIGGER_LABEL and event.action == "labeled"]
    return max(ours, key=lambda event: (event.created_at, event.id), default=None)


def _why_cancelled(issue: IssueSnapshot | None) -> str:
    if issue is None:
        return "the issue is gone"
    if issue.state == "closed":
        return "the issue was closed"
    if issue.locked:
        return "the issue was locked"
    return f"the label `{TRIGGER_LABEL}` was removed"
