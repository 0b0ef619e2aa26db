"""When a failure may be called systematic or stochastic."""

import pytest
from scipy.stats import beta

from bot.learning.reproducibility import Nature, reproducibility
from bot.model.pattern import Table


@pytest.mark.parametrize(
    ("table", "nature"),
    [
        (Table(0, 0, 0, 0), "undecided"),
        # three of three, or none of three: a habit of either kind may do that
        (Table(3, 0, 0, 0), "undecided"),
        (Table(3, 0, 3, 0), "systematic"),
        (Table(40, 0, 12, 0), "systematic"),
        (Table(22, 0, 0, 0), "stochastic"),
        (Table(21, 0, 0, 0), "undecided"),
        # common, but everywhere
        (Table(400, 400, 120, 120), "stochastic"),
        (Table(40, 100, 12, 13), "undecided"),
    ],
)
def test_its_nature_is_said_only_when_it_is_shown(table: Table, nature: Nature) -> None:
    assert reproducibility(table).nature == nature


def test_its_bounds_are_exact() -> None:
    found = reproducibility(Table(20, 50, 6, 4))
    assert found.rate == pytest.approx(0.3)
    assert found.low == pytest.approx(beta.ppf(0.1, 6, 15))
    assert found.high == pytest.approx(beta.ppf(0.9, 7, 14))
    assert found.limit == pytest.approx(0.16)
    assert reproducibility(Table(20, 0, 20, 0)).high == 1.0
    assert reproducibility(Table(20, 0, 0, 0)).low == 0.0
    assert reproducibility(Table(20, 50, 6, 1)).limit == pytest.approx(0.10)
