"""A run that waits is not one that fails, and one that fails is not tried sooner because somebody else has news."""

import asyncio
import json
import sqlite3

import pytest

from bot.jobs.run_issue import MAX_ATTEMPTS
from bot.localhub.actions.runs import RunOutcome
from bot.localhub.effects.webhooks import send
from bot.localhub.faults import Answer
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun
from tests.crash.conftest import OpenPlace
from tests.crash.final_state import Final, final_state
from tests.crash.lives import until
from tests.crash.place import Place


@pytest.mark.full
async def test_what_passes_ends_no_run(new_place: OpenPlace, undisturbed: tuple[Final, Place]) -> None:
    expected, _ = undisturbed
    may_end = asyncio.Event()
    conclusions = iter(("failure", "success"))

    async def execute(repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        await may_end.wait()
        conclusion = next(conclusions)
        return RunOutcome((), unnamed=conclusion, problem=f"Scripted: {conclusion}.")

    async with new_place(execute=execute, poll_seconds=0.1) as place:
        await place.label_an_issue()
        await place.begin_life()
        await refuse_a_look_after_a_long_wait(place)
        await fail_a_step_while_there_is_news(place, may_end)
        assert (await place.end_life()).code == 0
        (await final_state(place)).assert_same_as(expected)


async def refuse_a_look_after_a_long_wait(place: Place) -> None:
    """The run has looked at its checks more often than a step may fail, and then one look fails."""

    def looks() -> int:
        return place.diary.boundaries.count("18:AwaitChecks:performed")

    await until(lambda: looks() > MAX_ATTEMPTS)
    place.hub.faults.on_request("GET", r".*/check-runs", Answer(502))
    before = looks()
    await until(lambda: looks() > before + 1)


async def fail_a_step_while_there_is_news(place: Place, may_end: asyncio.Event) -> None:
    """A step fails, and while it pauses there are more webhooks than it has tries."""
    place.hub.faults.on_request("GET", r".*/issues/1/comments", Answer(502), times=10**6)
    may_end.set()
    await until(lambda: "19:PostStatus:performed" in place.diary.boundaries)
    for _ in range(MAX_ATTEMPTS + 3):
        say_again(place, "check_run")
        await place.hub.idle()
        await until(lambda: not unread_deliveries(place))
    place.hub.faults.clear()


def say_again(place: Place, event: str) -> None:
    """Send the newest webhook of that kind as a new one."""
    newest = next(each for each in reversed(place.hub.world.deliveries) if each.event == event)
    payload: dict[str, object] = json.loads(newest.body)
    (installation,) = place.hub.world.installations.values()
    send(place.hub.world, newest.app, event, newest.action, payload, installation, place.repository)


def unread_deliveries(place: Place) -> int:
    """How many webhooks the bot has stored and not dealt with."""
    with sqlite3.connect(f"file:{place.order.home / 'rmo.db'}?mode=ro", uri=True) as connection:
        (count,) = connection.execute("select count(*) from delivery where processed_at is null").fetchone()
    connection.close()
    return count
