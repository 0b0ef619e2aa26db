"""A person's work tree as a change to one of their commits: what differs on disk, committed or not.

Everything is only read. The commit's tree comes from a bare repository of our own that borrows the person's objects,
so that no attribute of theirs keeps a file out of it.
"""

import asyncio
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.git.cache import write_attributes
from bot.git.command import GitLimits, Invocation, run_git
from bot.git.diagnosis import require
from bot.git.errors import MissingCommit
from bot.git.local import LocalRepository
from bot.git.names import commit_sha
from bot.git.tree import archive
from bot.model.ids import CommitSha

FILE_BYTES = 4 * 1024**2
"""A larger changed file is not read."""
_BY_PRODUCTS = frozenset(
    {
        *("__pycache__", ".venv", "venv", "node_modules", ".tox", ".nox", ".idea", ".vscode"),
        *(".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".DS_Store", ".coverage"),
    }
)
"""What tools leave behind, where nobody told git to ignore it."""


@dataclass(frozen=True, slots=True)
class WorkTreeChanges:
    """How a work tree differs from a commit."""

    texts: Mapping[str, str | None]
    """Path -> the whole text on disk, or None where the file is gone."""
    unread: tuple[str, ...]
    """Paths that differ and are no text, no regular file or too large; they are left as the commit has them."""


async def resolve_commit(repository: LocalRepository, name: str) -> CommitSha:
    """The commit that a person's name for it (branch, tag, `HEAD~1`) stands for.

    Raises MissingCommit.
    """
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    output = await run_git(Invocation(arguments, work_directory=repository.path))
    if output.exit_code != 0:
        raise MissingCommit(f"{str(repository.path)!r} has no commit {name!r}; check the name, or fetch it first")
    return commit_sha(output.stdout.decode().strip())


async def changes_since(repository: LocalRepository, base: CommitSha) -> WorkTreeChanges:
    """What is on disk and not in `base`, files included that git does not track and was not told to ignore."""
    tracked = ("diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=all", base, "--")
    untracked = ("ls-files", "--others", "--exclude-standard", "-z")
    paths = set(await _listed(repository, tracked))
    paths |= {path for path in await _listed(repository, untracked) if not _BY_PRODUCTS.intersection(path.split("/"))}
    return await asyncio.to_thread(_read, repository.path, sorted(paths))


async def base_archive(repository: LocalRepository, base: CommitSha, directory: Path) -> bytes:
    """The whole commit as a tar, every file byte for byte; `directory` is made for what is needed on the way.

    Raises TooLarge, GitTimedOut.
    """
    where = await run_git(
        Invocation(("rev-parse", "--path-format=absolute", "--git-path", "objects"), work_directory=repository.path)
    )
    objects = require(where, f"find the objects of {str(repository.path)!r}").rstrip(b"\n")
    made = await run_git(Invocation(("init", "--quiet", "--bare", "--template=", "--", str(directory))))
    require(made, f"make {str(directory)!r}")
    await asyncio.to_thread(_borrow, directory, objects)
    return await archive(directory, base)


async def _listed(repository: LocalRepository, arguments: tuple[str, ...]) -> list[str]:
    limits = GitLimits(output_bytes=256 * 1024**2)
    output = await run_git(Invocation(arguments, work_directory=repository.path, limits=limits))
    listing = require(output, f"list what changed in {str(repository.path)!r}")
    return [os.fsdecode(path) for path in listing.split(b"\0") if path]


def _borrow(directory: Path, objects: bytes) -> None:
    write_attributes(directory)
    place = directory / "objects" / "info"
    place.mkdir(exist_ok=True)
    (place / "alternates").write_bytes(objects + b"\n")


def _read(top: Path, paths: list[str]) -> WorkTreeChanges:
    texts: dict[str, str | None] = {}
    unread: list[str] = []
    for path in paths:
        try:
            texts[path] = _text(top, path)
        except (FileNotFoundError, NotADirectoryError):
            texts[path] = None
        except (OSError, ValueError):
            # Not readable, a link, a directory of its own, or no text.
            unread.append(path.encode("utf-8", "backslashreplace").decode())
    return WorkTreeChanges(texts, tuple(unread))


def _text(top: Path, path: str) -> str:
    place = top / path
    if place.parent.resolve() != place.parent:
        raise FileNotFoundError(path)  # behind a link to a directory, where git sees no file
    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > FILE_BYTES:
            raise ValueError(path)
        path.encode("utf-8")  # a name that no report could carry
        return file.read(FILE_BYTES + 1).decode("utf-8")
