"""Reading objects through one `git cat-file --batch-command` per repository.

https://git-scm.com/docs/git-cat-file#_batch_output. It finds what others write while it runs: git looks again at the
directory of packs before it says that an object is missing. Here only what exists is remembered, and only by its SHA.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.localhub.errors import GitFailed
from bot.localhub.git_session import GitSession
from bot.localhub.recent import Recent

FULL_SHA = re.compile(r"[0-9a-f]{40}")
_LASTING = re.compile(r"[0-9a-f]{40}(?:\^\{[a-z]+\})?")
"""Names that mean the same for ever: a SHA, and what it leads to."""
LONGEST_NAME = 4096
"""No ref is longer; git would repeat a longer name in its answer."""
KEPT_OBJECTS = 4096
KEPT_FACTS = 65_536
LARGEST_KEPT = 65_536
"""Bytes of a content that is remembered."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What an object is, without its content."""

    sha: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class GitObject:
    """An object whole."""

    facts: Facts
    content: bytes


class ObjectReader:
    """The objects of one repository, by whatever git takes for a name: a SHA, a ref, `NAME^{tree}`."""

    def __init__(self, directory: Path) -> None:
        self.session = GitSession(directory, "cat-file", "--batch-command")
        self._facts = Recent[str, Facts](KEPT_FACTS)
        self._objects = Recent[str, GitObject](KEPT_OBJECTS)

    async def find(self, *names: str) -> list[Facts | None]:
        """What is called so, in the order of the names; None where there is nothing or more than one thing."""
        found: dict[str, Facts | None] = {name: self._facts.get(name) for name in names}
        unknown = [name for name, facts in found.items() if facts is None and _askable(name)]
        if unknown:

            async def receive(stdout: asyncio.StreamReader) -> list[Facts | None]:
                return [_facts(await _line(stdout)) for _ in unknown]

            answers = await self.session.ask(_requests("info", unknown), receive)
            found |= zip(unknown, answers, strict=True)
            for name, facts in zip(unknown, answers, strict=True):
                if facts is not None and _LASTING.fullmatch(name):
                    self._facts.put(name, facts)
        return [found[name] for name in names]

    async def read(self, *names: str) -> list[GitObject]:
        """The objects called so, in the order of the names; raises GitFailed where one is missing."""
        found: dict[str, GitObject | None] = {name: self._objects.get(name) for name in names}
        unknown = [name for name, each in found.items() if each is None and _askable(name)]
        if unknown:

            async def receive(stdout: asyncio.StreamReader) -> list[GitObject | None]:
                return [await _whole(stdout) for _ in unknown]

            answers = await self.session.ask(_requests("contents", unknown), receive)
            found |= zip(unknown, answers, strict=True)
            for name, each in zip(unknown, answers, strict=True):
                if each is not None and each.facts.size <= LARGEST_KEPT and _LASTING.fullmatch(name):
                    self._objects.put(name, each)
        objects: list[GitObject] = []
        for name in names:
            each = found[name]
            if each is None:
                raise GitFailed(("cat-file", name), 128, f"{name!r} is not an object of the repository")
            objects.append(each)
        return objects

    async def close(self) -> None:
        await self.session.close()


def _askable(name: str) -> bool:
    """Whether the name fits in a line of its own; git allows control characters in none."""
    return 0 < len(name) <= LONGEST_NAME and all(character >= " " and character != "\x7f" for character in name)


def _requests(command: str, names: Sequence[str]) -> bytes:
    return "".join(f"{command} {name}\n" for name in names).encode(errors="replace")


async def _line(stdout: asyncio.StreamReader) -> str:
    return (await stdout.readuntil(b"\n")).decode(errors="replace").rstrip("\n")


def _facts(line: str) -> Facts | None:
    """`SHA KIND SIZE`; any other line says that there is no one object of that name."""
    sha, _, rest = line.partition(" ")
    kind, _, size = rest.partition(" ")
    return Facts(sha, kind, int(size)) if FULL_SHA.fullmatch(sha) and size.isdecimal() else None


async def _whole(stdout: asyncio.StreamReader) -> GitObject | None:
    facts = _facts(await _line(stdout))
    if facts is None:
        return None
    content = await stdout.readexactly(facts.size + 1)
    return GitObject(facts, content[:-1])
