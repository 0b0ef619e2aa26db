"""Reading what a bench has left in the store of its bot."""

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.bench.measure import Measured
from bot.bench.report import Facts, FoundPattern, TriedItem
from bot.bench.statement import Statement
from bot.bench.world import BenchWorld
from bot.jobs.learn.learner import learner_of
from bot.jobs.learn.standings import Standings, read_standings
from bot.model.pattern import Pattern
from bot.model.protocol import ChecklistItem
from bot.rollout.router import tokens
from bot.store import patterns
from bot.store.rollouts import read_pairs


async def gather(
    world: BenchWorld,
    tasks: Sequence[Measured],
    *,
    model: str,
    seed: int,
    merged: int,
    problems: Sequence[str],
    promotions: Sequence[tuple[int, str]],
    said: Statement,
    seconds: float,
) -> Facts:
    """Everything that the report is made of."""
    context = world.bot.context
    learner = learner_of(context)
    items = [item for item in learner.catalogue.items if item.is_learned]

    def read(connection: Connection) -> Facts:
        standings = read_standings(connection, learner.catalogue)
        found = patterns.list_patterns(connection)
        return Facts(
            model=model,
            seed=seed,
            tasks=tasks,
            registered=len(found),
            patterns=[_pattern(each) for each in found if any(event.act == "crossed" for event in each.events)],
            items=[_item(item, standings) for item in items],
            merged=merged,
            refused_changes=list(dict.fromkeys(problems)),
            token_budget=learner.policy.router.tokens,
            wall_seconds=seconds,
            replay_pairs=sum(len(read_pairs(connection, item.id)) for item in items),
            promotions=promotions,
            simulated=said.simulated,
            real=said.real,
        )

    return await context.database.transact(read)


def _pattern(pattern: Pattern) -> FoundPattern:
    last = pattern.points[-1]
    return FoundPattern(pattern.registration.id, pattern.registration.hypothesis.text, last.e_value, last.threshold)


def _item(item: ChecklistItem, standings: Standings) -> TriedItem:
    events = [event for event in standings.events if event.item == item.id and event.actor == "rmo"]
    return TriedItem(
        id=item.id,
        kind=item.kind,
        pattern=item.evidence,
        state=standings.of(item.id).state,
        tokens=tokens(item),
        story=tuple(f"{event.kind}: {event.detail}" for event in events),
    )
