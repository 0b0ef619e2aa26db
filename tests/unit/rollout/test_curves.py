"""The curves of evidence are those of the formulas, one block after the other."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.model.pattern import Table
from bot.rollout.curves import GREATEST, block_logs, curve, detector, value
from bot.statistics.conditional import log_e
from bot.statistics.mixture import mean_exp

TABLE = st.tuples(st.integers(0, 5), st.integers(0, 5)).flatmap(
    lambda sides: st.tuples(st.just(sides[0]), st.just(sides[1]), st.integers(0, sides[0]), st.integers(0, sides[1]))
)
ODDS = (1.5, 3.0)


@given(st.lists(TABLE, min_size=1, max_size=8))
def test_a_curve_is_the_mean_of_the_products_so_far(cells: list[tuple[int, int, int, int]]) -> None:
    rows = [Table(*cell) for cell in cells]
    found = curve(block_logs(np.array(cells), ODDS, 0.8))
    for end in range(1, len(rows) + 1):
        products = [math.fsum(log_e(row, odds, 0.8) for row in rows[:end]) for odds in ODDS]
        assert math.isclose(math.exp(found[end - 1]), mean_exp(products), rel_tol=1e-9)


@given(st.lists(TABLE, min_size=1, max_size=8))
def test_the_detector_adds_one_before_each_block(cells: list[tuple[int, int, int, int]]) -> None:
    found = detector(block_logs(np.array(cells), ODDS))
    levels = [0.0 for _ in ODDS]
    for end, cell in enumerate(cells):
        levels = [(level + 1) * math.exp(log_e(Table(*cell), odds)) for level, odds in zip(levels, ODDS, strict=True)]
        assert math.isclose(math.exp(found[end]), sum(levels) / len(levels), rel_tol=1e-9)


@given(st.lists(st.lists(TABLE, min_size=3, max_size=3), min_size=1, max_size=4))
def test_many_trials_at_once_are_each_judged_alone(trials: list[list[tuple[int, int, int, int]]]) -> None:
    together = block_logs(np.array(trials), ODDS)
    alone = [block_logs(np.array(trial), ODDS) for trial in trials]
    np.testing.assert_allclose(curve(together), [curve(each) for each in alone])
    np.testing.assert_allclose(detector(together), [detector(each) for each in alone])


def test_no_block_says_nothing_and_no_number_is_infinite() -> None:
    assert value(curve(block_logs(np.zeros((0, 4), dtype=np.int64), ODDS))) == 1.0
    assert value(np.array([1e6])) == math.exp(GREATEST)
