"""A person's word: it is an event like every decision, and outranks them all."""

import asyncio
from collections.abc import AsyncGenerator, Container
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from bot.jobs.learn.learner import Learner
from bot.jobs.learn.standings import read_standings
from bot.mining.miner import Miner
from bot.model.errors import NeedsHuman
from bot.model.ids import RunId
from bot.model.pattern import PatternEvent, PatternId
from bot.model.protocol import Catalogue
from bot.model.rollout import ItemEvent
from bot.rollout.standing import Verb, override
from bot.store import learning_state, patterns
from bot.store.failure_groups import Remark
from bot.store.rollouts import write_item_event

Said = Literal["pin", "unpin", "ban", "unban", "retire", "add"]


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge has done; failures stay where they are, learning no longer sees these tasks."""

    tasks: int
    patterns: int
    """Whose evidence is gathered anew."""


async def say(learner: Learner, item: str, verb: Said, remark: Remark) -> ItemEvent:
    """Let a person's word about an item take effect for every new run. Raises NeedsHuman for an unknown item."""
    return await learner.database.transact(_say, learner.catalogue, item, verb, remark)


def _say(connection: Connection, catalogue: Catalogue, item: str, verb: Verb, remark: Remark) -> ItemEvent:
    standings = read_standings(connection, catalogue)
    _known(item, standings.by_item)
    before = standings.of(item).state
    event = override(item, verb, before=before, actor=remark.actor, at=remark.at, why=remark.note)
    write_item_event(connection, event)
    return event


async def approve_replays(learner: Learner, item: str, micro_dollars: int, remark: Remark) -> ItemEvent:
    """Allow an item to be promoted by replays alone, for at most this much. Raises NeedsHuman for an unknown item."""

    def work(connection: Connection) -> ItemEvent:
        standings = read_standings(connection, learner.catalogue)
        _known(item, standings.by_item)
        state = standings.of(item).state
        if state != "testing":
            raise NeedsHuman(f"{item!r} is {state}; only an item that is `testing` is replayed")
        numbers = {"approved_micro_dollars": float(micro_dollars)}
        detail = f"replays for {micro_dollars / 1e6:.2f} US dollars approved"
        event = ItemEvent(item, remark.at, state, "override", remark.actor, detail, "", numbers)
        write_item_event(connection, event)
        return event

    return await learner.database.transact(work)


def _known(item: str, standings: Container[str]) -> None:
    if item not in standings:
        raise NeedsHuman(f"there is no item {item!r}; `rmo protocols list` shows which there are")


async def purge(
    learner: Learner,
    remark: Remark,
    *,
    actor: str | None = None,
    run: RunId | None = None,
    since: datetime | None = None,
) -> Purged:
    """Learn nothing from these tasks any more: counts and evidence are made anew without them.

    Give exactly one of `actor` (who labelled), `run` and `since`. Raises CountsInUse where another process is mining.
    """

    def work(connection: Connection) -> Purged:
        tasks = learning_state.exclude_tasks(connection, remark, actor=actor, run=run, since=since)
        return Purged(tasks, _judge_anew(connection, remark) if tasks else 0)

    async with _without_counts(learner):
        return await learner.database.transact(work)


def _judge_anew(connection: Connection, remark: Remark) -> int:
    """Forget the evidence of every pattern that nothing was proposed for yet; how many these are.

    What stands in a pull request or a checklist keeps the numbers that it was proposed with: a person decides about it.
    """
    undecided = [each for each in patterns.list_patterns(connection) if each.status in ("watched", "crossed")]
    for each in undecided:
        pattern = each.registration.id
        patterns.forget_points(connection, pattern)
        if each.status == "crossed":
            detail = "judged anew, without tasks that a person excluded"
            event = PatternEvent(pattern, remark.at, "registered", remark.actor, detail, {})
            patterns.write_pattern_event(connection, event)
    return len(undecided)


async def reset(learner: Learner, remark: Remark) -> None:
    """Begin anew: patterns and counts are dropped, failures stay. Raises CountsInUse while another process mines."""
    async with _without_counts(learner):
        await learner.database.transact(learning_state.reset_learning, remark)


@asynccontextmanager
async def _without_counts(learner: Learner) -> AsyncGenerator[None]:
    """Nobody mines meanwhile, and the counts are empty afterwards: they are only derived, and made anew by the next.

    They are taken before anything is written, so that who is told that they are in use can simply try again.
    """
    miner = await asyncio.to_thread(Miner, learner.counts)
    try:
        yield
        await asyncio.to_thread(miner.clear)
    finally:
        await asyncio.to_thread(miner.close)


async def delete_pattern(learner: Learner, pattern: PatternId, remark: Remark) -> bool:
    """Stop watching a pattern; whether there was one. Its numbers stay, and it is not registered again by itself."""
    return await learner.database.transact(patterns.delete_pattern, pattern, remark)
