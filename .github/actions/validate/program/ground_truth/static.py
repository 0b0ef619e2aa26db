"""The tools that execute nothing of the project: ruff, bandit, and the type checker that the project has.

They are started with `-I`, so that no module of the work tree takes the place of one of theirs.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from ground_truth.project import installed, mapping
from ground_truth.toolbox import Toolbox, remark

ERRORS_ONLY = ("--select", "E9,F63,F7,F82")
"""Of a project without a configuration for ruff: what can't run, or never means what it says."""
ANNOTATIONS = 10
"""GitHub shows no more of one step."""
_OUTSIDE = "./.venv,./venv,./node_modules,./tests,./test"


def ruff(tools: Toolbox) -> None:
    """The project's own rules where it has some, else errors only."""
    if not _ready(tools, "ruff", "ruff"):
        return
    chosen = () if tools.project.ruff_configured else ERRORS_ONLY
    report = tools.settings.reports / "ruff.json"
    options = ("--no-cache", "--output-format", "json", "--output-file", str(report))
    ran = tools.start("ruff", ("-I", "-m", "ruff", "check", *options, *chosen, "."))
    _relate(report, tools.settings.workspace)
    note = "" if chosen == () else "errors only: the project has no configuration for it"
    tools.record.ran("ruff", ran, _status(ran.exit_code, report), note=note, report=report.name)
    _judge(tools, "ruff", ran.exit_code, report)
    _annotate(report, tools.settings.workspace)


def bandit(tools: Toolbox) -> None:
    """Findings of high severity outside the tests."""
    if not _ready(tools, "bandit", "bandit"):
        return
    report = tools.settings.reports / "bandit.json"
    options = ("--recursive", "--quiet", "-lll", "--exclude", _OUTSIDE, "--format", "json", "--output", str(report))
    configured = tools.project.bandit_options or ()
    ran = tools.start("bandit", ("-I", "-m", "bandit", *options, *configured, "."))
    tools.record.ran("bandit", ran, _status(ran.exit_code, report), note="high severity", report=report.name)
    _judge(tools, "bandit", ran.exit_code, report)


def types(tools: Toolbox) -> None:
    """The type checker that the project has a configuration for."""
    name = tools.project.type_checker
    if name is None:
        tools.record.skip("types", "the project has no configuration for mypy or pyright")
        return
    if not _ready(tools, name, name):
        return
    if name == "mypy":
        report = tools.settings.reports / "mypy.jsonl"
        cache = str(tools.settings.scratch / "mypy")
        options = ("--output", "json", "--no-error-summary", "--cache-dir", cache, *_mypy_targets(tools))
    else:
        report = tools.settings.reports / "pyright.json"
        options = ("--outputjson", "--pythonpath", tools.settings.python)
    ran = tools.start(name, ("-I", "-m", name, *options), output=report.name)
    _relate(report, tools.settings.workspace)
    tools.record.ran(name, ran, _status(ran.exit_code, report), report=report.name)
    _judge(tools, name, ran.exit_code, report)


def _mypy_targets(tools: Toolbox) -> tuple[str, ...]:
    """mypy takes its configuration's `files`, `modules` or `packages` only where none is named."""
    root = tools.settings.workspace
    text = ""
    for name in ("mypy.ini", ".mypy.ini", "setup.cfg", "pyproject.toml"):
        with suppress(OSError):
            text += (root / name).read_text("utf-8", "replace") + "\n"
    words = [line.partition("=")[0].strip() for line in text.splitlines() if "=" in line]
    return () if {"files", "modules", "packages"} & set(words) else (".",)


def _ready(tools: Toolbox, name: str, module: str) -> bool:
    if not tools.project.has_code:
        tools.record.skip(name, "there is no Python code")
        return False
    if not installed(module):
        tools.record.skip(name, "not installed")
        if name in ("mypy", "pyright", "basedpyright"):
            remark("warning", f"{name} is configured and not installed; add it to what the action installs")
        return False
    return True


def _status(code: int | None, report: Path) -> str:
    if code == 0 and report.is_file():
        return "passed"
    return "failed" if code == 1 and report.is_file() else "broken"


def _judge(tools: Toolbox, name: str, code: int | None, report: Path) -> None:
    match _status(code, report):
        case "failed":
            tools.record.red.append(f"{name} has findings")
        case "broken":
            tools.record.red.append(f"{name} did not do its work; see {name}.log in the artifact")
        case _:
            pass


def _relate(report: Path, root: Path) -> None:
    """Paths as the repository has them: where a runner checks out says nothing to who reads the report."""
    if report.is_file():
        prefix = json.dumps(f"{root}/")[:-1].encode()
        report.write_bytes(report.read_bytes().replace(prefix, b'"'))


def _annotate(report: Path, root: Path) -> None:
    """Findings at their lines in the pull request, worded as ruff itself does for GitHub."""
    for finding in _findings(report)[:ANNOTATIONS]:
        with suppress(KeyError, TypeError):
            place, code = finding["location"], finding["code"] or "invalid-syntax"
            path = root / finding["filename"]
            row, column = place["row"], place["column"]
            colon = ":" if code == "invalid-syntax" else ""
            text = f"{finding['filename']}:{row}:{column}: {code}{colon} {finding['message']}"
            remark("error", text, title=f"ruff ({code})", file=path, line=row, col=column)


def _findings(report: Path) -> list[dict[str, Any]]:
    try:
        found: object = json.loads(report.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    return [mapping(each) for each in cast("list[object]", found)] if isinstance(found, list) else []
