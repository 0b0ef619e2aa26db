"""The environment phase: dependencies installed once, the base branch's own tests run, before any model is asked."""

from bot.git.tree import archive as archive_of
from bot.jobs.context import Context
from bot.jobs.validation import Executed, Workbench, execute
from bot.model.command import Unqualified
from bot.model.environment import EnvironmentFailed, EnvironmentReady
from bot.model.outcome import EnvironmentBroken, EnvironmentPrepared, Outcome
from bot.model.run import BaseChecks, Run
from bot.sandbox import Sandbox
from bot.sandbox.environment import prepare
from bot.sandbox.manifests import find_manifests


async def prepare_environment(run: Run, context: Context) -> Outcome:
    """The installed environment and what the base commit's tests say; EnvironmentBroken where it can't be installed."""
    assert run.frozen is not None
    repository, base = run.request.repository, run.frozen.base
    token = await context.github.token(repository.full_name, repository.installation, repository=repository.id)
    url = f"{context.git_url}/{repository.full_name}.git"
    await context.clones.fetch(url, token, repository.id, (base.sha,))
    sandbox = context.sandbox
    if isinstance(sandbox, Unqualified):
        note = f"not executed locally: no sandbox ({sandbox.reason}). {sandbox.mend}"
        return EnvironmentPrepared(None, BaseChecks(ran=False, note=note))
    archive = await archive_of(context.clones.location(repository.id), base.sha)
    spec = find_manifests(archive, setup=run.frozen.config.setup)
    prepared = await prepare(spec, archive, context.environments, sandbox, variables=context.installer)
    match prepared:
        case EnvironmentFailed(command=command, output_tail=tail):
            return EnvironmentBroken(command, tail)
        case EnvironmentReady():
            work = Workbench(sandbox, prepared, archive, context.validations, context.tests_wall)
            return EnvironmentPrepared(prepared, await _base_checks(work, sandbox))


async def _base_checks(work: Workbench, sandbox: Sandbox) -> BaseChecks:
    """The tests of the base commit, as its own configuration runs them; kept for the proof at the end."""
    executed = await execute(work, {})
    assert isinstance(executed, Executed)
    outcomes = executed.evidence.outcomes
    failing = tuple(sorted(test for test, state in outcomes if state in ("failed", "error")))
    passing = sum(state == "passed" for _, state in outcomes)
    if executed.timed_out:
        note = "the base branch's tests did not end in time"
    elif not outcomes:
        note = "the base branch has no tests that could be run"
    elif failing:
        note = f"{len(failing)} of {len(outcomes)} tests fail on the base branch already"
    else:
        note = f"{passing} tests pass on the base branch"
    return BaseChecks(bool(outcomes), note, failing, passing, sandbox.backend.backend)
