"""Repositories whose CI starts otherwise than by a draft pull request: the bot finds the verdict all the same."""

import pytest

from bot.model.run import Ended
from bot.sandbox import Sandbox
from tests.sampling import sample
from tests.scenarios.cast import second_time_right
from tests.scenarios.exercises import every, human_eval
from tests.scenarios.reading import failed_tests, see
from tests.scenarios.telling import assert_every_step_is_a_commit, assert_failed_with, assert_nothing_twice
from tests.scenarios.town import Place, Story, Town
from tests.scenarios.trial import try_out
from tests.scenarios.workflows import CI_FINDS_IT, NOT_ON_DRAFTS, ON_PUSH, PATH

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHECKS: dict[str, tuple[str, list[list[str]]]] = {
    "skipping-drafts": (NOT_ON_DRAFTS, [["test: skipped"], ["test: failure", "test: skipped"], ["test: success"]]),
    "on-every-push": (ON_PUSH, [["test: failure"], ["test: failure"], ["test: success"]]),
}
"""Workflow, and what it says of the tests alone, of the wrong try and of the right one."""
EXERCISES = every(human_eval()[5:], 60)


@pytest.mark.parametrize("kind", sample(list(CHECKS), 1))
async def test_the_verdict_is_found(real_town: Town, sandbox: Sandbox, kind: str) -> None:
    for exercise in sample(EXERCISES, 1):
        workflow, checks = CHECKS[kind]
        task = await try_out(sandbox, exercise)
        files = {PATH: workflow, exercise.path: exercise.given, **exercise.present_test, **CI_FINDS_IT}
        place = await real_town.found(f"{kind}-{exercise.id.replace('/', '-')}", files)

        issue = await place.ask(exercise.title, exercise.body, second_time_right(task))
        story = await place.ended(issue)
        await real_town.settled()

        assert isinstance(story.run.phase, Ended)
        assert (story.run.phase.reason, story.run.phase.detail) == ("completed", "all checks passed: test")
        await _assert_judged(place, issue, story, checks)
        assert_failed_with(story, exercise.test_id)


async def _assert_judged(place: Place, issue: int, story: Story, checks: list[list[str]]) -> None:
    seen = await place.person(lambda repository: see(repository, issue))
    assert [each.checks for each in seen.commits] == checks
    assert not seen.pull.draft
    token = place.town.token("maintainer")
    (test,) = {each.failure.test for each in story.failures}
    wrong = seen.commits[1].sha
    assert await place.person(lambda repository: failed_tests(repository, wrong, token)) == {test}
    await place.person(lambda repository: assert_every_step_is_a_commit(repository, issue, story.run))
    assert_nothing_twice(place, story)
