"""Which files of a repository say what it needs, and what they ask for; read from the archive, nothing executed."""

import io
import re
import sys
import tarfile
import tomllib
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.model.environment import EnvironmentSpec

_MANIFEST_BYTES: Final = 2 * 1024**2
_MANIFESTS: Final = 40
_LOCKFILES: Final = ("uv.lock", "pylock.toml")
_NAMED: Final = (*_LOCKFILES, "pyproject.toml", "setup.cfg", "setup.py", ".python-version")
_REQUIREMENTS: Final = re.compile(r"(?:requirements/[^/]+|[^/]*(?:requirements|constraints)[^/]*)\.(?:txt|in)")
_INSTALLED_REQUIREMENTS: Final = re.compile(
    r"(?:requirements|(?:dev|test|tests|testing)[-_]requirements|requirements[-_/](?:base|ci|dev|develop|test|tests|testing))\.txt"
)
_TESTING_NAMES: Final = frozenset({"dev", "develop", "development", "test", "testing", "tests"})


class _Project(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    optional: dict[str, object] = Field(default_factory=dict, alias="optional-dependencies")


class _PyProject(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    project: _Project | None = None
    build: dict[str, object] | None = Field(default=None, alias="build-system")
    groups: dict[str, object] = Field(default_factory=dict, alias="dependency-groups")


def find_manifests(archive: bytes, *, setup: str | None = None) -> EnvironmentSpec:
    """What decides a repository's installation, from a tar of its tree.

    `setup` is the owner's own command, if the default branch's configuration has one. Files that are too large, no
    regular ones or no UTF-8 are left out; so is everything below the root but the `requirements` directory.
    """
    files: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tree:
        for member in tree:
            name = member.name.removeprefix("./")
            wanted = name in _NAMED or _REQUIREMENTS.fullmatch(name) is not None
            if not wanted or not member.isreg() or member.issparse() or member.size > _MANIFEST_BYTES:
                continue
            source = tree.extractfile(member)
            if source is None or len(files) >= _MANIFESTS:
                continue
            try:
                files[name] = source.read(_MANIFEST_BYTES).decode("utf-8")
            except UnicodeDecodeError:
                continue
    return EnvironmentSpec(python_version(files.get(".python-version")), setup, tuple(sorted(files.items())))


def python_version(pinned: str | None) -> str:
    """`major.minor` of a `.python-version` file's first line, else of the interpreter that runs this program."""
    first = (pinned or "").strip().partition("\n")[0]
    match = re.match(r"(?:cpython-|python)?(3\.\d{1,2})\b", first.strip())
    return match[1] if match else f"{sys.version_info.major}.{sys.version_info.minor}"


def lockfile(spec: EnvironmentSpec) -> str | None:
    """The lockfile that decides, or None."""
    names = {path for path, _ in spec.files}
    return next((name for name in _LOCKFILES if name in names), None)


def requirement_files(spec: EnvironmentSpec) -> tuple[str, ...]:
    """The requirements files that a developer of the project would install, never the constraints."""
    return tuple(path for path, _ in spec.files if _INSTALLED_REQUIREMENTS.fullmatch(path))


def project_file(spec: EnvironmentSpec) -> str | None:
    """The file that leads to the project's own dependencies, or None.

    A `setup.cfg` alone makes no project; one beside the others is read by their build.
    """
    parsed = _parsed(spec)
    if parsed is not None and (parsed.project is not None or parsed.build is not None):
        return "pyproject.toml"
    return "setup.py" if any(path == "setup.py" for path, _ in spec.files) else None


def extras_for_tests(spec: EnvironmentSpec) -> tuple[str, ...]:
    """The optional dependencies that tests need, by their usual names."""
    parsed = _parsed(spec)
    if parsed is None or parsed.project is None:
        return ()
    return tuple(sorted(name for name in parsed.project.optional if name.lower() in _TESTING_NAMES))


def groups_for_tests(spec: EnvironmentSpec) -> tuple[str, ...]:
    """The dependency groups that tests need, by their usual names."""
    parsed = _parsed(spec)
    return () if parsed is None else tuple(sorted(name for name in parsed.groups if name.lower() in _TESTING_NAMES))


def _parsed(spec: EnvironmentSpec) -> _PyProject | None:
    text = dict(spec.files).get("pyproject.toml")
    if text is None:
        return None
    try:
        return _PyProject.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError, RecursionError):
        return None
