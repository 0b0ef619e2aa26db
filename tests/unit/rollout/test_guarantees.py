"""What trials promise, on a few hundred simulated streams each; `tests.bench.rollout` looks at thousands.

The seeds are fixed. A rate may exceed its promise by three standard errors, as it does by chance alone.
"""

import numpy as np
import pytest

from bot.model.learning_policy import CanaryPolicy
from bot.rollout.course import EQUAL, Rule
from bot.rollout.gate import GateRule
from tests.bench.rollout import (
    BASE,
    EXAMPLE,
    INSTRUCTION,
    POWER,
    UNCLEAN,
    UNCLEAN_EXAMPLE,
    UNCLEAN_INSTRUCTION,
    allowed,
    nulls,
)
from tests.bench.trials import CANARY, FIFTH, Replays, World, alarms, ends, ever, gate_ends, mixed_signs, slower, steady

STREAMS = 250


@pytest.mark.parametrize("world", nulls(12))
def test_a_useless_item_is_seldom_promoted_and_seldom_rolled_back(world: str) -> None:
    found = ends(*_at(world), seed=7)
    assert found.share(Rule.SUCCESS, Rule.TARGET) <= allowed(0.05, STREAMS)
    assert found.share(Rule.HARM) <= allowed(0.10, STREAMS)


def _at(world: str) -> tuple[World, int, CanaryPolicy]:
    drawn, policy = nulls(1200)[world]
    return drawn, STREAMS, policy


def test_an_item_that_makes_failures_slower_deceives_every_order_but_that_of_assignment() -> None:
    one, many = slower(STREAMS, 1, 150, CANARY, seed=1), slower(STREAMS, 30, 6, CANARY, seed=2)
    assert one["as tasks end"] > 0.9
    assert many["in order within strata"] > 0.3
    assert max(one["in order over all"], many["in order over all"]) <= allowed(0.05, STREAMS)


@pytest.mark.parametrize("row", [POWER[4], POWER[5]])
def test_a_useful_item_is_found_as_soon_as_before(row: tuple[float, float, float, int, int]) -> None:
    untreated, treated, share, _, most = row
    policy = CANARY if share == 0.5 else FIFTH
    times = ever(steady(1000, untreated, treated), 500, policy.odds, policy.promote, policy)
    assert float(np.quantile(times, 0.8)) == pytest.approx(most, rel=0.15)


def test_a_harmful_item_is_soon_taken_back() -> None:
    times = ever(steady(800, 0.7, 0.5), STREAMS, CANARY.harm_odds, CANARY.roll_back)
    assert float(np.median(times)) <= 120


def test_success_that_is_worse_by_the_margin_seldom_passes_for_no_worse() -> None:
    times = ever(steady(1200, 0.7, 0.6512), STREAMS, EQUAL, CANARY.not_inferior, null=CANARY.not_inferior_odds)
    assert float(np.isfinite(times).mean()) <= allowed(0.05, STREAMS)


def test_the_detector_finds_harm_and_seldom_cries_for_nothing() -> None:
    false, delays = alarms(100, 60, 100, 0.7, 0.3, 10, seed=5)
    assert false <= allowed(60 / 1000, 100)
    assert float(np.median(delays)) * 10 <= 180


@pytest.mark.parametrize("likeness", [0.05, 0.3, 0.6])
def test_the_gate_promotes_the_example_and_refuses_the_instruction(likeness: float) -> None:
    """The outcomes that were measured with a small model; 240 pairs at most, taken from 40 tasks."""
    rule, pairs = gate_ends(Replays((BASE, EXAMPLE), (UNCLEAN, UNCLEAN_EXAMPLE), likeness, 40), STREAMS)
    assert float((rule == GateRule.PROMOTE).mean()) >= 0.8
    assert float(np.median(pairs)) <= 120
    rule, _ = gate_ends(Replays((BASE, INSTRUCTION), (UNCLEAN, UNCLEAN_INSTRUCTION), likeness, 40), STREAMS)
    assert float((rule == GateRule.PROMOTE).mean()) <= 0.02
    assert float(np.isin(rule, (GateRule.HARM, GateRule.WORSE, GateRule.FUTILE)).mean()) >= 0.9
    rule, _ = gate_ends(Replays((BASE, BASE), (UNCLEAN, UNCLEAN), likeness, 40), STREAMS)
    assert float((rule == GateRule.PROMOTE).mean()) <= allowed(0.05, STREAMS)


def test_an_item_that_helps_some_tasks_and_hurts_as_many_seldom_passes_for_one_that_helps() -> None:
    assert mixed_signs(STREAMS, 240, 240, seed=3) <= allowed(0.05, STREAMS)
