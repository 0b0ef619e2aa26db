"""What learning is worth as a whole is said as it is: helps, harms, or not shown yet."""

import pytest

from bot.rollout.baseline import worth
from tests.bench.trials import CANARY
from tests.unit.rollout.streams import blocks


@pytest.mark.parametrize(
    ("with_items", "without", "said"),
    [
        ("s" * 15 + "ffff", "f", "learning helps: success 600 of 760 with learned items, 0 of 40 without"),
        ("s" * 4 + "f" * 15, "s", "learning harms: success 160 of 760 with learned items, 40 of 40 without"),
        ("s" * 19, "s", "not shown either way yet: success 760 of 760 with learned items, 40 of 40 without"),
    ],
)
def test_the_verdict_follows_the_numbers(with_items: str, without: str, said: str) -> None:
    found = worth(blocks(with_items, without, 40), CANARY)
    assert found.verdict.startswith(f"{said}; e-value ")
    assert found.verdict.endswith(" of 10 for harm")
    assert found.statistics.blocks == 40


def test_its_values_hold_the_odds_ratio_with_its_interval() -> None:
    tasks = (*blocks("s" * 15 + "ffff", "f", 10), *blocks("s" * 15 + "ffff", "s", 10, start=200))
    values = worth(tasks, CANARY).statistics.values
    assert 1 < values["odds_low"] + 1 < values["odds_ratio"] + 1 < values["odds_high"] + 1
    assert worth((), CANARY).statistics.values["e_success"] == 1
