"""LP: fifty failures whose texts want to be learned, through mining, a protocol pull request and its merge, to a run.

All cases are told in one story, each with a canary of its own; a test looks for its own one everywhere.
"""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
from github.Repository import Repository
from sqlalchemy import Connection, select
from structlog.testing import capture_logs

from bot.store.failures import failure_table, failure_text_table
from bot.store.journal import run_table
from bot.store.proposals import list_proposals
from bot.store.tasks import attempt_table, task_table
from tests.badinput.poison import REPORTS, poisoned_run
from tests.scenarios.learning import School, open_school
from tests.scenarios.town import API_TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="module")

EACH = 2
"""Runs of each case a day, for three days; with two more there are fifty."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a canary could come out, by what it is; and the quarantine that it is allowed in."""

    outside: Mapping[str, str]
    quarantine: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Seen]:
    async with open_school(tmp_path_factory.mktemp("school")) as school:
        with capture_logs() as logs:
            outside = await _story(school)
        transact = school.town.bot.context.database.transact
        assert any(each["event"] == "learned" for each in logs)
        yield Seen({**outside, "log lines": json.dumps(logs, default=str)}, await transact(_quarantine))


async def _story(school: School) -> dict[str, str]:
    context = school.town.bot.context
    assert (await school.learn(0)).problems == []
    issue = 100
    for more in ([], [], ["LP-1"] * 2):
        for case in [*REPORTS] * EACH + more:
            issue += 1
            await context.database.transact(poisoned_run, case, issue, context.catalogue.nodes)
        assert (await school.learn()).problems == []
    assert issue == 150
    (proposal,) = await context.database.transact(list_proposals)

    def merge(repository: Repository) -> str:
        pull = repository.get_pull(proposal.pull_request or 0)
        told = [pull.title, pull.body or "", pull.head.ref]
        told += [commit.commit.message for commit in pull.get_commits()] + [file.patch for file in pull.get_files()]
        pull.merge()
        return "\n".join(told)

    told = await school.protocols.person(merge)
    for _ in range(2):
        assert (await school.learn(0.01)).problems == []
    await school.tasks(3)
    prompts = school.coder.prompts
    (item,) = [each for each in context.library.current.catalogue.items if each.id == proposal.item]
    assert any(item.text.strip() in prompt for prompt in prompts), "two of four tasks are told what was learned"
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {API_TOKEN}"}) as client:
        shown = (await client.get(f"{school.town.web}/api/v1/patterns")).text
    return {
        "pull request": told,
        "protocol files": "\n".join(context.library.current.files.values()),
        "prompts": "\n".join(prompts),
        "patterns": shown,
        "features": await context.database.transact(_features),
    }


def _features(connection: Connection) -> str:
    """All that mining reads, of which labels of metrics are made."""
    columns = (failure_table.c.features, attempt_table.c.features, task_table.c.features, task_table.c.planned)
    return json.dumps([connection.execute(select(each)).scalars().all() for each in columns])


def _quarantine(connection: Connection) -> str:
    texts = connection.execute(select(failure_text_table.c.message)).scalars().all()
    places = connection.execute(select(failure_table.c.path, failure_table.c.test).distinct()).all()
    runs = connection.execute(select(run_table.c.request)).scalars().all()
    return json.dumps([texts, [list(place) for place in places], runs])


@pytest.mark.parametrize("case", REPORTS)
async def test_what_is_learned_from_a_failure_has_nothing_of_its_text(seen: Seen, case: str) -> None:
    wanted = re.compile(f"rmo.?canary.?7f3a.?{case.replace('-', '')}x", re.IGNORECASE)
    assert case == "LP-5" or wanted.search(seen.quarantine), "it never came in, so this would show nothing"
    found = {name for name, text in seen.outside.items() if wanted.search(text)}
    assert not found
    assert not [name for name, text in seen.outside.items() if "ignore previous instructions" in text]
