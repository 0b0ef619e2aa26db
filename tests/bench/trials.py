"""Simulated trials: outcomes of thousands of streams of tasks at once, as the tables that the rules read.

Every world is made of arms drawn in permuted blocks, as `bot.rollout.assignment` draws them, and of outcomes whose
probability each task has for itself; what is judged by is `bot.rollout` alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from bot.model.learning_policy import CanaryPolicy, ReplayPolicy
from bot.model.rollout import TrialTask
from bot.rollout.course import Rule, course, first, rules
from bot.rollout.curves import block_logs, curve, detector
from bot.rollout.gate import GateRule, Signs, gate, gate_rules
from bot.rollout.trial import Tables

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

CANARY = CanaryPolicy(
    share=0.5,
    block=4,
    unresolved=timedelta(days=14),
    odds=(1.25, 1.5, 2, 3),
    promote=20,
    harm_odds=(0.667, 0.5, 0.333, 0.167),
    roll_back=10,
    not_inferior_odds=0.8,
    not_inferior=20,
    useless_odds=1.5,
    useless_grid=(1.0, 0.8),
    useless=20,
    horizon=3000,
    baseline_share=0.05,
    baseline_block=20,
    holdback_share=0.1,
    alarm=1000,
    expires=timedelta(days=90),
)
FIFTH = replace(CANARY, share=0.2, block=5)
REPLAY = ReplayPolicy(
    pairs=240,
    odds=(0.6, 0.7, 0.8, 0.9),
    promote=20,
    harm=10,
    not_inferior_margin=0.15,
    not_inferior=20,
    cost_micro_dollars=2_000_000,
)

CHUNK = 250
"""Streams at a time, so that memory stays small."""


def arms(streams: int, tasks: int, policy: CanaryPolicy, chance: np.random.Generator) -> Flags:
    """Which tasks are treated, in permuted blocks; shape (streams, tasks)."""
    tickets = chance.random((streams, tasks // policy.block, policy.block))
    treated = tickets.argsort(axis=-1) < round(policy.share * policy.block)
    return treated.reshape(streams, -1)


def tabulate(treated: Flags, happened: Flags, size: int, triggered: Flags | None = None) -> Tables:
    """The tables of consecutive blocks; shape (streams, blocks, 4)."""
    counts = np.ones_like(treated) if triggered is None else triggered
    parts = [counts & treated, counts & ~treated, counts & treated & happened, counts & ~treated & happened]
    blocked = [part.reshape(len(part), -1, size).sum(axis=-1) for part in parts]
    return np.stack(blocked, axis=-1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class World:
    """Probabilities by place in the stream; shape (tasks,), or (streams, tasks) where streams differ."""

    success: Numbers
    treated_success: Numbers
    target: Numbers
    treated_target: Numbers
    triggered: float = 1.0
    same: bool = False
    """The targeted failure is the only one there is: it is there just where the task does not succeed."""


def steady(
    tasks: int, success: float, treated: float, target: float = 0.2, treated_target: float | None = None
) -> World:
    """The same for every task."""
    ones = np.ones(tasks)
    rarer = target if treated_target is None else treated_target
    return World(ones * success, ones * treated, ones * target, ones * rarer)


@dataclass(frozen=True, slots=True)
class Ends:
    """How each stream ended; shape (streams,)."""

    rule: NDArray[np.int64]
    tasks: NDArray[np.int64]
    """Triggered tasks by then."""

    def share(self, *which: Rule) -> float:
        return float(np.isin(self.rule, which).mean())

    def median(self, *which: Rule) -> float:
        return float(np.median(self.tasks[np.isin(self.rule, which)]))


def drawn(world: World, streams: int, policy: CanaryPolicy, seed: int) -> Iterator[tuple[Tables, Tables]]:
    """Tables of success and of the targeted failure, some streams at a time."""
    chance = np.random.default_rng(seed)
    tasks = world.success.shape[-1] // policy.block * policy.block
    for start in range(0, streams, CHUNK):
        count = min(CHUNK, streams - start)
        treated = arms(count, tasks, policy, chance)

        def happened(control: Numbers, under: Numbers, treated: Flags = treated) -> Flags:
            return chance.random(treated.shape) < np.where(treated, under[..., :tasks], control[..., :tasks])

        triggered = chance.random(treated.shape) < world.triggered
        success = happened(world.success, world.treated_success)
        target = ~success if world.same else happened(world.target, world.treated_target)
        yield (
            tabulate(treated, success, policy.block, triggered),
            tabulate(treated, target, policy.block, triggered),
        )


def ends(world: World, streams: int, policy: CanaryPolicy = CANARY, seed: int = 0) -> Ends:
    """Judge each stream by the rules of a live trial, with a look after every block."""
    found: list[NDArray[np.int64]] = []
    places: list[NDArray[np.int64]] = []
    for success, target in drawn(world, streams, policy, seed):
        run = course(success, target, policy)
        rule, place = first(rules(run, policy))
        found.append(rule)
        places.append(np.take_along_axis(run.triggered, place[:, None], axis=-1)[:, 0])
    return Ends(np.concatenate(found), np.concatenate(places))


def ever(
    world: World,
    streams: int,
    odds: tuple[float, ...],
    threshold: float,
    policy: CanaryPolicy = CANARY,
    *,
    null: float = 1.0,
    seed: int = 0,
) -> Numbers:
    """Tasks until an e-value on success reaches its threshold, one a stream; infinite where it never does."""
    times: list[Numbers] = []
    for success, _ in drawn(world, streams, policy, seed):
        over = curve(block_logs(success, odds, null)) >= np.log(threshold)
        times.append(np.where(over.any(axis=1), (over.argmax(axis=1) + 1.0) * policy.block, np.inf))
    return np.concatenate(times)


def clustered(streams: int, tasks: int, size: int, spread: float, seed: int) -> Numbers:
    """Probabilities that `size` tasks in a row share, as tasks of one issue do; shape (streams, tasks)."""
    chance = np.random.default_rng(seed)
    logits = np.repeat(chance.normal(0.8, spread, (streams, tasks // size + 1)), size, axis=1)[:, :tasks]
    return 1 / (1 + np.exp(-logits))


def slower(streams: int, strata: int, blocks: int, policy: CanaryPolicy, seed: int) -> dict[str, float]:
    """Where the item does nothing but make failures slow: share of streams that are promoted, by order of closing.

    Strata fill their blocks side by side. Tasks take about 5 steps, failed ones under treatment about 500.
    """
    chance = np.random.default_rng(seed)
    wrong: dict[str, int] = {}
    for start in range(0, streams, CHUNK):
        count = min(CHUNK, streams - start)
        size = policy.block
        treated = arms(count, strata * blocks * size, policy, chance)
        success = chance.random(treated.shape) < 0.7
        # The blocks of all strata are filled by turns: block b of stratum s is number b * strata + s
        assigned = np.arange(treated.shape[1], dtype=np.float64)
        ended = assigned + chance.exponential(np.where(treated & ~success, 500.0, 5.0))
        tables = tabulate(treated, success, size)
        closed = ended.reshape(count, -1, size).max(axis=-1)
        within = np.maximum.accumulate(closed.reshape(count, blocks, strata), axis=1).reshape(count, -1)
        by_task = ended.argsort(axis=1)
        orders = {
            "as blocks end": np.take_along_axis(tables, closed.argsort(axis=1)[..., None], axis=1),
            "in order within strata": np.take_along_axis(tables, within.argsort(axis=1)[..., None], axis=1),
            "in order over all": tables,
            "as tasks end": tabulate(
                np.take_along_axis(treated, by_task, axis=1), np.take_along_axis(success, by_task, axis=1), size
            ),
        }
        for name, ordered in orders.items():
            over = curve(block_logs(ordered, policy.odds)) >= np.log(policy.promote)
            wrong[name] = wrong.get(name, 0) + int(over.any(axis=1).sum())
    return {name: number / streams for name, number in wrong.items()}


def alarms(
    streams: int, before: int, after: int, success: float, treated: float, size: int, seed: int
) -> tuple[float, Numbers]:
    """(share of false alarms in `before` blocks, blocks from the change to the alarm) of a promoted item's detector."""
    policy = replace(CANARY, share=1 - CANARY.holdback_share, block=size)
    world = steady((before + after) * size, success, success)
    world.treated_success[before * size :] = treated
    false, delays = 0, list[Numbers]()
    for tables, _ in drawn(world, streams, policy, seed):
        over = detector(block_logs(tables, policy.harm_odds)) >= np.log(policy.alarm)
        early = over[:, :before].any(axis=1)
        false += int(early.sum())
        late = over[~early, before:]
        delays.append(np.where(late.any(axis=1), late.argmax(axis=1) + 1.0, np.inf))
    return false / streams, np.concatenate(delays)


