"""Before every push: the levels, the tamper guard and, for an item that shows the issue, red on the base commit."""

from collections.abc import Mapping

from bot.failures.reproduction import reproduction_failure
from bot.jobs.context import Context
from bot.jobs.desk import Desk
from bot.jobs.perform.bench import workbench
from bot.jobs.perform.checklist import gates
from bot.jobs.perform.guard import guard
from bot.jobs.validation import reproduce, run_levels
from bot.loop.demands import changes_code, green_means, is_reproduction
from bot.loop.size import too_large
from bot.model.action import ActionNode
from bot.model.failure import Failure
from bot.model.ids import ActionId
from bot.model.outcome import ItemValidated, Outcome, StepFailed
from bot.model.phase import Inspecting
from bot.model.run import Run
from bot.model.validation import NotReproduced, Reproduction

STATIC = 2


async def validate_item(run: Run, context: Context) -> Outcome:
    """What the validation before the push says of the item at hand, cheapest first."""
    assert isinstance(run.phase, Inspecting)
    assert run.frozen is not None
    work, config = run.phase.work, run.frozen.config
    overlay = {**run.code, **work.overlay}
    too_much = too_large(await Desk.of(run, context).read_base(overlay), overlay, config)
    if too_much:
        return StepFailed("too_large", f"the change is too large to be reviewed: {too_much}")
    nodes = context.catalogue.nodes
    shows = is_reproduction(nodes, work.item.action)
    bench = await workbench(run, context)
    levels = await run_levels(
        bench,
        overlay,
        highest=min(config.levels_before_push, STATIC) if shows else config.levels_before_push,
        known_red=_known_red(run, nodes),
        checks=await gates(run, work.item, context),
    )
    failures: tuple[Failure, ...] = tuple(failure for level in levels for failure in level.failures)
    tampering, bent = await guard(run, context, overlay, shows=shows) if config.tamper_guard else ((), ())
    reproduction: Reproduction | None = None
    if shows and not failures and not bent and config.red_before_green:
        reproduction = await reproduce(bench, overlay)
        if isinstance(reproduction, NotReproduced):
            failures = tuple(reproduction_failure(test) for test in reproduction.tests[:1])
    planned = [item.action for item in run.plan.items] if run.plan else []
    return ItemValidated(levels, tampering, (*failures, *bent), reproduction, green_means(nodes, planned))


def _known_red(run: Run, nodes: Mapping[ActionId, ActionNode]) -> frozenset[str]:
    """Tests that may fail: those that fail on the base commit, and those that show the issue, while it is not the turn
    of the last item that changes code."""
    assert isinstance(run.phase, Inspecting)
    base = frozenset(run.base_checks.failing if run.base_checks else ())
    this, *later = (run.phase.work.item, *run.pending_items)
    is_last = changes_code(nodes, this.action) and not any(changes_code(nodes, item.action) for item in later)
    return base if is_last else base | frozenset(run.reproduction)
