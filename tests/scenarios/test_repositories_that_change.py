"""Repositories that get another name, another owner or no access any more, in the middle of a run.

The row "repository renamed, transferred, archived, deleted, made public" and the row "installation suspended, deleted,
permissions reduced" of the fault matrix: what can go on goes on, what can't ends with its reason, and nothing else
stops or asks GitHub over and over.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager

import pytest
import pytest_asyncio

from bot.jobs.follow_repository import TAKEN_AWAY
from bot.jobs.reconcile import reconcile
from bot.local.world import APP_PERMISSIONS
from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.faults import Answer, Drop
from bot.localhub.journal import JournalEntry
from bot.model.ids import InstallationId, IssueNumber
from bot.model.phase import Ended
from bot.store import journal
from tests.sampling import sample
from tests.scenarios.cast import Pause
from tests.scenarios.plot import BODY, FILES, one_try, title
from tests.scenarios.reading import comments, pulls_of
from tests.scenarios.town import BOT, Place, Story, Town, open_town, within

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Town]:
    """Every story has an owner of its own, and with it an installation."""
    async with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


async def in_the_middle(town: Town, name: str) -> tuple[Place, IssueNumber, Pause]:
    """A run that holds its breath before any of its code is committed."""
    place = await town.found(name, FILES, scripted_runner(["success"]), owner=f"{name}-owner")
    pause = town.cast.pause(title(place), "executor", 0)
    issue = await place.ask(title(place), BODY, one_try())
    await within(pause.reached.wait(), "the executor is asked")
    return place, issue, pause


def installation_of(place: Place) -> InstallationId:
    (held,) = place.town.hub.world.installations_on(place.town.hub.world.repositories[place.id])
    return InstallationId(held.id)


def requests_about(place: Place, since: int) -> list[JournalEntry]:
    """What was asked of the repository and for its installation's tokens, by whomever."""
    here = place.town.hub.journal.requests[since:]
    return [each for each in here if place.full_name in each.path or each.path.startswith("/app/installations/")]


def refusals(town: Town, since: int) -> int:
    return sum(each.status == 403 for each in town.hub.journal.requests[since:])


def ending(story: Story) -> tuple[str, str]:
    assert isinstance(story.run.phase, Ended)
    return story.run.phase.reason, story.run.phase.detail


@contextmanager
def unheard(town: Town, *events: str) -> Generator[None]:
    """Nobody tells the bot."""
    for event in events:
        town.hub.faults.on_delivery(event, Drop(), times=1_000)
    try:
        yield
    finally:
        town.hub.faults.clear()


@pytest.mark.parametrize("told", ["told", "untold"])
async def test_work_goes_on_under_the_new_name(town: Town, told: str) -> None:
    place, issue, pause = await in_the_middle(town, f"old-{told}")
    pushed = len(place.written_by_bot())
    with unheard(town, *["repository"] * (told == "untold")):
        town.hub.rename(place.id, f"new-{told}")
        await town.settled()
        pause.over.set()
        story = await place.ended(issue)

    renamed = Place(town, place.id, f"old-{told}-owner/new-{told}")
    assert ending(story)[0] == "completed"
    assert story.run.request.repository.full_name == renamed.full_name
    (pull,) = await renamed.person(lambda repository: pulls_of(repository, issue))
    assert (pull.state, pull.draft) == ("open", False)
    done = [each for each in place.written_by_bot() if each.status < 300]
    assert len(done) == pushed, "nothing more was written under the old name"
    town.leave(place)


CHANGES: dict[str, Callable[[Place], None]] = {
    "archived": lambda place: place.town.hub.archive(place.id),
    "published": lambda place: place.town.hub.make_public(place.id),
    "transferred": lambda place: place.town.hub.transfer(place.id, "globex"),
    "uninstalled": lambda place: place.town.hub.uninstall(installation_of(place)),
    "deleted": lambda place: place.town.hub.delete_repository(place.id),
}
ENDS = {
    **{(change, True): ("cancelled", TAKEN_AWAY) for change in CHANGES},
    **{(change, False): ("repository_moved", TAKEN_AWAY) for change in CHANGES},
    ("archived", True): ("cancelled", "the repository was archived"),
    ("archived", False): ("needs_human", "unarchive the repository"),
    ("published", True): ("cancelled", "the repository was publicized"),
    # Nothing stands in its way, and nobody has said that it should not go on
    ("published", False): ("completed", "all checks passed"),
}
"""Change, and whether anybody told us -> how the run ends."""
CASES = [(change, told) for told in (True, False) for change in CHANGES]
UNTOLD = ("repository", "installation", "installation_repositories")


