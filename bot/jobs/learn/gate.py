"""The gate before any live task: old tasks are done again on both arms, and an item that harms there goes no further.

Pairs are done a few at a time, so that learning never keeps the machine from its work, and stop at the amount of money
that the policy allows or a person has approved.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal, assert_never

import structlog
from sqlalchemy import Connection

from bot.agents.checklist import line_up
from bot.jobs.context import Context
from bot.jobs.learn.evaluate import Judged, carry_out, target_of
from bot.jobs.learn.replay import Replayed, prepare_replay, replay, starting_point
from bot.jobs.learn.standings import Standings, read_standings
from bot.model.command import Unqualified
from bot.model.errors import Retryable, RmoError
from bot.model.ids import ItemKey
from bot.model.learning_policy import ReplayPolicy
from bot.model.pattern import Signature
from bot.model.protocol import Catalogue, ChecklistItem
from bot.model.rollout import Decision, ItemEvent, ReplayPair
from bot.model.run import Run
from bot.rollout.replay import decide_replays
from bot.rollout.router import applies
from bot.store import journal
from bot.store.replayable import OldTask, read_old_tasks
from bot.store.rollouts import read_pairs, write_pair

PAIRS_A_TICK = 4
LOOKED_AT = 400
"""Old tasks among which pairs are looked for."""
TROUBLES = 3
"""Old tasks that can't be done just now, after which the rest is left for another time."""

Found = Literal["done", "none", "later"]
"""Whether one more pair was done; `later`: something is out of order that may pass."""

_log = structlog.get_logger("bot.jobs.learn")


async def pass_gate(context: Context) -> tuple[Judged, ...]:
    """Do a few more pairs for each item that waits at the gate, and decide; those whose state changed."""
    standings = await context.database.transact(read_standings, context.catalogue)
    changed: list[Judged] = []
    for item in context.catalogue.items:
        standing = standings.of(item.id)
        if standing.state == "testing" and not standing.pinned:
            judged = await _test(item, standings, context)
            if judged.decision.kind != "hold":
                await context.database.transact(carry_out, judged, context.now())
                changed.append(judged)
    return tuple(changed)


async def _test(item: ChecklistItem, standings: Standings, context: Context) -> Judged:
    policy = context.policy.learning.replay
    standing = standings.of(item.id)
    if item.kind == "check":
        reason = "a check stops a try where a replay ends, so only live tasks can tell"
        return Judged(item, standing, without_more((), policy, reason))
    approved = approved_for(standings.events, item.id)
    for _ in range(PAIRS_A_TICK):
        pairs = await _pairs(context, item, standing.since)
        decision = decide_replays(pairs, policy, approved=bool(approved))
        if decision.kind != "hold":
            return Judged(item, standing, decision)
        spent = sum(pair.cost_micro_dollars for pair in pairs)
        if approved and spent >= approved:
            reason = f"replays have used the {approved / 1e6:.2f} US dollars that were approved"
            return Judged(item, standing, without_more(pairs, policy, reason))
        found = await _one_more(item, pairs, standings, context)
        match found:
            case "done":
                continue
            case "later":
                return Judged(item, standing, decision)
            case "none":
                reason = "no further old task could be done again here"
                return Judged(item, standing, without_more(pairs, policy, reason))
            case _ as unreachable:
                assert_never(unreachable)
    pairs = await _pairs(context, item, standing.since)
    return Judged(item, standing, decide_replays(pairs, policy, approved=bool(approved)))


def approved_for(events: Sequence[ItemEvent], item: str) -> int:
    """Micro dollars that a person has approved for a promotion by replays alone; 0 where nobody has."""
    found = (event.numbers.get("approved_micro_dollars", 0.0) for event in reversed(events) if event.item == item)
    return next((int(amount) for amount in found if amount), 0)


def without_more(pairs: Sequence[ReplayPair], policy: ReplayPolicy, reason: str) -> Decision:
    """What follows where there are no more pairs to come: live tasks have to tell, unless it leans towards harm."""
    decision = decide_replays(pairs, replace(policy, pairs=len(pairs)), approved=False)
    return replace(decision, reason=f"{reason}; {decision.reason}")


async def _pairs(context: Context, item: ChecklistItem, since: datetime) -> tuple[ReplayPair, ...]:
    pairs = await context.database.transact(read_pairs, item.id)
    return tuple(pair for pair in pairs if pair.at >= since)


async def _one_more(item: ChecklistItem, pairs: Sequence[ReplayPair], standings: Standings, context: Context) -> Found:
    """Do one more old task on both arms."""
    if isinstance(context.sandbox, Unqualified):
        return "none"
    done, troubles = {pair.task for pair in pairs}, 0
    for old in await context.database.transact(read_old_tasks, done, LOOKED_AT):
        try:
            if await _pair(item, old, standings, context):
                return "done"
        except RmoError as error:
            _log.info("not_replayed", item=item.id, task=old.task, problem=str(error))
            troubles += isinstance(error, Retryable)
            if troubles == TROUBLES:
                break
    return "later" if troubles else "none"


async def _pair(item: ChecklistItem, old: OldTask, standings: Standings, context: Context) -> bool:
    wanted = units_about(item, old, context.catalogue)
    start, target = await context.database.transact(_read, old, item, wanted) if wanted else (None, None)
    if start is None:
        return False
    ready = await prepare_replay(start, context)
    if ready is None:
        return False
    others = tuple(
        each.id
        for each in context.catalogue.items
        if each.id != item.id and standings.of(each.id).state == "production"
    )
    treated = await replay(ready, (item.id, *others), context)
    control = await replay(ready, others, context)
    await context.database.transact(write_pair, item.id, _compared(old, treated, control, target, context))
    return True


def units_about(item: ChecklistItem, old: OldTask, catalogue: Catalogue) -> frozenset[ItemKey]:
    """The planned items of the old task that `item` would be told for."""
    return frozenset(
        unit.item
        for unit in old.planned
        if applies(
            item, {node: 0 for node in line_up(catalogue.nodes, unit.action)}, [{**old.features, **unit.features}]
        )
    )


def _read(
    connection: Connection, old: OldTask, item: ChecklistItem, wanted: Collection[ItemKey]
) -> tuple[Run | None, Signature | None]:
    request = journal.read_request(connection, old.run)
    entries = journal.read_journal(connection, old.run)
    start = starting_point(request, entries, wanted) if request is not None else None
    return start, target_of(connection, item)


def _compared(
    old: OldTask, treated: Replayed, control: Replayed, target: Signature | None, context: Context
) -> ReplayPair:
    return ReplayPair(
        task=old.task,
        at=context.now(),
        treated_succeeded=treated.succeeded,
        control_succeeded=control.succeeded,
        treated_targeted=target in treated.signatures,
        control_targeted=target in control.signatures,
        cost_micro_dollars=treated.cost_micro_dollars + control.cost_micro_dollars,
    )
