"""The pooled odds ratio and its interval, with statsmodels as the oracle."""

import math
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from bot.model.pattern import Table
from bot.statistics.conditional import log_pmf
from bot.statistics.odds_ratio import OddsRatio, pooled

counts = st.integers(1, 30)
full = st.tuples(counts, counts, counts, counts).map(
    lambda cells: Table(cells[0] + cells[1], cells[2] + cells[3], cells[0], cells[2])
)


@given(st.lists(full, min_size=1, max_size=6))
def test_it_is_what_statsmodels_says(tables: list[Table]) -> None:
    cells = [
        np.array([[t.inside_with, t.inside - t.inside_with], [t.outside_with, t.outside - t.outside_with]], float)
        for t in tables
    ]
    oracle = StratifiedTable(cells)
    found = pooled(tables)
    assert found is not None
    assert found.estimate == pytest.approx(float(cast(float, oracle.oddsratio_pooled)))
    low, high = oracle.oddsratio_pooled_confint()
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@given(st.lists(full, min_size=1, max_size=4))
def test_a_stratum_with_nothing_to_compare_changes_nothing(tables: list[Table]) -> None:
    silent = [Table(0, 9, 0, 3), Table(9, 0, 3, 0), Table(4, 5, 0, 0), Table(4, 5, 4, 5)]
    assert pooled([*tables, *silent]) == pooled(tables)


def test_nothing_to_compare_is_no_odds_ratio() -> None:
    assert pooled([]) is None
    assert pooled([Table(0, 9, 0, 3), Table(3, 3, 3, 3)]) is None


def test_where_only_the_inside_fails_the_lower_limit_is_exact() -> None:
    tables = [Table(10, 10, 5, 0), Table(4, 6, 2, 0)]
    found = pooled(tables)
    assert found is not None
    assert found.estimate == found.high == math.inf
    assert math.exp(sum(log_pmf(table, found.low) for table in tables)) == pytest.approx(0.025)


def test_where_nothing_fails_inside_the_upper_limit_is_exact() -> None:
    table = Table(10, 10, 0, 5)
    found = pooled([table])
    assert found == OddsRatio(0.0, 0.0, found.high if found else 0.0)
    assert found is not None
    assert math.exp(log_pmf(table, found.high)) == pytest.approx(0.025)
    assert found.high < 1
