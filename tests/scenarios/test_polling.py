"""Without webhooks, or with all of them lost, the bot looks for itself, and several tasks are under way at once."""

from pathlib import Path

import pytest

from bot.local.world import EVENTS
from bot.localhub.faults import Drop
from bot.sandbox import Sandbox, qualify
from tests.sampling import sample
from tests.scenarios.cast import second_time_right
from tests.scenarios.exercises import every, human_eval
from tests.scenarios.outline import play
from tests.scenarios.telling import assert_nothing_twice, assert_second_time_right
from tests.scenarios.town import open_town
from tests.scenarios.trial import try_out
from tests.scenarios.workflows import CI_FINDS_IT, ON_PULL_REQUEST, PATH


@pytest.mark.full
async def test_tasks_of_one_repository_are_solved_at_the_same_time_by_polling(tmp_path: Path) -> None:
    sandbox = await qualify()
    assert isinstance(sandbox, Sandbox), sandbox
    tasks = [await try_out(sandbox, each) for each in sample(every(human_eval()[3:], 27), 2)]
    files = {PATH: ON_PULL_REQUEST, **CI_FINDS_IT}
    for task in tasks:
        files |= {task.exercise.path: task.exercise.given, **task.exercise.present_test}
    async with open_town(tmp_path, sandbox, webhooks="off", poll_seconds=0.3) as town:
        place = await town.found("problems", files)

        issues = [await place.ask(task.exercise.title, task.exercise.body, second_time_right(task)) for task in tasks]
        stories = [await place.ended(issue) for issue in issues]

        for task, issue, story in zip(tasks, issues, stories, strict=True):
            await assert_second_time_right(place, issue, story, task.exercise)
        assert_nothing_twice(place, *stories)
        first, second, *_ = stories
        assert second.entries[0].started_at < first.entries[-1].ended_at
        assert not town.hub.world.deliveries


async def test_what_webhooks_do_not_tell_the_bot_finds_by_itself(tmp_path: Path) -> None:
    async with open_town(tmp_path, poll_seconds=0.5) as town:
        expected = await play(town, "told")
        for event in EVENTS:
            town.hub.faults.on_delivery(event, Drop(), times=1_000)
        assert await play(town, "untold") == expected
        untold = [each for each in town.hub.world.deliveries if each.status == "failed to connect to host"]
        assert untold
