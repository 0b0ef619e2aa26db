"""Mining, evidence and a person's word about both, on a real store: the same whatever way the counts were made."""

import asyncio
import gzip
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.catalog import find_data
from bot.jobs.import_failures import import_failures
from bot.jobs.learn.gather import gather_evidence
from bot.jobs.learn.history import mine_history
from bot.jobs.learn.learner import Learner
from bot.jobs.learn.mine import mine
from bot.jobs.learn.overrides import purge, reset
from bot.learning.evidence import advance
from bot.mining.errors import CountsInUse
from bot.mining.miner import Miner
from bot.model.ids import ActionId, RunId
from bot.model.pattern import Context, PatternId, Registration, Signature
from bot.store.clock import read_clock
from bot.store.database import Database
from bot.store.learning_state import read_learning
from bot.store.migrate import upgrade
from bot.store.patterns import list_patterns, read_pattern, write_pattern_event
from bot.store.units import read_units
from tests.conformance.jobs.lessons import Lessons, Time, learner
from tests.conformance.mining.oracle import Told, told
from tests.conformance.store.learning import NAMES, REMARK

HOLD = "import duckdb, sys; connection = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
WORLD = ["IndexError", "", "IndexError", "KeyError"]


class Room:
    """A store, its counts, its clock."""

    def __init__(self, directory: Path) -> None:
        self.database = Database(f"sqlite:///{directory / 'rmo.db'}")
        upgrade(self.database, find_data("migrations"))
        self.time = Time()
        self.lessons = Lessons(self.database, self.time)
        self.learner: Learner = learner(self.database, directory, self.time)

    async def registered(self) -> dict[PatternId, Registration]:
        return {each.registration.id: each.registration for each in await self.database.transact(list_patterns)}


def counted(learner: Learner) -> dict[tuple[Context, Signature], Told]:
    miner = Miner(learner.counts)
    try:
        return told(miner.counts())
    finally:
        miner.close()


@pytest.fixture
async def room(tmp_path: Path) -> AsyncGenerator[Room]:
    opened = Room(tmp_path)
    yield opened
    opened.database.close()


async def test_counts_kept_day_by_day_say_what_counting_anew_says(room: Room, tmp_path: Path) -> None:
    for _ in range(3):
        await room.lessons.hold(WORLD * 2)
        room.time.pass_()
        await mine(room.learner, "rules")
    anew = replace(room.learner, counts=tmp_path / "other.duckdb")
    assert (await mine(anew, "rules")).tasks == 24
    assert counted(room.learner) == counted(anew) != {}


async def test_each_extent_finds_what_it_is_for(room: Room) -> None:
    await room.lessons.hold(WORLD * 3)
    room.time.pass_()
    hourly = await mine(room.learner, "frequency")
    assert hourly.registered
    assert {each.hypothesis.kind for each in hourly.registered} == {"frequency"}
    again = await mine(room.learner, "frequency")
    assert (again.units, again.tasks, again.registered) == (0, 12, ())
    room.time.pass_()
    weekly = await mine(room.learner, "everything")
    assert (weekly.units, weekly.tasks) == (12, 12)
    assert not {each.id for each in hourly.registered} & {each.id for each in weekly.registered}


async def test_nothing_counts_that_was_there_before_the_registration(room: Room) -> None:
    before = await room.lessons.hold(WORLD * 3)
    room.time.pass_()
    (first, *_) = (await mine(room.learner, "frequency")).registered
    assert first.first_position == len(before)
    assert (await gather_evidence(room.learner)).blocks == 0
    after = await room.lessons.hold(WORLD)
    room.time.pass_()
    await gather_evidence(room.learner)
    pattern = await room.database.transact(read_pattern, first.id)
    assert pattern is not None
    (point,) = pattern.points
    tasks = await room.database.transact(read_clock, 12, 4)
    assert [each.task for each in tasks] == after
    units = await room.database.transact(read_units, [each.task for each in tasks], NAMES)
    assert point.tables == advance(first, None, 3, units, at=room.time.now, proposals=0).tables


@pytest.mark.parametrize("named", ["run", "since"])
async def test_a_purge_leaves_what_would_be_there_without_those_tasks(room: Room, tmp_path: Path, named: str) -> None:
    """Brute force: a world that never had them. They come last, so every other task keeps its place on the clock."""
    other = Room(tmp_path / "other") if (tmp_path / "other").mkdir() is None else room
    try:
        for each in (room, other):
            await each.lessons.hold(WORLD * 3)
            each.time.pass_()
            await mine(each.learner, "frequency")
            await each.lessons.hold(["", "IndexError", "", ""])
            each.time.pass_()
        bad_from = room.time.now
        room.time.pass_()
        other.time.pass_()
        poison = await room.lessons.hold(["IndexError"] if named == "run" else ["IndexError"] * 4)
        room.time.pass_()
        other.time.pass_()
        await gather_evidence(room.learner)
        await mine(room.learner, "rules")
        if named == "run":
            done = await purge(room.learner, REMARK, run=RunId(poison[0]))
        else:
            done = await purge(room.learner, REMARK, since=bad_from)
        assert (done.tasks, done.patterns > 0) == (len(poison), True)
        for each in (room, other):
            await gather_evidence(each.learner)
            await mine(each.learner, "everything")
        ids = set(await other.registered()) & set(await room.registered())
        assert ids
        for pattern in ids:
            one = await room.database.transact(read_pattern, pattern)
            two = await other.database.transact(read_pattern, pattern)
            assert one is not None
            assert two is not None
            assert [(p.tables, p.log_e) for p in one.points][:1] == [(p.tables, p.log_e) for p in two.points][:1]
            assert all(not p.tables for p in one.points[1:]), "a block of purged tasks says nothing"
        assert counted(room.learner) == counted(other.learner) != {}
    finally:
        if other is not room:
            other.database.close()


