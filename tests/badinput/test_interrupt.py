"""Ctrl-C, at any moment of a run, once and twice: it ends soon, and nothing of it is left."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.badinput.command import start
from tests.badinput.story import (
    CI,
    CI_FINDS_IT,
    CI_PATH,
    CODE,
    TEST,
    create,
    left_clean,
    local,
    objects_of,
    one_item,
    refs_of,
    state_of,
)
from tests.badinput.survivors import adopting
from tests.sampling import sample

MOMENTS = {
    "while the sandbox is examined": "checks:",
    "while the base branch is tested": "task frozen",
    "while the change is validated": "step 2 · processor",
    "while the checks run": "draft pull request #2 opened",
}
SLOW = "import time\n\n\ndef test_slow():\n    time.sleep(60)\n"


def in_a_run(tmp_path: Path, moment: str, times: int) -> None:
    base = {"test_slow.py": SLOW} if "base" in moment else {}
    files = {"double.py": CODE, "test_double.py": TEST, CI_PATH: CI, **base}
    if "checks" in moment:
        files |= CI_FINDS_IT
    given = local(tmp_path, files, *one_item(create("test_other.py", SLOW)))
    before, objects = state_of(given.repository), objects_of(given.repository)

    with adopting() as children:
        running = start(*given.arguments, home=tmp_path)
        running.until_it_says(MOMENTS[moment])
        running.until_it_runs("bwrap")
        running.interrupt()
        if times == 2:
            running.until_it_says("press Ctrl-C again")
            running.interrupt()
        said = running.ended(children, within=30)

    left_clean(said)
    assert said.code == 1
    first, last = said.err.strip().splitlines()
    assert first == "rmo: stopping; press Ctrl-C again to leave at once"
    assert last.startswith("rmo: ")
    assert "run it again" in last
    assert state_of(given.repository) == before
    assert objects_of(given.repository) == objects
    assert refs_of(given.repository) == []
    assert not (tmp_path / "report.json").exists()


def while_a_demonstration_is_served(tmp_path: Path) -> None:
    """There Ctrl-C is the ordinary end: the report is written and says how the run went."""
    report = tmp_path / "report.json"
    with adopting() as children:
        running = start("demo", "--json", report, home=tmp_path)
        running.until_it_says("serving until Ctrl-C", within=120)
        running.interrupt()
        said = running.ended(children, within=30)
    left_clean(said)
    assert said.code == 0, said
    assert '"status": "succeeded"' in report.read_text("utf-8")


CASES: dict[str, Callable[[Path], None]] = {
    f"{times} {moment}": partial(in_a_run, moment=moment, times=times) for moment in MOMENTS for times in (1, 2)
}
CASES["1 while a demonstration is served"] = while_a_demonstration_is_served


@pytest.mark.parametrize("case", sample(list(CASES), 1))
def test_ctrl_c(case: str, tmp_path: Path) -> None:
    CASES[case](tmp_path)
