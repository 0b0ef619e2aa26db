"""What the test of what people accept promises, on simulated streams: errors with delay and missing labels, and power.

A task passes CI or not; what passes becomes a pull request that people decide about some days later, and what takes
them longer than the limit is lost. Both tests of harm judge every stream, each at its own threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.model.learning_policy import CanaryPolicy
from bot.rollout.curves import block_logs, curve
from bot.rollout.late import late_found, late_harm
from bot.rollout.trial import Tables
from tests.bench.rollout import allowed
from tests.bench.table import show_facts
from tests.bench.trials import CANARY, CHUNK, Flags, Numbers, arms, tabulate

STREAMS = 2000
LATE = replace(CANARY, late_share=0.2)
"""As `protocols/policy.yaml` has it."""
HELD_BACK = replace(LATE, share=0.9, block=10)
"""After the promotion."""
LIMIT = float(LATE.late.days)


@dataclass(frozen=True, slots=True)
class People:
    """Probabilities of a task, untreated and treated; shape (2,) or (2, tasks)."""

    success: Numbers
    accepted: Numbers
    """Of what passes CI."""
    days: tuple[float, float] = (3.0, 3.0)
    """Mean until a pull request is closed, and until it is merged."""
    slower: float = 1.0
    """How many times as long a merge takes under treatment."""
    missing: float = 0.0
    """Of the pull requests, those that are set aside."""
    hard: float = 0.0
    """How much less of what only treatment lets pass CI is accepted."""


def alike(success: float, accepted: float) -> People:
    """No difference between the arms."""
    return People(np.full((2, 1), success), np.full((2, 1), accepted))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Of each stream; shape (streams,)."""

    by_ci: Flags
    by_people: Flags
    unguarded: Flags
    """By what people accept, were harder work not looked out for."""
    tasks: Numbers
    """Until people's word rolls it back; infinite where it never does."""

    @property
    def either(self) -> float:
        return float((self.by_ci | self.by_people).mean())


def verdicts(world: People, tasks: int, streams: int, policy: CanaryPolicy = LATE, *, seed: int = 0) -> Verdicts:
    """Both tests of harm over whole streams, with a look after every block."""
    chance = np.random.default_rng(seed)
    tasks = tasks // policy.block * policy.block
    found: list[tuple[NDArray[np.bool_], ...]] = []
    times: list[Numbers] = []
    for start in range(0, streams, CHUNK):
        treated = arms(min(CHUNK, streams - start), tasks, policy, chance)
        success, judged, ended = drawn_late(world, treated, policy, chance)
        by_ci = curve(block_logs(success, policy.harm_odds)) >= np.log(policy.harm)
        over = late_found(judged, ended, policy)
        unguarded = late_harm(judged, policy) >= np.log(policy.late_harm)
        times.append(until(over, policy))
        found.append(tuple(np.array(each.any(axis=1)) for each in (by_ci, over, unguarded)))
    by_ci, by_people, unguarded = (np.concatenate(each) for each in zip(*found, strict=True))
    return Verdicts(by_ci, by_people, unguarded, np.concatenate(times))


def until(over: Flags, policy: CanaryPolicy) -> Numbers:
    """Tasks until a block meets it; infinite where none does."""
    return np.where(over.any(axis=1), (over.argmax(axis=1) + 1.0) * policy.block, np.inf)


def drawn_late(
    world: People, treated: Flags, policy: CanaryPolicy, chance: np.random.Generator
) -> tuple[Tables, Tables, Tables]:
    """Tables of success in CI, of what people decided, and of all that ended; shape (streams, blocks, 4) each."""

    def of(rates: Numbers) -> Numbers:
        return np.where(treated, rates[1, :], rates[0, :])

    # One number a task says how hard it is, so that both arms pass the easier ones first
    ease = chance.random(treated.shape)
    passed = ease < of(world.success)
    only_treated = passed & (ease >= world.success[0])
    liked = chance.random(treated.shape) < of(world.accepted) - world.hard * only_treated
    closing, merging = world.days
    mean = np.where(liked, np.where(treated, merging * world.slower, merging), closing)
    in_time = chance.exponential(mean) <= LIMIT
    kept = chance.random(treated.shape) >= world.missing
    judged = passed & in_time & kept
    accepted = judged & liked
    return (
        tabulate(treated, passed, policy.block),
        tabulate(treated, accepted, policy.block, judged),
        tabulate(treated, accepted, policy.block, judged | ~passed),
    )


