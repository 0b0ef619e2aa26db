"""From the installation to the first run, through the front door: nothing is done before the merge but to ask."""

from pathlib import Path

from github.PullRequest import PullRequest
from github.Repository import Repository

from bot.jobs.onboard import BRANCH
from bot.jobs.reconcile import reconcile
from bot.localhub.actions.scripted import scripted_runner
from bot.model.repository import RepositoryConfig
from tests.scenarios.plot import BODY, FILES, one_try, title
from tests.scenarios.town import open_town
from tests.scenarios.workflows import CONFIG

BARE = {path: text for path, text in FILES.items() if path != CONFIG}


def pulls(view: Repository) -> list[PullRequest]:
    return list(view.get_pulls(state="all"))


async def test_nothing_happens_in_a_repository_before_the_merge(tmp_path: Path) -> None:
    async with open_town(tmp_path, onboarding=True) as town:
        place = await town.found("installed", BARE, scripted_runner(["success"]), as_it_is=True)
        await town.settled()
        (pull,) = await place.person(pulls)
        assert (pull.head.ref, pull.state) == (BRANCH, "open")
        asked = place.written_by_bot()

        issue = await place.ask(title(place), BODY, one_try())
        await town.settled()
        assert await place.runs(issue) == 0
        assert [each.path for each in place.written_by_bot()[len(asked) :] if "/reactions" not in each.path] == []

        await place.person(lambda view: view.get_pull(pull.number).merge())
        await reconcile(town.bot.context, town.bot.service.engine)
        story = await place.ended(issue)
        assert story.run.frozen is not None
        assert story.run.frozen.config == RepositoryConfig()
        assert [each.head.ref for each in await place.person(pulls)] == [story.run.request.branch, BRANCH]
