"""The pull request: opened as a draft with the first code commit, ready once the verdict allows it."""

from bot import comments
from bot.github.client import Client
from bot.github.pulls import (
    create_pull_request,
    mark_ready,
    read_pull_request,
    update_pull_request,
)
from bot.model.forge import PullRequestState
from bot.model.journal import Outcome, PullRequestOpened, PullRequestRevised, RevisePullRequest, StepFailed
from bot.model.run import PullRequest, Run


async def open_pull_request(run: Run, client: Client) -> Outcome:
    """The draft for the work branch; the one that is already open is taken."""
    assert run.frozen is not None
    task = run.frozen.task
    pull = await create_pull_request(
        client,
        title=comments.pull_request_title(run),
        body=comments.pull_request_body(run),
        head=task.branch,
        base=run.frozen.base.branch,
    )
    return PullRequestOpened(_reference(pull))


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
