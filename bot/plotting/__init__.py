"""Pictures of what was learned: the history of evidence, and curves with their uncertainty.

The only home of matplotlib. Each picture is a PNG on a light ground of its own, so that it reads the same on a dark
page and on a light one.
"""

from bot.plotting.curve import CurvePoint, Series, draw_curve
from bot.plotting.evidence import draw_evidence

__all__ = ["CurvePoint", "Series", "draw_curve", "draw_evidence"]
