"""One round of learning, in the order in which one thing leads to another.

What fails in one part is said and does not keep the others from their work; the next round tries again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.jobs.context import Context
from bot.jobs.learn.evaluate import evaluate_rollouts
from bot.jobs.learn.follow import follow_proposals
from bot.jobs.learn.gate import pass_gate
from bot.jobs.learn.gather import gather_evidence
from bot.jobs.learn.learner import learner_of
from bot.jobs.learn.mine import Extent, mine
from bot.jobs.learn.propose import open_proposal
from bot.jobs.learn.protocols import Protocols, find_protocols
from bot.jobs.learn.refresh import refresh_protocols
from bot.model.errors import RmoError
from bot.store.learning_state import read_learning
from bot.store.turns import finish_turn, take_turn

LEASE = timedelta(hours=1)
"""After which another worker takes up what one has left."""
ROUND = "learn"
TURNS: tuple[tuple[str, timedelta, Extent], ...] = (
    ("mine weekly", timedelta(days=7), "everything"),
    ("mine daily", timedelta(days=1), "rules"),
    ("mine hourly", timedelta(hours=1), "frequency"),
)

_log = structlog.get_logger("bot.jobs.learn")


@dataclass
class Round:
    """What one round did, in words; and what it could not do."""

    done: list[str] = field(default_factory=list[str])
    problems: list[str] = field(default_factory=list[str])


async def learn(context: Context) -> Round:
    """One round; safe to repeat. Beside another worker's round it does nothing. Raises StoreUnavailable."""
    if not await context.database.transact(take_turn, ROUND, context.now(), timedelta(0), LEASE):
        return Round(problems=["another worker is learning; it is looked at again in a while"])
    try:
        return await _learn(context)
    finally:
        await context.database.transact(finish_turn, ROUND)


async def _learn(context: Context) -> Round:
    round_ = Round()
    protocols = await _protocols(context, round_)
    context = context.with_knowledge(await context.library.follow())
    if not (await context.database.transact(read_learning)).on:
        return round_
    learner = learner_of(context)

    async def gather() -> None:
        gathered = await gather_evidence(learner)
        for pattern in gathered.crossed:
            round_.done.append(f"pattern {pattern.registration.id} has enough evidence")

    async def mining() -> None:
        for job, every, extent in TURNS:
            if await context.database.transact(take_turn, job, context.now(), every, LEASE):
                mined = await mine(learner, extent)
                await context.database.transact(finish_turn, job)
                round_.done.append(f"{job}: {len(mined.registered)} registered")

    async def decide() -> None:
        for judged in (*await evaluate_rollouts(learner), *await pass_gate(context)):
            round_.done.append(f"{judged.item.id}: {judged.decision.kind}: {judged.decision.reason}")

    async def propose() -> None:
        if protocols is not None and (opened := await open_proposal(context, protocols)) is not None:
            round_.done.append(f"pull request #{opened.pull_request} proposes {opened.item}")

    for part in (gather, mining, decide, propose):
        await _tried(part, round_)
    for line in round_.done:
        _log.info("learned", what=line)
    return round_


async def _protocols(context: Context, round_: Round) -> Protocols | None:
    """The protocols' repository, what it says in force, and what became of our pull requests there."""
    found: list[Protocols] = []

    async def look() -> None:
        protocols = await find_protocols(context)
        if protocols is not None:
            ended = await follow_proposals(context, protocols)
            round_.done.extend(f"pull request #{each.pull_request} was {each.status}" for each in ended)
            if await refresh_protocols(context, protocols):
                round_.done.append(f"protocols of {protocols.head[:12]} are in force")
            found.append(protocols)

    await _tried(look, round_)
    return found[0] if found else None


async def _tried(part: Callable[[], Awaitable[None]], round_: Round) -> None:
    try:
        await part()
    except RmoError as error:
        round_.problems.append(str(error))
        _log.warning("not_learned", part=part.__name__, problem=str(error))
