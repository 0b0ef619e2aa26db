"""The program as it is installed: from the wheel alone, in an environment of its own, away from the checkout."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import uv

from tests.badinput.command import ROOT, Said, git, installed_rmo
from tests.badinput.story import CODE, FIX, GREEN_IS_ENOUGH, left_clean, local, one_item
from tests.sampling import sample

CARRIED = {
    "bot": "bot",
    "actions": "bot/data/actions",
    "protocols": "bot/data/protocols",
    "migrations": "bot/data/migrations",
    ".github/actions": "bot/data/.github/actions",
}
"""Directory of the checkout -> where the wheel has it."""


def run_uv(*arguments: str | Path) -> None:
    completed = subprocess.run(
        [uv.find_uv_bin(), *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, completed.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    run_uv("build", "--quiet", "--wheel", "--out-dir", directory)
    (built,) = directory.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `rmo` of an environment that holds the wheel with what local runs need."""
    environment = tmp_path_factory.mktemp("installed") / "venv"
    run_uv("venv", "--quiet", "--python", f"{sys.version_info.major}.{sys.version_info.minor}", environment)
    run_uv("pip", "install", "--quiet", "--python", environment / "bin" / "python", f"{wheel}[local]")
    return environment / "bin" / "rmo"


def test_the_wheel_holds_what_belongs_to_the_program_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted: set[str] = set()
    for path in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", *CARRIED).splitlines():
        top = next(each for each in CARRIED if path.startswith(f"{each}/"))
        if (ROOT / path).exists():
            wanted.add(f"{CARRIED[top]}/{path.removeprefix(f'{top}/')}")
    assert names == wanted
    assert "bot/local/sample/.github/workflows/ci.yml" in names


def a_local_run(installed: Path, tmp_path: Path) -> None:
    """Catalogue, migrations, default workflow and stand-ins have come along."""
    given = local(tmp_path, {"double.py": CODE, **GREEN_IS_ENOUGH}, *one_item(FIX))

    said = installed_rmo(installed, *given.arguments, home=tmp_path)

    succeeded(said)
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["run"]["status"] == "succeeded"
    assert "number + number" not in git(given.repository, "show", f"{report['branch']}:double.py")


def the_demonstration(installed: Path, tmp_path: Path) -> None:
    """The sample repository with its workflow, its issue and its script have come along."""
    said = installed_rmo(installed, "demo", "--exit", home=tmp_path)

    succeeded(said)
    assert "checks: failed" in said.out
    assert "ended: completed" in said.out


@pytest.mark.full
@pytest.mark.parametrize("use", sample([a_local_run, the_demonstration], 1), ids=lambda use: use.__name__)
def test_the_installed_program(use: Callable[[Path, Path], None], installed: Path, tmp_path: Path) -> None:
    said = installed_rmo(installed, "--version", home=tmp_path)
    assert (said.code, said.err) == (0, "")
    use(installed, tmp_path)


def succeeded(said: Said) -> None:
    left_clean(said)
    assert (said.code, said.err) == (0, ""), said
