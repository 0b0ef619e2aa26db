"""The Executor's `check`: the same levels as before a push, on its overlay, as typed results."""

from dataclasses import dataclass

from bot.jobs.context import Context
from bot.jobs.desk import Desk
from bot.jobs.perform.bench import workbench
from bot.jobs.perform.checklist import gates
from bot.jobs.validation import level_text, run_levels
from bot.loop.demands import is_reproduction
from bot.model.failure import Failure
from bot.model.phase import Working
from bot.model.reply import Check
from bot.model.run import Run

STATIC = 2


@dataclass(frozen=True, slots=True)
class LevelReport:
    """What a check says: to the Executor in words, to the failure store typed."""

    text: str
    failures: tuple[Failure, ...] = ()


async def check_level(call: Check, run: Run, context: Context, desk: Desk) -> LevelReport:
    """Level 1 syntax, 2 lint and security, 3 tests; a level that fails is the last one that runs.

    The test of an item that shows the issue has to fail, so its failure is none.
    """
    assert isinstance(run.phase, Working)
    levels = await run_levels(
        await workbench(run, context),
        desk.overlay,
        highest=call.level,
        tests=call.tests,
        known_red=frozenset(run.base_checks.failing if run.base_checks else ()),
        checks=await gates(run, run.phase.item, context),
    )
    shows = is_reproduction(context.catalogue.nodes, run.phase.item.action)
    counted = [level for level in levels if level.level <= STATIC or not shows]
    return LevelReport(level_text(levels), tuple(failure for level in counted for failure in level.failures))
