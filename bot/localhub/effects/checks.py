"""Check suites and check runs coming and changing, with their webhooks."""

from bot.localhub.effects.webhooks import emit
from bot.localhub.errors import LocalhubError
from bot.localhub.shapes.accounts import Shape
from bot.localhub.shapes.checks import check_run as check_run_shape
from bot.localhub.shapes.checks import check_suite as check_suite_shape
from bot.localhub.state.accounts import Account, App
from bot.localhub.state.checks import CheckSuite, HubCheckRun
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World
from bot.localhub.verdicts import together


def suite_for(
    world: World, repository: HubRepository, app: App, head_sha: str, branch: str | None, before: str | None = None
) -> CheckSuite:
    """The App's suite on this commit, made where there is none."""
    for suite in repository.suites:
        if suite.app is app and suite.head_sha == head_sha:
            return suite
    return new_suite(world, repository, app, head_sha, branch, before)


def new_suite(
    world: World, repository: HubRepository, app: App, head_sha: str, branch: str | None, before: str | None = None
) -> CheckSuite:
    """A further suite of the App: each workflow run has its own."""
    now = world.now()
    suite = CheckSuite(world.next_id("suite"), app, head_sha, branch, before, now, now)
    repository.suites.append(suite)
    return suite


async def tell_suite(
    world: World, repository: HubRepository, suite: CheckSuite, action: str, sender: Account, only: App | None = None
) -> None:
    """Send the `check_suite` webhook; `requested` goes only to the App that the suite belongs to."""
    head = await repository.git.commit(suite.head_sha)
    details: Shape = {"check_suite": check_suite_shape(world, repository, suite, head)}
    emit(world, repository, "check_suite", action, details, sender, only=only)


async def request_suites(
    world: World, repository: HubRepository, branch: str, before: str, after: str, sender: Account
) -> None:
    """On a push, GitHub makes a suite for every installed App that may write checks and asks it to begin."""
    for installation in world.installations_on(repository):
        app = installation.app
        if installation.permissions.get("checks") == "write":
            suite = suite_for(world, repository, app, after, branch, before)
            await tell_suite(world, repository, suite, "requested", sender, only=app)


def tell_check(world: World, repository: HubRepository, check: HubCheckRun, action: str, sender: Account) -> None:
    """Send the `check_run` webhook."""
    emit(world, repository, "check_run", action, {"check_run": check_run_shape(world, repository, check)}, sender)


def rerequest(world: World, repository: HubRepository, check: HubCheckRun, sender: Account) -> None:
    """Somebody presses `Re-run`: only the App that the check run belongs to is told."""
    details: Shape = {"check_run": check_run_shape(world, repository, check)}
    emit(world, repository, "check_run", "rerequested", details, sender, only=check.suite.app)


def press(world: World, repository: HubRepository, check: HubCheckRun, identifier: str, sender: Account) -> None:
    """Somebody presses one of the App's own buttons, which are there once the check run is completed."""
    if check.status != "completed" or identifier not in [button.identifier for button in check.buttons]:
        raise LocalhubError(f"check run {check.id} shows no button {identifier!r}; complete it with one")
    details: Shape = {
        "check_run": check_run_shape(world, repository, check),
        "requested_action": {"identifier": identifier},
    }
    emit(world, repository, "check_run", "requested_action", details, sender, only=check.suite.app)


async def changed(
    world: World, repository: HubRepository, check: HubCheckRun, was_completed: bool, sender: Account
) -> None:
    """Tell what follows from a change of a check run: its completion, and with the last one that of the suite."""
    check.suite.updated_at = world.now()
    if check.status == "completed" and not was_completed:
        tell_check(world, repository, check, "completed", sender)
        if together(repository.suite_runs(check.suite))[0] == "completed":
            await tell_suite(world, repository, check.suite, "completed", sender)
