"""A small invented repository and what the model says about it, for stories in which the code does not matter."""

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from bot.localhub.actions.runs import RunOutcome
from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun
from bot.model.ids import IssueNumber
from tests.scenarios.cast import Line, executor, item, processor, replace, thinker
from tests.scenarios.town import Place, Town
from tests.scenarios.workflows import GREEN_IS_ENOUGH, ON_PULL_REQUEST, PATH

PRICES = "def total(prices):\n    return sum(prices[1:])\n"
FILES = {PATH: ON_PULL_REQUEST, "prices.py": PRICES, **GREEN_IS_ENOUGH}
BODY = "`total([1, 2])` gives 2."


def title(place: Place) -> str:
    """Of the issue of a story; the model tells stories apart by it."""
    return f"The first price is forgotten in {place.full_name}"


def one_try() -> list[Line]:
    """One change, which CI accepts."""
    return [
        thinker("The slice goes.", item("fix_defect", "Count every price", "prices.py")),
        processor("Nothing to add."),
        executor(replace("prices.py", "prices[1:]", "prices")),
    ]


def two_tries() -> list[Line]:
    """CI refuses the first change; the second one is right."""
    return [
        *one_try()[:2],
        executor(replace("prices.py", "prices[1:]", "list(prices)[1:]")),
        processor("The slice is still there.", retry="1"),
        executor(replace("prices.py", "list(prices)[1:]", "prices")),
    ]


async def begin(town: Town, name: str, *, tries: Literal[1, 2] = 2) -> tuple[Place, IssueNumber]:
    """A repository in which a run of two tries, or of one, begins now."""
    place = await town.found(name, FILES, scripted_runner(["success"] if tries == 1 else ["failure", "success"]))
    return place, await place.ask(title(place), BODY, one_try() if tries == 1 else two_tries())


@dataclass(slots=True)
class SlowCi:
    """CI that is at work until it is told to end."""

    at_work: asyncio.Event = field(default_factory=asyncio.Event)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        self.at_work.set()
        await self.may_end.wait()
        return RunOutcome((), unnamed="success")
