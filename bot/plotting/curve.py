"""Curves with their uncertainty, such as how often something fails while a program learns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.plotting.canvas import COLOURS, INK, MARKERS, figure, save


@dataclass(frozen=True, slots=True)
class CurvePoint:
    x: float
    y: float
    low: float
    """Of the interval; equal to `high` where none is known."""
    high: float


@dataclass(frozen=True, slots=True)
class Series:
    """One curve."""

    name: str
    points: tuple[CurvePoint, ...]


def draw_curve(
    series: Sequence[Series],
    path: Path,
    *,
    title: str,
    x_label: str,
    y_label: str,
    marks: Sequence[tuple[float, str]] = (),
    y_from: float | None = None,
) -> None:
    """A PNG at `path`: each curve with its band; labels name the units.

    `marks` are vertical lines with a word, such as where an item was promoted; `y_from` is the least of the y axis.
    Raises OSError.
    """
    made, axes = figure(title, x_label, y_label)
    for number, each in enumerate(series):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        places = [point.x for point in each.points]
        low, high = [point.low for point in each.points], [point.high for point in each.points]
        if any(below != above for below, above in zip(low, high, strict=True)):
            axes.fill_between(places, low, high, color=colour, alpha=0.18, linewidth=0)
        values = [point.y for point in each.points]
        axes.plot(places, values, color=colour, marker=marker, markersize=4, linewidth=2, label=each.name)
    for place, word in marks:
        axes.axvline(place, color=INK, linewidth=0.9, linestyle=":")
        axes.text(place, 1.0, f" {word}", transform=axes.get_xaxis_transform(), va="top", fontsize=9, color=INK)
    if y_from is not None:
        axes.set_ylim(bottom=y_from)
    save(made, path)
