"""What must be installed before a repository's checks can run, and what came of it."""

from dataclasses import dataclass

from bot.model.ids import EnvironmentKey


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """Everything that decides which dependencies are installed; equal specs share one installation."""

    python: str
    """`major.minor`."""
    setup: str | None
    """The owner's own command of the default branch's configuration, else None."""
    files: tuple[tuple[str, str], ...]
    """(path, text) of the manifests found: lockfile, pyproject, requirements; sorted by path."""


@dataclass(frozen=True, slots=True)
class EnvironmentReady:
    key: EnvironmentKey
    path: str
    """Host directory of the virtual environment; mounted read-only at the same path."""
    seconds: float
    cached: bool


@dataclass(frozen=True, slots=True)
class EnvironmentFailed:
    """The dependencies did not install; said before any money is spent."""

    command: str
    output_tail: str
