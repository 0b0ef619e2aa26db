"""What makes green worth something, through the front door: red before green, levels, tampering, flakes."""

import pytest

from bot.comments import in_words
from bot.model.phase import Ended
from bot.model.run import status_of
from bot.model.validation import CodeUnchanged, RedBeforeGreen
from tests.scenarios.cast import Line, create, executor, item, processor, replace, thinker
from tests.scenarios.reading import comments, pulls_of
from tests.scenarios.town import BOT, Place, Story, Town
from tests.scenarios.workflows import ON_PULL_REQUEST, PATH

pytestmark = pytest.mark.asyncio(loop_scope="module")

CODE = "def total(prices):\n    return sum(prices[1:])\n"
TEST = "from prices import total\n\n\ndef test_nothing():\n    assert total([]) == 0\n"
SHOWS = "from prices import total\n\n\ndef test_the_first_counts():\n    assert total([1, 2]) == 3\n"
FILES = {PATH: ON_PULL_REQUEST, "prices.py": CODE, "test_prices.py": TEST}
BODY = "`total([1, 2])` gives 2."
FIX = replace("prices.py", "prices[1:]", "prices")


def plan(*items: Line) -> list[Line]:
    return [thinker("First a test.", *items), processor("Nothing to add.")]


BOTH = plan(item("reproduce_issue", "Show it", "test_first.py"), item("fix_defect", "Count every price", "prices.py"))


async def end(
    town: Town, name: str, lines: list[Line], files: dict[str, str] | None = None
) -> tuple[Place, int, Story]:
    place = await town.found(name, FILES if files is None else files)
    issue = await place.ask(f"Prices in {name}", BODY, lines)
    return place, issue, await place.ended(issue)


def reason(story: Story) -> str:
    assert isinstance(story.run.phase, Ended), story.run.phase
    return story.run.phase.reason


async def body(place: Place, issue: int) -> str:
    (pull,) = await place.person(lambda repository: pulls_of(repository, issue))
    return await place.person(lambda repository: repository.get_pull(pull.number).body)


@pytest.mark.full
async def test_a_test_that_was_red_on_the_base_is_the_proof(real_town: Town) -> None:
    lines = [*BOTH, executor(create("test_first.py", SHOWS)), executor(FIX)]
    place, issue, story = await end(real_town, "proven", lines)
    assert reason(story) == "completed"
    proof = RedBeforeGreen("test_first.py::test_the_first_counts", "failed", "passed", "sandbox", "sandbox")
    assert story.run.proof == proof
    assert in_words(proof) in (await body(place, issue)).replace("\u200b", "")
    assert [level.status for level in story.run.levels] == ["passed", "passed", "passed"]


async def test_green_checks_alone_leave_a_draft(real_town: Town) -> None:
    lines = [*plan(item("fix_defect", "Count every price", "prices.py")), executor(FIX)]
    place, issue, story = await end(real_town, "unproven", lines)
    assert reason(story) == "unverified"
    (pull,) = await place.person(lambda repository: pulls_of(repository, issue))
    assert pull.draft
    (comment,) = await place.person(lambda repository: comments(repository, issue, BOT))
    assert "nothing shows that the issue is solved" in comment


async def test_what_cannot_be_reproduced_ends_without_a_pull_request(real_town: Town) -> None:
    passes = SHOWS.replace("== 3", "== 2")
    lines = [*BOTH, executor(create("test_first.py", passes)), executor(create("test_first.py", passes + "\n"))]
    place, issue, story = await end(real_town, "not-reproduced", lines)
    assert reason(story) == "not_reproduced"
    assert status_of(story.run) == "succeeded"
    assert await place.person(lambda repository: pulls_of(repository, issue)) == []
    assert {each.failure.rule for each in story.failures} == {"PassesOnBase"}


@pytest.mark.full
async def test_the_test_that_shows_the_issue_is_frozen_for_its_fix(real_town: Town) -> None:
    weaker = replace("test_first.py", "== 3", "== 2")
    lines = [*BOTH, executor(create("test_first.py", SHOWS)), executor(weaker, FIX)]
    place, issue, story = await end(real_town, "frozen", lines)
    assert reason(story) == "completed"
    (pull,) = await place.person(lambda repository: pulls_of(repository, issue))
    text = await place.person(lambda repository: repository.get_contents("test_first.py", ref=pull.branch))
    assert not isinstance(text, list)
    assert text.decoded_content.decode() == SHOWS


@pytest.mark.full
async def test_a_level_stops_what_ci_would_have_refused(real_town: Town) -> None:
    lines = [
        *BOTH,
        executor(create("test_first.py", SHOWS)),
        executor(replace("prices.py", "prices[1:]", "list(prices)[1:]")),
        executor(FIX),
    ]
    place, issue, story = await end(real_town, "stopped", lines)
    assert reason(story) == "completed"
    assert story.run.stopped_before_push == 1
    assert {each.failure.source for each in story.failures} == {"sandbox"}
    assert "1 round trip(s) to CI saved" in await body(place, issue)
    assert len({check.head_sha for check in story.run.all_checks}) == 1


async def test_a_weakened_test_is_refused_and_told(real_town: Town) -> None:
    skip = replace("test_prices.py", "def test_nothing", "import pytest\n\n\n@pytest.mark.skip\ndef test_nothing")
    lines = [*BOTH, executor(create("test_first.py", SHOWS)), executor(FIX, skip), executor(FIX)]
    place, issue, story = await end(real_town, "weakened", lines)
    assert reason(story) == "completed"
    assert {each.failure.category for each in story.failures} == {"tampering"}
    said = await body(place, issue)
    assert "#### Tampering" in said
    assert "test-skipped" in said


async def test_documentation_is_proven_by_code_that_did_not_change(real_town: Town) -> None:
    lines = [
        *plan(item("document_code", "Say what it does", "prices.py")),
        executor(replace("prices.py", "(prices):\n", '(prices):\n    """The sum of all prices but the first."""\n')),
    ]
    _, _, story = await end(real_town, "documented", lines)
    assert reason(story) == "completed"
    assert story.run.proof == CodeUnchanged(1)


async def test_a_flaky_test_is_told_and_blamed_on_nobody(real_town: Town) -> None:
    workflow = ON_PULL_REQUEST.partition("    steps:\n")[0] + (
        "    steps:\n      - uses: actions/checkout@v4\n"
        "      - uses: fractal-rmo/fractal-rmo/.github/actions/validate@main\n"
    )
    moody = (
        "import os\nimport pathlib\nimport tempfile\n\n\ndef test_moody():\n"
        '    if not os.environ.get("GITHUB_ACTIONS"):\n        return\n'
        '    mark = pathlib.Path(os.environ.get("RUNNER_TEMP", tempfile.gettempdir())) / "was-here"\n'
        "    before = mark.exists()\n    mark.touch()\n    assert before\n"
    )
    files = {**FILES, PATH: workflow, "test_moody.py": moody}
    lines = [*BOTH, executor(create("test_first.py", SHOWS)), executor(FIX)]
    place, issue, story = await end(real_town, "flaky", lines, files)
    assert reason(story) == "unverified"
    assert story.run.flaky == ("test_moody.py::test_moody",)
    assert story.failures == ()
    assert "is flaky" in await body(place, issue)
