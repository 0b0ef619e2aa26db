"""A repository is taken up by a merge, says no by closing, and hears of a broken configuration once.

The jobs are stepped by hand, as a sweep calls them; each story has a repository of its own.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from github.InputGitTreeElement import InputGitTreeElement
from github.PullRequest import PullRequest
from github.Repository import Repository as HubView

from bot import comments
from bot.catalog import CONFIG_PATH, parse_repository_config
from bot.ci.exposure import unaccepted
from bot.github.client import Client
from bot.github.errors import HeadMoved, Retryable
from bot.github.repositories import find_installation, read_repository
from bot.jobs.config_report import CHECK, usable_config
from bot.jobs.context import Context
from bot.jobs.dashboard import keep_dashboard
from bot.jobs.onboard import BRANCH, LOOK_AGAIN_AFTER, onboard, read_exposure
from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.faults import LoseResponse
from bot.model.ids import CommitSha
from bot.model.repository import Repository, RepositoryConfig
from tests.scenarios.plot import BODY, FILES, SlowCi, one_try, title
from tests.scenarios.town import BOT, Place, Town, within
from tests.scenarios.workflows import CONFIG, PATH

pytestmark = pytest.mark.asyncio(loop_scope="module")

BARE = {path: text for path, text in FILES.items() if path != CONFIG}
RELEASE = ".github/workflows/release.yml"
HANDS_OUT = """\
on: push
permissions: {contents: read}
jobs:
  release:
    runs-on: ubuntu-latest
    steps: [{run: make, env: {TOKEN: "${{ secrets.NPM_TOKEN }}"}}]
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps: [{run: make}]
"""
WITH_DASHBOARD = f"{FILES[CONFIG]}dashboard: true\n"
LEFT_OUT = HANDS_OUT.replace("    environment", "    if: github.ref_name == 'main'\n    environment")


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep has in its hands when it comes to a place."""

    context: Context
    client: Client
    repository: Repository

    async def onboard(self, after: timedelta = timedelta()) -> str:
        """As a sweep does that much later."""
        moved = self.context.now() + after

        def then() -> datetime:
            return moved

        return await onboard(replace(self.context, now=then), self.client, self.repository)

    async def config(self) -> RepositoryConfig | None:
        return await usable_config(self.context, self.client, self.repository)


async def sweep(place: Place) -> Sweep:
    context = replace(place.town.bot.context, onboarding=True)
    installation = await find_installation(context.github.app_client(), place.full_name)
    assert installation is not None
    client = context.github.client(place.full_name, installation, repository=place.id)
    return Sweep(context, client, await read_repository(client))


def pulls(view: HubView) -> list[PullRequest]:
    return list(view.get_pulls(state="all"))


def changed_files(view: HubView, pull: int) -> list[str]:
    return [each.filename for each in view.get_pull(pull).get_files()]


def put(view: HubView, path: str, text: str | None) -> CommitSha:
    """A person commits the file to the default branch, or its deletion."""
    branch = view.get_git_ref("heads/main")
    head = view.get_git_commit(branch.object.sha)
    if text is None:
        element = InputGitTreeElement(path, "100644", "blob", sha=None)
    else:
        element = InputGitTreeElement(path, "100644", "blob", content=text)
    commit = view.create_git_commit("Change it", view.create_git_tree([element], head.tree), [head])
    branch.edit(commit.sha)
    return CommitSha(commit.sha)


def file_at(view: HubView, path: str, commit: str) -> str:
    found = view.get_contents(path, commit)
    assert not isinstance(found, list)
    return found.decoded_content.decode()


async def test_a_repository_is_taken_up_by_a_merge(town: Town) -> None:
    place = await town.found("taken-up", {**BARE, RELEASE: HANDS_OUT}, scripted_runner(["success"]), as_it_is=True)
    at = await sweep(place)
    town.hub.faults.on_request("POST", f"/repos/{place.full_name}/pulls", LoseResponse())
    with pytest.raises(Retryable):
        await at.onboard()

    assert await at.onboard() == "waiting"
    (pull,) = await place.person(pulls)
    assert (pull.state, pull.draft, pull.head.ref, pull.user.login) == ("open", False, BRANCH, BOT)
    assert "accept_ci_secrets: [NPM_TOKEN]" in pull.body
    assert "what the environment production holds" in pull.body
    assert await place.person(lambda view: changed_files(view, pull.number)) == [CONFIG_PATH]
    offered = await place.person(lambda view: file_at(view, CONFIG_PATH, pull.head.sha))
    assert parse_repository_config(offered) == RepositoryConfig()
    assert "# accept_ci_secrets: [NPM_TOKEN]" in offered

    written = len(place.written_by_bot())
    assert await at.onboard() == await at.onboard(LOOK_AGAIN_AFTER) == "waiting"
    assert len(place.written_by_bot()) == written
    await place.person(lambda view: put(view, RELEASE, LEFT_OUT))
    assert await at.onboard() == "waiting"
    assert len(place.written_by_bot()) == written
    assert await at.onboard(2 * LOOK_AGAIN_AFTER) == "waiting"
    (pull,) = await place.person(pulls)
    assert "production" not in pull.body

    await place.person(lambda view: view.get_pull(pull.number).merge())
    assert await at.onboard() == "ready"
    assert await at.config() == RepositoryConfig()
    head = CommitSha(await place.person(lambda view: view.get_branch("main").commit.sha))
    found = await read_exposure(at.client, at.repository, head)
    assert [each.detail for each in unaccepted(found, ())] == ["NPM_TOKEN"]
    assert unaccepted(found, ["NPM_TOKEN"]) == ()

    await place.person(lambda view: put(view, CONFIG_PATH, "accept_ci_secrets: [NPM_TOKEN]\nred_before_green: false\n"))
    issue = await place.ask(title(place), BODY, one_try())
    story = await place.ended(issue)
    assert story.run.pull_request is not None


