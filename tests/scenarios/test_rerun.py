"""Failed jobs that run once more on the same commit, where an administrator granted it: a flake shows itself."""

import io
import zipfile
from pathlib import Path

from bot.localhub.actions.runs import RunOutcome
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun
from tests.scenarios.cast import create, executor, item, processor
from tests.scenarios.test_ground_truth import BODY, FILES, FIX, body, plan, reason
from tests.scenarios.town import open_town
from tests.scenarios.workflows import GREEN_IS_ENOUGH

MOODY = """\
<testsuite name="pytest"><testcase classname="test_prices" name="test_nothing">\
<failure message="AssertionError: moody">AssertionError: moody</failure></testcase></testsuite>"""


def moody() -> bytes:
    """The reports of a run in which one test failed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("junit.xml", MOODY)
    return buffer.getvalue()


async def test_where_an_administrator_allows_it_failed_jobs_run_once_more(tmp_path: Path) -> None:
    """What fails and then passes on the same commit is flaky: the pull request says so, and green is green."""
    outcomes = iter([RunOutcome((), {"reports": moody()}, "failure"), RunOutcome((), unnamed="success")])

    async def ci(repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        return next(outcomes)

    async with open_town(tmp_path, actions="write") as town:
        place = await town.found("moody", {**FILES, **GREEN_IS_ENOUGH}, ci)
        lines = [*plan(item("fix_defect", "Count every price", "prices.py")), executor(FIX)]
        issue = await place.ask("Prices", BODY, lines)
        story = await place.ended(issue)
        assert reason(story) == "completed"
        assert story.run.flaky == ("test_prices.py::test_nothing",)
        assert story.failures == ()
        assert [check.conclusion for check in story.run.all_checks] == ["success"]
        said = await body(place, issue)
        assert "`test_prices.py::test_nothing` is flaky" in said
        again = [each for each in place.written_by_bot() if each.path.endswith("/rerun-failed-jobs")]
        assert len(again) == 1


async def test_where_nobody_allows_it_a_red_test_is_blamed_at_once(tmp_path: Path) -> None:
    outcomes = iter([RunOutcome((), {"reports": moody()}, "failure"), RunOutcome((), unnamed="success")])

    async def ci(repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        return next(outcomes)

    async with open_town(tmp_path) as town:
        place = await town.found("blamed", {**FILES, **GREEN_IS_ENOUGH}, ci)
        lines = [*plan(item("fix_defect", "Count every price", "prices.py")), executor(FIX)]
        lines += [processor("Try again.", retry="1"), executor(create("more.py", "MORE = 1\n"))]
        issue = await place.ask("Prices", BODY, lines)
        story = await place.ended(issue)
        assert reason(story) == "completed"
        assert [each.failure.test for each in story.failures] == ["test_prices.py::test_nothing"]
        assert story.run.flaky == ()
        assert not [each for each in place.written_by_bot() if each.path.endswith("/rerun-failed-jobs")]
