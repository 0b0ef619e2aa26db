"""`rmo bench` from issue to report: too few tasks to learn from, and it says so."""

from pathlib import Path

import pytest

from bot.bench.run import Wish, carry_out_bench
from bot.config import Settings
from bot.model.errors import NeedsHuman
from tests.sampling import is_full
from tests.scenarios.town import ENVIRONMENTS

TASKS = 12
"""They take most of a minute, so only the full sweep does them."""


class Quiet:
    """Keeps what was shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def line(self, text: str) -> None:
        self.lines.append(text)

    def doing(self, text: str) -> None:
        self.lines.append(text)


async def test_too_few_tasks_are_refused_before_any_is_begun(tmp_path: Path) -> None:
    with pytest.raises(NeedsHuman, match="4 tasks are too few"):
        await carry_out_bench(Settings(), Wish(4, seed=3, model=None, act=False, plot=None), Quiet(), tmp_path)


async def done_a_dozen(tmp_path: Path) -> None:
    """No claim is made of them."""
    home = tmp_path / "home"
    home.mkdir()
    ENVIRONMENTS.mkdir(exist_ok=True)
    (home / "environments").symlink_to(ENVIRONMENTS)
    settings = Settings().model_copy(update={"home": home})
    wish = Wish(TASKS, seed=3, model=None, act=False, plot=tmp_path / "curve.png")
    show = Quiet()
    (tmp_path / "world").mkdir()

    report = await carry_out_bench(settings, wish, show, tmp_path / "world")

    assert len(report["tasks"]) == TASKS
    assert report["outcomes"].get("completed", 0) >= TASKS - 3
    assert any(task["first_attempt"] for task in report["tasks"])
    assert report["learning_problems"] == []
    assert report["questions"][0]["answer"] == "no-go"
    assert not any(pattern["crossed"] for pattern in report["registered"])
    assert (tmp_path / "curve.png").exists()
    assert any("protocols of" in line for line in show.lines), show.lines


if is_full():
    test_a_dozen_tasks_are_done = done_a_dozen
