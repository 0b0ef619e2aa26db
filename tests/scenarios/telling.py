"""What has to be true on GitHub, and in the store, after a task whose first try was refused."""

import json
from collections import Counter

from github.Repository import Repository

from bot.model.phase import Ended
from bot.model.run import Run
from tests.scenarios.exercises import Exercise
from tests.scenarios.reading import STATE, comments, failed_tests, files_of, see, state_commits
from tests.scenarios.town import BOT, Place, Story


async def assert_second_time_right(place: Place, issue: int, story: Story, exercise: Exercise) -> None:
    """The pull request is ready, its first try red by the exercise's own test, its last green."""
    run = story.run
    assert isinstance(run.phase, Ended)
    assert (run.phase.reason, run.phase.detail) == ("completed", "all checks passed: test")
    assert not place.town.cast.script(exercise.title).left_over(run.requests_by_agent)
    token = place.town.token("maintainer")
    await place.person(lambda repository: _assert_pull_request(repository, issue, exercise, token))
    await place.person(lambda repository: assert_every_step_is_a_commit(repository, issue, run))
    assert_failed_with(story, exercise.test_id)


def _assert_pull_request(repository: Repository, issue: int, exercise: Exercise, token: str) -> None:
    seen = see(repository, issue)
    assert seen.pull.state == "open"
    assert not seen.pull.draft
    assert f"Closes #{issue}" in seen.pull.body
    tests, wrong, right = seen.commits
    assert set(tests.files) - set(files_of(repository, seen.pull.base)) == {exercise.test_path}
    assert (wrong.checks, right.checks) == (["test: failure"], ["test: success"])
    assert right.sha == seen.pull.head
    assert failed_tests(repository, wrong.sha, token) == {exercise.test_id}
    assert failed_tests(repository, right.sha, token) == set()
    assert set(seen.pull.files) == {exercise.path, exercise.test_path}
    held = repository.get_contents(exercise.path, ref=right.sha)
    assert not isinstance(held, list)
    assert held.decoded_content.decode() == exercise.right
    (said,) = comments(repository, issue, BOT)
    assert f"pull request #{seen.pull.number}" in said


def assert_every_step_is_a_commit(repository: Repository, issue: int, run: Run) -> None:
    """The run's own ref has a commit for each step, and each commit of the branch names its own, with the same code."""
    assert run.frozen is not None
    seen = see(repository, issue)
    steps = state_commits(repository, run.id, run.frozen.base.sha)
    assert steps == [step.state_sha for step in run.steps]
    for number, sha in enumerate(steps, 1):
        held = repository.get_contents(STATE, ref=sha)
        assert not isinstance(held, list)
        assert json.loads(held.decoded_content)["steps"] == number
    for commit in seen.commits:
        assert commit.author == BOT
        assert commit.trailers["RMO-Run"] == run.id
        state = commit.trailers["RMO-State"]
        assert steps.index(state) == int(commit.trailers["RMO-Step"]) - 1
        beside = {path: blob for path, blob in files_of(repository, state).items() if not path.startswith(".rmo/")}
        assert beside == commit.files


def assert_failed_with(story: Story, test: str) -> None:
    """The store has the failure of exactly this test, found by CI."""
    found = [(each.failure.source, each.failure.tool, each.failure.test) for each in story.failures]
    assert found == [("ci", "pytest", test)]
    (failure,) = story.failures
    assert failure.failure.fingerprint
    assert failure.attempt == 1


def assert_nothing_twice(place: Place, *stories: Story) -> None:
    """Each outward act in the repository was done once, and there is none that the runs' journals don't know."""
    root = f"/repos/{place.full_name}/"
    wrote = Counter((each.method, each.path.removeprefix(root)) for each in place.written_by_bot())
    steps = sum(len(story.run.steps) for story in stories)
    code = sum(step.code_sha is not None for story in stories for step in story.run.steps)
    coded = sum(story.run.code_head is not None for story in stories)
    begun = sum(story.run.state_head is not None for story in stories)
    threads = {f"issues/{story.run.request.issue}/comments" for story in stories}
    said = sum(count for (method, path), count in wrote.items() if method == "POST" and path in threads)
    moved = sum(count for (method, path), count in wrote.items() if method == "PATCH" and path.startswith("git/refs/"))
    assert said == len(stories)
    assert wrote["POST", "pulls"] == coded
    assert wrote["POST", "git/refs"] == begun + coded
    assert wrote["POST", "git/commits"] == steps + code
    assert moved == steps - begun + code - coded
    for story in stories:
        assert [entry.seq for entry in story.entries] == list(range(1, len(story.entries) + 1))
