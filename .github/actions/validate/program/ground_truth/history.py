"""The commit that a change is compared with, as far as the clone holds it."""

import subprocess  # argument lists only # nosec B404
from dataclasses import dataclass
from pathlib import Path

from ground_truth.project import is_test
from ground_truth.settings import Settings

_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*")


def git(directory: Path, *arguments: str) -> str | None:
    """What git says, None where it fails; nothing that the work tree configures is executed."""
    done = subprocess.run(  # argument list # nosec B603 B607
        ["git", *_SAFE, *arguments], cwd=directory, capture_output=True, text=True, errors="replace", check=False
    )
    return done.stdout if done.returncode == 0 else None


@dataclass(frozen=True)
class Change:
    """What the head commit brings."""

    head: str
    base: str
    files: tuple[str, ...]
    """Python files that it changed and that are no tests."""


def head_of(settings: Settings) -> str:
    """The commit checked out, empty where there is none."""
    return (git(settings.workspace, "rev-parse", "HEAD") or "").strip()


def change_of(settings: Settings) -> Change | str:
    """The change since the base, or why it is not known."""
    root = settings.workspace
    head = head_of(settings)
    base = base_of(settings)
    if not head or base is None:
        return "the base commit is not in the clone; check out with `fetch-depth: 0`"
    names = git(root, "diff", "--no-ext-diff", "--name-only", "-z", "--diff-filter=AM", base, head, "--", "*.py") or ""
    found = [name for name in names.split("\0") if name and not _is_for_tests(name)]
    return Change(head, base, tuple(found))


def base_of(settings: Settings) -> str | None:
    """The commit that the change began at: the merge's first parent, or what the branches last shared."""
    root = settings.workspace
    if settings.pull_merge:
        merged = git(root, "rev-parse", "--verify", "--quiet", "HEAD^2^{commit}")
        if merged is not None:
            return (git(root, "rev-parse", "HEAD^1") or "").strip() or None
    if settings.base is None:
        return None
    found = git(root, "merge-base", "--end-of-options", settings.base, "HEAD")
    return found.strip() if found else None


def _is_for_tests(path: str) -> bool:
    parts = path.split("/")
    return is_test(parts[-1]) or parts[-1] == "conftest.py" or bool({"test", "tests"} & set(parts[:-1]))
