"""The whole circle through the front door: failures, a pattern, its pull request, a merge, a trial, a decision."""

import re
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from github.PullRequest import PullRequest
from github.Repository import Repository

from bot.jobs.learn.standings import read_standings
from bot.model.protocol import ChecklistItem
from bot.model.rollout import ItemStanding
from bot.store.patterns import list_patterns
from bot.store.proposals import list_proposals
from bot.store.rollouts import read_item_events
from tests.scenarios.learning import CANARY, HARM, School, canary_of, open_school

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def school(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[School]:
    async with open_school(tmp_path_factory.mktemp("school")) as opened:
        yield opened


async def standing(school: School, item: str) -> ItemStanding:
    context = school.town.bot.context
    standings = await context.database.transact(read_standings, context.library.current.catalogue)
    return standings.of(item)


def item_of(school: School, name: str) -> ChecklistItem:
    (item,) = [each for each in school.town.bot.context.library.current.catalogue.items if each.id == name]
    return item


def issues_named(prompt: str) -> list[int]:
    """The one issue that a prompt is about."""
    return [int(number) for number in re.findall(r"Prices are wrong, part (\d+)", prompt)[:1]]


async def pulls(school: School, state: str = "open") -> list[PullRequest]:
    def read(repository: Repository) -> list[PullRequest]:
        return list(repository.get_pulls(state=state))

    return await school.protocols.person(read)


async def merge(school: School) -> PullRequest:
    """The owner of the protocols reads the one open pull request, and merges it."""
    (pull,) = await pulls(school)
    assert not pull.draft
    await school.protocols.person(lambda repository: repository.get_pull(pull.number).merge())
    return pull


async def until(school: School, item: str, state: str, most: int) -> int:
    """Blocks of four tasks, with a round of learning after each, until the item stands so; how many blocks it took."""
    for block in range(1, most + 1):
        await school.tasks(4)
        await school.learn()
        if (await standing(school, item)).state == state:
            return block
    raise AssertionError(f"{item} did not become {state}: {await standing(school, item)}")


async def test_failures_become_an_item_that_stays_because_it_helps(school: School) -> None:
    assert all(story.failures for story in await school.tasks(4))
    first = await school.learn()
    assert first.problems == []
    transact = school.town.bot.context.database.transact
    registered = await transact(list_patterns, "watched")
    assert registered

    await school.tasks(4)
    assert (await school.learn()).problems == []
    (proposal,) = await transact(list_proposals)
    pull = await merge(school)
    assert pull.number == proposal.pull_request
    files = await school.protocols.person(lambda repository: list(repository.get_pull(pull.number).get_files()))
    assert [file.filename for file in files] == [proposal.path]
    assert "xychart" in pull.body
    assert CANARY not in f"{pull.title}{pull.body}{files[0].patch}"

    assert (await school.learn(0.01)).problems == []
    assert (await standing(school, proposal.item)).state == "staged"
    school.coder.reminders.append(item_of(school, proposal.item).text.strip())
    assert await until(school, proposal.item, "production", 6) >= 2
    record = await merge(school)
    assert proposal.item in record.title
    assert (await school.learn(0.01)).problems == []
    assert {story.run.phase.reason for story in await school.tasks(2)} == {"completed"}  # type: ignore[union-attr]
    item = item_of(school, proposal.item)
    assert item.state == "production"
    assert item.evidence == proposal.pattern
    for prompt in school.coder.prompts:
        assert prompt.count(CANARY) == sum(prompt.count(canary_of(n)) for n in issues_named(prompt))
    events = await transact(read_item_events, proposal.item)
    assert [event.kind for event in events] == ["merged", "stage", "promote"]
    assert events[-1].numbers["e_success"] >= 8


@pytest.mark.full
async def test_an_item_that_harms_is_rolled_back_by_itself(school: School) -> None:
    school.coder.reminders.append("")
    await school.write_item("human-harm", HARM, "staged")
    assert (await school.learn(0.01)).problems == []
    assert (await standing(school, "human-harm")).state == "staged"
    assert await until(school, "human-harm", "rolled_back", 8) <= 6
    record = await merge(school)
    assert "human-harm" in record.title
    assert (await school.learn(0.01)).problems == []
    before = len(school.coder.prompts)
    assert {story.run.phase.reason for story in await school.tasks(2)} == {"completed"}  # type: ignore[union-attr]
    assert not [prompt for prompt in school.coder.prompts[before:] if HARM in prompt]
    catalogue = school.town.bot.context.library.current.catalogue
    assert {item.id: item.state for item in catalogue.items}["human-harm"] == "rolled_back"
