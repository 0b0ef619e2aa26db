"""What the trials of items promise, measured on simulated streams of tasks: errors, power, and how long all takes.

Every stream is looked at after every block. A rate's allowance beside its promise is three standard errors.
"""

import math
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from bot.model.learning_policy import CanaryPolicy
from bot.rollout.course import EQUAL, Rule
from bot.rollout.decision import decide
from bot.rollout.gate import GateRule
from tests.bench.table import show_facts
from tests.bench.trials import (
    CANARY,
    CHUNK,
    FIFTH,
    REPLAY,
    Replays,
    World,
    alarms,
    clustered,
    ends,
    ever,
    gate_ends,
    mixed_signs,
    simulated,
    slower,
    steady,
)

STREAMS = 2000
START = datetime(2026, 1, 1, tzinfo=UTC)

POWER: Sequence[tuple[float, float, float, int, int]] = (
    (0.50, 0.60, 0.5, 600, 1100),
    (0.70, 0.75, 0.5, 1480, 3800),
    (0.70, 0.80, 0.5, 440, 800),
    (0.70, 0.80, 0.2, 720, 1260),
    (0.70, 0.85, 0.5, 200, 360),
    (0.70, 0.85, 0.2, 300, 540),
    (0.90, 0.95, 0.5, 660, 1220),
    (0.90, 0.95, 0.2, 1030, 1780),
    (0.70, 0.90, 0.5, 140, 200),
    (0.70, 0.90, 0.2, 200, 280),
)
"""Success untreated, treated, share treated; tasks in the median and for 80 % power, as measured in blocks of 20."""

BASE, EXAMPLE, INSTRUCTION = 78 / 240, 82 / 240, 57 / 240
"""Shares of passes that were measured with a small model: without an item, with a worked example, with instructions."""
UNCLEAN, UNCLEAN_EXAMPLE, UNCLEAN_INSTRUCTION = 75 / 240, 0.0005, 82 / 240
"""Shares of replies that were no clean code; with the example none of 240 was."""


