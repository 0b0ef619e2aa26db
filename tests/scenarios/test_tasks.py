"""Real tasks, from the label to the pull request: their own tests refuse the first try in CI and accept the second."""

import pytest

from bot.sandbox import Sandbox
from tests.sampling import sample
from tests.scenarios.cast import second_time_right
from tests.scenarios.exercises import Exercise, defects, every, human_eval
from tests.scenarios.telling import assert_nothing_twice, assert_second_time_right
from tests.scenarios.town import Town
from tests.scenarios.trial import try_out
from tests.scenarios.workflows import CI_FINDS_IT, ON_PULL_REQUEST, PATH

pytestmark = pytest.mark.asyncio(loop_scope="module")

TASKS: list[Exercise | None] = [
    *sample(every(human_eval(), 7), 1),
    *(sample(every(defects(), 3), 1) or [None]),
]


@pytest.mark.parametrize("exercise", TASKS, ids=lambda each: each.id if each else "defects")
async def test_a_task_is_solved_after_its_own_tests_refused_the_first_try(
    real_town: Town, sandbox: Sandbox, exercise: Exercise | None
) -> None:
    if exercise is None:
        pytest.skip("not run: no data")
    task = await try_out(sandbox, exercise)
    files = {PATH: ON_PULL_REQUEST, exercise.path: exercise.given, **exercise.present_test, **CI_FINDS_IT}
    place = await real_town.found(exercise.id.replace("/", "-"), files)

    issue = await place.ask(exercise.title, exercise.body, second_time_right(task))
    story = await place.ended(issue)

    await assert_second_time_right(place, issue, story, exercise)
    assert_nothing_twice(place, story)
