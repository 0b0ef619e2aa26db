"""The gate before any live task: old tasks are done again on both arms, and an item that harms there goes no further.

Pairs are done a few at a time, so that learning never keeps the machine from its work, and stop at the amount of money
that the policy allows or a person has approved.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.jobs.context import Context
from bot.jobs.learn.evaluate import Judged, event_of, target_of
from bot.jobs.learn.replay import Replayed, prepare_replay, replay, starting_point
from bot.jobs.learn.standings import Standings, read_standings
from bot.jobs.perform.checklist import in_force
from bot.model.command import Unqualified
from bot.model.errors import RmoError
from bot.model.pattern import Signature
from bot.model.protocol import ChecklistItem
from bot.model.rollout import ArmCounts, Decision, ItemEvent, ReplayPair, TrialStatistics
from bot.model.run import Run
from bot.rollout.replay import decide_replays
from bot.store import journal
from bot.store.replayable import OldTask, read_old_tasks
from bot.store.rollouts import read_pairs, write_item_event, write_pair

PAIRS_A_TICK = 4
LOOKED_AT = 400
"""Old tasks among which pairs are looked for."""

_log = structlog.get_logger("bot.jobs.learn")


async def pass_gate(context: Context) -> tuple[Judged, ...]:
    """Do a few more pairs for each item that waits at the gate, and decide; those whose state changed."""
    standings = await context.database.transact(read_standings, context.catalogue)
    changed: list[Judged] = []
    for item in context.catalogue.items:
        if standings.of(item.id).state == "testing":
            judged = await _test(item, standings, context)
            if judged.decision.kind != "hold" and not judged.standing.pinned:
                await context.database.transact(write_item_event, event_of(judged, context.now()))
                changed.append(judged)
    return tuple(changed)


async def _test(item: ChecklistItem, standings: Standings, context: Context) -> Judged:
    policy = context.policy.learning.replay
    standing = standings.of(item.id)
    if item.kind == "check":
        reason = "a check stops a try where a replay ends, so only live tasks can tell"
        return Judged(item, standing, staged_without((), reason))
    approved = approved_for(standings.events, item.id)
    for _ in range(PAIRS_A_TICK):
        pairs = await _pairs(context, item, standing.since)
        decision = decide_replays(pairs, policy, approved=bool(approved))
        if decision.kind != "hold":
            return Judged(item, standing, decision)
        spent = sum(pair.cost_micro_dollars for pair in pairs)
        if spent >= (approved or policy.cost_micro_dollars):
            return Judged(item, standing, staged_without(pairs, f"replays have used {spent / 1e6:.2f} US dollars"))
        if not await _one_more(item, pairs, standings, context):
            return Judged(item, standing, staged_without(pairs, "no further old task could be done again here"))
    pairs = await _pairs(context, item, standing.since)
    return Judged(item, standing, decide_replays(pairs, policy, approved=bool(approved)))


def approved_for(events: Sequence[ItemEvent], item: str) -> int:
    """Micro dollars that a person has approved for a promotion by replays alone; 0 where nobody has."""
    found = (event.numbers.get("approved_micro_dollars", 0.0) for event in reversed(events) if event.item == item)
    return next((int(amount) for amount in found if amount), 0)


def staged_without(pairs: Sequence[ReplayPair], reason: str) -> Decision:
    """Harmless as far as was seen: live tasks will tell."""
    treated = ArmCounts(len(pairs), sum(p.treated_succeeded for p in pairs), sum(p.treated_targeted for p in pairs))
    control = ArmCounts(len(pairs), sum(p.control_succeeded for p in pairs), sum(p.control_targeted for p in pairs))
    detail = f"{reason}; after {len(pairs)} pairs without a sign of harm, part of the live tasks are told the item"
    return Decision("stage", detail, TrialStatistics(treated, control, len(pairs), {}))


async def _pairs(context: Context, item: ChecklistItem, since: datetime) -> tuple[ReplayPair, ...]:
    pairs = await context.database.transact(read_pairs, item.id)
    return tuple(pair for pair in pairs if pair.at >= since)


async def _one_more(item: ChecklistItem, pairs: Sequence[ReplayPair], standings: Standings, context: Context) -> bool:
    """Do one more old task on both arms; False where there is none that can be done."""
    if isinstance(context.sandbox, Unqualified):
        return False
    done = {pair.task for pair in pairs}
    for old in await context.database.transact(read_old_tasks, done, LOOKED_AT):
        try:
            if await _pair(item, old, standings, context):
                return True
        except RmoError as error:
            _log.info("not_replayed", item=item.id, task=old.task, problem=str(error))
    return False


async def _pair(item: ChecklistItem, old: OldTask, standings: Standings, context: Context) -> bool:
    start, target = await context.database.transact(_read, old, item, context)
    if start is None:
        return False
    ready = await prepare_replay(start, context)
    if ready is None:
        return False
    others = tuple(
        each.id
        for each in in_force(context.catalogue, None)
        if each.id != item.id and standings.of(each.id).state == "production"
    )
    treated = await replay(ready, (item.id, *others), context)
    control = await replay(ready, others, context)
    await context.database.transact(write_pair, item.id, _compared(old, treated, control, target, context))
    return True


def _read(
    connection: Connection, old: OldTask, item: ChecklistItem, context: Context
) -> tuple[Run | None, Signature | None]:
    request = journal.read_request(connection, old.run)
    entries = journal.read_journal(connection, old.run)
    start = starting_point(request, entries, item, context) if request is not None else None
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
