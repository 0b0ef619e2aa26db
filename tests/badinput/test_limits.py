"""RE: tasks that are too many, too large or without end, and what they may cost."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import Connection, func, select

from bot import comments
from bot.config import Settings
from bot.jobs.reconcile import reconcile
from bot.llm.errors import PriceUnknown
from bot.localhub.actions.queue import Execute
from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.effects.issues import Actor, add_labels, open_issue, remove_label
from bot.localhub.state.issues import Issue
from bot.localhub.state.repository import HubRepository
from bot.model.conversation import ModelAnswer, ModelRequest, Price
from bot.model.ids import MicroDollars
from bot.model.phase import Ended
from bot.models import OpenedModel, open_configured_model
from bot.store import journal
from bot.store.spending import spending_table
from tests.sampling import is_full
from tests.scenarios.cast import Cast, create, executor, item, processor, thinker
from tests.scenarios.cast import replace as edit
from tests.scenarios.check_world import check_world
from tests.scenarios.plot import FILES
from tests.scenarios.town import BOT, CONFIG, LABEL, Place, Story, Town, open_town

in_town = pytest.mark.asyncio(loop_scope="module")
"""For those who share a town; the one about money has its own, with its own loop."""

MANY = 1_000 if is_full() else 80
WANTED = 500 if is_full() else 60
TOGGLES = 500 if is_full() else 25
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
QUESTION = "Nobody can do this"
ASKED = [{"agent": "thinker", "reply": {"summary": "It is unclear.", "items": [], "questions": ["Which one?"]}}]
"""A run of one request: it ends with a question."""
PRICE = Price(MicroDollars(1_000_000), MicroDollars(0))
"""A request may cost 6 cents, and does cost 5."""
COST = MicroDollars(50_000)
DAY = MicroDollars(600_000)
OF_REPOSITORY = MicroDollars(400_000)


@dataclass(slots=True)
class Purse:
    """A priced model that looks, whenever it is asked, what the day has cost by then."""

    town: list[Town]
    most: int = 0

    def opened(self, cast: Cast) -> OpenedModel:
        free = cast.model

        async def answer(request: ModelRequest) -> ModelAnswer:
            costs = await self.town[0].bot.context.database.transact(spent)
            self.most = max(self.most, *costs.values())
            return replace(await free.answer(request), cost=COST)

        return replace(free, price=PRICE, answer=answer)


def spent(connection: Connection) -> dict[date, int]:
    """Day -> what it has cost, what is reserved included."""
    cost = func.sum(func.coalesce(spending_table.c.spent, spending_table.c.reserved))
    rows = connection.execute(select(spending_table.c.day, cost).group_by(spending_table.c.day))
    return {day: int(total) for day, total in rows}


def held(place: Place) -> HubRepository:
    return place.town.hub.world.repositories[place.id]


async def file_many(place: Place, count: int, title: str) -> list[Issue]:
    """Filed and labelled through GitHub's own doors behind the API: two thousand requests would measure those."""
    world = place.town.hub.world
    actor = Actor(world.add_account("maintainer", "User"))
    return [
        await open_issue(world, held(place), actor, title, f"Number {number}.", [LABEL], []) for number in range(count)
    ]


def asked_by_bot(place: Place) -> int:
    return sum(
        each.actor == BOT and f"{each.path}/".startswith(f"/repos/{place.full_name}/")
        for each in place.town.hub.journal.requests
    )


def queue_comments(place: Place) -> list[str]:
    return [
        comment.body
        for issue in held(place).issues.values()
        for comment in issue.comments
        if comments.QUEUE_MARKER in comment.body
    ]


async def begun(place: Place) -> int:
    def count(connection: Connection) -> int:
        runs = select(func.count()).select_from(journal.run_table)
        return connection.execute(runs.where(journal.run_table.c.repository_id == place.id)).scalar_one()

    return await place.town.bot.context.database.transact(count)


async def wake_all(town: Town, why: str) -> None:
    for request in await town.bot.context.database.transact(journal.active_runs):
        await town.bot.service.engine.wake(request.run_id, why)


