"""The one status comment, and a run's last word."""

from dataclasses import replace

from bot import comments
from bot.github.client import Client
from bot.github.comments import keep_comment
from bot.github.pulls import read_pull_request, update_pull_request
from bot.model.journal import Outcome, StatusPosted, Stop, Stopped
from bot.model.phase import Stopping
from bot.model.run import Run


async def post_status(run: Run, client: Client) -> Outcome:
    """The status comment says what is true of `run`; edited in place, sent only when it differs."""
    comment = await keep_comment(client, run.request.issue, _marker(run), comments.status(run))
    return StatusPosted(comment.id)


async def stop(step: Stop, run: Run, client: Client) -> Outcome:
    """The pull request and the status comment tell how the run ended."""
    ending = replace(run, phase=Stopping(step.reason, step.detail))
    if run.pull_request is not None:
        pull = await read_pull_request(client, run.pull_request.number)
        if pull.state == "open":
            await update_pull_request(client, pull, body=comments.pull_request_body(ending))
    await keep_comment(client, run.request.issue, _marker(run), comments.status(ending))
    return Stopped(step.reason, step.detail)


def _marker(run: Run) -> str:
    """One comment a run: a new label gets a comment of its own."""
    return comments.status_marker(run.id)
