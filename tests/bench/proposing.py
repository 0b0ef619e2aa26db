"""What registering, evidence and thresholds promise together, and what they find, in worlds whose truth is known."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.learning import registering
from bot.model.learning_policy import ProposePolicy
from tests.bench import streams
from tests.bench.planted import Outcome, live, make_world, with_policy
from tests.bench.table import show_facts

STREAMS = 2000
SEEDS = range(100, 120)
"""Others than those that the doubt and the block were chosen by."""
PLANTED = 6


@dataclass(frozen=True, slots=True)
class Measures:
    any_false: float
    """Share of runs with a false proposal."""
    false_share: float
    """Of the proposals of a run, on average."""
    found: float
    """Planted signatures, on average."""
    median_day: float
    registered: float


def measure(policy: ProposePolicy, planted: int, seeds: Sequence[int], *, step_up: bool = True) -> Measures:
    """Sixty days in each of several worlds."""
    outcomes = [live(make_world(np.random.default_rng(seed), planted), policy, step_up=step_up) for seed in seeds]
    return _summary(outcomes)


def _summary(outcomes: Sequence[Outcome]) -> Measures:
    days = [day for each in outcomes for day in each.found_on.values()]
    return Measures(
        any_false=statistics.fmean(each.false > 0 for each in outcomes),
        false_share=statistics.fmean(each.false_share for each in outcomes),
        found=statistics.fmean(len(each.found_on) for each in outcomes),
        median_day=statistics.median(days) if days else float("nan"),
        registered=statistics.fmean(each.registered for each in outcomes),
    )


def report() -> None:
    """Two tables: how often nothing is proposed as something, and what is found."""
    _report_streams()
    _report_mining()


def _report_streams() -> None:
    limit = f"at most {streams.at_most(0.10, STREAMS):.3f}"
    promised = [
        ("rule, plain", streams.false_rules(streams.plain, STREAMS, 1)),
        ("rule, drift", streams.false_rules(streams.drifting, STREAMS, 2)),
        ("rule, repositories differ, in strata", streams.false_rules(streams.in_strata, STREAMS, 3)),
        ("rule, failures end late, by assignment", streams.false_rules(streams.delayed, STREAMS, 4)),
        ("rule, issues tried again, first task", streams.false_rules(streams.tried_again, STREAMS, 5)),
        ("frequency at its null", streams.false_frequencies(streams.plain, STREAMS, 6)),
    ]
    broken = [
        ("repositories differ, no strata", streams.false_rules(streams.confounded, STREAMS, 3)),
        ("failures end late, by completion", streams.false_rules(streams.by_completion, STREAMS, 4)),
        ("issues tried again, each try", streams.false_rules(streams.counted_again, STREAMS, 5)),
    ]
    rows = [(name, f"{share:.3f}", limit) for name, share in promised]
    rows += [(f"forbidden: {name}", f"{share:.3f}", "") for name, share in broken]
    show_facts(f"False proposals at alpha .10, {STREAMS} streams, a look after every block", rows)


def _report_mining() -> None:
    rows: list[tuple[str, str, str]] = []
    for budget, block in ((20, 50), (200, 50)):
        null = measure(with_policy(budget, block), 0, SEEDS)
        told = f"any false in {null.any_false:.0%} of worlds, {null.registered:.0f} registered"
        rows.append((f"null world, M={budget}, blocks of {block}", told, "at most 10 %"))
    for budget, block in ((20, 10), (20, 25), (20, 50), (50, 50), (200, 50), (200, 10)):
        found = measure(with_policy(budget, block), PLANTED, SEEDS)
        rows.append((f"planted world, M={budget}, blocks of {block}", _told(found), "FDR <= .10, 3.5 of 6, day 24"))
    show_facts(f"Sixty days of mining, {len(SEEDS)} worlds, doubt {registering.DOUBT}", rows)


def _told(found: Measures) -> str:
    return (
        f"FDR {found.false_share:.3f}, found {found.found:.2f} of {PLANTED}, median day {found.median_day:.0f}, "
        f"{found.registered:.0f} registered"
    )