async def test_a_pattern_that_crossed_on_purged_tasks_is_watched_again(room: Room) -> None:
    await room.lessons.hold(WORLD * 3)
    room.time.pass_()
    await mine(room.learner, "frequency")
    first = await _cross(room)
    assert (await purge(room.learner, REMARK, since=room.time.now - timedelta(hours=36))).tasks == 12
    pattern = await _pattern(room, first)
    assert (pattern.status, pattern.points) == ("watched", ())
    assert (await gather_evidence(room.learner)).crossed == ()

    assert await _cross(room) == first
    asked = replace((await _pattern(room, first)).events[-1], act="proposed", at=room.time.now)
    await room.database.transact(write_pattern_event, asked)
    points = (await _pattern(room, first)).points
    later = replace(REMARK, at=room.time.now)
    assert (await purge(room.learner, later, since=room.time.now - timedelta(hours=36))).tasks == 12
    kept = await _pattern(room, first)
    assert (kept.status, kept.points) == ("proposed", points), "a person decides about it, by the numbers on its card"


async def _cross(room: Room) -> PatternId:
    """Twelve failing tasks, a day later; the pattern that they are enough for."""
    room.time.pass_()
    await room.lessons.hold(["IndexError"] * 12)
    room.time.pass_()
    (crossed,) = (await gather_evidence(room.learner)).crossed
    return crossed.registration.id


async def _pattern(room: Room, pattern: PatternId):
    found = await room.database.transact(read_pattern, pattern)
    assert found is not None
    return found


async def test_who_is_told_that_the_counts_are_in_use_can_try_again(room: Room) -> None:
    tasks = await room.lessons.hold(WORLD * 3)
    room.time.pass_()
    await mine(room.learner, "frequency")
    asked = (sys.executable, "-c", HOLD, str(room.learner.counts))
    other = await asyncio.create_subprocess_exec(*asked, stdin=PIPE, stdout=PIPE)
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    with pytest.raises(CountsInUse):
        await purge(room.learner, REMARK, run=RunId(tasks[0]))
    await other.communicate(b"")
    assert (await room.database.transact(read_learning)).excluded == 0
    assert (await purge(room.learner, REMARK, run=RunId(tasks[0]))).tasks == 1
    assert (await mine(room.learner, "rules")).tasks == 11


async def test_to_begin_anew_gives_every_hypothesis_a_new_chance(room: Room) -> None:
    await room.lessons.hold(WORLD * 3)
    room.time.pass_()
    first = (await mine(room.learner, "frequency")).registered
    room.time.pass_(timedelta(days=100))
    await reset(room.learner, replace(REMARK, at=room.time.now))
    assert (await mine(room.learner, "everything")).tasks == 0
    room.time.pass_()
    await room.lessons.hold(WORLD * 3)
    room.time.pass_()
    again = (await mine(room.learner, "frequency")).registered
    assert {each.id for each in again} == {each.id for each in first}
    assert {each.factor for each in again} == {1.0}
    assert {each.first_position for each in again} == {24}


async def test_of_a_history_the_first_half_suggests_and_the_second_judges(room: Room, tmp_path: Path) -> None:
    rows = [
        {
            **{"source": "runs", "task_id": f"task-{n}", "model": "m", "attempt": 1, "passed": n % 4 != 0},
            **({} if n % 4 else {"error_type": "KeyError", "error_text": "KeyError: 1"}),
        }
        for n in range(80)
    ]
    path = tmp_path / "history.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))
    await import_failures(path, room.database, now=room.time, action=ActionId("fix_defect"))
    room.time.pass_()
    mined, gathered = await mine_history(room.learner)
    assert (mined.units, mined.tasks) == (40, 40)
    (registered,) = mined.registered
    assert [each.registration for each in gathered.crossed] == [registered]
    second = {each.task for each in await room.database.transact(read_clock, 40, 40)}
    assert len(second) == 40
    pattern = await _pattern(room, registered.id)
    assert registered.first_position == 40
    assert [point.block for point in pattern.points] == list(range(10, 10 + gathered.blocks))
    for point in pattern.points:
        block = await room.database.transact(read_clock, point.block * 4, 4)
        units = await room.database.transact(read_units, [each.task for each in block], NAMES)
        assert {unit.task for unit in units} <= second
        assert sum(each.table.tasks for each in point.tables) == len({unit.task for unit in units})
    assert (await mine_history(room.learner))[1].blocks == 0
