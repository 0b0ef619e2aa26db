"""Bets on a rate, mixtures of bets, and the binomial tail."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from bot.statistics import binomial
from bot.statistics.frequency import log_bet
from bot.statistics.mixture import GREATEST, mean_exp


@given(st.integers(0, 12), st.floats(0.06, 0.95), st.floats(0.0, 0.05))
def test_a_bet_on_a_rate_wins_nothing_on_average_up_to_the_base_rate(tasks: int, rate: float, true: float) -> None:
    mean = math.fsum(
        math.comb(tasks, had) * true**had * (1 - true) ** (tasks - had) * math.exp(log_bet(tasks, had, rate, 0.05))
        for had in range(tasks + 1)
    )
    assert mean <= 1 + 1e-9
    if true == 0.05:
        assert mean == pytest.approx(1.0)


def test_a_bet_is_the_product_over_its_tasks() -> None:
    one_by_one = 3 * log_bet(1, 1, 0.4, 0.05) + 7 * log_bet(1, 0, 0.4, 0.05)
    assert log_bet(10, 3, 0.4, 0.05) == pytest.approx(one_by_one)
    assert log_bet(1, 1, 0.4, 0.05) == pytest.approx(math.log(8))
    assert log_bet(0, 0, 0.4, 0.05) == 0.0


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=5))
def test_a_mixture_is_the_mean(logs: list[float]) -> None:
    assert mean_exp(logs) == pytest.approx(sum(math.exp(log) for log in logs) / len(logs))


def test_a_mixture_is_finite_however_strong_the_evidence_is() -> None:
    assert mean_exp([5000.0, 0.0]) == math.exp(GREATEST)
    assert mean_exp([-5000.0, -6000.0]) == 0.0
    assert mean_exp([-math.inf, -math.inf]) == 0.0


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.01, 0.99))
def test_the_binomial_tail_is_scipys(tasks: int, with_failure: int, rate: float) -> None:
    with_failure = min(with_failure, tasks)
    expected = binom.sf(with_failure - 1, tasks, rate)
    assert binomial.at_least(tasks, with_failure, rate) == pytest.approx(expected, abs=1e-12)