async def test_closing_is_an_answer(town: Town) -> None:
    place = await town.found("declined", BARE, scripted_runner(["success"]), as_it_is=True)
    at = await sweep(place)
    assert await onboard(replace(at.context, onboarding=False), at.client, at.repository) == "ready"
    assert await at.onboard() == "waiting"
    await place.person(lambda view: pulls(view)[0].edit(state="closed"))
    await place.person(lambda view: view.get_git_ref(f"heads/{BRANCH}").delete())

    assert await at.onboard() == await at.onboard(2 * LOOK_AGAIN_AFTER) == "declined"
    assert [pull.state for pull in await place.person(pulls)] == ["closed"]
    await place.person(lambda view: put(view, CONFIG_PATH, "analysers: 2\n"))
    assert await at.onboard() == "ready"
    assert await at.config() == RepositoryConfig(analysers=2)


async def test_a_branch_of_that_name_by_a_person_is_left_alone(town: Town) -> None:
    place = await town.found("branch-taken", BARE, scripted_runner(["success"]), as_it_is=True)
    at = await sweep(place)
    head = await place.person(lambda view: view.get_branch("main").commit.sha)
    await place.person(lambda view: view.create_git_ref(f"refs/heads/{BRANCH}", head))
    with pytest.raises(HeadMoved, match="by hand"):
        await at.onboard()
    assert not place.written_by_bot()


async def test_a_broken_configuration_is_said_once_on_its_commit(town: Town) -> None:
    place = await town.found("broken", {**BARE, CONFIG: "analysers: 1\n"}, scripted_runner(["success"]), as_it_is=True)
    elsewhere = await town.found("unbroken", FILES, scripted_runner(["success"]), as_it_is=True)
    await town.settled()
    at, other = await sweep(place), await sweep(elsewhere)
    assert await at.config() == RepositoryConfig()
    broken = await place.person(lambda view: put(view, CONFIG, "analysers: many\n"))
    await place.person(lambda view: put(view, PATH, FILES[PATH] + "# Later\n"))

    assert await at.config() is await at.config() is None
    assert await other.config() == RepositoryConfig(red_before_green=False)
    written = [(each.method, each.path) for each in place.written_by_bot()]
    assert written == [("POST", f"/repos/{place.full_name}/check-runs")]
    (check,) = await _own_checks(place, broken)
    assert check[0] == "failure"
    assert "analysers" in check[1]

    mended = await place.person(lambda view: put(view, CONFIG, "analysers: 2\n"))
    assert await at.config() == await at.config() == RepositoryConfig(analysers=2)
    assert [conclusion for conclusion, _ in await _own_checks(place, mended)] == ["success"]
    assert [conclusion for conclusion, _ in await _own_checks(place, broken)] == ["failure"]
    await place.person(lambda view: put(view, CONFIG, "- broken"))
    assert await at.config() is None
    await place.person(lambda view: put(view, CONFIG, None))
    written = place.written_by_bot()
    assert await at.config() == RepositoryConfig()
    assert len(place.written_by_bot()) == len(written) + 1
    assert await at.onboard() == "waiting"


async def _own_checks(place: Place, commit: str) -> list[tuple[str, str]]:
    def look(view: HubView) -> list[tuple[str, str]]:
        runs = view.get_commit(commit).get_check_runs(check_name=CHECK)
        return [(each.conclusion, each.output.summary) for each in runs]

    return await place.person(look)


async def test_the_dashboard_tells_what_there_is_and_closing_ends_it(town: Town) -> None:
    place = await town.found("dashboard", FILES, slow := SlowCi(), as_it_is=True)
    await town.settled()
    at = await sweep(place)

    async def kept() -> int | None:
        config = await at.config()
        assert config is not None
        return await keep_dashboard(at.context, at.client, at.repository, config)

    assert await kept() is None
    await place.person(lambda view: put(view, CONFIG, WITH_DASHBOARD))
    town.hub.faults.on_request("POST", f"/repos/{place.full_name}/issues", LoseResponse())
    with pytest.raises(Retryable):
        await kept()
    number = await kept()
    assert number is not None
    assert "Nothing to do" in await _body(place, number)
    assert await kept() == number

    issue = await place.ask(title(place), BODY, one_try())
    await within(slow.at_work.wait(), "CI begins")
    assert await kept() == number
    assert f"| #{issue} |" in await _body(place, number)
    slow.may_end.set()
    await place.ended(issue)
    assert await kept() == number
    body = await _body(place, number)
    assert comments.DASHBOARD_MARKER in body
    assert "Waiting for you or for checks" in body

    await place.person(lambda view: put(view, CONFIG, FILES[CONFIG]))
    assert await kept() is None
    assert await place.person(lambda view: view.get_issue(number).state) == "closed"
    await place.person(lambda view: put(view, CONFIG, WITH_DASHBOARD))
    again = await kept()
    assert again is not None
    assert again != number
    await place.person(lambda view: view.get_issue(again).edit(state="closed"))
    await place.person(lambda view: view.get_issue(issue).remove_from_labels("rmo"))
    assert await kept() is None
    assert await place.person(lambda view: view.get_issue(again).state) == "closed"


async def _body(place: Place, number: int) -> str:
    return await place.person(lambda view: view.get_issue(number).body)
