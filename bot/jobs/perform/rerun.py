"""Failed jobs run once more on the same commit, where an administrator has granted `actions: write` for it.

What fails and then passes there is flaky. GitHub counts the attempts of a workflow run, so a run that is on its second
was asked for before: nothing is asked for twice, also after a crash.
"""

from collections.abc import Collection

from bot.github.app import RERUNNING
from bot.github.client import Client
from bot.github.errors import NotPermitted, Refused
from bot.github.workflows import list_workflow_runs, rerun_failed_jobs
from bot.jobs.context import Context
from bot.model.failure import Failure
from bot.model.ids import CommitSha
from bot.model.run import Run


async def rerun(
    run: Run, context: Context, client: Client, head: CommitSha, failures: Collection[Failure]
) -> tuple[str, ...]:
    """The tests whose jobs are under way again; none where that is not wanted, not granted, or was done before."""
    tests = tuple(sorted({failure.test for failure in failures}))
    # A test of the change itself is red because of the change, and what no test says cannot be flaky.
    if not tests or any(test.partition("::")[0] in {"", *run.code} for test in tests):
        return ()
    failed = [each for each in await list_workflow_runs(client, head) if each.conclusion in ("failure", "timed_out")]
    if not failed or any(each.attempt > 1 for each in failed):
        return ()
    repository = run.request.repository
    granted = context.github.client(
        repository.full_name, repository.installation, repository=repository.id, permissions=RERUNNING
    )
    try:
        for each in failed:
            await rerun_failed_jobs(granted, each.id)
    except (NotPermitted, Refused):
        return ()
    return tests