async def test_runs_whose_repository_is_not_what_it_was_end_and_nothing_else_does(town: Town) -> None:
    """Several at once, and between them one that nobody touches."""
    cases = sample(CASES, 4)
    left, *begun = await asyncio.gather(
        *(in_the_middle(town, f"{change}-{'told' if told else 'untold'}") for change, told in [("left", True), *cases])
    )
    before = [len(place.written_by_bot()) for place, _, _ in begun]
    for (change, told), (place, _, _) in zip(cases, begun, strict=True):
        with unheard(town, *UNTOLD * (not told)):
            CHANGES[change](place)
            await within(town.hub.idle(), "everything was told")
    await town.settled()
    asked = len(town.hub.journal.requests)
    for _, _, pause in begun:
        pause.over.set()

    for (change, told), (place, issue, _), written in zip(cases, begun, before, strict=True):
        reason, detail = ENDS[change, told]
        story = await place.ended(issue)
        assert ending(story)[0] == reason, (change, told, ending(story))
        assert detail in ending(story)[1]
        if change != "published":
            assert len(place.written_by_bot()) == written, "nothing was written any more"
            assert len(requests_about(place, asked)) <= 20, "and nothing asked over and over"
        elif told:
            said = await place.person(lambda repository, issue=issue: comments(repository, issue, BOT))
            assert detail in said[-1].lower()
    place, issue, pause = left
    pause.over.set()
    assert ending(await place.ended(issue))[0] == "completed"
    for place, _, _ in (left, *begun):
        town.leave(place)


async def test_a_suspended_run_is_parked_without_asking_and_goes_on_where_it_was(town: Town) -> None:
    place, issue, pause = await in_the_middle(town, "suspended")
    installation = installation_of(place)
    town.hub.suspend(installation)
    await town.settled()
    asked = len(town.hub.journal.requests)
    pause.over.set()
    await town.until(lambda _: refusals(town, asked) or None, "the run was refused")
    for _ in range(5):
        await reconcile(town.bot.context, town.bot.service.engine)
    for request in await town.bot.context.database.transact(journal.active_runs, place.id):
        await town.bot.service.engine.wake(request.run_id, "somebody has pushed")
    await town.settled()
    parked = await place.story(issue)
    assert parked is not None
    assert not isinstance(parked.run.phase, Ended)
    assert len(requests_about(place, asked)) <= 10, "no storm of tries"

    town.hub.unsuspend(installation)
    assert ending(await place.ended(issue))[0] == "completed"
    town.leave(place)


async def test_a_permission_that_was_taken_away_ends_the_run_and_says_what_to_mend(town: Town) -> None:
    place, issue, pause = await in_the_middle(town, "forbidden")
    refusal = Answer(403, '{"message": "Resource not accessible by integration"}')
    town.hub.faults.on_request("POST", f"/repos/{place.full_name}/git/trees", refusal, times=1_000)
    asked = len(town.hub.journal.requests)
    pause.over.set()
    try:
        story = await place.ended(issue)
    finally:
        town.hub.faults.clear()
    assert ending(story)[0] == "needs_human"
    assert "permissions" in ending(story)[1]
    assert refusals(town, asked) == 1
    (said,) = await place.person(lambda repository: comments(repository, issue, BOT))
    assert "check the App's key, installation and permissions" in said
    town.leave(place)


async def test_with_fewer_permissions_nothing_begins_until_they_are_given_back(town: Town) -> None:
    place = await town.found("reduced", FILES, scripted_runner(["success"]), owner="reduced-owner")
    installation = installation_of(place)
    town.hub.grant(installation, {**APP_PERMISSIONS, "contents": "read"})
    await town.settled()
    asked = len(town.hub.journal.requests)
    issue = await place.ask(title(place), BODY, one_try())
    await town.settled()
    ours = [each for each in requests_about(place, asked) if each.actor in (BOT, "")]
    assert await place.runs(issue) == 0
    assert len(ours) <= 10, ours

    town.hub.grant(installation, APP_PERMISSIONS)
    assert ending(await place.ended(issue))[0] == "completed"
    town.leave(place)
