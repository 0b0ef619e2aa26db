"""Webhooks come twice, late, or in any order: what stands on GitHub in the end is the same."""

import pytest
from github.Repository import Repository

from bot.local.world import EVENTS
from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.faults import Duplicate, Hold
from bot.model.run import Ended
from tests.scenarios.outline import play
from tests.scenarios.plot import BODY, FILES, one_try, title
from tests.scenarios.reading import pulls_of
from tests.scenarios.telling import assert_nothing_twice
from tests.scenarios.town import LABEL, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_webhooks_that_come_twice_change_nothing(town: Town) -> None:
    expected = await play(town, "once")
    for event in EVENTS:
        town.hub.faults.on_delivery(event, Duplicate(), times=1_000)
    try:
        assert await play(town, "twice") == expected
    finally:
        town.hub.faults.clear()


async def test_the_newest_state_counts_in_whatever_order_its_news_come(town: Town) -> None:
    place = await town.found("disordered", FILES, scripted_runner(["success"]))
    town.hub.faults.on_delivery("issues", Hold(), times=1_000)
    try:
        issue = await place.ask(title(place), BODY, one_try())
        await place.person(lambda repository: repository.get_issue(issue).remove_from_labels(LABEL))
        await place.label(issue)
    finally:
        town.hub.faults.clear()
    assert await place.runs(issue) == 0

    town.hub.release_held(newest_first=True)
    story = await place.ended(issue)
    await town.settled()

    assert isinstance(story.run.phase, Ended)
    assert story.run.phase.reason == "completed"
    assert await place.runs(issue) == 1, "the first label was taken away before anybody saw it"
    (pull,) = await place.person(lambda repository: pulls_of(repository, issue))
    newest = await place.person(lambda repository: _label_events(repository, issue)[-1])
    assert pull.branch == f"rmo/issue-{issue}-{newest}"
    assert_nothing_twice(place, story)


async def test_news_of_a_label_that_is_gone_start_nothing(town: Town) -> None:
    place = await town.found("too-late", FILES, scripted_runner(["success"]))
    town.hub.faults.on_delivery("issues", Hold(), action="labeled")
    issue = await place.ask(title(place), BODY, one_try())
    await place.person(lambda repository: repository.get_issue(issue).remove_from_labels(LABEL))
    town.hub.release_held()
    await town.settled()
    town.hub.faults.clear()
    assert await place.runs(issue) == 0
    assert not place.written_by_bot()


def _label_events(repository: Repository, issue: int) -> list[int]:
    return [each.id for each in repository.get_issue(issue).get_events() if each.event == "labeled"]
