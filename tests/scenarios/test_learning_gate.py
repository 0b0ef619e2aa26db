"""The gate before live tasks, in the real sandbox: old tasks are really done again, told an item and not told it."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.jobs.learn.showing import ItemSummary, read_item
from bot.llm.errors import Overloaded
from bot.model.evidence import TaskId
from bot.model.ids import ActionId
from bot.model.pattern import ContextLiteral, Hypothesis, Signature
from bot.sandbox import Sandbox
from bot.store.failure_groups import Remark
from bot.store.learning_state import exclude_tasks
from bot.store.patterns import write_registrations
from bot.store.signatures import found_signatures
from bot.store.tasks import task_table
from tests.conformance.store.learning import registration
from tests.scenarios.learning import School, open_school

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADVICE = "Use names that exist."
UNDEFINED = Signature("rule", "ruff:F821")
COST = 7


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def school(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> AsyncGenerator[School]:
    replay = {"pairs": 10, "promote": 2, "cost_micro_dollars": 1_000}
    async with open_school(tmp_path_factory.mktemp("school"), sandbox, replay) as opened:
        opened.coder.careless = "    return sume(prices)\n"
        opened.coder.cost = COST
        yield opened


async def shown(school: School, item: str) -> ItemSummary:
    context = school.town.bot.context
    knowledge, now = context.library.current, context.now()
    found = await context.database.transact(read_item, knowledge.catalogue, knowledge.policy.learning, item, now)
    assert found is not None
    return found


@pytest.mark.full
async def test_an_item_goes_on_to_live_tasks_because_old_ones_go_better_with_it(school: School) -> None:
    transact = school.town.bot.context.database.transact
    stories = await school.tasks(3)
    assert all(story.failures for story in stories)
    hypothesis = Hypothesis("frequency", (ContextLiteral("action_item", ActionId("fix_defect")),), UNDEFINED)
    own = replace(registration(), hypothesis=hypothesis)
    await transact(write_registrations, [own])
    await transact(exclude_tasks, Remark("maintainer", "not this one", school.clock()), run=stories[0].run.id)
    school.coder.reminders.append(ADVICE)
    await school.write_item("learned-names", ADVICE, "testing", own.id)

    school.coder.trouble = Overloaded("the model is busy")
    assert (await school.learn(0)).problems == []
    waiting = await shown(school, "learned-names")
    assert (waiting.standing.state, waiting.pairs) == ("testing", ()), "what may pass is no reason to skip the gate"

    school.coder.trouble = None
    journal = school.town.hub.journal
    before = [each for each in journal.entries if not each.path.endswith("/access_tokens")]
    asked = len(school.coder.prompts)
    assert (await school.learn(0)).problems == []
    after = [each for each in journal.entries if not each.path.endswith("/access_tokens")]
    assert after == before, "nothing of it is seen on GitHub"
    assert [ADVICE in prompt for prompt in school.coder.prompts[asked:]] == [True, False] * 2
    told = await shown(school, "learned-names")
    assert {pair.task for pair in told.pairs} == {story.run.id for story in stories[1:]}
    for pair in told.pairs:
        assert (pair.treated_succeeded, pair.treated_targeted) == (True, False)
        assert (pair.control_succeeded, pair.control_targeted) == (False, True)
        assert pair.cost_micro_dollars == 2 * COST
    assert told.standing.state == "staged"
    assert [event.kind for event in told.events] == ["file", "stage"]
    numbers = told.events[-1].numbers
    assert (numbers["cost_micro_dollars"], numbers["treated_succeeded"], numbers["control_targeted"]) == (28, 2, 2)
    assert numbers["e_target"] >= 2
    found = await transact(found_signatures, [TaskId(story.run.id) for story in stories])
    assert all(UNDEFINED in signatures for signatures in found.values())
    assert len(await transact(lambda connection: connection.execute(task_table.select()).all())) == 3