@dataclass(frozen=True, slots=True)
class Replays:
    """Probabilities of a pair; each task has its own difficulty, so that its two arms go alike more often than not."""

    success: tuple[float, float]
    """Control, treated."""
    target: tuple[float, float]
    likeness: float = 0.3
    """How much tasks differ: 0 all alike, 1 each always passes or never."""
    tasks: int = 240
    """Distinct tasks; fewer than pairs where tasks are taken again."""


def pair_signs(world: Replays, streams: int, pairs: int, seed: int) -> tuple[Signs, Signs]:
    """Signs of success and of the targeted failure; shape (streams, pairs)."""
    chance = np.random.default_rng(seed)

    def outcomes(rates: tuple[float, float]) -> tuple[Flags, Flags]:
        spread = 1 / world.likeness - 1
        hard = chance.beta(rates[0] * spread, (1 - rates[0]) * spread, (streams, world.tasks))
        logit = np.log(np.clip(hard, 1e-9, 1 - 1e-9)) - np.log(np.clip(1 - hard, 1e-9, 1 - 1e-9))
        # The shift that makes the mean the wanted one, found by halving
        low, high = -30.0, 30.0
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if (1 / (1 + np.exp(-logit - middle))).mean() < rates[1] else (low, middle)
        other = 1 / (1 + np.exp(-logit - low))
        turns = np.arange(pairs) % world.tasks
        return chance.random((streams, pairs)) < hard[:, turns], chance.random((streams, pairs)) < other[:, turns]

    control, treated = outcomes(world.success)
    control_target, treated_target = outcomes(world.target)
    success = treated.astype(np.int64) - control
    return success, control_target.astype(np.int64) - treated_target


