"""The environment phase: dependencies installed once, the base branch's own tests run, before any model is asked."""

from datetime import timedelta

from bot.ci.findings import collect
from bot.git.tree import archive as archive_of
from bot.jobs.context import Context
from bot.model.command import Unqualified
from bot.model.environment import EnvironmentFailed, EnvironmentReady
from bot.model.journal import EnvironmentBroken, EnvironmentPrepared, Outcome
from bot.model.run import BaseChecks, Run
from bot.sandbox import Sandbox
from bot.sandbox.checks import run_tests
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
            return EnvironmentPrepared(prepared, await _base_checks(sandbox, prepared, archive, context.tests_wall))


async def _base_checks(sandbox: Sandbox, environment: EnvironmentReady, archive: bytes, wall: timedelta) -> BaseChecks:
    """The tests of the base commit, as its own configuration runs them."""
    tests = await run_tests(sandbox, environment, archive, {}, wall=wall)
    results = collect({"junit.xml": tests.junit}, (), {}).tests if tests.junit else ()
    failing = tuple(sorted(result.id for result in results if result.outcome in ("failed", "error")))
    passing = sum(result.outcome == "passed" for result in results)
    if tests.timed_out:
        note = "the base branch's tests did not end in time"
    elif not results:
        note = "the base branch has no tests that could be run"
    elif failing:
        note = f"{len(failing)} of {len(results)} tests fail on the base branch already"
    else:
        note = f"{passing} tests pass on the base branch"
    return BaseChecks(bool(results), note, failing, passing, sandbox.backend.backend)
