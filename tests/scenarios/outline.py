"""A whole run with a red and a green try, and what it leaves on GitHub: equal for any two, whatever disturbed them."""

from dataclasses import dataclass

from github.Repository import Repository

from bot.model.run import Ended
from tests.scenarios.plot import begin
from tests.scenarios.reading import comments, refs, see
from tests.scenarios.telling import assert_every_step_is_a_commit, assert_nothing_twice
from tests.scenarios.town import BOT, Town


@dataclass(frozen=True, slots=True)
class Outline:
    """What stands on GitHub after a run, without what differs from run to run."""

    state: str
    draft: bool
    commits: list[tuple[str, list[str], dict[str, str]]]
    """Subject, checks, files."""
    others: int
    """Refs besides the branch."""
    said: list[str]


def outline(repository: Repository, issue: int) -> Outline:
    seen = see(repository, issue)
    headings = [text.splitlines()[2] for text in comments(repository, issue, BOT)]
    commits = [(each.subject, each.checks, each.files) for each in seen.commits]
    return Outline(seen.pull.state, seen.pull.draft, commits, len(refs(repository)) - 1, headings)


async def play(town: Town, name: str) -> Outline:
    """A run of two tries from the label to its end."""
    place, issue = await begin(town, name)
    story = await place.ended(issue)
    await town.settled()
    assert isinstance(story.run.phase, Ended)
    assert story.run.phase.reason == "completed"
    assert_nothing_twice(place, story)
    await place.person(lambda repository: assert_every_step_is_a_commit(repository, issue, story.run))
    return await place.person(lambda repository: outline(repository, issue))
