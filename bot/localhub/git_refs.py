"""Refs: read from git's own files, moved by one `git update-ref --stdin` per repository.

https://git-scm.com/docs/gitrepository-layout (refs, packed-refs). Only git writes refs, so that its locks hold between
this server and a push. Readers need no lock: a file is replaced whole, and its value stands in `packed-refs` before it
is removed.
"""

import asyncio
import os
import re
from pathlib import Path

from bot.localhub.errors import GitFailed
from bot.localhub.git_session import GitSession

MOST_SYMBOLIC = 5
"""How many symbolic refs git follows one after the other."""
_VALUE = re.compile(r"[0-9a-f]{40}")
_SYMBOLIC = "ref: "
_WORD = re.compile(r'[^"\x00-\x20][^\x00-\x20]*')


def read_ref(directory: Path, name: str) -> str | None:
    """What the ref of this full name points at."""
    for _ in range(MOST_SYMBOLIC):
        if not _is_plain(name):
            return None
        value = _loose(directory / name) or _packed(directory).get(name)
        if value is None or not value.startswith(_SYMBOLIC):
            return value
        name = value.removeprefix(_SYMBOLIC)
    return None


def read_refs(directory: Path) -> dict[str, str]:
    """Full ref name -> SHA, of all refs."""
    names: set[str] = set()
    for folder, _, files in os.walk(directory / "refs"):
        place = Path(folder).relative_to(directory).as_posix()
        names.update(f"{place}/{file}" for file in files)
    packed = _packed(directory)
    names.update(packed)
    found = {name: _loose(directory / name) or packed.get(name) for name in sorted(names) if _is_plain(name)}
    return {
        name: sha
        for name, value in found.items()
        if value and (sha := read_ref(directory, name) if value.startswith(_SYMBOLIC) else value)
    }


def _is_plain(name: str) -> bool:
    """Whether this can be a ref: below `refs`, leading nowhere else, and not git's lock of one."""
    parts = name.split("/")
    dull = all(part not in ("", ".", "..") and not part.endswith(".lock") and "\0" not in part for part in parts)
    return parts[0] == "refs" and dull


def _loose(file: Path) -> str | None:
    try:
        value = file.read_text(errors="replace").strip()
    except OSError:  # no such ref, a folder of refs, a name that no file can have
        return None
    return value if _VALUE.fullmatch(value) or value.startswith(_SYMBOLIC) else None


def _packed(directory: Path) -> dict[str, str]:
    """Lines of `SHA NAME`; those that begin with `#` or `^` say more about the file and about tags."""
    try:
        lines = (directory / "packed-refs").read_text(errors="surrogateescape").split("\n")
    except FileNotFoundError:
        return {}
    pairs = (line.split(" ", 1) for line in lines if line and not line.startswith(("#", "^")))
    return {name: sha for sha, name in pairs}


class RefWriter:
    """Moves the refs of one repository."""

    def __init__(self, directory: Path) -> None:
        self.session = GitSession(directory, "update-ref", "--stdin")

    async def update(self, name: str, sha: str, expected: str | None = None) -> None:
        """Point `name` at `sha`; raises GitFailed where it is not at `expected`."""
        await self._transact("update", name, sha, *([] if expected is None else [expected]))

    async def delete(self, name: str, expected: str | None = None) -> None:
        """Remove `name`, if it is there; raises GitFailed where it is not at `expected`."""
        await self._transact("delete", name, *([] if expected is None else [expected]))

    async def _transact(self, *words: str) -> None:
        if not all(_WORD.fullmatch(word) for word in words):
            raise GitFailed(("update-ref", *words), 128, "a word of the command is empty or holds a space")

        async def receive(stdout: asyncio.StreamReader) -> None:
            for step in (b"start: ok\n", b"commit: ok\n"):
                if await stdout.readuntil(b"\n") != step:
                    raise ConnectionError("update-ref said something unexpected")

        await self.session.ask(f"start\n{' '.join(words)}\ncommit\n".encode(errors="surrogateescape"), receive)

    async def close(self) -> None:
        await self.session.close()