def harmless(tasks: int) -> dict[str, tuple[People, CanaryPolicy]]:
    """Worlds in which the item changes nothing: neither what passes, nor what people make of it, nor how soon."""
    plain = alike(0.7, 0.75)
    drift = np.tile(np.linspace(0.9, 0.4, tasks), (2, 1))
    strata = np.tile(np.repeat([0.2, 0.6, 0.95], LATE.block), tasks // (3 * LATE.block) + 1)[:tasks]
    return {
        "nothing": (plain, LATE),
        "half of all passes CI": (alike(0.5, 0.5), LATE),
        "merges take 20 days, closes 3": (replace(plain, days=(3.0, 20.0)), LATE),
        "30 days: most is lost": (replace(plain, days=(30.0, 45.0)), LATE),
        "40 % set aside": (replace(plain, missing=0.4), LATE),
        "drift": (replace(plain, accepted=drift), LATE),
        "strata": (replace(plain, accepted=np.stack([strata, strata])), LATE),
        "after the promotion": (plain, HELD_BACK),
    }


def planted(success: float, accepted: float, under: float, **more: object) -> People:
    """Harm that CI does not see."""
    world = People(np.full((2, 1), success), np.array([[accepted], [under]]))
    return replace(world, **more)  # pyright: ignore[reportArgumentType] - fields of the class


def helpful(hard: float) -> People:
    """More passes CI; what only treatment lets pass is harder, and less of it is accepted."""
    return replace(alike(0.6, 0.85), success=np.array([[0.6], [0.85]]), hard=hard)


PLANTED: Sequence[tuple[str, People]] = (
    ("0.85 to 0.70", planted(0.7, 0.85, 0.70)),
    ("0.85 to 0.55", planted(0.7, 0.85, 0.55)),
    ("0.85 to 0.30", planted(0.7, 0.85, 0.30)),
    ("0.85 to 0.55, merges take 20 days, 20 % set aside", planted(0.7, 0.85, 0.55, days=(3.0, 20.0), missing=0.2)),
)


def report(streams: int = STREAMS) -> None:
    """All tables."""
    rows: list[tuple[str, str, str]] = []
    for number, (name, (world, policy)) in enumerate(harmless(3000).items()):
        found = verdicts(world, 3000, streams, policy, seed=number)
        told = f"{found.either:.4f} (CI {found.by_ci.mean():.4f}, people {found.by_people.mean():.4f})"
        rows.append((name, told, f"at most {allowed(0.10, streams):.3f} (people {allowed(0.02, streams):.3f})"))
    whole = replace(CANARY, late_share=0.5, roll_back=5.0)
    found = verdicts(alike(0.7, 0.75), 3000, streams, whole, seed=0)
    rows.append(("nothing, each test at 10", f"{found.either:.4f}", "so: the error is split"))
    show_facts(f"Harmless items rolled back by either test ({streams} streams of 3,000 tasks)", rows)
    rows = []
    for number, (name, world) in enumerate(PLANTED):
        found = verdicts(world, 1200, streams, seed=50 + number)
        median = float(np.median(found.tasks))
        told = f"{found.by_people.mean():.3f} (median {median:.0f} tasks); CI {found.by_ci.mean():.3f}"
        rows.append((f"accepted {name}", told, "found by people, not by CI"))
    show_facts("Harm that only people see: rolled back within 1,200 tasks", rows)
    rows = []
    for name, world, wanted in (
        ("its harder work is accepted at 0.55", helpful(0.3), "seldom: it helps"),
        ("nothing of its harder work is accepted", helpful(0.85), "found: it only makes work"),
        ("merges take twice as long with it", planted(0.7, 0.75, 0.75, slower=2.0), "no promise: it does harm so"),
    ):
        found = verdicts(world, 3000, streams, seed=80)
        told = f"{found.by_people.mean():.3f}; without looking out for harder work {found.unguarded.mean():.3f}"
        rows.append((name, told, wanted))
    show_facts("More passes CI (0.60 to 0.85), or decisions change: rolled back by people's word", rows)
    rows = []
    for name, policy in (("10", CANARY), ("12.5", LATE)):
        world = People(np.array([[0.7], [0.5]]), np.full((2, 1), 0.75))
        times = _by_ci(world, streams, policy)
        rows.append((f"threshold {name}", f"{np.median(times):.0f}", "about 120 at 10"))
    show_facts("What the split costs: tasks until CI's word rolls back (0.70 to 0.50)", rows)


def _by_ci(world: People, streams: int, policy: CanaryPolicy) -> Numbers:
    chance = np.random.default_rng(1)
    times: list[Numbers] = []
    for start in range(0, streams, CHUNK):
        treated = arms(min(CHUNK, streams - start), 1200, policy, chance)
        success, _, _ = drawn_late(world, treated, policy, chance)
        times.append(until(curve(block_logs(success, policy.harm_odds)) >= np.log(policy.harm), policy))
    return np.concatenate(times)


if __name__ == "__main__":
    report()
