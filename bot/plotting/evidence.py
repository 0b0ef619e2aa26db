"""The history of a pattern's evidence: its e-value after each block of tasks against the threshold it has to reach."""

import math
from collections.abc import Sequence
from pathlib import Path

from bot.model.pattern import EvidencePoint
from bot.plotting.canvas import COLOURS, INK, figure, save

FLOOR = 1e-6
CEILING = 1e15


def draw_evidence(points: Sequence[EvidencePoint], path: Path, *, title: str = "Evidence after each block") -> None:
    """A PNG at `path`, on a logarithmic scale; the band spans the bets that the e-value is the mean of.

    Values beyond 10^-6 and 10^15 are drawn at the border. Without a point it says so. Raises OSError.
    """
    made, axes = figure(title, "block of tasks", "e-value (no unit, logarithmic)")
    if not points:
        axes.text(0.5, 0.5, "no block of tasks has closed yet", transform=axes.transAxes, ha="center", color=INK)
        save(made, path)
        return
    blocks = [point.block for point in points]
    values = [_drawn(point.e_value) for point in points]
    low = [_drawn(_exponential(min(point.log_e, default=0.0))) for point in points]
    high = [_drawn(_exponential(max(point.log_e, default=0.0))) for point in points]
    axes.set_yscale("log")
    axes.fill_between(
        blocks, low, high, color=COLOURS[0], alpha=0.18, linewidth=0, label="from the least to the best bet"
    )
    axes.plot(blocks, values, color=COLOURS[0], marker="o", markersize=4, linewidth=2, label="e-value")
    thresholds = [_drawn(point.threshold) for point in points]
    axes.step(blocks, thresholds, where="mid", color=COLOURS[1], linewidth=2, linestyle="--", label="threshold")
    axes.axhline(1.0, color=INK, linewidth=0.8)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.annotate(
        f"{points[-1].e_value:.3g}",
        (blocks[-1], values[-1]),
        textcoords="offset points",
        xytext=(6, 6),
        color=COLOURS[0],
        fontsize=10,
    )
    save(made, path)


def _drawn(value: float) -> float:
    return min(max(value, FLOOR), CEILING)


def _exponential(logarithm: float) -> float:
    return math.exp(min(logarithm, math.log(CEILING)))
