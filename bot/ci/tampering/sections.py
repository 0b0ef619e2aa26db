"""Configuration files as flat settings: `tool.ruff.lint.ignore` -> its value, whatever the format they stand in."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import TypeGuard

from bot.ci.tampering.source import FILE_CHARACTERS, Uninspectable

_JUDGING_TOOLS = (
    *("ruff", "bandit", "pytest", "coverage", "mypy", "pyright", "basedpyright", "pylint", "flake8", "tox", "nox"),
    *("hypothesis", "mutmut", "cosmic-ray", "ty", "pyrefly", "pytype", "importlinter", "import-linter", "black"),
    *("isort", "interrogate", "vulture", "deptry", "semgrep", "diff_cover", "pydocstyle", "pycodestyle", "doc8"),
    *(
        "poe",
        "taskipy",
        "pre-commit",
        "commitizen",
        "refurb",
        "sonar",
        "codespell",
        "pydoclint",
        "mccabe",
        "pytest-env",
    ),
)
_JUDGING_PREFIXES = (
    *(f"tool.{name}." for name in _JUDGING_TOOLS),
    *("tool.hatch.envs.", "tool.pdm.scripts.", "tool.poetry.plugins.pytest11.", "tool.uv.override-dependencies"),
    *("project.entry-points.pytest11.", "options.entry_points.pytest11"),
)
_HARMLESS = ("tool.pytest.ini_options.markers", "pytest.markers", "tool:pytest.markers")
"""Names of marks, which the strict mode of pytest wants declared."""
_SECTIONED = frozenset({"pyproject.toml", "setup.cfg"})
"""Files that hold more than the configuration of one tool."""


_LONG_KEY = re.compile(r"(?<![\w\"'.-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){64}")
"""Python's parser takes time that is quadratic in the parts of a key."""


def settings_of(path: str, text: str) -> Mapping[str, object] | Uninspectable:
    """Every setting that work is judged by, of TOML or of sections of `key = value`. Never raises."""
    if len(text) > FILE_CHARACTERS:
        return Uninspectable(f"it is longer than {FILE_CHARACTERS} characters")
    try:
        found = dict(_toml(text) if path.lower().endswith(".toml") else _sections(text))
    except (ValueError, RecursionError) as error:
        return Uninspectable(f"it cannot be parsed ({type(error).__name__})")
    return {name: value for name, value in found.items() if _judges(path, name)}


def _judges(path: str, name: str) -> bool:
    if name.startswith(_HARMLESS):
        return False
    file = path.lower().rpartition("/")[2]
    if file not in _SECTIONED:
        return _is_of_a_tool(file)
    section = re.split(r"[:.-]", name, maxsplit=1)[0]
    return name.startswith(_JUDGING_PREFIXES) or (file == "setup.cfg" and section in (*_JUDGING_TOOLS, "tool"))


def _is_of_a_tool(file: str) -> bool:
    """Whether a file's name says that all of it configures one of the tools."""
    stem = file.removeprefix(".").removesuffix("rc").removesuffix("rc.toml").partition(".")[0]
    return stem in _JUDGING_TOOLS


def _toml(text: str) -> Iterator[tuple[str, object]]:
    if _LONG_KEY.search(text):
        raise ValueError("a key of too many parts")
    stack: list[tuple[str, object]] = [("", tomllib.loads(text))]
    while stack:
        name, value = stack.pop()
        if _is_table(value):
            stack.extend((f"{name}.{key}" if name else key, each) for key, each in value.items())
        else:
            yield name, value


def _is_table(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _sections(text: str) -> Iterator[tuple[str, object]]:
    """As `configparser` reads them, but in linear time, and also what that would refuse."""
    section, key, lines = "", "", list[str]()
    for line in text.split("\n"):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if line[0].isspace() and key:
            lines.append(stripped)
            continue
        if key:
            yield f"{section}.{key}", "\n".join(lines)
        if stripped.startswith("["):
            section, key, lines = stripped.strip("[]").lower(), "", []
            continue
        cut = min((place for place in (stripped.find("="), stripped.find(":")) if place >= 0), default=len(stripped))
        key, lines = stripped[:cut].rstrip().lower(), [stripped[cut + 1 :].lstrip()]
    if key:
        yield f"{section}.{key}", "\n".join(lines)
