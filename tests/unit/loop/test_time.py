"""The time that a run may take is that of its own steps: what it waits for its turn or for money is not among it."""

from dataclasses import replace
from datetime import timedelta

from bot.model.run import Budget
from bot.model.step import AskModel, Stop
from tests.unit.loop.story import Story, item

WALL = timedelta(minutes=1)


def test_a_day_in_the_queue_costs_no_time() -> None:
    story = Story(Budget(wall=WALL))
    story.settle()
    assert timedelta() < story.run.worked < WALL
    before = story.run.worked
    story.now += timedelta(days=1)
    assert isinstance(story.step(), AskModel)
    story.plan(item("fix it"))
    assert before < story.run.worked < WALL


def test_steps_that_took_too_long_are_the_last_ones() -> None:
    story = Story(Budget(wall=WALL))
    story.settle()
    story.run = replace(story.run, worked=WALL + timedelta(seconds=1))
    assert story.step() == Stop("budget_time", "the run took longer than its limit of 0:01:00")
