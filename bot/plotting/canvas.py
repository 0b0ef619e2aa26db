"""The look that all pictures share, and the writing of the file."""

from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

Drawn = Any
"""Of matplotlib, whose keyword arguments have no types."""

GROUND = "#fbfbf8"
INK = "#22272e"
GRID = "#d5d8dc"
COLOURS = ("#0b6bcb", "#b5480c", "#1a7f4b", "#7a3fb0", "#8a6d00")
"""Told apart by those who see few colours, too, and by their markers."""
MARKERS = "osD^v"
INCHES = (9.0, 5.0)
DOTS_AN_INCH = 150


def figure(title: str, x_label: str, y_label: str) -> tuple[Drawn, Drawn]:
    """An empty picture with its words; labels name the units."""
    made: Drawn = Figure(figsize=INCHES, dpi=DOTS_AN_INCH, facecolor=GROUND, layout="constrained")
    FigureCanvasAgg(made)
    axes = made.add_subplot()
    axes.set_facecolor(GROUND)
    axes.set_title(title, color=INK, fontsize=13, loc="left", pad=12)
    axes.set_xlabel(x_label, color=INK, fontsize=11)
    axes.set_ylabel(y_label, color=INK, fontsize=11)
    axes.tick_params(colors=INK, labelsize=10)
    axes.grid(visible=True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(INK)
    return made, axes


def save(made: Drawn, path: Path) -> None:
    """Write the PNG; the directory has to be there. Raises OSError."""
    axes = made.axes[0]
    if axes.get_legend_handles_labels()[1]:
        legend = axes.legend(frameon=True, facecolor=GROUND, edgecolor=GRID, fontsize=10, loc="best")
        for text in legend.get_texts():
            text.set_color(INK)
    made.savefig(path, format="png", facecolor=GROUND)
