"""What proposing promises, in worlds in which nothing is true and in one in which something is: a small sample of
`tests/bench/proposing.py`, whose vectors are first shown to be what the program computes one by one."""

from datetime import timedelta

import numpy as np
import pytest

from bot.learning.evidence import advance
from bot.learning.registering import registration
from bot.model.evidence import TaskId
from bot.model.ids import ItemKey
from bot.model.pattern import Candidate, EvidencePoint, Hypothesis, PatternKind, Signature, Support, Table, Unit
from tests.bench import streams
from tests.bench.blocks import frequency_logs, log_e_values, rule_logs
from tests.bench.planted import BEGIN, CONTEXTS, live, make_world, with_policy

FEW = 150


@pytest.mark.parametrize("kind", ["rule", "frequency"])
def test_the_vectors_are_the_programs_own_evidence(kind: PatternKind) -> None:
    policy = with_policy(20, 25)
    world = make_world(np.random.default_rng(3), planted=1, odds=6.0)
    hypothesis = Hypothesis(
        "rule" if kind == "rule" else "frequency", CONTEXTS[world.planted[0]], Signature("rule", "0")
    )
    support = Support(Table(0, 0, 0, 0), 0.0, 1.0, 0.0, 0, 0, 0)
    made = registration(Candidate(hypothesis, support, "mined"), 0, BEGIN, policy)
    units = [
        Unit(
            task=TaskId(str(place)),
            item=ItemKey("1"),
            assigned_at=BEGIN,
            position=place,
            cluster=str(place),
            labeller="",
            context={name: f"{name}{values[place]}" for name, values in world.values.items()},
            signatures=frozenset({hypothesis.signature} if world.failed[place, 0] else ()),
        )
        for place in range(500)
    ]
    point: EvidencePoint | None = None
    e_values: list[float] = []
    for block in range(20):
        tasks = units[block * 25 : (block + 1) * 25]
        point = advance(made, point, block, tasks, at=BEGIN + timedelta(days=block), proposals=0)
        e_values.append(point.e_value)
    inside, failed = world.inside[:500, world.planted[0]], world.failed[:500, 0]
    numbers = np.arange(500) // 25
    if kind == "rule":
        added = rule_logs(inside, failed, world.stratum(made.strata)[:500], numbers, 20, made.grid)
    else:
        added = frequency_logs(inside, failed, numbers, 20, made.grid, made.base_rate)
    assert np.exp(log_e_values(added)) == pytest.approx(e_values)


@pytest.mark.parametrize(
    "make", [streams.plain, streams.drifting, streams.in_strata, streams.delayed, streams.tried_again]
)
def test_where_nothing_is_true_a_rule_is_rarely_proposed(make: streams.Maker) -> None:
    assert streams.false_rules(make, FEW, seed=11) <= streams.at_most(0.10, FEW)


def test_a_frequency_at_the_base_rate_is_rarely_proposed() -> None:
    assert streams.false_frequencies(streams.plain, FEW, seed=11) <= streams.at_most(0.10, FEW)


@pytest.mark.parametrize("make", [streams.confounded, streams.by_completion])
def test_the_worlds_would_show_a_test_that_is_wrong(make: streams.Maker) -> None:
    assert streams.false_rules(make, FEW, seed=11) > 0.5


def test_what_is_planted_is_found_and_little_else() -> None:
    outcome = live(make_world(np.random.default_rng(4), planted=6), with_policy(20, 50))
    assert len(outcome.found_on) >= 3
    assert outcome.false_share <= 0.2
    assert outcome.registered <= 20
