"""Whatever happens to a run's webhooks, or to the clock: what stands on GitHub is what an undisturbed run leaves."""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from tests.sampling import is_full
from tests.scenarios.check_world import check_world
from tests.scenarios.plot import begin, title
from tests.scenarios.postman import FATES, Fate, Postman
from tests.scenarios.standing import Standing, standing
from tests.scenarios.town import LABEL, Town, open_town, within

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRIES = 2 if is_full() else 1
EXAMPLES = 150 if is_full() else 1


@dataclass(slots=True)
class Clock:
    """The bot's; GitHub has its own."""

    off: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.off


@dataclass(frozen=True, slots=True)
class Stage:
    town: Town
    clock: Clock
    undisturbed: Standing
    numbers: Iterator[int]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    """One town for all examples, each in a repository of its own; the first run is left alone."""
    clock = Clock()
    async with open_town(tmp_path_factory.mktemp("town"), clock=clock) as town:
        place, issue = await begin(town, "undisturbed", tries=TRIES)
        story = await place.ended(issue)
        await town.settled()
        undisturbed = await standing(place, issue, story)
        assert any("Done" in line for line in undisturbed.lines)
        town.leave(place)
        yield Stage(town, clock, undisturbed, count(1))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(fates=["twice, as another", "late", "lost", "twice", "very late"], newest_first=True, relabelled=True)
@given(
    fates=st.lists(st.sampled_from(FATES), min_size=3, max_size=24),
    newest_first=st.booleans(),
    relabelled=st.booleans(),
)
async def test_lost_repeated_and_disordered_webhooks_lead_to_the_same_end(
    stage: Stage, fates: list[Fate], newest_first: bool, relabelled: bool
) -> None:
    """Also where the label was taken away and set again before anybody heard of it: what is there now counts."""
    town = stage.town
    postman = Postman(town, fates, newest_first=newest_first)
    with postman.on_duty():
        place, issue = await begin(town, f"disturbed-{next(stage.numbers)}", tries=TRIES)
        if relabelled:
            await place.person(lambda repository: repository.get_issue(issue).remove_from_labels(LABEL))
            await place.label(issue)
        try:
            story = await postman.see_to_the_end(place, issue)
        finally:
            note("\n".join(postman.done))
    (await standing(place, issue, story)).assert_same_as(stage.undisturbed)
    await check_world(town)
    town.leave(place)


async def test_a_clock_that_is_an_hour_off_and_jumps_changes_nothing(stage: Stage) -> None:
    """It goes back by two hours in the middle of the run."""
    town, name = stage.town, "jumping"
    stage.clock.off = timedelta(hours=1)
    try:
        pause = town.cast.pause(f"The first price is forgotten in acme/{name}", "executor", 0)
        place, issue = await begin(town, name, tries=TRIES)
        assert title(place).endswith(f"acme/{name}")
        await within(pause.reached.wait(), "the executor is asked")
        stage.clock.off = timedelta(hours=-1)
        pause.over.set()
        story = await place.ended(issue)
        await town.settled()
    finally:
        stage.clock.off = timedelta()
    (await standing(place, issue, story)).assert_same_as(stage.undisturbed)
    town.leave(place)