@pytest.mark.parametrize("case", ["RE-1"])
async def test_a_thousand_labels_cost_what_a_day_may_cost_and_starve_nobody(case: str, tmp_path: Path) -> None:
    now = [NOON]
    towns: list[Town] = []
    purse = Purse(towns)
    limits = {"daily_cost": DAY / 1e6, "daily_cost_of_repository": OF_REPOSITORY / 1e6}
    async with open_town(tmp_path, queue=4, more=limits, model=purse.opened, clock=lambda: now[0]) as town:
        towns.append(town)
        town.cast.learn(QUESTION, ASKED)
        busy = await town.found("busy", FILES, scripted_runner(["success"]))
        calm = await town.found("calm", FILES, scripted_runner(["success"]))
        many = await file_many(busy, MANY, QUESTION)
        (one,) = await file_many(calm, 1, QUESTION)
        story = await calm.ended(one.number)
        assert isinstance(story.run.phase, Ended)
        assert story.run.phase.reason == "needs_answer"
        await town.settled()

        engine, context = town.bot.service.engine, town.bot.context
        for _ in range(2):
            assert await reconcile(context, engine) == ()
            await town.settled()
        first, paid = await begun(busy), OF_REPOSITORY // COST - 1
        assert paid <= first <= paid + 4, "what began when there was money waits for more"
        waiting = MANY - first
        (said,) = queue_comments(busy)
        assert f"{waiting} labelled issues wait: the money for today is spent" in said
        assert asked_by_bot(busy) <= 60 * first + MANY // 10, "what waits is not asked about one by one"

        now[0] += timedelta(hours=12)
        await wake_all(town, "midnight")
        assert await reconcile(context, engine) == ()
        await town.until(lambda connection: spent(connection).get(now[0].date(), 0) > COST or None, "it goes on")
        await town.settled()
        assert first < await begun(busy) <= first + paid + 4
        assert len(queue_comments(busy)) == 1

        for issue in many:
            issue.labels.clear()
        await reconcile(context, engine)
        assert queue_comments(busy) == [comments.queue_empty()]
        costs = await context.database.transact(spent)
        assert max(*costs.values(), purse.most) <= DAY
        assert set(costs) == {NOON.date(), now[0].date()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Town]:
    """For tasks that cost nothing but patience."""
    async with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened
        await opened.settled()
        await check_world(opened)


def ending(story: Story) -> tuple[str, str]:
    assert isinstance(story.run.phase, Ended)
    return story.run.phase.reason, story.run.phase.detail


@in_town
@pytest.mark.parametrize("case", ["RE-2"])
async def test_a_label_that_comes_and_goes_is_worked_on_as_often_as_the_owner_lets(case: str, town: Town) -> None:
    place = await town.found("flicker", {**FILES, CONFIG: "red_before_green: false\nruns_an_hour: 3\n"}, success())
    town.cast.learn(QUESTION, ASKED)
    world = town.hub.world
    actor = Actor(world.add_account("maintainer", "User"))
    issue = await open_issue(world, held(place), actor, QUESTION, "On and off.", [], [])
    for _ in range(TOGGLES):
        await add_labels(world, held(place), issue, [LABEL], actor)
        await remove_label(world, held(place), issue, LABEL, actor)
    await add_labels(world, held(place), issue, [LABEL], actor)
    await town.settled()
    assert await reconcile(town.bot.context, town.bot.service.engine) == ()
    for nth in range(1, await begun(place) + 1):
        await place.ended(issue.number, nth)
    assert 1 <= await begun(place) <= 3
    said = [comment for comment in issue.comments if comment.user.login == BOT]
    assert len(said) <= await begun(place) + 1, "one comment a run, and one about the queue"
    assert asked_by_bot(place) <= 60 * await begun(place) + 20 * TOGGLES
    town.leave(place)


@in_town
@pytest.mark.parametrize("case", ["RE-3"])
async def test_a_change_of_five_hundred_files_is_not_pushed(case: str, town: Town) -> None:
    place = await town.found("broad", FILES, success())
    calls = [create(f"more/file_{number}.py", "X = 1\n") for number in range(WANTED)]
    *most, last = [calls[at : at + 19] for at in range(0, WANTED, 19)]
    lines = [
        thinker("Files.", item("fix_defect", "Write files", "more/file_0.py")),
        processor("Nothing to add."),
        *({"agent": "executor", "reply": {"calls": some}} for some in most),
        executor(*last),
    ]
    issue = await place.ask("Very many files", f"Write {WANTED} files.", lines)
    story = await place.ended(issue)
    said = f"the change is too large to be reviewed: it changes {WANTED} files, and `most_files` allows 50"
    assert ending(story) == ("too_large", said)
    refs = await held(place).git.refs()
    assert not [ref for ref in refs if ref.startswith("refs/heads/rmo/")]
    town.leave(place)


@in_town
@pytest.mark.parametrize("case", ["RE-4"])
async def test_a_change_that_never_becomes_green_ends(case: str, town: Town) -> None:
    place = await town.found("endless", FILES, scripted_runner(["failure"]))
    lines = [thinker("It is the slice.", item("fix_defect", "Count every price", "prices.py"))] * 30
    lines += [processor("Once more.")] * 60
    lines += [executor(edit("prices.py", f"prices[{n}:]", f"prices[{n + 1}:]")) for n in range(1, 60)]
    issue = await place.ask("It is never right", "Make it right.", lines)
    story = await place.ended(issue)
    assert ending(story) == ("stuck", "the same failure came back, and the new plan is the old one")
    pulls = held(place).pulls
    assert [(pull.state, pull.pull is not None and pull.pull.draft) for pull in pulls] == [("open", True)]
    town.leave(place)


@pytest.mark.parametrize("case", ["RE-6"])
async def test_without_a_price_nothing_is_asked(case: str) -> None:
    settings = Settings().model_copy(update={"model": "openai:no-such-model", "openai_api_key": SecretStr("sk-x")})
    with pytest.raises(PriceUnknown, match="no-such-model"):
        open_configured_model(settings)
    stated = settings.model_copy(update={"model_price": "1,2"})
    assert open_configured_model(stated).price == Price(MicroDollars(1_000_000), MicroDollars(2_000_000))


def success() -> Execute:
    return scripted_runner(["success"])
