"""Patterns and proposals on both databases: registered once, judged once a block, and nothing of it ever changes."""

import math
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from bot.model.codec import decode, encode
from bot.model.ids import PullRequestNumber
from bot.model.pattern import EvidencePoint, PatternEvent, PatternId
from bot.model.proposal import Proposal
from bot.store.database import Database
from bot.store.patterns import (
    count_proposals,
    count_registered,
    count_registered_on,
    delete_pattern,
    forget_points,
    list_patterns,
    read_pattern,
    registered_ids,
    write_pattern_event,
    write_point,
    write_registrations,
)
from bot.store.proposals import list_proposals, open_proposals, read_proposal, write_proposal
from bot.store.tables import storable_json
from tests.conformance.store.learning import HOUR, NOON, REMARK, point, registration

FIRST = registration()
OTHER = registration("ruff:B006", at=NOON + HOUR)


def event(act: str, hours: float, pattern: PatternId = FIRST.id) -> PatternEvent:
    return decode(
        {
            **{"pattern": pattern, "at": (NOON + hours * HOUR).isoformat(), "act": act, "actor": "rmo"},
            **{"detail": "d\x00", "numbers": {"e_value": "inf"}},
        },
        PatternEvent,
    )


async def test_what_was_registered_is_read_back(database: Database) -> None:
    assert await database.transact(write_registrations, [FIRST, OTHER]) == (FIRST.id, OTHER.id)
    pattern = await database.transact(read_pattern, FIRST.id)
    assert pattern is not None
    assert (pattern.registration, pattern.points, pattern.status) == (FIRST, (), "watched")
    (registered,) = pattern.events
    assert (registered.act, registered.at, registered.detail) == ("registered", NOON, FIRST.hypothesis.text)
    assert registered.numbers["p_value"] == FIRST.support.p_value
    assert await database.transact(read_pattern, PatternId("nothing")) is None
    assert await database.transact(registered_ids) == {FIRST.id, OTHER.id}
    assert [each.registration for each in await database.transact(list_patterns)] == [OTHER, FIRST]


async def test_a_second_registration_waits_until_the_first_is_over(database: Database) -> None:
    again = replace(FIRST, registered_at=NOON + 9 * HOUR, quarter="2026-Q2", factor=2.0, first_position=50)
    await database.transact(write_registrations, [FIRST])
    await database.transact(write_point, point(FIRST.id, 1))
    assert await database.transact(write_registrations, [FIRST, again]) == ()
    await database.transact(write_pattern_event, event("rejected", 5))
    assert await database.transact(write_registrations, [again]) == (FIRST.id,)
    pattern = await database.transact(read_pattern, FIRST.id)
    assert pattern is not None
    assert (pattern.registration, pattern.points, pattern.status) == (again, (), "watched")
    assert [each.act for each in pattern.events] == ["registered", "rejected", "registered"]
    (listed,) = await database.transact(list_patterns)
    assert (listed.registration, listed.points) == (again, ())
    assert await database.transact(count_registered, "2026-Q1") == await database.transact(count_registered, "2026-Q2")


async def test_a_point_is_written_once_a_block(database: Database) -> None:
    await database.transact(write_registrations, [FIRST, OTHER])
    early, late = point(FIRST.id, 1), point(FIRST.id, 2, logs=(-math.inf, 0.25))
    assert await database.transact(write_point, late)
    assert await database.transact(write_point, early)
    assert not await database.transact(write_point, replace(early, e_value=99.0))
    pattern = await database.transact(read_pattern, FIRST.id)
    assert pattern is not None
    assert pattern.points == (early, late)
    assert pattern.e_value == 2.5
    assert [each.points for each in await database.transact(list_patterns)] == [(), (late,)]
    assert await database.transact(forget_points, OTHER.id) == 0
    assert await database.transact(forget_points) == 2
    assert await database.transact(write_point, early)


