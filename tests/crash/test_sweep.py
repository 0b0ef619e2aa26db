"""The bot is killed by SIGKILL at every boundary of a step and around every write, and started again.

Whatever happened in between, GitHub ends up as after the undisturbed run, through the same visible writes in the same
order, the journal holds the same steps once each, and no answer of the model that was recorded is asked for again.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence

import pytest

from tests.crash.conftest import OpenPlace
from tests.crash.final_state import Final, final_state
from tests.crash.order import AtBoundary, AtNewBoundary, AtWrite, Death
from tests.crash.place import Place
from tests.sampling import is_full, sample

Undisturbed = tuple[Final, Place]


async def problems_after(fates: Sequence[Death], new_place: OpenPlace, expected: Final) -> list[str]:
    """What is wrong after a run that met these deaths one after the other and then lived on."""
    async with new_place() as place:
        await place.label_an_issue()
        for fate in fates:
            if not (await place.live(fate)).was_killed:
                return ["it was not killed"]
        await place.live_on()
        found = await final_state(place)
    asked_again = Counter(found.asks) - Counter(expected.asks)
    unrecorded = [fate for fate in fates if isinstance(fate, AtBoundary) and ":AskModel:performed" in fate.boundary]
    problems = found.differences(expected)
    if asked_again.total() != len(unrecorded) or Counter(expected.asks) - Counter(found.asks):
        problems.append(f"the model was asked again: {dict(asked_again)}")
    if found.orphans > len(fates):
        problems.append(f"{found.orphans} commits are on no ref after {len(fates)} deaths")
    return problems


def every_fate(place: Place) -> list[Death]:
    """Every boundary and every write of a run that was not disturbed."""
    boundaries = [AtBoundary(boundary) for boundary in dict.fromkeys(place.diary.boundaries)]
    numbers = range(1, len(place.diary.writes) + 1)
    return [*boundaries, *(AtWrite(number, moment) for number in numbers for moment in ("before", "after"))]


async def assert_unharmed(cases: list[list[Death]], new_place: OpenPlace, expected: Final) -> None:
    wrong = {str(fates): await problems_after(fates, new_place, expected) for fates in cases}
    report = [f"{fates}:\n" + "\n".join(problems) for fates, problems in wrong.items() if problems]
    assert not report, "\n\n".join([f"{len(report)} of {len(cases)} cases", *report])


async def test_one_death_changes_nothing(new_place: OpenPlace, undisturbed: Undisturbed) -> None:
    expected, place = undisturbed
    fates = every_fate(place)
    assert len(fates) > 150, "the run has become shorter than what is to be swept"
    await assert_unharmed([[fate] for fate in sample(fates, 1)], new_place, expected)


@pytest.mark.full
async def test_two_deaths_change_nothing(new_place: OpenPlace, undisturbed: Undisturbed) -> None:
    expected, place = undisturbed
    pairs = every_pair(place)
    await assert_unharmed(pairs if is_full() else sample(pairs, 1), new_place, expected)


def every_pair(place: Place) -> list[list[Death]]:
    """The death of whoever repairs the first one's damage: at the same boundary, or at the second life's first write.

    Beside them the deaths at two boundaries far apart.
    """
    boundaries = [AtBoundary(each) for each in dict.fromkeys(place.diary.boundaries)]
    again: list[list[Death]] = [[each, each] for each in boundaries if not each.boundary.endswith(":recorded")]
    numbers = range(1, len(place.diary.writes))
    repairs: list[list[Death]] = [
        [AtWrite(number, moment), AtWrite(1, moment)] for number in numbers for moment in ("before", "after")
    ]
    apart: list[list[Death]] = [
        [first, second] for first, second in zip(boundaries, boundaries[len(boundaries) // 3 :], strict=False)
    ]
    return [*again[::4], *repairs[::3], *apart[::6]]


@pytest.mark.full
async def test_deaths_at_any_moment_change_nothing(place: Place, undisturbed: Undisturbed) -> None:
    expected, _ = undisturbed
    chance = random.Random(os.environ.get("RMO_SAMPLE_SEED", "0"))
    for _ in range(40 if is_full() else 6):
        if await place.begin_life() is None:
            await asyncio.sleep(chance.uniform(0.0, 0.6))
            await place.kill()
    await place.live_on()
    found = await final_state(place)
    found.assert_same_as(expected)
    assert (Counter(found.asks) - Counter(expected.asks)).total() <= place.deaths


async def test_a_death_at_each_boundary_in_turn_changes_nothing(place: Place, undisturbed: Undisturbed) -> None:
    expected, _ = undisturbed
    ending = "" if is_full() else ":AskModel:performed"
    await place.live_on(AtNewBoundary(ending))
    found = await final_state(place)
    found.assert_same_as(expected)
    assert place.deaths == len({each for each in place.diary.boundaries if each.endswith(ending)})
    assert found.asks == {ask: 2 for ask in expected.asks}, "each answer was lost once, and only once"
