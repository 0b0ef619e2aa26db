"""What of the checklists holds for an invocation or a try: in force for the run, about its work, affordable."""

import secrets
from collections.abc import Iterable, Sequence

from bot.agents.checklist import concerned
from bot.failures.vocabulary import Vocabulary, context_of
from bot.jobs.context import Context
from bot.model.action import PlannedItem
from bot.model.conversation import Agent
from bot.model.evidence import Features
from bot.model.protocol import Catalogue, ChecklistItem
from bot.model.run import Run
from bot.rollout.router import applies, route
from bot.store.failure_salt import read_salt


def in_force(catalogue: Catalogue, ids: Iterable[str] | None) -> tuple[ChecklistItem, ...]:
    """The items that a run was assigned, in that order; None stands for a run from before there were trials."""
    if ids is None:
        return tuple(item for item in catalogue.items if item.state == "production")
    known = {item.id: item for item in catalogue.items}
    return tuple(known[each] for each in ids if each in known)


async def told(
    run: Run, agent: Agent, planned: Sequence[PlannedItem], ids: Iterable[str] | None, context: Context
) -> tuple[ChecklistItem, ...]:
    """The items that an invocation about the `planned` items is told, within the budget of a prompt."""
    items = [item for item in in_force(context.catalogue, ids) if item.kind != "check"]
    features = await _features(run, planned, items, context)
    nearest = concerned(context.catalogue, agent, planned)
    return route(items, nearest, features, context.policy.learning.router)


async def gates(run: Run, item: PlannedItem, context: Context) -> tuple[ChecklistItem, ...]:
    """The checks that a try at `item` has to pass before it is pushed."""
    assert run.frozen is not None
    checks = [each for each in in_force(context.catalogue, run.frozen.items) if each.kind == "check"]
    features = await _features(run, [item], checks, context)
    nearest = concerned(context.catalogue, "executor", [item])
    return tuple(each for each in checks if applies(each, nearest, features))


async def _features(
    run: Run, planned: Sequence[PlannedItem], items: Sequence[ChecklistItem], context: Context
) -> tuple[Features, ...]:
    """Of each planned item, where any item of the checklist asks for one."""
    if not any(item.when for item in items):
        return ({},)
    salt = await context.database.transact(read_salt, secrets.token_hex(32))
    vocabulary = Vocabulary(context.catalogue.nodes, salt)
    return tuple(context_of(run, each, vocabulary) for each in planned) or ({},)
