"""What an owner lets begin: the rest waits on GitHub, is told of in one comment, and begins by itself."""

import pytest

from bot import comments
from bot.jobs.reconcile import reconcile
from bot.localhub.actions.scripted import scripted_runner
from bot.model.phase import Ended
from tests.scenarios.plot import BODY, FILES, one_try, title
from tests.scenarios.reading import close_pull
from tests.scenarios.town import CONFIG, Place, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


def told(place: Place) -> dict[int, str]:
    """Issue -> what its comment about the queue says."""
    issues = place.town.hub.world.repositories[place.id].issues
    return {
        number: comment.body
        for number, issue in issues.items()
        for comment in issue.comments
        if comments.QUEUE_MARKER in comment.body
    }


async def test_an_open_pull_request_keeps_the_next_issue_waiting(town: Town) -> None:
    one_open = "red_before_green: false\nopen_pull_requests: 1\n"
    place = await town.found("one-open", {**FILES, CONFIG: one_open}, scripted_runner(["success"]))
    elsewhere = await town.found("one-open-elsewhere", FILES, scripted_runner(["success"]))
    town.cast.learn(title(place), one_try())

    async def sweep() -> None:
        assert await reconcile(town.bot.context, town.bot.service.engine) == ()
        await town.settled()

    first = await place.ask(title(place), BODY, one_try())
    story = await place.ended(first)
    assert isinstance(story.run.phase, Ended)
    assert story.run.phase.reason == "completed"
    second, third = [await place.ask(title(place), BODY, one_try()) for _ in range(2)]
    await town.settled()
    assert not told(place), "the next sweep tells of all of them together"
    await sweep()
    await sweep()
    assert [await place.runs(issue) for issue in (second, third)] == [0, 0]
    (said,) = told(place).values()
    assert "2 labelled issues wait: as many of my pull requests are open as may be" in said

    town.hub.transfer_issue(place.id, second, elsewhere.id, "maintainer")
    await town.settled()
    await sweep()
    await sweep()
    assert list(told(place)) == [third], "another issue holds the comment now"
    await place.person(lambda repository: close_pull(repository, first))
    await town.settled()
    await sweep()
    story = await place.ended(third)
    assert isinstance(story.run.phase, Ended)
    assert story.run.phase.reason == "completed"
    assert told(place) == {third: comments.queue_empty()}
    for each in (place, elsewhere):
        town.leave(each)
