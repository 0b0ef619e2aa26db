"""Which items a run is told, on both databases: drawn once, beside other workers, and never against a person's word."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from bot.catalog import find_data
from bot.jobs.learn.assign import Assigned, assign_items
from bot.jobs.learn.evaluate import Judged, baseline_of, carry_out, evaluate_rollouts, judge
from bot.jobs.learn.learner import Learner
from bot.jobs.learn.overrides import Said, say
from bot.jobs.learn.standings import read_standings
from bot.model.errors import NeedsHuman
from bot.model.evidence import TaskId
from bot.model.ids import ActionId
from bot.model.pattern import PatternEvent
from bot.model.protocol import Catalogue, ChecklistItem, ItemState
from bot.model.rollout import EVERY_ITEM, DecisionKind, ItemEvent
from bot.store.database import Database
from bot.store.failures import write_evidence
from bot.store.learning_state import exclude_tasks
from bot.store.migrate import upgrade
from bot.store.patterns import read_pattern, write_pattern_event, write_registrations
from bot.store.rollouts import assignment_table, read_item_events, write_item_event
from tests.conformance.jobs.lessons import PACKAGED, learner
from tests.conformance.store.learning import HOUR, NOON, REMARK, registration, task

CANARY = replace(PACKAGED.policy.learning.canary, share=0.5, block=4, baseline_share=0.25, baseline_block=4)
PATTERN = registration()


def item(name: str, state: ItemState, evidence: str = PATTERN.id) -> ChecklistItem:
    return ChecklistItem(name, "instruction", f"Mind {name}.", (ActionId("fix_defect"),), state, evidence)


def catalogue(*items: ChecklistItem) -> Catalogue:
    return replace(PACKAGED.catalogue, items=items)


TRIED = catalogue(
    item("plain", "production", "human"),
    item("learned", "production"),
    item("one", "staged"),
    item("two", "staged", "human"),
    item("waiting", "testing"),
    item("gone", "rolled_back"),
)


def assigned(
    connection: Connection, name: str, items: Catalogue = TRIED, at: datetime = NOON, holdback: float = 0.1
) -> Assigned:
    policy = replace(CANARY, holdback_share=holdback)
    return assign_items(connection, TaskId(name), "7:big", items, policy, at)


def drawn(connection: Connection) -> Counter[tuple[str, str]]:
    rows = connection.execute(select(assignment_table.c.item, assignment_table.c.arm))
    return Counter((row.item, row.arm) for row in rows)


@pytest.fixture
def taught(tmp_path: Path) -> Iterator[Learner]:
    """A small database is enough where nobody else is at work."""
    database = Database(f"sqlite:///{tmp_path / 'rmo.db'}")
    upgrade(database, find_data("migrations"))
    yield replace(learner(database, tmp_path, lambda: NOON + 9 * HOUR), catalogue=TRIED)
    database.close()


async def test_a_task_has_an_arm_of_every_trial_and_the_same_when_asked_again(database: Database) -> None:
    """Several workers freeze the same runs at once, as after a crash, and each run is drawn once."""
    names = [f"run-{number}" for number in range(16)] * 2
    told = await asyncio.gather(*(database.transact(assigned, name) for name in names))
    assert told[:16] == told[16:]
    for each in told[:16]:
        if each.arms[EVERY_ITEM] == "control":
            assert each == Assigned(("plain",), {EVERY_ITEM: "control"})
            continue
        assert each.arms.keys() == {EVERY_ITEM, "learned", "one", "two"}
        treated = {name for name, arm in each.arms.items() if arm == "treated"} - {EVERY_ITEM}
        assert set(each.items) == treated | {"plain"}
    counts = await database.transact(drawn)
    assert counts[EVERY_ITEM, "control"] == 4
    assert (counts["one", "treated"], counts["one", "control"]) == (6, 6)
    assert (counts["two", "treated"], counts["two", "control"]) == (6, 6)
    vectors = {(each.arms.get("one"), each.arms.get("two")) for each in told}
    assert len(vectors - {(None, None)}) > 2, "trials are drawn independently of each other"


async def test_where_nothing_learned_is_on_trial_there_is_no_baseline(taught: Learner) -> None:
    own = catalogue(item("plain", "production", "human"), item("two", "staged", "human"))
    told = await taught.database.transact(assigned, "run-1", own)
    assert told.arms.keys() == {"two"}


async def test_an_arm_stays_what_it_was_when_the_item_is_decided_before_the_freeze_is_repeated(
    taught: Learner,
) -> None:
    database = taught.database
    first = await database.transact(assigned, "run-1")
    over = ItemEvent("one", NOON + HOUR, "rolled_back", "roll_back", "rmo", "harm", "", {})
    await database.transact(write_item_event, over)
    again = await database.transact(assigned, "run-1")
    assert "one" not in again.items
    assert {key: arm for key, arm in first.arms.items() if key != "one"} == again.arms


async def standing(learned: Learner, name: str) -> tuple[str, bool, bool]:
    one = (await learned.database.transact(read_standings, TRIED)).of(name)
    return one.state, one.pinned, one.banned


SAYINGS: Sequence[tuple[str, Said, tuple[str, bool, bool], bool]] = (
    ("one", "ban", ("retired", False, True), False),
    ("one", "retire", ("retired", False, False), False),
    ("one", "add", ("production", False, False), True),
    ("learned", "pin", ("production", True, False), True),
    ("waiting", "add", ("production", False, False), True),
)


@pytest.mark.parametrize(
    ("name", "verb", "expected", "is_told"), SAYINGS, ids=[f"{verb} {name}" for name, verb, *_ in SAYINGS]
)
async def test_a_person_s_word_holds_for_the_next_run_and_against_every_decision(
    taught: Learner, name: str, verb: Said, expected: tuple[str, bool, bool], is_told: bool
) -> None:
    judged = {each.item.id: each for each in await taught.database.transact(judge, TRIED, CANARY, NOON)}
    await say(taught, name, verb, replace(REMARK, at=NOON + HOUR))
    for number in range(12):
        told = await taught.database.transact(assigned, f"run-{number}", at=NOON + 2 * HOUR)
        if told.arms.get(EVERY_ITEM) == "treated" and (verb == "pin" or not is_told):
            assert (name in told.items) == is_told
        if verb == "pin":
            assert name not in told.arms, "nobody goes without what a person wants kept"
    if name in judged:
        # Made on what was true before the person spoke
        kind = "roll_back" if judged[name].standing.state == "production" else "promote"
        late = replace(judged[name], decision=replace(judged[name].decision, kind=kind))
        await taught.database.transact(carry_out, late, NOON + 3 * HOUR)
    assert await standing(taught, name) == expected


async def test_pins_and_bans_are_taken_back_and_unknown_items_refused(taught: Learner) -> None:
    verbs: tuple[Said, ...] = ("pin", "unpin", "ban", "unban")
    for hour, verb in enumerate(verbs, 1):
        await say(taught, "one", verb, replace(REMARK, at=NOON + hour * HOUR))
    assert await standing(taught, "one") == ("retired", False, False)
    events = await taught.database.transact(read_item_events, "one")
    assert [(each.actor, each.detail) for each in events] == [("maintainer", f"{verb}: because") for verb in verbs]
    with pytest.raises(NeedsHuman, match="no item 'three'"):
        await say(taught, "three", "pin", REMARK)


def _decided(judged: Judged, kind: DecisionKind) -> Judged:
    return replace(judged, decision=replace(judged.decision, kind=kind, reason="as numbers say"))


@pytest.mark.parametrize(("kind", "status"), [("prune", "retired"), ("roll_back", "retired"), ("promote", "merged")])
async def test_the_pattern_behind_an_item_that_is_dropped_may_be_tried_again(
    taught: Learner, kind: DecisionKind, status: str
) -> None:
    await taught.database.transact(write_registrations, [PATTERN])
    merged = PatternEvent(PATTERN.id, NOON, "merged", "person", "", {})
    await taught.database.transact(write_pattern_event, merged)
    judged = {each.item.id: each for each in await taught.database.transact(judge, TRIED, CANARY, NOON)}
    await taught.database.transact(carry_out, _decided(judged["two"], kind), NOON + HOUR)
    await taught.database.transact(carry_out, _decided(judged["one"], kind), NOON + HOUR)
    pattern = await taught.database.transact(read_pattern, PATTERN.id)
    assert pattern is not None
    assert pattern.status == status


async def test_a_promotion_is_looked_at_again_also_where_nobody_goes_without(taught: Learner) -> None:
    canary = replace(taught.policy.canary, holdback_share=0.0)
    promoted = ItemEvent("learned", NOON, "production", "promote", "rmo", "", "success", {})
    await taught.database.transact(write_item_event, promoted)
    later = replace(taught, policy=replace(taught.policy, canary=canary), now=lambda: NOON + timedelta(days=91))
    changed = await evaluate_rollouts(later)
    assert {(each.item.id, each.decision.kind) for each in changed} >= {("learned", "expire")}
    assert (await standing(taught, "learned"))[0] == "staged"
    assert await evaluate_rollouts(later) == ()


async def test_a_purged_task_counts_for_no_arm(taught: Learner) -> None:
    names = [f"run-{number}" for number in range(8)]
    for name in names:
        await taught.database.transact(assigned, name)
    await taught.database.transact(write_evidence, [task(name) for name in names])
    whole = await taught.database.transact(baseline_of, CANARY, NOON)
    await taught.database.transact(exclude_tasks, REMARK, run=names[0])
    assert len(whole) == 8
    assert len(await taught.database.transact(baseline_of, CANARY, NOON)) == 7
