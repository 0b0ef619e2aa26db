"""People push to the bot's branch: from then on it is theirs, and nothing of it is ever overwritten."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from github.Repository import Repository

from bot.localhub.actions.scripted import scripted_runner
from bot.model.run import Ended
from tests.badinput.command import git
from tests.sampling import sample
from tests.scenarios.plot import BODY, FILES, SlowCi, one_try, title, two_tries
from tests.scenarios.reading import comments, heads, pulls_of
from tests.scenarios.town import BOT, Place, Town, within

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def push_a_commit(place: Place, branch: str) -> None:
    """With git itself, as people do."""
    await asyncio.to_thread(_push_a_commit, place, branch)


def _push_a_commit(place: Place, branch: str) -> None:
    address = f"{place.town.url}/{place.full_name}.git".replace(
        "://", f"://maintainer:{place.town.token('maintainer')}@"
    )
    with tempfile.TemporaryDirectory() as directory:
        clone = Path(directory) / "clone"
        git(Path(directory), "clone", "--quiet", "--branch", branch, address, str(clone))
        (clone / "NOTES.md").write_text("Mine.\n")
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--message", "Let me help")
        git(clone, "push", "--quiet", "origin", branch)


async def go_back(place: Place, branch: str) -> None:
    """An ancestor of the bot's head is a place that a fast-forward could leave."""
    await place.person(lambda repository: _move(repository, branch, repository.get_branch("main").commit.sha))


async def amend(place: Place, branch: str) -> None:
    """The bot's own message on other content: its trailers prove nothing."""
    await place.person(lambda repository: _amend(repository, branch))


def _amend(repository: Repository, branch: str) -> None:
    head = repository.get_git_commit(repository.get_git_ref(f"heads/{branch}").object.sha)
    base = repository.get_git_commit(repository.get_branch("main").commit.sha)
    _move(repository, branch, repository.create_git_commit(head.message, base.tree, list(head.parents)).sha)


def _move(repository: Repository, branch: str, sha: str) -> None:
    repository.get_git_ref(f"heads/{branch}").edit(sha, force=True)


async def delete(place: Place, branch: str) -> None:
    """GitHub closes the pull request along with it."""
    await place.person(lambda repository: repository.get_git_ref(f"heads/{branch}").delete())


ACTS: dict[str, tuple[Callable[[Place, str], Awaitable[None]], str, str]] = {
    "on-top": (push_a_commit, "branch_moved", "The branch is yours now; I will not touch it again."),
    "back": (go_back, "branch_moved", "The branch is yours now; I will not touch it again."),
    "amended": (amend, "branch_moved", "The branch is yours now; I will not touch it again."),
    "deleted": (delete, "cancelled", "Pull request #2 was closed."),
}


@pytest.mark.parametrize("act", sample(list(ACTS), 3))
async def test_after_a_push_of_somebody_else_the_bot_stops_and_leaves_the_branch_alone(town: Town, act: str) -> None:
    place = await town.found(f"pushed-{act}", FILES, scripted_runner(["failure", "success"]))
    pause = town.cast.pause(title(place), "executor", 1)
    issue = await place.ask(title(place), BODY, two_tries())
    await within(pause.reached.wait(), "the pause")
    (pull,) = await place.person(lambda repository: pulls_of(repository, issue))

    push, reason, words = ACTS[act]
    await push(place, pull.branch)
    await town.settled()
    left = await place.person(heads)
    pause.over.set()
    story = await place.ended(issue)

    assert isinstance(story.run.phase, Ended)
    assert story.run.phase.reason == reason
    assert await place.person(heads) == left
    (comment,) = await place.person(lambda repository: comments(repository, issue, BOT))
    assert words in comment


async def test_a_push_while_ci_works_keeps_the_draft_a_draft(town: Town) -> None:
    ci = SlowCi()
    place = await town.found("pushed-in-ci", FILES, ci)
    issue = await place.ask(title(place), BODY, one_try())
    await within(ci.at_work.wait(), "CI at work")
    (pull,) = await place.person(lambda repository: pulls_of(repository, issue))

    await push_a_commit(place, pull.branch)
    left = await place.person(heads)
    ci.may_end.set()
    story = await place.ended(issue)

    assert isinstance(story.run.phase, Ended)
    assert story.run.phase.reason == "branch_moved"
    assert await place.person(heads) == left
    (pull,) = await place.person(lambda repository: pulls_of(repository, issue))
    assert pull.draft


async def test_what_is_pushed_after_the_end_is_nothing_to_the_bot(town: Town) -> None:
    place = await town.found("pushed-after", FILES, scripted_runner(["success"]))
    issue = await place.ask(title(place), BODY, one_try())
    await place.ended(issue)
    (pull,) = await place.person(lambda repository: pulls_of(repository, issue))
    await town.settled()
    written = len(place.written_by_bot())

    await push_a_commit(place, pull.branch)
    await town.settled()

    assert len(place.written_by_bot()) == written
    assert await place.runs(issue) == 1
