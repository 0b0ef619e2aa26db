"""People change their mind, or may not ask at all: the bot obeys within one step and says so."""

import pytest
from github import GithubException
from github.Repository import Repository

from bot.localhub.actions.scripted import scripted_runner
from bot.model.conversation import Agent
from bot.model.phase import Ended
from tests.sampling import sample
from tests.scenarios.plot import BODY, FILES, SlowCi, begin, one_try, title, two_tries
from tests.scenarios.reading import close_pull, comments, pulls_of, refs
from tests.scenarios.telling import assert_nothing_twice
from tests.scenarios.town import BOT, LABEL, Place, Story, Town, within

pytestmark = pytest.mark.asyncio(loop_scope="module")

MOMENTS: dict[str, tuple[Agent, int]] = {
    "while-planning": ("thinker", 0),
    "before-any-code": ("executor", 0),
    "with-a-draft-open": ("executor", 1),
}


def remove_label(repository: Repository, issue: int) -> None:
    repository.get_issue(issue).remove_from_labels(LABEL)


def close_issue(repository: Repository, issue: int) -> None:
    repository.get_issue(issue).edit(state="closed")


WISHES = {
    "label-removed": (remove_label, "the label `rmo` was removed"),
    "issue-closed": (close_issue, "the issue was closed"),
}


def reason_of(story: Story) -> tuple[str, str]:
    assert isinstance(story.run.phase, Ended)
    return story.run.phase.reason, story.run.phase.detail


async def said(place: Place, issue: int) -> list[str]:
    return await place.person(lambda repository: comments(repository, issue, BOT))


@pytest.mark.parametrize(("wish", "moment"), sample([(wish, moment) for wish in WISHES for moment in MOMENTS], 3))
async def test_a_run_that_is_no_longer_wanted_ends_within_one_step(town: Town, wish: str, moment: str) -> None:
    act, why = WISHES[wish]
    place = await town.found(f"{wish}-{moment}", FILES, scripted_runner(["failure", "success"]))
    pause = town.cast.pause(title(place), *MOMENTS[moment])
    issue = await place.ask(title(place), BODY, two_tries())
    await within(pause.reached.wait(), "the pause")
    before = await place.story(issue)
    assert before is not None

    await place.person(lambda repository: act(repository, issue))
    await town.settled()
    pause.over.set()
    story = await place.ended(issue)

    assert reason_of(story) == ("cancelled", why)
    kinds = [type(entry.step).__name__ for entry in story.entries[len(before.entries) :]]
    assert kinds == ["AskModel", "Stop"], "the step at hand ends, and nothing follows but the last word"
    (comment,) = await said(place, issue)
    assert f"{why[0].upper()}{why[1:]}." in comment
    assert "Label the issue again, or comment `/rmo retry`, to start over." in comment
    pulls = await place.person(lambda repository: pulls_of(repository, issue))
    assert [(pull.state, pull.draft) for pull in pulls] == [("open", True)] * (moment == "with-a-draft-open")
    assert_nothing_twice(place, story)


async def test_a_run_that_waits_for_checks_is_woken_to_end(town: Town) -> None:
    ci = SlowCi()
    place = await town.found("waiting", FILES, ci)
    issue = await place.ask(title(place), BODY, one_try())
    await within(ci.at_work.wait(), "CI at work")

    await place.person(lambda repository: remove_label(repository, issue))
    try:
        story = await place.ended(issue)
    finally:
        ci.may_end.set()

    assert reason_of(story) == ("cancelled", "the label `rmo` was removed")


async def test_who_has_no_write_access_is_refused_politely_and_nothing_is_written(town: Town) -> None:
    place = await town.found("refused", FILES, scripted_runner(["success"]))

    issue = await place.ask(title(place), BODY, one_try(), labelled_by="helper")
    story = await place.ended(issue)

    assert reason_of(story)[0] == "not_permitted"
    (comment,) = await said(place, issue)
    assert "'helper' has the permission 'read'" in comment
    assert "Somebody with write access can label the issue." in comment
    assert [(each.method, each.path) for each in place.written_by_bot()] == [
        ("POST", f"/repos/{place.full_name}/issues/{issue}/comments")
    ]
    assert await place.person(refs) == ["refs/heads/main"]
    assert not story.run.requests_by_agent


@pytest.mark.parametrize("login", ["reader", "stranger"])
async def test_who_may_not_even_label_starts_nothing(town: Town, login: str) -> None:
    place = await town.found(f"unlabelled-{login}", FILES, scripted_runner(["success"]))
    with pytest.raises(GithubException) as refusal:
        await place.ask(title(place), BODY, one_try(), labelled_by=login)
    assert refusal.value.status in (403, 404)
    await town.settled()
    assert await place.runs(1) == 0
    assert not place.written_by_bot()


async def test_a_closed_pull_request_ends_the_run(town: Town) -> None:
    place = await town.found("closed", FILES, scripted_runner(["failure", "success"]))
    pause = town.cast.pause(title(place), "executor", 1)
    issue = await place.ask(title(place), BODY, two_tries())
    await within(pause.reached.wait(), "the pause")
    before = await place.story(issue)
    assert before is not None

    await place.person(lambda repository: close_pull(repository, issue))
    await town.settled()
    pause.over.set()
    story = await place.ended(issue)

    assert reason_of(story) == ("cancelled", f"pull request #{issue + 1} was closed")
    kinds = [type(entry.step).__name__ for entry in story.entries[len(before.entries) :]]
    assert kinds == ["AskModel", "Stop"]
    (pull,) = await place.person(lambda repository: pulls_of(repository, issue))
    assert (pull.state, pull.merged) == ("closed", False)
    (comment,) = await said(place, issue)
    assert "was closed" in comment


async def test_a_new_label_after_the_end_starts_a_new_run_on_a_new_branch(town: Town) -> None:
    place, issue = await begin(town, "again", tries=1)
    first = await place.ended(issue)

    await place.person(lambda repository: remove_label(repository, issue))
    await town.settled()
    assert await place.runs(issue) == 1
    await place.label(issue)
    second = await place.ended(issue, nth=2)

    assert reason_of(first)[0] == reason_of(second)[0] == "completed"
    assert await place.runs(issue) == 2
    pulls = await place.person(lambda repository: pulls_of(repository, issue))
    branches = [f"rmo/issue-{issue}-{story.run.request.label.event}" for story in (first, second)]
    assert [pull.branch for pull in pulls] == branches
    assert branches[0] != branches[1]
    assert len(await said(place, issue)) == 2
    assert_nothing_twice(place, first, second)


async def test_a_new_label_during_a_run_replaces_it(town: Town) -> None:
    place = await town.found("replaced", FILES, scripted_runner(["success"]))
    pause = town.cast.pause(title(place), "executor", 0)
    issue = await place.ask(title(place), BODY, one_try())
    await within(pause.reached.wait(), "the pause")

    await place.person(lambda repository: remove_label(repository, issue))
    await place.label(issue)
    await town.settled()
    pause.over.set()
    first, second = await place.ended(issue), await place.ended(issue, nth=2)

    assert reason_of(first)[0] == "cancelled"
    assert reason_of(second)[0] == "completed"
    assert await place.runs(issue) == 2
    (pull,) = await place.person(lambda repository: pulls_of(repository, issue))
    assert pull.branch.endswith(str(second.run.request.label.event))
    assert_nothing_twice(place, first, second)
