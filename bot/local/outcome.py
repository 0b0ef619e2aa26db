"""What a local run leaves: its report, and the words that end it on the terminal."""

from typing import Any

from bot.github.commits import list_commits_between
from bot.github.pulls import list_pull_request_files, read_pull_request
from bot.local.world import World
from bot.model.run import Run
from bot.report import report_of


async def report_on(world: World, run: Run) -> dict[str, Any]:
    """The report of an ended run, with the pull request and the branch as GitHub has them now."""
    repository = run.request.repository
    client = world.bot.context.github.client(repository.full_name, repository.installation, repository=repository.id)
    pull, files, commits = None, (), ()
    if run.pull_request is not None:
        pull = await read_pull_request(client, run.pull_request.number)
        files = await list_pull_request_files(client, run.pull_request.number)
    if run.frozen is not None and run.code_head is not None:
        commits = tuple(reversed(await list_commits_between(client, run.frozen.base.sha, run.code_head)))
    return report_of(run, commits, pull, files)


def in_short(report: dict[str, Any]) -> list[str]:
    """The end of a run in a few lines."""
    run = report["run"]
    waiting = run["seconds_waiting_model"] + run["seconds_waiting_ci"] + run["seconds_waiting_github"]
    return [
        f"{run['status']} in {run['seconds']:.1f} s ({run['seconds_waiting_ci']:.1f} s of them in CI, "
        f"{run['seconds'] - waiting:.1f} s our own)",
        f"{len(report['steps'])} steps, {len(report['commits'])} commits, {len(report['failures'])} failures recorded, "
        f"{run['model_requests']} model requests, {run['cost_usd']:.2f} US dollars",
    ]
