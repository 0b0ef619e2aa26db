"""The parts of the screen: tails, the growth that orders, the comparison of contexts that are not counted together."""

import numpy as np
import pytest
from scipy import stats

from bot.learning import growth
from bot.learning.distinct import Ranked, by_tasks
from bot.learning.lookup import NOWHERE, Lookup
from bot.learning.tails import binomial_at_least, hypergeometric_at_least
from bot.model.evidence import Features
from bot.model.pattern import ContextLiteral, Hypothesis, Signature
from tests.conformance.mining.oracle import ancestors, unit
from tests.unit.learning.screened import F821, NAME, SYNTAX, counted


def test_tails_are_those_of_scipy() -> None:
    small = [
        (found, tasks, having, inside)
        for tasks in range(1, 10)
        for having in range(tasks + 1)
        for inside in range(tasks + 1)
        for found in range(inside + 2)
    ]
    large = [(300, 10**6, 1000, 250_000), (250, 10**6, 1000, 250_000), (200, 10**6, 1000, 250_000), (40, 500, 60, 90)]
    columns = np.array(small + large, np.int64).T
    found, tasks, having, inside = columns
    wanted = np.asarray(stats.hypergeom.sf(found - 1, tasks, having, inside), np.float64)
    np.testing.assert_allclose(hypergeometric_at_least(found, tasks, having, inside), wanted, rtol=1e-6, atol=1e-12)


def test_the_binomial_tail_is_that_of_scipy() -> None:
    found, tasks = np.array([(a, n) for n in range(1, 30) for a in range(1, n + 1)], np.int64).T
    wanted = np.asarray(stats.binom.sf(found - 1, tasks, 0.05), np.float64)
    np.testing.assert_allclose(binomial_at_least(found, tasks, 0.05), wanted, rtol=1e-9)


def test_a_rate_of_few_tasks_is_pulled_towards_its_prior() -> None:
    rates = growth.shrunk(np.array([3, 300]), np.array([3, 300]), np.array([0.1, 0.1]))
    assert rates[0] == pytest.approx(3.4 / 7)
    assert rates[1] > 0.98


def test_growth_is_that_of_the_best_bet() -> None:
    one, half = np.array([1.0]), np.array([0.5])
    common = growth.of_frequency(one, np.array([0.4]), 0.05, (2, 3, 5, 8, 30))
    assert common == pytest.approx(0.4 * np.log(8) + 0.6 * np.log(0.6 / 0.95))
    assert growth.of_frequency(half, np.array([0.4]), 0.05, (2, 3, 5, 8)) == pytest.approx(common / 2)
    assert growth.of_frequency(one, np.array([0.01]), 0.05, (2, 3)) == 0.0


@pytest.mark.parametrize("odds", [1.5, 4.0])
def test_a_rule_grows_fastest_where_its_odds_are_those_that_are_bet_on(odds: float) -> None:
    """Then the gain is the divergence of the true rates from the pooled one: the mutual information."""
    share, outside = np.array([0.3]), np.array([0.1])
    inside = odds * outside / (1 - outside + odds * outside)
    total = share * inside + (1 - share) * outside

    def divergence(rate: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return rate * np.log(rate / total) + (1 - rate) * np.log((1 - rate) / (1 - total))

    wanted = share * divergence(inside) + (1 - share) * divergence(outside)
    assert growth.of_rule(share, inside, outside, (1.5, 2, 4, 8)) == pytest.approx(wanted)
    assert growth.of_rule(share, outside, inside, (1.5, 2)) == 0.0


def test_contexts_that_are_never_counted_together_are_compared_by_their_counts() -> None:
    def context(value: str, node: str) -> Features:
        same = dict.fromkeys(("a", "b", "c", "d"), value)
        return {**same, "kind": ("x", "y") if value == "1" else "z", "action_item": node, "ancestors": ancestors(node)}

    units = [unit(place, context("1", "fix"), [F821, NAME]) for place in range(8)]
    units += [unit(place, context("2", "add_method"), [SYNTAX]) for place in range(8, 20)]
    # Else the one would never come without the other
    units += [unit(20, {}, [NAME]), unit(21, {}, [F821])]
    counts = counted(units)
    lookup = Lookup(counts)

    def ranked(*literals: tuple[str, str], signature: Signature = F821) -> Ranked:
        row = lookup.failure_of(Hypothesis("rule", tuple(ContextLiteral(*each) for each in literals), signature))
        assert row != NOWHERE
        return Ranked("rule", row, 1.0)

    three = ranked(("a", "1"), ("b", "1"), ("c", "1"))
    other = ranked(("b", "1"), ("c", "1"), ("d", "1"))
    assert by_tasks(lookup, [three, other], [], 9) == [three]
    assert by_tasks(lookup, [three, other], [], 1) == [three]
    # Failures that have nothing to do with each other, and values that no context holds both of
    another = ranked(("a", "1"), signature=NAME)
    assert by_tasks(lookup, [three, another], [], 9) == [three, another]
    one, two = ranked(("kind", "x")), ranked(("kind", "y"))
    assert by_tasks(lookup, [one, two], [], 9) == [one, two]
    # A node and one above it: the narrower is what both have in common
    high = ranked(("action_item", "make"), signature=SYNTAX)
    low = ranked(("action_item", "add"), signature=SYNTAX)
    assert by_tasks(lookup, [high, low], [], 9) == [high]


def test_of_two_nodes_the_narrower_is_found() -> None:
    units = [unit(place, {"action_item": "add", "ancestors": ancestors("add")}, [F821]) for place in range(3)]
    units += [unit(place, {"action_item": "fix", "ancestors": ancestors("fix")}, [F821]) for place in range(3, 6)]
    counts = counted(units)
    lookup = Lookup(counts)
    number = {each.value: place for place, each in enumerate(counts.literals, 1)}
    assert lookup.narrower_node(number["add"], number["task"]) == number["add"]
    assert lookup.narrower_node(number["task"], number["add"]) == number["add"]
    assert lookup.narrower_node(number["fix"], number["add"]) == 0
