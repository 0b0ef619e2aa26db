"""What a local run leaves: its report, and the words that end it on the terminal."""

from typing import Any

from bot.github.commits import list_commits_between
from bot.github.pulls import list_pull_request_files, read_pull_request
from bot.local.world import World
from bot.model.phase import StopReason
from bot.model.run import Run
from bot.report import report_of

_AGAIN = "then run it again"
NEXT_STEP: dict[StopReason, str] = {
    "completed": "review the branch",
    "unverified": "look at the branch, it may still be what you want",
    "no_change": f"say more in the issue, {_AGAIN}",
    "cancelled": "run it again to start over",
    "not_permitted": _AGAIN,
    "setup_failed": f"mend the set-up or commit a `setup:` in .github/fractal-rmo.yml, {_AGAIN}",
    "needs_answer": f"answer in the issue, {_AGAIN}",
    "stuck": f"look at what was tried, give a hint in the issue, {_AGAIN}",
    "budget_steps": f"split the issue, {_AGAIN}",
    "budget_attempts": f"look at what was tried, give a hint in the issue, {_AGAIN}",
    "budget_requests": f"split the issue, {_AGAIN}",
    "budget_tokens": f"split the issue, {_AGAIN}",
    "budget_money": f"split the issue, {_AGAIN}",
    "budget_time": f"split the issue, {_AGAIN}",
    "checks_timed_out": f"see why the checks don't end, {_AGAIN}",
    "checks_cancelled": "run it again",
    "branch_moved": "run it again",
    "refused": _AGAIN,
    "needs_human": _AGAIN,
    "failed": "run it again, and report it if it happens twice",
}
"""What the person at the terminal can do; on GitHub the same ends are told in the words of `comments`."""
DETAIL_CHARACTERS = 600


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


def in_one_line(report: dict[str, Any]) -> str:
    """How a run ended that did not succeed: the reason, what happened, and the next step."""
    reason: StopReason = report["run"]["stop_reason"]
    detail = " ".join(report["run"]["detail"].split()).rstrip(".;")
    shown = detail if len(detail) <= DETAIL_CHARACTERS else f"{detail[: DETAIL_CHARACTERS - 1]}…"
    return f"{reason.replace('_', ' ')}: {shown}; {NEXT_STEP[reason]}"
