"""The import contract holds, and would notice if it did not: each seeded violation breaks it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]


def lint(directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*LINT_IMPORTS, "--no-cache"], cwd=directory, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program without its data, to break things in."""
    place = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", place)
    ignored = shutil.ignore_patterns("__pycache__", "sample", "templates", "data")
    shutil.copytree(ROOT / "bot", place / "bot", ignore=ignored)
    return place


def test_the_contract_holds(house: Path) -> None:
    result = lint(house)
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("path", "line", "contract"),
    [
        ("loop/budget.py", "import asyncio", "Stages are pure"),
        ("ci/verdict.py", "import time", "Stages are pure"),
        ("agents/view.py", "from bot.loop.budget import exhausted", "The house"),
        ("github/pulls.py", "from bot.store.database import Database", "The house"),
        ("jobs/reconcile.py", "import githubkit", "Each client"),
        ("jobs/perform/model.py", "import anthropic", "Models are asked in one place"),
        ("web/app.py", "import dbos", "The workflow engine"),
        ("jobs/desk.py", "import subprocess", "Processes are started"),
        ("model/run.py", "from bot.loop.progress import stopping", "The house"),
        ("stray/__init__.py", "", "The house"),
    ],
)
def test_a_seeded_violation_breaks_it(house: Path, path: str, line: str, contract: str) -> None:
    file = house / "bot" / path
    before = file.read_text() if file.exists() else None
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{before or ''}\n{line}\n")
    try:
        result = lint(house)
    finally:
        if before is None:
            shutil.rmtree(file.parent)
        else:
            file.write_text(before)
    assert result.returncode != 0, result.stdout
    broken = result.stdout.partition("Broken contracts")[2]
    assert contract in (broken or result.stdout + result.stderr)