def gate_ends(
    world: Replays, streams: int, policy: ReplayPolicy = REPLAY, *, approved: bool = True, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rule, pairs until then) of each stream; the rule is NONE where the pairs were spent first."""
    success, target = pair_signs(world, streams, policy.pairs, seed)
    rule, place = first(gate_rules(gate(success, target, policy), policy, approved=approved))
    return rule, np.where(rule == GateRule.NONE, policy.pairs, place + 1)


def mixed_signs(streams: int, pairs: int, tasks: int, seed: int) -> float:
    """Where an item helps half of all tasks and hurts the other half as much: share of streams that find it helps.

    Each task is taken again until there are enough pairs.
    """
    chance = np.random.default_rng(seed)
    helped = chance.random((streams, tasks)) < 0.5
    wins = np.where(helped, 0.75, 0.25)[:, np.arange(pairs) % tasks]
    differs = chance.random((streams, pairs)) < 0.4
    target = np.where(differs, np.where(chance.random((streams, pairs)) < wins, 1, -1), 0)
    logs = gate(np.zeros_like(target), target, REPLAY).target
    return float((curve(logs) >= np.log(REPLAY.promote)).any(axis=1).mean())


def simulated(
    seed: int,
    tasks: int,
    success: float,
    under: float,
    target: tuple[float, float] = (0.2, 0.2),
    policy: CanaryPolicy = CANARY,
) -> tuple[TrialTask, ...]:
    """One stream of tasks with these rates, untreated and treated."""
    chance = np.random.default_rng(seed)
    treated = arms(1, tasks, policy, chance)[0]
    succeeded = chance.random(tasks) < np.where(treated, under, success)
    targeted = chance.random(tasks) < np.where(treated, target[1], target[0])
    return of_flags(treated, succeeded, targeted, chance.random(tasks) < 0.9)


def of_flags(treated: Flags, succeeded: Flags, targeted: Flags, triggered: Flags) -> tuple[TrialTask, ...]:
    rows: Iterable[tuple[bool, bool, bool, bool]] = zip(
        treated.tolist(), succeeded.tolist(), targeted.tolist(), triggered.tolist(), strict=True
    )
    return tuple(
        TrialTask("r", position, "treated" if told else "control", counts, True, ended, had)
        for position, (told, ended, had, counts) in enumerate(rows)
    )
