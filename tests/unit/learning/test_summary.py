"""What is said of a pattern: its numbers as they are, one line of bars, and what is still missing."""

import math
from dataclasses import replace

import pytest

from bot.learning.summary import BARS, Course, spark, summarize
from bot.model.pattern import Pattern, PatternEvent, Table
from tests.conformance.store.learning import NOON, point, registration

WATCHED = registration()
LOGS = (math.log(2.0), math.log(3.0))


def pattern(*blocks: int, act: str = "registered") -> Pattern:
    points = tuple(point(WATCHED.id, block, logs=LOGS) for block in blocks)
    happened = PatternEvent(WATCHED.id, NOON, act, "rmo", "", {})  # pyright: ignore[reportArgumentType] - one of the acts
    return Pattern(WATCHED, points, (happened,))


def test_a_pattern_without_evidence_is_told_what_it_would_need() -> None:
    said = summarize(pattern(), proposals=1)
    assert (said.id, said.text, said.status) == (WATCHED.id, "model=big -> ruff:F821", "watched")
    assert (said.kind, said.level, said.signature, said.origin) == ("rule", "rule", "ruff:F821", "mined")
    assert (said.evidence, said.odds_ratio, said.history) == (Table(0, 0, 0, 0), None, ())
    assert (said.e_value, said.threshold) == (1.0, 20 / (0.1 * 2))
    assert said.needed == summarize(pattern(), proposals=1).needed
    assert said.needed is not None
    assert said.needed > 20
    assert said.reproducibility.nature == "undecided"


def test_evidence_is_summed_over_blocks_and_strata() -> None:
    said = summarize(pattern(1, 2), proposals=0)
    assert said.evidence == Table(8, 12, 4, 2)
    assert said.odds_ratio is not None
    assert said.odds_ratio.estimate == pytest.approx(5.0)
    assert said.odds_ratio.low < 5.0 < said.odds_ratio.high
    assert [(each.block, each.tasks, each.e_value, each.threshold) for each in said.history] == [
        (1, 10, 2.5, 200.0),
        (2, 10, 2.5, 200.0),
    ]
    assert (said.e_value, said.threshold) == (2.5, 200.0)
    assert said.reproducibility.rate == 0.5


@pytest.mark.parametrize("act", ["crossed", "proposed", "merged", "rejected", "deleted"])
def test_nothing_is_waited_for_where_it_was_decided(act: str) -> None:
    said = summarize(pattern(1, act=act), proposals=0)
    assert (said.status, said.needed) == (act, None)


def test_bars_reach_from_no_evidence_to_the_threshold() -> None:
    course = [Course(number, NOON, value, 100.0, 10) for number, value in enumerate((0.1, 1.0, 10.0, 99.9, 100.0))]
    assert spark(course) == "▁▁▄▇█"
    assert spark(course, ".o#") == "..oo#"
    assert spark([replace(course[-1], e_value=math.inf)] * 3, width=2) == BARS[-1] * 2
    assert spark([]) == ""
