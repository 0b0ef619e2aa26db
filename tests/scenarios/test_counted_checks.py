"""Which checks count: those of the Apps that the owners name."""

import pytest

from bot.localhub.actions.scripted import scripted_runner
from bot.model.phase import Judging
from tests.scenarios.cast import executor, item
from tests.scenarios.test_ground_truth import BODY, FILES, FIX, plan, reason
from tests.scenarios.town import Town

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
