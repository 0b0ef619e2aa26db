"""Trying whether CI runs on what the bot pushes: an empty commit on a branch of its own, which is taken away again.

The commit holds the default branch's own files, so nothing unread is run; still a workflow that deploys would run,
which is why who asks for this has to see first that CI hands out nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.doctor.finding import Finding, in_a_list, ok, problem, raised, warning
from bot.github.branches import create_ref, delete_ref, read_branch_head
from bot.github.checks import list_check_runs, list_statuses
from bot.github.client import Client
from bot.github.commits import create_commit, read_commit
from bot.model.check import CheckRun
from bot.model.errors import RmoError
from bot.model.ids import CommitSha

PATIENCE: Final = timedelta(minutes=3)
"""A workflow of GitHub's shows within seconds of the push; other services may take longer."""
PAUSE: Final = timedelta(seconds=2)
MESSAGE: Final = "Probe whether CI runs on the bot's pushes\n\nThis branch is deleted in a moment."


@dataclass(frozen=True, slots=True)
class Waiting:
    """For how long checks are waited for, and how."""

    patience: timedelta = PATIENCE
    pause: timedelta = PAUSE
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def probe_ci(
    client: Client, default_branch: str, workflows: tuple[str, ...], nonce: str, waiting: Waiting | None = None
) -> tuple[Finding, ...]:
    """Whether checks begin on a pushed commit; `workflows` are the files that run for a branch of the bot at all.

    `client` needs the permissions of a run. The branch is deleted whatever happens.
    """
    branch = f"rmo/probe-{nonce}"
    ref = f"refs/heads/{branch}"
    findings: list[Finding] = []
    try:
        base = await read_branch_head(client, default_branch)
        if base is None:
            return (problem("probe", f"there is no branch {default_branch!r}", "push a first commit"),)
        parent = await read_commit(client, base)
        commit = await create_commit(client, MESSAGE, parent.tree, (base,))
        try:
            await create_ref(client, ref, commit.sha)
            findings.append(judge(await _checks(client, commit.sha, waiting or Waiting()), workflows))
        finally:
            await asyncio.shield(asyncio.ensure_future(_delete(client, ref, branch, findings)))
    except RmoError as error:
        findings.append(raised("probe", error))
    return tuple(findings)


async def _delete(client: Client, ref: str, branch: str, findings: list[Finding]) -> None:
    try:
        await delete_ref(client, ref)
    except RmoError as error:
        findings.append(warning("probe", f"the branch {branch} is left: {error}", f"delete the branch {branch}"))


async def _checks(client: Client, sha: CommitSha, waiting: Waiting) -> tuple[CheckRun, ...]:
    """The first checks of others on a commit, empty where none came in time."""
    own = (await client.identity()).id
    deadline = waiting.clock() + waiting.patience.total_seconds()
    while True:
        found = (*await list_check_runs(client, sha), *await list_statuses(client, sha))
        others = tuple(each for each in found if each.app != own)
        if others or waiting.clock() >= deadline:
            return others
        await waiting.sleep(waiting.pause.total_seconds())


def judge(checks: tuple[CheckRun, ...], workflows: tuple[str, ...]) -> Finding:
    """What it means that these checks began on the pushed commit."""
    if checks:
        return ok("probe", f"CI runs on pushes of the bot: {in_a_list(sorted({each.name for each in checks}))}")
    if workflows:
        said = "no check began on a push; workflows that wait for a pull request or for certain paths begin later"
        return warning("probe", said, f"if they do not run on the bot's first pull request, see {workflows[0]}")
    mend = "let a workflow run on `push` to `rmo/**` or on `pull_request`, and see that Actions are enabled"
    return problem("probe", "no check began on a push, and no workflow runs for a branch of the bot", mend)
