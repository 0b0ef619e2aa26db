"""What happens while the bot is dead: it finds out by itself when it lives again, without a webhook."""

import asyncio
import sqlite3

import pytest

from bot.localhub.actions.runs import RunOutcome
from bot.localhub.effects.webhooks import redeliver
from bot.localhub.faults import Delay
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun
from tests.crash.conftest import OpenPlace
from tests.crash.final_state import Final, final_state, read_record
from tests.crash.lives import LONGEST_LIFE, until
from tests.crash.order import AtBoundary
from tests.crash.place import Place
from tests.sampling import sample

SELDOM = 10 * LONGEST_LIFE
"""Seconds between two looks at GitHub that no life lasts."""


def effects_since(place: Place, sequence: int) -> list[str]:
    """What the bot did that anybody can see, after that many requests."""
    entries = [entry for entry in place.hub.journal.entries if entry.sequence > sequence]
    return [f"{entry.method} {entry.path}" for entry in entries if "access_tokens" not in entry.path]


@pytest.mark.parametrize(
    "died_at", sample(["4:PostStatus:recorded", "14:CommitStep:performed", "25:AskModel:recorded"], 1)
)
async def test_a_run_whose_label_is_gone_ends_with_one_last_word(died_at: str, place: Place) -> None:
    assert (await place.live(AtBoundary(died_at))).was_killed
    await place.unlabel()
    before = len(place.hub.journal.requests)
    # long enough for many a step
    place.hub.faults.on_request("GET", rf".*/issues/{place.issue.number}", Delay(2.0))
    await place.live_on()
    effects = [effect for effect in effects_since(place, before) if "/check-runs/" not in effect]
    assert effects == [
        *(f"PATCH /repos/{place.full_name}/pulls/{pull.number}" for pull in place.repository.pulls),
        f"PATCH /repos/{place.full_name}/issues/comments/{place.issue.comments[0].id}",
    ]
    (comment,) = place.issue.comments
    assert "### Cancelled" in comment.body
    assert "was removed" in comment.body
    for pull in place.repository.pulls:
        assert pull.pull is not None
        assert pull.pull.draft
        assert "was removed" in (pull.body or "")
    assert any(line.endswith(" Stop Stopped") for line in await read_record(place.order))


async def test_a_label_that_was_set_anew_ends_the_old_run_and_starts_one(place: Place) -> None:
    assert (await place.live(AtBoundary("14:CommitStep:performed"))).was_killed
    await place.unlabel()
    await place.label_again()
    await place.live_on()
    record = await read_record(place.order)
    ended = [line.split()[0] for line in record if line.endswith(" Stop Stopped")]
    assert len(set(ended)) == len(ended) == 2
    old, new = place.issue.comments
    assert "labelled anew" in old.body
    assert "### Done" in new.body
    assert len(place.repository.pulls) == 1


async def test_checks_that_ended_meanwhile_are_found_at_the_start(
    new_place: OpenPlace, undisturbed: tuple[Final, Place]
) -> None:
    expected, _ = undisturbed
    may_end = asyncio.Event()
    conclusions = iter(("failure", "success"))

    async def execute(repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        await may_end.wait()
        conclusion = next(conclusions)
        return RunOutcome((), unnamed=conclusion, problem=f"Scripted: {conclusion}.")

    async with new_place(execute=execute, poll_seconds=SELDOM) as place:
        await place.label_an_issue()
        await place.begin_life()
        await until(lambda: "18:AwaitChecks:performed" in place.diary.boundaries and is_pausing(place))
        await place.kill()
        may_end.set()
        await place.hub.idle()
        await place.live_on()
        (await final_state(place)).assert_same_as(expected)


def is_pausing(place: Place) -> bool:
    """Whether the run is in a pause whose end the engine has stored: it would wait for that end after a restart too."""
    engine = place.order.home / "rmo-engine.db"
    # the end is stored before the wait begins, and the wait itself when it is over
    query = "select function_name from operation_outputs order by function_id desc limit 2"
    with sqlite3.connect(f"file:{engine}?mode=ro", uri=True) as connection:
        newest = connection.execute(query).fetchall()
    connection.close()
    return newest == [("DBOS.sleep",), ("advance",)]


async def test_a_delivery_that_comes_again_after_a_death_starts_nothing(
    new_place: OpenPlace, undisturbed: tuple[Final, Place]
) -> None:
    expected, _ = undisturbed
    async with new_place(poll_seconds=SELDOM) as place:
        await place.begin_life(AtBoundary("1:Freeze:intended"))
        await place.label_an_issue()
        assert (await place.end_life()).was_killed
        (labelled,) = [each for each in place.hub.world.deliveries if each.action == "labeled"]
        for death in (AtBoundary("14:CommitStep:performed"), None):
            await place.begin_life(death)
            again = redeliver(place.hub.world, labelled)
            assert (await place.end_life()).was_killed == (death is not None)
            assert again.guid == labelled.guid
        found = await final_state(place)
    found.assert_same_as(expected)
    assert found.asks == expected.asks
