"""What a validation needs: a place to execute, installed dependencies, the base commit's tree, and what is known."""

import asyncio
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.ci.configured import CONFIGURATION
from bot.ci.source import SOURCE_CHARACTERS
from bot.jobs.validation.cache import ValidationCache
from bot.model.change import Overlay
from bot.model.command import Unqualified
from bot.model.environment import EnvironmentReady
from bot.sandbox import Sandbox

TREE_CHARACTERS = 64_000_000
"""Of Python source that is looked at on this side; the tests of a larger tree are all of its tests."""


@dataclass(frozen=True, slots=True)
class Workbench:
    """Changes to one base commit are validated on it."""

    sandbox: Sandbox | Unqualified
    environment: EnvironmentReady | None
    """None where no sandbox is there to install anything in."""
    archive: bytes
    """The base commit's tree, as a tar."""
    cache: ValidationCache
    tests_wall: timedelta
    """How long one run of the tests may take."""


@dataclass(frozen=True, slots=True)
class NotExecuted:
    """Nothing of the repository is executed here, and why, with the next step."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A workbench on which repository code may be executed."""

    sandbox: Sandbox
    environment: EnvironmentReady
    archive: bytes


def ready(work: Workbench) -> Ready | NotExecuted:
    """Whether the tools and tests of the repository can be run here."""
    if isinstance(work.sandbox, Unqualified):
        return NotExecuted(f"no sandbox ({work.sandbox.reason}). {work.sandbox.mend}")
    if work.environment is None:
        return NotExecuted("the repository's dependencies are not installed")
    return Ready(work.sandbox, work.environment, work.archive)


async def facts_of(bench: Ready) -> list[str]:
    """What decides a result besides the change: base tree, backend, and every package with its version."""
    base = await asyncio.to_thread(lambda: hashlib.sha256(bench.archive).hexdigest())
    packages = await asyncio.to_thread(_packages, Path(bench.environment.path))
    return [base, bench.sandbox.backend.backend, bench.environment.key, packages]


def overlay_key(overlay: Overlay) -> str:
    """A hash of a change."""
    return hashlib.sha256(json.dumps(sorted(overlay.items())).encode()).hexdigest()


def _packages(environment: Path) -> str:
    names = sorted(place.name for place in environment.glob("lib/python*/site-packages/*.dist-info"))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Tree:
    """The texts of a tree that are read on this side: its Python files and the root's tool configuration."""

    texts: Mapping[str, str]
    whole: bool
    """Whether everything fitted."""

    def with_overlay(self, overlay: Overlay) -> "Tree":
        changed = {path: text for path, text in overlay.items() if text is not None and is_read(path)}
        kept = {path: text for path, text in self.texts.items() if path not in overlay}
        return Tree({**kept, **changed}, self.whole)

    @property
    def python(self) -> dict[str, str]:
        return {path: text for path, text in self.texts.items() if path.endswith(".py")}


def is_read(path: str) -> bool:
    """Whether a tree's text is read on this side."""
    return path.endswith(".py") or path in CONFIGURATION


async def read_tree(archive: bytes, *, others: frozenset[str] = frozenset()) -> Tree:
    """The texts of a tar, those of the paths `others` too; what is no UTF-8 is read with marks in place of it."""
    return await asyncio.to_thread(_read_tree, archive, others)


def _read_tree(archive: bytes, others: frozenset[str]) -> Tree:
    texts: dict[str, str] = {}
    left = TREE_CHARACTERS
    whole = True
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tree:
        for member in tree:
            path = member.name.removeprefix("./")
            if not member.isreg() or member.issparse() or not (is_read(path) or path in others):
                continue
            source = tree.extractfile(member) if member.size <= min(SOURCE_CHARACTERS * 4, left) else None
            if source is None:
                whole = False
                continue
            texts[path] = source.read().decode("utf-8", "replace")
            left -= member.size
    return Tree(texts, whole)
