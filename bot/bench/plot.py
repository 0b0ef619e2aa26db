"""The learning curve: how often a first attempt fails, over the tasks, with its uncertainty."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from bot.bench.measure import Measured
from bot.bench.report import Facts, curve
from bot.plotting import CurvePoint, Series, draw_curve

WINDOWS: Final = 14
"""About so many points."""
LEAST_WINDOW: Final = 5


def draw(facts: Facts, path: Path) -> None:
    """A PNG at `path`. Loads matplotlib and blocks. Raises OSError."""
    draw_curve(
        [
            _series("any error", facts, lambda task: task.has_error),
            _series("errors of form (syntax, unreadable answer)", facts, lambda task: task.has_form_error),
        ],
        path,
        title=f"First attempts that fail ({facts.model}, seed {facts.seed})",
        x_label="task",
        y_label="share of first attempts",
        marks=[(float(number), str(place)) for place, (number, _) in enumerate(facts.promotions, 1)],
        y_from=0.0,
    )


def _series(name: str, facts: Facts, is_bad: Callable[[Measured], bool]) -> Series:
    width = max(LEAST_WINDOW, len(facts.tasks) // WINDOWS)
    points = [CurvePoint(number, rate.estimate, rate.low, rate.high) for number, rate in curve(facts, is_bad, width)]
    return Series(name, tuple(points))
