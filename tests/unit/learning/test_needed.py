"""About how many more tasks: the answer agrees with what was measured of the judgement itself, and knows its limits."""

from dataclasses import replace

import numpy as np
import pytest

from bot.learning.evidence import advance
from bot.learning.needed import FARTHEST, tasks_needed
from bot.model.pattern import EvidencePoint, Registration, StratumTable, Table
from tests.unit.learning.tasks import NOW, PROPOSE, context, registered

POLICY = replace(PROPOSE, registrations_a_quarter=200, block=10)
RULE = registered(context(language="a"), policy=POLICY)
FREQUENT = registered(context(language="a"), policy=POLICY, kind="frequency")


def needed(rule: Registration, seen: Table, point: EvidencePoint | None = None) -> int | None:
    return tasks_needed(rule, point, seen, np.random.default_rng(7))


def at(rule: Registration, log_e: float, tables: tuple[StratumTable, ...] = ()) -> EvidencePoint:
    before = advance(rule, None, 0, [], at=NOW, proposals=0)
    return replace(before, log_e=(log_e,) * len(rule.grid), tables=tables)


@pytest.mark.parametrize(
    ("seen", "least", "most"),
    [
        (Table(1000, 9000, 300, 450), 30, 60),
        (Table(5000, 5000, 1500, 250), 60, 100),
        (Table(1000, 9000, 150, 450), 140, 260),
    ],
)
def test_a_rule_needs_what_was_measured_of_it(seen: Table, least: int, most: int) -> None:
    found = needed(RULE, seen)
    assert found is not None
    assert least <= found <= most


@pytest.mark.parametrize(("failed", "least", "most"), [(400, 11, 19), (200, 42, 75), (100, 270, 520)])
def test_a_frequency_needs_what_was_measured_of_it(failed: int, least: int, most: int) -> None:
    found = needed(FREQUENT, Table(1000, 0, failed, 0))
    assert found is not None
    assert least <= found <= most


def test_where_there_is_no_effect_the_number_is_not_known() -> None:
    assert needed(RULE, Table(100, 900, 5, 45)) is None
    assert needed(FREQUENT, Table(1000, 0, 50, 0)) is None


def test_with_nothing_to_compare_a_rule_gets_nowhere() -> None:
    assert needed(RULE, Table(50, 0, 20, 0)) is None


def test_evidence_that_is_there_is_needed_no_more() -> None:
    seen = Table(1000, 9000, 300, 450)
    half = needed(RULE, seen, at(RULE, 4.0))
    whole = needed(RULE, seen)
    assert half is not None
    assert whole is not None
    assert 0 < half < whole
    assert needed(RULE, seen, at(RULE, 7.7)) == 0


def test_a_block_that_falls_apart_into_strata_says_less() -> None:
    seen = Table(2000, 8000, 400, 500)
    pairs = tuple(StratumTable(str(number), Table(1, 1, 0, 0)) for number in range(5))
    apart = needed(RULE, seen, at(RULE, 0.0, pairs))
    together = needed(RULE, seen, at(RULE, 0.0, (StratumTable("", Table(5, 5, 0, 0)),)))
    assert apart is not None
    assert together is not None
    assert apart > 1.3 * together


def test_rare_contexts_are_no_endless_work() -> None:
    found = needed(RULE, Table(5, 10**6, 5, 1000))
    assert found is not None
    assert found < FARTHEST
