"""Taking in a wish, once more with a look at what GitHub says."""

from bot.github.branches import read_branch_head
from bot.github.client import Client
from bot.github.pulls import read_pull_request
from bot.loop.steering import refusal
from bot.model.outcome import Obeyed, Outcome
from bot.model.phase import Ended
from bot.model.run import Run
from bot.model.step import Obey


async def obey(step: Obey, run: Run, client: Client) -> Outcome:
    """The wish is granted, or refused with a reason; a run that has ended needs an open pull request that is ours."""
    refused = refusal(run, step.wish)
    if not refused and isinstance(run.phase, Ended):
        refused = await _not_ours(run, client)
    return Obeyed(step.wish, refused)


async def _not_ours(run: Run, client: Client) -> str:
    assert run.pull_request is not None
    assert run.frozen is not None
    pull = await read_pull_request(client, run.pull_request.number)
    if pull.state == "closed":
        return f"pull request #{pull.number} is closed"
    head = await read_branch_head(client, run.frozen.task.branch)
    if head != run.code_head:
        return f"somebody else has committed to `{run.frozen.task.branch}`, so it is theirs now"
    return ""
