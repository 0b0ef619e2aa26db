"""`rmo bench` from issue to report: too few tasks to learn from, and it says so."""

from pathlib import Path

from bot.bench.run import Wish, carry_out_bench
from bot.config import Settings
from tests.scenarios.town import ENVIRONMENTS

TASKS = 12


class Quiet:
    """Keeps what was shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def line(self, text: str) -> None:
        self.lines.append(text)

    def doing(self, text: str) -> None:
        self.lines.append(text)


async def test_a_dozen_tasks_are_done_and_no_claim_is_made_of_them(tmp_path: Path) -> None:
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