def nulls(tasks: int) -> dict[str, tuple[World, CanaryPolicy]]:
    """Worlds in which the item does nothing."""
    slope = np.linspace(0.35, 0.9, tasks)
    hard = np.tile(np.repeat([0.12, 0.5, 0.88], CANARY.block), tasks // 12 + 1)[:tasks]
    issues = clustered(CHUNK, tasks, 4, 1.5, seed=9)
    plain = steady(tasks, 0.7, 0.7)
    return {
        "nothing": (plain, CANARY),
        "a fifth treated": (plain, FIFTH),
        "half triggered": (replace(plain, triggered=0.5), CANARY),
        "rare target": (steady(tasks, 0.7, 0.7, 0.05), CANARY),
        "failure is the target": (replace(plain, same=True), CANARY),
        "drift": (World(slope, slope, 1 - slope, 1 - slope), CANARY),
        "strata": (World(hard, hard, 1 - hard, 1 - hard), CANARY),
        "tasks in clusters": (World(issues, issues, 1 - issues, 1 - issues), CANARY),
    }


def allowed(promise: float, streams: int) -> float:
    """The promise and three standard errors."""
    return promise + 3 * math.sqrt(promise * (1 - promise) / streams)


def report_errors(streams: int = STREAMS) -> None:
    rows: list[tuple[str, str, str]] = []
    wanted = f"at most {allowed(0.05, streams):.3f} and {allowed(0.10, streams):.3f}"
    for number, (name, (world, policy)) in enumerate(nulls(3000).items()):
        found = ends(world, streams, policy, seed=number)
        promoted = f"{found.share(Rule.SUCCESS) + found.share(Rule.TARGET):.4f}"
        route = f"by success {found.share(Rule.SUCCESS):.4f}"
        rows.append((name, f"{promoted} ({route}); {found.share(Rule.HARM):.4f}", wanted))
    show_facts(f"Useless items promoted; rolled back ({streams} streams of 3,000 tasks)", rows)
    rows = []
    for strata, blocks in ((1, 400), (10, 60), (50, 12)):
        for order, share in slower(streams, strata, blocks, CANARY, seed=strata).items():
            rows.append((f"{strata} strata, closed {order}", f"{share:.4f}", "at most 0.065 over all"))
    show_facts("An item that only makes failures slow: promoted", rows)


def report_power(streams: int = STREAMS) -> None:
    rows: list[tuple[str, str, str]] = []
    for untreated, treated, share, median, most in POWER:
        policy = CANARY if share == 0.5 else FIFTH
        times = ever(steady(4000, untreated, treated), streams, policy.odds, policy.promote, policy)
        found = float(np.quantile(times, 0.8, method="higher"))
        told = f"{np.median(times):.0f}, {found:.0f} ({found / most - 1:+.0%})"
        rows.append((f"{untreated:.2f} to {treated:.2f}, share {share}", told, f"{median}, {most} (+-15 %)"))
    show_facts("Promotion by success: tasks in the median, for 80 % power", rows)
    rows = []
    for untreated, treated, share, median in (
        *((0.7, 0.5, 0.5, 120), (0.7, 0.5, 0.2, 180), (0.7, 0.2, 0.5, 40)),
        *((0.7, 0.2, 0.2, 40), (0.7, 0.6, 0.5, 420)),
    ):
        policy = CANARY if share == 0.5 else FIFTH
        times = ever(steady(2000, untreated, treated), streams, policy.harm_odds, policy.roll_back, policy)
        told = f"{np.median(times):.0f} (treated {np.median(times) * share:.0f}), found {np.isfinite(times).mean():.3f}"
        rows.append((f"{untreated:.2f} to {treated:.2f}, share {share}", told, f"about {median}"))
    show_facts("Tasks until a harmful item is rolled back", rows)
    times = ever(steady(4900, 0.7, 0.7), streams, EQUAL, CANARY.not_inferior, null=CANARY.not_inferior_odds)
    worse = ever(steady(4900, 0.7, 0.6512), streams, EQUAL, CANARY.not_inferior, null=CANARY.not_inferior_odds)
    show_facts(
        "Success no worse than by odds of 0.8",
        [
            (
                "equal: tasks in the median, share by 4,900",
                f"{np.median(times):.0f}, {np.isfinite(times).mean():.3f}",
                "1700, 0.91",
            ),
            ("worse by just that", f"{np.isfinite(worse).mean():.4f}", f"at most {allowed(0.05, streams):.3f}"),
        ],
    )


def report_keeping(streams: int = STREAMS) -> None:
    """What becomes of items of different worth; a promoted item that is tried again is judged by the same rules."""
    odds = {"1/1.5": 1 / 1.5, "1 (useless)": 1.0, "1.25": 1.25, "1.5": 1.5, "2": 2.0}
    rows: list[tuple[str, str, str]] = []
    for number, (name, ratio) in enumerate(odds.items()):
        better = 0.7 / 0.3 * ratio
        world = replace(steady(3000, 0.7, better / (1 + better)), same=True)
        found = ends(world, streams, seed=100 + number)
        useless = found.share(Rule.USELESS)
        pruned = f"pruned {useless:.3f} (median {found.median(Rule.USELESS):.0f})"
        told = f"kept {found.share(Rule.SUCCESS, Rule.TARGET):.3f}, {pruned}, harm {found.share(Rule.HARM):.3f}"
        wanted = {"1 (useless)": "kept at most 0.05", "1.5": "pruned at most 0.05"}.get(name, "")
        rows.append((f"odds ratio {name}", told, wanted))
    for name, target, rarer in (("0.3 to 0.1", 0.3, 0.1), ("0.2 to 0", 0.2, 0.0), ("0.1 to 0.05", 0.1, 0.05)):
        found = ends(steady(6000, 0.7, 0.7, target, rarer), streams, seed=200)
        told = f"kept {found.share(Rule.SUCCESS, Rule.TARGET):.3f} (median {found.median(Rule.TARGET):.0f})"
        rows.append((f"its failure {name}, success alike", f"{told}, pruned {found.share(Rule.USELESS):.3f}", ""))
    early = ever(steady(3000, 0.7, 0.7), streams, (1.0, 0.8), CANARY.useless, null=CANARY.useless_odds)
    told = f"{np.isfinite(early).mean():.3f} (median {np.median(early):.0f})"
    rows.append(("of these last, useless by success alone", told, "so: not judged by it alone"))
    show_facts("Kept and pruned", rows)


def report_detector(streams: int = STREAMS // 4) -> None:
    rows: list[tuple[str, str, str]] = []
    for size in (10, 20):
        for treated in (0.5, 0.3):
            false, delays = alarms(streams, 100, 300, 0.7, treated, size, seed=5)
            told = f"{np.median(delays) * size:.0f} tasks; before it {false:.3f}"
            rows.append((f"blocks of {size}, 0.70 to {treated:.2f}", told, "460, 180 (blocks of 20)"))
        false, _ = alarms(streams, 1000, 1, 0.7, 0.7, size, seed=6)
        rows.append(
            (f"blocks of {size}, no harm: alarm within 1,000 blocks", f"{false:.3f}", "about 0.63 at a mean of 1,000")
        )
    show_facts("Detector of harm after the promotion: median delay", rows)


def report_replays(streams: int = STREAMS) -> None:
    rows: list[tuple[str, str, str]] = []
    for likeness in (0.05, 0.3, 0.6):
        worlds = {
            "example": Replays((BASE, EXAMPLE), (UNCLEAN, UNCLEAN_EXAMPLE), likeness, 40),
            "instruction": Replays((BASE, INSTRUCTION), (UNCLEAN, UNCLEAN_INSTRUCTION), likeness, 40),
            "nothing": Replays((BASE, BASE), (UNCLEAN, UNCLEAN), likeness, 40),
        }
        for name, world in worlds.items():
            rule, pairs = gate_ends(world, streams)
            refused = np.isin(rule, (GateRule.HARM, GateRule.WORSE, GateRule.FUTILE)).mean()
            promoted = (rule == GateRule.PROMOTE).mean()
            told = f"promoted {promoted:.4f}, refused {refused:.3f}, median {np.median(pairs):.0f} pairs"
            wanted = "promoted at least 0.8" if name == "example" else "promoted at most 0.05"
            rows.append((f"{name}, tasks differ by {likeness}", told, wanted))
    for name, world in {
        "success 0.7 to 0.8, its failure 0.3 to 0.2": Replays((0.7, 0.8), (0.3, 0.2)),
        "its failure 0.3 to 0.1": Replays((0.7, 0.75), (0.3, 0.1)),
        "nothing, its failure rare (0.05)": Replays((0.7, 0.7), (0.05, 0.05)),
    }.items():
        rule, pairs = gate_ends(world, streams, approved=False)
        told = " ".join(f"{each.name.lower()} {(rule == each).mean():.3f}" for each in GateRule if (rule == each).any())
        rows.append((f"live trial next: {name}", f"{told}, median {np.median(pairs):.0f} pairs", ""))
    for repeated in (240, 40):
        share = mixed_signs(streams, REPLAY.pairs, repeated, seed=3)
        rows.append(
            (f"helps half of {repeated} tasks and hurts half: target shown", f"{share:.4f}", "at most 0.065 (240)")
        )
    show_facts(f"The replay gate, at most {REPLAY.pairs} pairs, promotion by replays approved", rows)


def report_prospects(streams: int = STREAMS // 10) -> None:
    """Whether `more_tasks`, told after 200 tasks, is about what it then takes."""
    rows: list[tuple[str, str, str]] = []
    for under in (0.7, 0.78, 0.82):
        told: list[float] = []
        silent = 0
        for seed in range(streams):
            tasks = simulated(seed, 3600, 0.7, under)
            early = decide(tasks[:200], CANARY, since=START, now=START)
            if early.kind != "hold":
                continue
            if early.more_tasks is None:
                silent += 1
                continue
            late = decide(tasks, CANARY, since=START, now=START)
            counts = [each.statistics.treated.tasks + each.statistics.control.tasks for each in (early, late)]
            told.append((counts[1] - counts[0]) / early.more_tasks)
        rates = np.quantile(told, [0.1, 0.5, 0.9])
        within = float(np.mean(np.array(told) <= 1))
        spread = ", ".join(f"{rate:.2f}" for rate in rates)
        rows.append(
            (f"0.70 to {under}", f"{spread}; within {within:.2f}; silent {silent} of {streams}", "median about 1")
        )
    show_facts("Tasks that were needed over tasks that were said to be (10 %, 50 %, 90 %)", rows)
    tasks = simulated(0, 3000, 0.7, 0.7)
    started = time.process_time()
    decide(tasks, CANARY, since=START, now=START)
    sys.stdout.write(f"one decision over 3,000 tasks: {1000 * (time.process_time() - started):.0f} ms\n")


def report() -> None:
    """All tables."""
    report_errors()
    report_power()
    report_keeping()
    report_detector()
    report_replays()
    report_prospects()


if __name__ == "__main__":
    report()
