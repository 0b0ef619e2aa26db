"""The workbench of a run: its base commit's tree, its installed dependencies, the sandbox."""

from bot.git.tree import archive as archive_of
from bot.jobs.context import Context
from bot.jobs.validation import Workbench
from bot.model.run import Run


async def workbench(run: Run, context: Context) -> Workbench:
    """What validates changes to the run's base commit."""
    assert run.frozen is not None
    clone = context.clones.location(run.request.repository.id)
    return Workbench(
        sandbox=context.sandbox,
        environment=run.environment,
        archive=await archive_of(clone, run.frozen.base.sha),
        cache=context.validations,
        tests_wall=context.tests_wall,
    )
