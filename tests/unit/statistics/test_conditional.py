"""The conditional e-value: exact where everything can be enumerated, and equal to scipy's where it cannot."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom, nchypergeom_fisher

from bot.model.pattern import Table
from bot.statistics import hypergeometric
from bot.statistics.conditional import is_degenerate, log_e, log_pmf, log_tail

GRID = (1.25, 1.5, 2.0, 4.0, 8.0)
MARGINS = [(n1, n0, k) for n1 in range(9) for n0 in range(9) for k in range(n1 + n0 + 1)]


def outcomes(inside: int, outside: int, with_failure: int) -> list[Table]:
    """Every table with these margins."""
    counts = range(max(0, with_failure - outside), min(inside, with_failure) + 1)
    return [Table(inside, outside, a, with_failure - a) for a in counts]


def mean_e(inside: int, outside: int, with_failure: int, odds: float, null: float, true: float) -> float:
    tables = outcomes(inside, outside, with_failure)
    return math.fsum(math.exp(log_pmf(table, true) + log_e(table, odds, null)) for table in tables)


def test_probabilities_of_every_small_table_are_scipys() -> None:
    for inside, outside, k in MARGINS[1:]:
        tables = outcomes(inside, outside, k)
        counts = [table.inside_with for table in tables]
        for odds in (0.3, 4.0):
            expected = np.asarray(nchypergeom_fisher.pmf(np.array(counts), inside + outside, inside, k, odds))
            assert np.abs(np.exp([log_pmf(table, odds) for table in tables]) - expected).max() < 1e-12


@pytest.mark.parametrize("table", [Table(400, 600, 41, 30), Table(25, 3000, 9, 200), Table(1000, 10, 400, 7)])
@pytest.mark.parametrize("odds", [0.2, 1.0, 1.5, 8.0])
def test_probabilities_of_large_tables_are_exact(table: Table, odds: float) -> None:
    """By whole numbers of any size, since floating-point libraries differ here from the tenth digit on."""
    weight = Fraction(odds)
    terms = {
        each.inside_with: math.comb(table.inside, each.inside_with)
        * math.comb(table.outside, each.outside_with)
        * weight**each.inside_with
        for each in outcomes(table.inside, table.outside, table.with_failure)
    }
    exact = float(terms[table.inside_with] / sum(terms.values()))
    assert math.exp(log_pmf(table, odds)) == pytest.approx(exact, rel=1e-11, abs=1e-300)


def test_a_million_tasks_are_no_problem() -> None:
    table = Table(500_000, 500_000, 2_600, 2_500)
    assert math.isfinite(log_e(table, 1.5))
    assert hypergeometric.at_least(table) == pytest.approx(hypergeom.sf(2_599, 10**6, 5_100, 500_000), rel=1e-8)


def test_its_mean_is_one_on_the_border_of_the_null_for_every_small_table() -> None:
    for inside, outside, k in MARGINS:
        for odds in GRID:
            assert mean_e(inside, outside, k, odds, null=1.0, true=1.0) == pytest.approx(1.0, abs=1e-12)
            assert mean_e(inside, outside, k, 1 / odds, null=1.0, true=1.0) == pytest.approx(1.0, abs=1e-12)


def test_its_mean_is_at_most_one_inside_the_null_for_every_small_table() -> None:
    for inside, outside, k in MARGINS:
        for true in (0.2, 0.9):
            for odds in (1.5, 8.0):
                assert mean_e(inside, outside, k, odds, null=1.0, true=true) <= 1 + 1e-12
                assert mean_e(inside, outside, k, 1 / odds, null=1.0, true=1 / true) <= 1 + 1e-12
                assert mean_e(inside, outside, k, odds, null=0.8, true=0.8 * true) <= 1 + 1e-12


def test_a_table_that_can_come_out_in_one_way_only_says_nothing() -> None:
    degenerate = [table for margins in MARGINS for table in outcomes(*margins) if len(outcomes(*margins)) == 1]
    assert all(is_degenerate(table) for table in degenerate)
    assert all(log_e(table, 4.0) == 0.0 and log_e(table, 0.25) == 0.0 for table in degenerate)
    assert not any(
        is_degenerate(table) for margins in MARGINS for table in outcomes(*margins) if len(outcomes(*margins)) > 1
    )


tables = st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
    lambda sides: st.builds(
        Table, st.just(sides[0]), st.just(sides[1]), st.integers(0, sides[0]), st.integers(0, sides[1])
    )
)


@given(tables, st.floats(0.05, 20.0), st.floats(0.2, 5.0))
def test_swapping_inside_and_outside_inverts_the_odds(table: Table, odds: float, null: float) -> None:
    swapped = Table(table.outside, table.inside, table.outside_with, table.inside_with)
    assert log_e(swapped, 1 / odds, 1 / null) == pytest.approx(log_e(table, odds, null), abs=1e-9)


@given(tables, st.floats(1.1, 20.0))
def test_one_more_failure_inside_is_more_evidence(table: Table, odds: float) -> None:
    """The monotone likelihood ratio, by which the whole one-sided null is covered."""
    ordered = outcomes(table.inside, table.outside, table.with_failure)
    logs = [log_e(each, odds) for each in ordered]
    assert logs == sorted(logs)


@given(tables)
def test_the_tail_is_fishers_exact_test(table: Table) -> None:
    expected = hypergeom.sf(table.inside_with - 1, table.tasks, table.with_failure, table.inside)
    assert hypergeometric.at_least(table) == pytest.approx(expected, abs=1e-12)
    assert math.exp(log_tail(table)) == pytest.approx(expected, abs=1e-12)


@given(tables)
def test_no_table_with_the_same_margins_has_a_smaller_p_value(table: Table) -> None:
    p_values = [hypergeometric.at_least(each) for each in outcomes(table.inside, table.outside, table.with_failure)]
    assert hypergeometric.least_p(table) == pytest.approx(min(p_values))
