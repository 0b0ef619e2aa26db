"""What people make of pull requests, on a real store: shown while it comes in, and an item taken back by it alone."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.catalog import find_data
from bot.comments.protocol_pull_request import record_body
from bot.jobs.learn.assign import assign_items
from bot.jobs.learn.evaluate import evaluate_rollouts
from bot.jobs.learn.learner import Learner
from bot.jobs.learn.showing import ItemSummary, read_item
from bot.jobs.learn.status import LearningStatus, read_status
from bot.model.evidence import TaskId
from bot.model.ids import IssueNumber, LabelEventId
from bot.model.rollout import Arm, ItemEvent
from bot.model.run import RunRequest
from bot.rollout.late import LateCounts
from bot.store import journal
from bot.store.database import Database
from bot.store.failures import write_evidence
from bot.store.late_outcomes import LateKind, LateOutcome, read_task_ends, write_late_outcome
from bot.store.learning_state import exclude_tasks
from bot.store.migrate import upgrade
from bot.store.rollouts import read_item_events, write_item_event
from tests.conformance.jobs.lessons import Time, learner
from tests.conformance.jobs.test_assign_items import catalogue, item
from tests.conformance.store.learning import HOUR, NOON, REMARK, task
from tests.conformance.store.test_journal import request

DAY = timedelta(days=1)
TASKS = 24
STAGED = ItemEvent("one", NOON - HOUR, "staged", "stage", "rmo", "", "", {})


class Reviewed:
    """A store with one item on trial, and the runs that were told it or not."""

    def __init__(self, database: Database, directory: Path) -> None:
        self.database = database
        self.time = Time()
        tried = catalogue(item("one", "staged"))
        self.learner: Learner = replace(learner(self.database, directory, self.time), catalogue=tried)

    async def work(self, number: int, outcome: str = "completed", **about: int) -> tuple[RunRequest, Arm | None]:
        """A run that ended an hour later, and its arm in the trial."""
        at = NOON + number * HOUR
        asked = replace(request(about.get("issue", number), number), requested_at=at)
        canary, items = self.learner.policy.canary, self.learner.catalogue
        run = asked.run_id
        await self.database.transact(journal.open_run, asked)
        told = await self.database.transact(assign_items, TaskId(run), "7:big", items, canary, at)
        await self.database.transact(write_evidence, [replace(task(run, at=at, outcome=outcome), run=run)])
        return asked, told.arms.get("one")

    async def decide(self, run: RunRequest, kind: LateKind, days: float = 2) -> None:
        outcome = LateOutcome(run.run_id, kind, "", run.requested_at + days * DAY)
        await self.database.transact(write_late_outcome, outcome)

    async def shown(self) -> ItemSummary:
        told = self.learner
        found = await self.database.transact(read_item, told.catalogue, told.policy, "one", self.time.now)
        assert found is not None
        return found

    async def status(self) -> LearningStatus:
        return await self.database.transact(read_status, self.learner)


@pytest.fixture
async def reviewed(tmp_path: Path) -> AsyncGenerator[Reviewed]:
    database = Database(f"sqlite:///{tmp_path / 'rmo.db'}")
    upgrade(database, find_data("migrations"))
    opened = Reviewed(database, tmp_path)
    await opened.database.transact(write_item_event, STAGED)
    yield opened
    database.close()


async def turned_down(reviewed: Reviewed) -> int:
    """With the item everything is closed, without it everything is merged, how many; CI passes all of it."""
    merged = 0
    for number in range(TASKS):
        run, arm = await reviewed.work(number)
        await reviewed.decide(run, "closed" if arm == "treated" else "merged")
        merged += arm != "treated"
    return merged


async def test_an_item_whose_work_nobody_wants_goes_back_though_ci_passes_it(reviewed: Reviewed) -> None:
    merged = await turned_down(reviewed)
    reviewed.time.pass_(20 * DAY)
    assert await evaluate_rollouts(reviewed.learner) == ()
    late = (await reviewed.shown()).late
    assert late is not None
    rejected = late.treated.rejected
    assert (late.treated, late.control) == (LateCounts(0, rejected, 0, 0), LateCounts(0, 0, late.control.open, 0))
    assert rejected > 5 < late.control.open
    status = await reviewed.status()
    assert status.late.control.open + status.late.treated.open == merged >= late.control.open
    assert [trial.item for trial in status.trials] == ["one"]
    assert status.late.said.endswith(f"{merged} not known yet, shown only")

    reviewed.time.pass_(20 * DAY)
    (changed,) = await evaluate_rollouts(reviewed.learner)
    assert (changed.item.id, changed.decision.kind) == ("one", "roll_back")
    assert f"accepted 0 of {rejected} against {late.control.open} of {late.control.open}" in changed.decision.reason
    (_, event) = await reviewed.database.transact(read_item_events, "one")
    assert (event.state, event.numbers["e_late_harm_threshold"], event.numbers["e_success"]) == ("rolled_back", 50, 1)
    body = record_body("one", "protocols/coding/implementation.yaml", "staged", event)
    assert f"{rejected} with the item, {late.control.open} of {late.control.open} without it" in body


async def test_what_comes_in_after_the_promotion_begins_a_fresh_trial_and_is_used_up(reviewed: Reviewed) -> None:
    await turned_down(reviewed)
    promoted = ItemEvent("one", NOON + 3 * DAY, "production", "promote", "rmo", "", "success", {})
    await reviewed.database.transact(write_item_event, promoted)
    reviewed.time.pass_(40 * DAY)
    (changed,) = await evaluate_rollouts(reviewed.learner)
    assert (changed.decision.kind, changed.standing.state) == ("roll_back", "production")
    assert "a fresh canary begins" in changed.decision.reason
    assert (await reviewed.shown()).standing.state == "staged"
    assert await evaluate_rollouts(reviewed.learner) == ()
    late = (await reviewed.shown()).late
    assert late is not None
    assert late.treated == late.control == LateCounts(0, 0, 0, 0)


async def test_what_was_no_judgement_of_the_work_is_not_counted(database: Database, tmp_path: Path) -> None:
    """On both databases."""
    reviewed = Reviewed(database, tmp_path)
    await database.transact(write_item_event, STAGED)
    canary = replace(reviewed.learner.policy.canary, baseline_share=0.0)
    reviewed.learner = replace(reviewed.learner, policy=replace(reviewed.learner.policy, canary=canary))
    kinds: Sequence[LateKind] = ("merged", "merged", "closed", "none", "closed", "closed", "merged", "closed")
    outcomes = {4: "cancelled"}
    runs = [(await reviewed.work(n, outcomes.get(n, "completed")))[0] for n in range(len(kinds))]
    for number, (run, kind) in enumerate(zip(runs, kinds, strict=True)):
        await reviewed.decide(run, kind, days=31 if number == 7 else 2)
    await reviewed.decide(runs[1], "reverted", days=20)
    # The sixth was begun anew before it was closed, the third after
    for number, issue, after in ((5, 5, 1), (2, 2, 3)):
        again = replace(
            runs[number], label=replace(runs[number].label, event=LabelEventId(900 + issue)), issue=IssueNumber(issue)
        )
        later = replace(again, requested_at=again.requested_at + after * DAY)
        await reviewed.database.transact(journal.open_run, later)
    await reviewed.database.transact(exclude_tasks, REMARK, run=runs[6].run_id)
    reviewed.time.pass_(90 * DAY)
    ends = await reviewed.database.transact(read_task_ends, [TaskId(run.run_id) for run in runs])
    assert [ends[TaskId(run.run_id)].superseded for run in runs] == [number == 5 for number in range(len(runs))]
    late = (await reviewed.shown()).late
    assert late is not None
    both = [(arm.accepted, arm.rejected, arm.open, arm.uncounted) for arm in (late.treated, late.control)]
    # Accepted the first; rejected the second, reverted, and the third; uncounted the next three and the last
    assert tuple(map(sum, zip(*both, strict=True))) == (1, 2, 0, 4)
