"""The pace of writes, with a clock that only moves when it is told to."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.errors import RateLimited
from bot.github.pace import GITHUB_LIMITS, LONGEST_WAIT, NO_LIMITS, Pace, WriteLimits


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_write_is_not_kept_waiting() -> None:
    assert Pace(GITHUB_LIMITS, Clock()).reserve() == 0


def test_writes_at_once_are_a_second_apart() -> None:
    pace = Pace(GITHUB_LIMITS, Clock())
    assert [pace.reserve() for _ in range(4)] == [0, 1, 2, 3]


def test_a_pause_that_has_passed_anyway_is_not_waited_for() -> None:
    clock = Clock()
    pace = Pace(GITHUB_LIMITS, clock)
    pace.reserve()
    clock.now += 0.75
    assert pace.reserve() == pytest.approx(0.25)
    clock.now += 5
    assert pace.reserve() == 0


def test_without_limits_nothing_waits() -> None:
    pace = Pace(NO_LIMITS, Clock())
    assert {pace.reserve() for _ in range(1000)} == {0}


def test_the_hour_s_last_write_makes_the_job_wait_and_takes_no_place() -> None:
    clock = Clock()
    pace = Pace(WriteLimits(timedelta(), None, 3), clock)
    for _ in range(3):
        assert pace.reserve() == 0
    clock.now += 600
    with pytest.raises(RateLimited) as caught:
        pace.reserve()
    assert caught.value.after == timedelta(seconds=3000)
    clock.now += 3000
    assert pace.reserve() == 0


def test_a_limit_that_github_told_us_of_is_kept_without_asking_again() -> None:
    clock = Clock()
    pace = Pace(NO_LIMITS, clock)
    pace.close(timedelta(seconds=90))
    pace.close(timedelta(seconds=5))
    clock.now += 60
    with pytest.raises(RateLimited) as caught:
        pace.admit()
    assert caught.value.after == timedelta(seconds=30)
    clock.now += 30
    pace.admit()


@given(st.lists(st.floats(min_value=0, max_value=40), min_size=1, max_size=200))
def test_no_window_ever_holds_more_writes_than_allowed(pauses: list[float]) -> None:
    clock = Clock()
    limits = WriteLimits(timedelta(seconds=1), 5, 20)
    pace = Pace(limits, clock)
    starts: list[float] = []
    for pause in pauses:
        clock.now += pause
        try:
            wait = pace.reserve()
        except RateLimited:
            continue
        assert 0 <= wait <= LONGEST_WAIT
        starts.append(clock.now + wait)
    assert all(later - earlier >= 1 - 1e-6 for earlier, later in pairwise(starts))
    for count, window in ((5, 60), (20, 3600)):
        assert all(later - earlier >= window - 1e-6 for earlier, later in zip(starts, starts[count:], strict=False))
