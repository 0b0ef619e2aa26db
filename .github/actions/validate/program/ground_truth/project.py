"""What a project says of its own tools; read, never executed."""

import configparser
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, cast

FILES = 20_000
READ_BYTES = 1024**2
_LEFT_ALONE = frozenset({"node_modules", "venv", "env", "build", "dist", "site-packages", "__pycache__"})
_IMPORTS_HYPOTHESIS = re.compile(rb"^[ \t]*(?:from|import)[ \t]+hypothesis\b", re.MULTILINE)

TypeChecker = Literal["mypy", "pyright", "basedpyright"]


@dataclass(frozen=True)
class Project:
    """What is known of a project before anything of it runs."""

    has_code: bool
    has_tests: bool
    """Files by pytest's default names."""
    uses_hypothesis: bool
    pytest_options: str
    """`addopts` of its configuration, and of the environment."""
    ruff_configured: bool
    bandit_options: tuple[str, ...] | None
    """How to give bandit the project's configuration; None where it has none."""
    type_checker: TypeChecker | None


def look(root: Path, pytest_options: str = "") -> Project:
    """What the files below `root` say; what does not parse says nothing."""
    tools = _tools(root / "pyproject.toml")
    sources = list(_sources(root))
    tests = [path for path in sources if is_test(path.name)]
    beside = [path for path in sources if path.name == "conftest.py"]
    return Project(
        has_code=bool(sources),
        has_tests=bool(tests),
        uses_hypothesis=any(_IMPORTS_HYPOTHESIS.search(_content(path)) for path in (*tests, *beside)),
        pytest_options=f"{pytest_options} {_addopts(root, tools)}".strip(),
        ruff_configured="ruff" in tools or any((root / name).is_file() for name in ("ruff.toml", ".ruff.toml")),
        bandit_options=_bandit(root, tools),
        type_checker=_type_checker(root, tools),
    )


def is_test(name: str) -> bool:
    """Whether pytest takes a file of this name for tests, by its defaults."""
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def installed(module: str) -> bool:
    """Whether a top-level module can be imported by this interpreter."""
    return find_spec(module) is not None


def _sources(root: Path) -> Iterator[Path]:
    seen = 0
    for here, directories, names in os.walk(root):
        directories[:] = sorted(name for name in directories if not name.startswith(".") and name not in _LEFT_ALONE)
        for name in sorted(names):
            seen += 1
            if seen > FILES:
                return
            if name.endswith(".py"):
                yield Path(here, name)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(READ_BYTES)
    except OSError:
        return b""


def _tools(path: Path) -> dict[str, Any]:
    try:
        return mapping(tomllib.loads(_content(path).decode("utf-8", "replace")).get("tool"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def mapping(value: object) -> dict[str, Any]:
    """A table of a configuration file, empty where there is something else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _ini(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(_content(path).decode("utf-8", "replace"))
    except configparser.Error:
        return configparser.RawConfigParser()
    return parser


def _addopts(root: Path, tools: dict[str, Any]) -> str:
    """https://docs.pytest.org/en/stable/reference/customize.html, without its rules of precedence: the options of
    all files, since they are only looked through for a few words."""
    found: list[str] = []
    pytest = mapping(tools.get("pytest"))
    for table in (pytest, mapping(pytest.get("ini_options"))):
        options: object = table.get("addopts")
        found += (
            [str(each) for each in cast("list[object]", options)] if isinstance(options, list) else [str(options or "")]
        )
    for name, section in (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest")):
        found.append(_ini(root / name).get(section, "addopts", fallback=""))
    found.append(_ini(root / "setup.cfg").get("tool:pytest", "addopts", fallback=""))
    return " ".join(" ".join(found).split())


def _bandit(root: Path, tools: dict[str, Any]) -> tuple[str, ...] | None:
    if "bandit" in tools:
        return "-c", "pyproject.toml"
    if (root / "bandit.yaml").is_file():
        return "-c", "bandit.yaml"
    return ("--ini", ".bandit") if (root / ".bandit").is_file() else None


def _type_checker(root: Path, tools: dict[str, Any]) -> TypeChecker | None:
    if "basedpyright" in tools:
        return "basedpyright"
    if "pyright" in tools or (root / "pyrightconfig.json").is_file():
        return "basedpyright" if installed("basedpyright") and not installed("pyright") else "pyright"
    has_file = any((root / name).is_file() for name in ("mypy.ini", ".mypy.ini"))
    return "mypy" if "mypy" in tools or has_file or _ini(root / "setup.cfg").has_section("mypy") else None
