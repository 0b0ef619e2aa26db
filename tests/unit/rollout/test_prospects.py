"""How long it still takes: as long as it would at the pace seen so far."""

import math

import numpy as np
import pytest

from bot.rollout.prospects import LEAST, blocks_to_go, latest, soonest


def test_at_a_steady_pace_the_line_is_reached_when_it_was_said() -> None:
    pace = np.array([0.1, -0.05])
    to_go = blocks_to_go(np.tile(pace, (20, 1)), 20)
    assert to_go is not None
    ends = [math.log(np.exp(pace * (20 + to_go + more)).mean()) for more in (-1, 0, 1)]
    assert ends[0] < math.log(20) <= ends[1] + 1e-9 < ends[2]


def test_what_has_been_reached_takes_no_more_and_what_does_not_grow_is_not_known() -> None:
    assert blocks_to_go(np.full((50, 1), 0.1), 20) == 0
    assert blocks_to_go(np.full((50, 1), -0.1), 20) is None
    assert blocks_to_go(np.full((LEAST - 1, 1), 0.1), 20) is None
    assert blocks_to_go(np.zeros((50, 2)), 20) is None


@pytest.mark.parametrize(
    ("known", "least", "greatest"), [([2.0, 1.0], 1, 2), ([2.0, None], 2, None), ([None], None, None)]
)
def test_one_of_several_is_enough_or_all_are_needed(
    known: list[float | None], least: float | None, greatest: float | None
) -> None:
    assert (soonest(known), latest(known)) == (least, greatest)
