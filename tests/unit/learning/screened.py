"""Worlds with a planted truth, as counts, and the policy they are screened under."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np

from bot.mining.miner import Miner
from bot.model.counts import Counts
from bot.model.evidence import Features
from bot.model.learning_policy import ProposePolicy, ScreenPolicy
from bot.model.pattern import Signature, Unit
from tests.conformance.mining.oracle import TREE, ancestors, unit

SCREEN = ScreenPolicy(
    tasks=3, lift=1.5, p_value=0.01, productive_p=0.05, literals=3, issues=3, days=2, labellers=2
)  # fmt: skip
PROPOSE = ProposePolicy(
    alpha=0.10,
    registrations_a_quarter=20,
    registrations_a_day=5,
    block=10,
    unresolved=timedelta(days=14),
    odds=(1.5, 2, 4, 8),
    base_rate=0.05,
    bets=(2, 3, 5, 8),
    open_at_once=1,
    cool_down=timedelta(days=14),
    retry_factor=2,
    retries_a_year=2,
)
SYNTAX, F821, NAME = (
    Signature("category", "syntax"),
    Signature("rule", "ruff:F821"),
    Signature("exception", "NameError"),
)
PRINT = Signature("fingerprint", "0123456789abcdef")

Rate = Callable[[Features], float]


def world(seed: int, tasks: int, rates: Sequence[tuple[Sequence[Signature], Rate]]) -> list[Unit]:
    """One unit a task, two models of which one works on python mostly, six repositories, the nodes of the tree."""
    generator = np.random.default_rng(seed)
    units: list[Unit] = []
    for position in range(tasks):
        model = "ab"[int(generator.integers(2))]
        node = sorted(TREE)[int(generator.integers(len(TREE)))]
        context: Features = {
            "model": model,
            "language": "python" if generator.random() < (0.8 if model == "a" else 0.2) else "c",
            "repository": f"r{int(generator.integers(6))}",
            "domain": "coding",
            "action_item": node,
            "ancestors": ancestors(node),
        }
        found = [each for signatures, rate in rates if generator.random() < rate(context) for each in signatures]
        units.append(unit(position, context, found))
    return units


def counted(units: Sequence[Unit]) -> Counts:
    miner = Miner(None)
    miner.add(units)
    counts = miner.counts()
    miner.close()
    return counts
