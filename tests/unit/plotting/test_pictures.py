"""Pictures are PNG files of the stated size with ink on them, whatever the numbers."""

import math
import struct
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.model.pattern import EvidencePoint, PatternId
from bot.plotting import CurvePoint, Series, draw_curve, draw_evidence
from bot.plotting.canvas import DOTS_AN_INCH, INCHES

START = datetime(2026, 3, 1, tzinfo=UTC)


def point(block: int, log_e: tuple[float, ...], e_value: float, threshold: float = 200.0) -> EvidencePoint:
    at = START + timedelta(days=block)
    return EvidencePoint(PatternId("0123456789ab"), block, at, (), log_e, e_value, threshold, 0)


def size(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


WHOLE = tuple(round(inch * DOTS_AN_INCH) for inch in INCHES)


@pytest.mark.parametrize(
    "points",
    [
        [],
        [point(3, (), 1.0)],
        [point(0, (-50.0, 800.0), math.inf, math.inf), point(1, (0.0, 1.0), 0.0, 1.0)],
        [point(block, (0.1 * block, 0.3 * block), math.exp(0.2 * block)) for block in range(30)],
    ],
    ids=["none", "one", "extreme", "many"],
)
def test_a_history_of_evidence_is_drawn(points: list[EvidencePoint], tmp_path: Path) -> None:
    draw_evidence(points, tmp_path / "evidence.png")
    assert size(tmp_path / "evidence.png") == WHOLE


def test_curves_are_drawn_with_bands_and_marks(tmp_path: Path) -> None:
    curves = [
        Series("with learning", tuple(CurvePoint(x, 0.4 / (x + 1), 0.3 / (x + 1), 0.5 / (x + 1)) for x in range(6))),
        Series("without", tuple(CurvePoint(x, 0.4, 0.4, 0.4) for x in range(6))),
    ]
    draw = partial(draw_curve, title="Failures", x_label="tasks", y_label="failures a task")

    draw(curves, tmp_path / "curve.png", marks=[(2.0, "promoted")], y_from=0.0)
    draw([], tmp_path / "empty.png")

    assert size(tmp_path / "curve.png") == size(tmp_path / "empty.png") == WHOLE
    assert (tmp_path / "curve.png").stat().st_size > (tmp_path / "empty.png").stat().st_size
