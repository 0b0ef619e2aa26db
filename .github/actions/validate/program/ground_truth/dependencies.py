"""What has to be there before anything can be validated: the project, what it needs, and the tools."""

import os
import tomllib
from pathlib import Path
from typing import Any

from ground_truth.processes import Ran, run
from ground_truth.project import look, mapping
from ground_truth.record import Record
from ground_truth.settings import Settings
from ground_truth.toolbox import folded, remark

TOOLS = ("pytest", "coverage", "ruff", "bandit")
_TESTING = frozenset({"dev", "develop", "development", "test", "testing", "tests"})
_REQUIREMENTS = (
    *("requirements.txt", "requirements-dev.txt", "requirements-test.txt", "requirements-tests.txt"),
    *("dev-requirements.txt", "test-requirements.txt", "requirements_dev.txt", "requirements_test.txt"),
    *("requirements/base.txt", "requirements/dev.txt", "requirements/test.txt", "requirements/tests.txt"),
)


def commands(settings: Settings) -> list[list[str]]:
    """What installs everything, in order: the caller's own command, or what the project's files ask for."""
    if settings.install:
        return [["bash", "-c", settings.install]]
    pip = [settings.python, "-m", "pip", "install"]
    root = settings.workspace
    project = _table(root / "pyproject.toml")
    checker = look(root).type_checker
    wanted = [*TOOLS, *((checker,) if checker is not None else ())]
    wanted += ["cosmic-ray"] if settings.mutation else []
    wanted += ["hypothesis"] if settings.differential else []
    extras = sorted(_TESTING & _names(project.get("project"), "optional-dependencies"))
    groups = sorted(_TESTING & set(mapping(project.get("dependency-groups"))))
    editable = f"{root}[{','.join(extras)}]" if extras else str(root)
    if (root / "uv.lock").is_file():
        locked = str(settings.scratch / "locked-requirements.txt")
        options = [word for name in extras for word in ("--extra", name)]
        options += [word for name in groups for word in ("--group", name)]
        export = [settings.python, "-m", "uv", "export", "--frozen", "--quiet", "--no-emit-workspace", "--no-hashes"]
        whole = [[*pip, "--no-deps", "-e", str(root)]] if "build-system" in project else []
        return [[*pip, "uv"], [*export, *options, "-o", locked], [*pip, *wanted, "-r", locked], *whole]
    sources = [word for name in _REQUIREMENTS if (root / name).is_file() for word in ("-r", name)]
    if "project" in project or "build-system" in project or (root / "setup.py").is_file():
        sources += ["-e", editable]
    return [[*pip, *wanted, *sources, *(word for name in groups for word in ("--group", name))]]


def install(settings: Settings) -> int:
    """Install; where that fails, leave a manifest that says so, since nothing after it runs."""
    for directory in (settings.reports, settings.scratch):
        directory.mkdir(parents=True, exist_ok=True)
    for number, command in enumerate(commands(settings)):
        with folded(f"Install {number + 1}"):
            ran = run(
                command,
                directory=settings.workspace,
                environment=settings.environment,
                seconds=settings.seconds,
                log=settings.reports / "install.log",
            )
        if ran.exit_code != 0:
            _failed(settings, ran)
            return 1
    os.replace(settings.reports / "install.log", settings.scratch / "install.log")
    return 0


def _failed(settings: Settings, ran: Ran) -> None:
    record = Record(settings.reports, os.environ.get("GITHUB_SHA", ""), settings.base)
    record.ran("install", ran, "failed", note="the dependencies did not install")
    for what in ("ruff", "bandit", "types", "pytest", "second pass", "coverage", "mutation", "differential"):
        record.skip(what, "the dependencies did not install")
    record.save(complete=True)
    remark("error", "The dependencies did not install; name the right command by the action's input `install`")


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return {}


def _names(value: object, key: str) -> frozenset[str]:
    return frozenset(mapping(mapping(value).get(key)))
