"""The pull request: opened as a draft with the first code commit, ready once the verdict allows it."""

from bot import comments
from bot.github.client import Client
from bot.github.comments import keep_comment
from bot.github.pulls import (
    close_pull_request,
    create_pull_request,
    list_open_pull_requests,
    mark_ready,
    read_pull_request,
    update_pull_request,
)
from bot.jobs.context import Context
from bot.loop import fold
from bot.model.forge import PullRequestState
from bot.model.ids import IssueNumber
from bot.model.outcome import Outcome, PullRequestOpened, PullRequestRevised, StepFailed
from bot.model.run import PullRequest, Run
from bot.model.step import RevisePullRequest
from bot.store import journal


async def open_pull_request(run: Run, context: Context, client: Client) -> Outcome:
    """The draft for the work branch; the one that is already open is taken.

    An earlier one of ours for the same issue makes room for it.
    """
    assert run.frozen is not None
    task = run.frozen.task
    pull = await create_pull_request(
        client,
        title=comments.pull_request_title(run),
        body=comments.pull_request_body(run),
        head=task.branch,
        base=run.frozen.base.branch,
    )
    await _supersede(run, context, client, pull)
    return PullRequestOpened(_reference(pull))


async def _supersede(run: Run, context: Context, client: Client, new: PullRequestState) -> None:
    """One open pull request an issue: earlier ones of ours are closed, and say where it goes on.

    One that somebody else has committed to is theirs, and stays as it is.
    """
    earlier = await context.database.transact(journal.runs_of_issue, run.request.repository.id, run.request.issue)
    runs = {request.branch: request for request in earlier if request.run_id != run.id}
    app = await client.identity()
    for pull in await list_open_pull_requests(client, head_prefix=f"rmo/issue-{run.request.issue}-"):
        old = runs.get(pull.head_ref)
        if old is None or pull.author != app.login or pull.number == new.number:
            continue
        left = fold(old, await context.database.transact(journal.read_journal, old.run_id)).code_head
        if pull.head_sha == left:
            marker = comments.note_marker("superseded", old.run_id)
            said = comments.superseded_note(old.run_id, run.id, new.number)
            await keep_comment(client, IssueNumber(pull.number), marker, said)
            await close_pull_request(client, pull)


async def revise_pull_request(step: RevisePullRequest, run: Run, client: Client) -> Outcome:
    """Its body says what is true now; it is ready where the step says so."""
    assert run.pull_request is not None
    pull = await read_pull_request(client, run.pull_request.number)
    if pull.state == "closed":
        return StepFailed("cancelled", f"pull request #{pull.number} was closed")
    pull = await update_pull_request(client, pull, body=comments.pull_request_body(run))
    if step.ready and pull.draft:
        await mark_ready(client, pull)
        pull = await read_pull_request(client, pull.number)
    return PullRequestRevised(_reference(pull))


def _reference(pull: PullRequestState) -> PullRequest:
    return PullRequest(pull.number, pull.url, pull.node_id, pull.draft)
