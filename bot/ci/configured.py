"""Which static tools a repository has configured for itself, by the files at its root."""

import configparser
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, cast

ConfiguredTool = Literal["ruff", "mypy", "pyright", "basedpyright"]

CONFIGURATION: Final = (
    "pyproject.toml",
    "setup.cfg",
    "ruff.toml",
    ".ruff.toml",
    "mypy.ini",
    ".mypy.ini",
    "pyrightconfig.json",
)
"""The files that decide."""

_MYPY_PLACES = ("files", "packages", "modules")


def configured_tools(files: Mapping[str, str]) -> tuple[ConfiguredTool, ...]:
    """The tools that `files` (path: text, of `CONFIGURATION`) configure; broken files configure nothing."""
    tables = _tool_tables(files.get("pyproject.toml", ""))
    found: list[ConfiguredTool] = []
    if "ruff" in tables or "ruff.toml" in files or ".ruff.toml" in files:
        found.append("ruff")
    if _mypy(files, tables) is not None:
        found.append("mypy")
    if "basedpyright" in tables:
        found.append("basedpyright")
    elif "pyright" in tables or "pyrightconfig.json" in files:
        found.append("pyright")
    return tuple(found)


def mypy_names_its_files(files: Mapping[str, str]) -> bool:
    """Whether mypy's own configuration says what to check, so that it is to be called without any path."""
    settings = _mypy(files, _tool_tables(files.get("pyproject.toml", "")))
    return settings is not None and any(place in settings for place in _MYPY_PLACES)


def _mypy(files: Mapping[str, str], tables: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """mypy's settings in its own order of precedence, https://mypy.readthedocs.io/en/stable/config_file.html"""
    lookups: tuple[Callable[[], Mapping[str, Any] | None], ...] = (
        lambda: _section(files.get("mypy.ini")),
        lambda: _section(files.get(".mypy.ini")),
        lambda: _table(tables.get("mypy")),
        lambda: _section(files.get("setup.cfg")),
    )
    return next((found for found in (look() for look in lookups) if found is not None), None)


def _section(text: str | None) -> Mapping[str, Any] | None:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text or "")
    except configparser.Error:
        return None
    return dict(parser.items("mypy")) if parser.has_section("mypy") else None


def _table(value: object) -> Mapping[str, Any] | None:
    return cast(Mapping[str, Any], value) if isinstance(value, dict) else None  # the keys of TOML are strings


def _tool_tables(pyproject: str) -> Mapping[str, Any]:
    try:
        tool = tomllib.loads(pyproject).get("tool")
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    return _table(tool) or {}