async def test_the_status_is_the_last_event(database: Database) -> None:
    await database.transact(write_registrations, [FIRST, OTHER])
    assert await database.transact(write_pattern_event, event("crossed", 2))
    assert not await database.transact(write_pattern_event, event("crossed", 2))
    pattern = await database.transact(read_pattern, FIRST.id)
    assert pattern is not None
    assert (pattern.status, pattern.events[-1].detail) == ("crossed", "d\u2400")
    assert pattern.events[-1].numbers == {"e_value": math.inf}
    assert [each.registration.id for each in await database.transact(list_patterns, "crossed")] == [FIRST.id]
    assert [each.registration.id for each in await database.transact(list_patterns, "watched")] == [OTHER.id]


async def test_a_pattern_is_given_up_once_and_kept(database: Database) -> None:
    await database.transact(write_registrations, [FIRST])
    assert await database.transact(delete_pattern, FIRST.id, REMARK)
    assert not await database.transact(delete_pattern, FIRST.id, replace(REMARK, at=NOON + HOUR))
    assert not await database.transact(delete_pattern, OTHER.id, REMARK)
    pattern = await database.transact(read_pattern, FIRST.id)
    assert pattern is not None
    assert (pattern.status, pattern.events[-1].actor) == ("deleted", "maintainer")
    assert await database.transact(count_registered, "2026-Q1") == 1


async def test_budgets_count_registrations_and_their_proposals(database: Database) -> None:
    tomorrow = registration("ruff:E501", at=NOON + timedelta(days=1), quarter="2026-Q2")
    await database.transact(write_registrations, [FIRST, OTHER, tomorrow])
    counts = [await database.transact(count_registered, quarter) for quarter in ("2026-Q1", "2026-Q2", "2026-Q3")]
    assert counts == [2, 1, 0]
    assert await database.transact(count_registered_on, date(2026, 1, 2)) == 2
    assert await database.transact(count_proposals, "2026-Q1") == 0
    await database.transact(write_pattern_event, event("crossed", 2))
    await database.transact(write_pattern_event, event("proposed", 2.5))
    await database.transact(write_pattern_event, event("rejected", 3))
    again = replace(FIRST, registered_at=NOON + 4 * HOUR, quarter="2026-Q2", first_position=50)
    await database.transact(write_registrations, [again])
    assert [await database.transact(count_proposals, quarter) for quarter in ("2026-Q1", "2026-Q2")] == [1, 0]
    for hours in (5, 6):
        await database.transact(write_pattern_event, event("crossed", hours))
    assert [await database.transact(count_proposals, quarter) for quarter in ("2026-Q1", "2026-Q2")] == [1, 1]


@given(some.lists(some.floats(allow_nan=False), max_size=4).map(tuple), some.floats(allow_nan=False))
@settings(max_examples=50)
def test_every_number_survives_being_stored(logs: tuple[float, ...], value: float) -> None:
    whole = replace(point(FIRST.id, 1, logs=logs), e_value=value)
    assert decode(storable_json(encode(whole)), EvidencePoint) == whole


async def test_a_proposal_is_replaced_as_it_goes_on(database: Database) -> None:
    drafted = Proposal("p1", "add", FIRST.id, "item", "protocols/coding/implementation.yaml", NOON, "drafted")
    record = Proposal("p2", "record", None, "item", "protocols/coding/implementation.yaml", NOON + HOUR, "merged")
    for each in (drafted, drafted, record):
        await database.transact(write_proposal, each)
    assert await database.transact(open_proposals) == (drafted,)
    opened = replace(drafted, status="open", pull_request=PullRequestNumber(7))
    await database.transact(write_proposal, opened)
    assert await database.transact(open_proposals) == (opened,)
    closed = replace(opened, status="closed", closed_at=NOON + HOUR, reason="no \x00 thanks")
    await database.transact(write_proposal, closed)
    assert await database.transact(open_proposals) == ()
    assert await database.transact(read_proposal, "p1") == replace(closed, reason="no \u2400 thanks")
    assert await database.transact(read_proposal, "p3") is None
    assert [each.id for each in await database.transact(list_proposals)] == ["p2", "p1"]
