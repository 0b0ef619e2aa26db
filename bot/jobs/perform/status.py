"""The one status comment, our own check run, and a run's last word."""

from dataclasses import replace

from bot import comments
from bot.comments import CheckOutput
from bot.github.checks import keep_check_run
from bot.github.client import Client
from bot.github.comments import keep_comment
from bot.github.errors import NotFound, NotPermitted
from bot.github.pulls import read_pull_request, update_pull_request
from bot.intake.estimate import estimate
from bot.jobs.context import Context
from bot.jobs.past_items import past_items
from bot.model.estimate import Estimate
from bot.model.ids import CommitSha
from bot.model.outcome import Outcome, StatusPosted, Stopped
from bot.model.phase import Approving, Stopping
from bot.model.run import Run
from bot.model.step import Stop


async def post_status(run: Run, context: Context, client: Client) -> Outcome:
    """The status comment says what is true of `run`; edited in place, sent only when it differs."""
    expected: Estimate | None = None
    if isinstance(run.phase, Approving) and run.plan is not None:
        expected = estimate(run.plan.items, await past_items(context, run.request.repository.id))
    comment = await keep_comment(client, run.request.issue, _marker(run), comments.status(run, expected))
    await _keep_checks(run, client)
    return StatusPosted(comment.id)


async def stop(step: Stop, run: Run, client: Client) -> Outcome:
    """The pull request, our check run and the status comment tell how the run ended."""
    ending = replace(run, phase=Stopping(step.reason, step.detail))
    if run.pull_request is not None:
        pull = await read_pull_request(client, run.pull_request.number)
        if pull.state == "open":
            await update_pull_request(client, pull, body=comments.pull_request_body(ending))
    await keep_comment(client, run.request.issue, _marker(run), comments.status(ending))
    await _keep_checks(ending, client)
    return Stopped(step.reason, step.detail)


async def _keep_checks(run: Run, client: Client) -> None:
    """Our own check run on the work branch's head: a timeline for people, and no judge of anything.

    Those on heads that were left behind are completed: just after a commit the one before, at the end all of them.
    """
    *earlier, head = run.heads or (None,)
    if head is None:
        return
    await _keep_check(client, run, head, comments.check_output(run))
    ends = isinstance(run.phase, Stopping)
    fresh = bool(run.steps) and run.steps[-1].code_sha == head
    for left in earlier if ends else earlier[-1:] if fresh else ():
        await _keep_check(client, run, left, comments.left_behind_output(head))


async def _keep_check(client: Client, run: Run, head: CommitSha, output: CheckOutput) -> None:
    try:
        await keep_check_run(
            client,
            head,
            name=comments.CHECK_NAME,
            external_id=run.id,
            status=output.state,
            conclusion=output.conclusion,
            title=output.title,
            summary=output.summary,
            text=output.text,
            actions=output.buttons,
        )
    except (NotFound, NotPermitted):
        # A branch that somebody has deleted takes its commit along; what the check says is said in the comment, too.
        return


def _marker(run: Run) -> str:
    """One comment a run: a new label gets a comment of its own."""
    return comments.status_marker(run.id)
