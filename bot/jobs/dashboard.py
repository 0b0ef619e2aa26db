"""The dashboard: where a repository asks for it, one issue that lists everything of ours there by what it waits for.

Closing it is an answer, as with everything that we open of our own accord: it is not opened again.
"""

import hashlib
from typing import Final

from sqlalchemy import Connection

from bot import comments
from bot.comments import DashboardRow
from bot.comments.dashboard import DashboardState
from bot.github import issues
from bot.github.client import Client
from bot.github.errors import Moved, NotFound, NotPermitted
from bot.intake.payload import TRIGGER_LABEL
from bot.jobs.context import Context
from bot.loop import fold
from bot.model.forge import IssueSnapshot
from bot.model.ids import IssueNumber
from bot.model.phase import Approving, Ended, Judging, StopReason
from bot.model.repository import Repository, RepositoryConfig
from bot.model.run import Run
from bot.store import journal, notices
from bot.store.notices import Notice

NOTICE: Final = "dashboard"
QUEUE_NOTICE: Final = "queue"

_OVER: Final[frozenset[StopReason]] = frozenset({"cancelled", "no_change", "already_done", "not_reproduced"})
_LIMITED: Final[frozenset[StopReason]] = frozenset(
    {"budget_steps", "budget_attempts", "budget_requests", "budget_tokens", "budget_money", "budget_time"}
)
_FOR_REVIEW: Final[frozenset[StopReason]] = frozenset({"completed", "unverified"})


async def keep_dashboard(
    context: Context, client: Client, repository: Repository, config: RepositoryConfig
) -> IssueNumber | None:
    """The issue that says how things stand; None where nobody wants one. Nothing is sent where nothing is new.

    Raises as the GitHub edge does.
    """
    known = await context.database.transact(notices.read_notice, repository.id, NOTICE)
    if not config.dashboard:
        await _end(context, client, repository, known)
        return None
    labelled = await issues.list_labelled_issues(client, TRIGGER_LABEL)
    body = comments.dashboard_body(await context.database.transact(_rows, repository, labelled))
    digest = hashlib.sha256(body.encode()).hexdigest()
    if known is not None and known.said == digest:
        return IssueNumber(known.number)
    issue = await _find(client, known)
    if issue is not None and issue.state == "closed":
        return None
    if issue is None:
        issue = await issues.create_issue(client, title=comments.dashboard_title(), body=body)
    else:
        issue = await issues.update_issue(client, issue, body=body)
    said = Notice(issue.number, digest, context.now())
    await context.database.transact(notices.write_notice, repository.id, NOTICE, said)
    return issue.number


async def _end(context: Context, client: Client, repository: Repository, known: Notice | None) -> None:
    """Nobody wants it any more."""
    if known is None:
        return
    issue = await _find(client, known)
    if issue is not None:
        await issues.update_issue(client, issue, state="closed")
    await context.database.transact(notices.forget_notice, repository.id, NOTICE)


async def _find(client: Client, known: Notice | None) -> IssueSnapshot | None:
    """The dashboard as we left it, or the open one that an interrupted attempt has made; None where there is none."""
    if known is not None:
        try:
            return await issues.read_issue(client, IssueNumber(known.number))
        except (NotFound, NotPermitted, Moved):
            return None
    app = await client.identity()
    found = await issues.list_issues(client, creator=app.login)
    ours = [each for each in found if each.user == app.login and comments.DASHBOARD_MARKER in each.body]
    return ours[-1] if ours else None


def _rows(
    connection: Connection, repository: Repository, labelled: tuple[IssueSnapshot, ...]
) -> tuple[DashboardRow, ...]:
    """Of every issue that bears the label, and of every run that has something to do."""
    active = {request.issue for request in journal.active_runs(connection, repository.id)}
    waits = notices.read_notice(connection, repository.id, QUEUE_NOTICE)
    titles = {issue.number: issue for issue in labelled}
    rows: list[DashboardRow] = []
    for number in sorted(active | set(titles)):
        requests = journal.runs_of_issue(connection, repository.id, number)
        if requests:
            run = fold(requests[-1], journal.read_journal(connection, requests[-1].run_id))
            row = _row(run, titles[number].title if number in titles else "")
            rows += [row] if row is not None else []
        else:
            issue = titles[number]
            state: DashboardState = "queued" if waits is None else "limited"
            note = "Waits for its turn" if waits is None else waits.said
            rows.append(DashboardRow(number, issue.title, state, note, issue.updated_at))
    return tuple(rows)


def _row(run: Run, title: str) -> DashboardRow | None:
    """Where the newest run of an issue stands; None where it is over and nobody has to do anything."""
    pull = run.pull_request.number if run.pull_request is not None else None
    state: DashboardState
    since = run.request.requested_at
    match run.phase:
        case Ended(reason=reason, at=at):
            if reason in _OVER:
                return None
            state = "limited" if reason in _LIMITED else "waiting" if reason in _FOR_REVIEW else "blocked"
            since = at
        case Approving() | Judging():
            state = "waiting"
        case _:
            state = "running" if run.last_seq else "queued"
    note = comments.standing(run)
    return DashboardRow(
        run.request.issue, title or (run.frozen.task.title if run.frozen else ""), state, note, since, pull
    )
