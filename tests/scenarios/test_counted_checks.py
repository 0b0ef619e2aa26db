"""Which checks count, and how often: those of the Apps that the owners name, and once, unless more was granted."""

import pytest

from bot.localhub.actions.scripted import scripted_runner
from bot.model.phase import Judging
from tests.scenarios.cast import create, executor, item, processor
from tests.scenarios.test_ground_truth import BODY, FILES, FIX, plan, reason
from tests.scenarios.town import Town
from tests.scenarios.workflows import GREEN_IS_ENOUGH

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_check_of_the_same_name_by_another_app_decides_nothing(town: Town) -> None:
    """The owners name the Apps that count; GitHub's own Actions are not among them here."""
    files = {**FILES, ".github/fractal-rmo.yml": "red_before_green: false\ncheck_apps: [4242]\nci_start_minutes: 1\n"}
    place = await town.found("other-app", files, scripted_runner(["success"]))
    lines = [*plan(item("fix_defect", "Count every price", "prices.py")), executor(FIX)]
    issue = await place.ask(f"Prices in {place.full_name}", BODY, lines)

    await town.until(lambda connection: place.judging(connection, issue) or None, "a run that waits for its checks")
    await town.settled()
    story = await place.story(issue)
    assert story is not None
    assert isinstance(story.run.phase, Judging), "Actions' own success is not what the owners wait for"
    await place.person(lambda repository: repository.get_issue(issue).edit(state="closed"))
    assert reason(await place.ended(issue)) == "cancelled"


async def test_where_nobody_allows_it_no_job_runs_again(town: Town) -> None:
    place = await town.found("not-again", {**FILES, **GREEN_IS_ENOUGH}, scripted_runner(["failure", "success"]))
    lines = [*plan(item("fix_defect", "Count every price", "prices.py")), executor(FIX)]
    lines += [processor("Try again.", retry="1"), executor(create("more.py", "MORE = 1\n"))]
    issue = await place.ask("More prices", BODY, lines)
    story = await place.ended(issue)
    assert reason(story) == "completed"
    assert not [each for each in place.written_by_bot() if each.path.endswith("/rerun-failed-jobs")]
