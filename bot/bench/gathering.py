"""Reading what a bench has left in the store of its bot."""

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.bench.measure import Measured
from bot.bench.report import Facts, FoundPattern, TriedItem
from bot.bench.statement import Statement
from bot.bench.world import BenchWorld
from bot.jobs.learn.learner import learner_of
from bot.jobs.learn.standings import Standings, read_standings
from bot.model.pattern import PatternId
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
        return Facts(
            model=model,
            seed=seed,
            tasks=tasks,
            registered=[_pattern(each.registration.id, connection) for each in patterns.list_patterns(connection)],
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


def _pattern(name: PatternId, connection: Connection) -> FoundPattern:
    pattern = patterns.read_pattern(connection, name)
    assert pattern is not None
    last = pattern.points[-1] if pattern.points else None
    # What it was proposed for; its points may since have begun anew.
    crossing = next((event for event in pattern.events if event.act == "crossed"), None)
    return FoundPattern(
        id=name,
        kind=pattern.registration.hypothesis.kind,
        text=pattern.registration.hypothesis.text,
        crossed=crossing is not None,
        e_value=crossing.numbers["e_value"] if crossing is not None else pattern.e_value,
        threshold=crossing.numbers["threshold"] if crossing is not None else last.threshold if last else 0.0,
        tasks=sum(each.table.inside for point in pattern.points for each in point.tables),
    )


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
