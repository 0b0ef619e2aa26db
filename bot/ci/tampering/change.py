"""The change that the gates look at: both texts of each file, parsed once, and the executed tests of both sides."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.ci.tampering.allowance import Allowance
from bot.ci.tampering.places import is_python
from bot.ci.tampering.source import FILE_CHARACTERS, Source, Uninspectable, parse
from bot.model.validation import TamperFinding, TestEvidence

Protected = Callable[[str], str | None]
"""Why a path may not be changed by the work it judges; None where it may."""

CHANGE_CHARACTERS = 4 * FILE_CHARACTERS
"""Python text of one change that is parsed in all; files beyond it are not inspected, and that is a finding."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that differs; one of the texts may be missing."""

    path: str
    base: str | None
    head: str | None
    base_source: Source | Uninspectable | None
    """None where the file is absent or no Python."""
    head_source: Source | Uninspectable | None


@dataclass(frozen=True, slots=True)
class Change:
    files: tuple[ChangedFile, ...]
    """Sorted by path."""
    allowed: Allowance
    before: TestEvidence | None
    after: TestEvidence | None
    protected: Protected

    def sources(self) -> Iterator[tuple[ChangedFile, Source | None, Source]]:
        """Every Python file whose head can be read, with its base where that could be, too."""
        for file in self.files:
            if isinstance(file.head_source, Source):
                yield file, file.base_source if isinstance(file.base_source, Source) else None, file.head_source


Gate = Callable[[Change], Iterator[TamperFinding]]
"""One way to make a judge weaker; pure, and blind to what the other gates see."""


def read_change(
    base: Mapping[str, str],
    head: Mapping[str, str | None],
    allowed: Allowance,
    before: TestEvidence | None,
    after: TestEvidence | None,
    protected: Protected,
) -> Change:
    """Parse what differs; files whose two texts are equal are left out. Never raises."""
    files: list[ChangedFile] = []
    left = CHANGE_CHARACTERS
    for path in sorted(head):
        old, new = base.get(path), head[path]
        if old == new:
            continue
        left -= len(old or "") + len(new or "")
        files.append(ChangedFile(path, old, new, _parsed(path, old, left), _parsed(path, new, left)))
    return Change(tuple(files), allowed, before, after, protected)


def _parsed(path: str, text: str | None, left: int) -> Source | Uninspectable | None:
    if text is None or not is_python(path):
        return None
    return parse(text) if left >= 0 else Uninspectable("the change is too large to be inspected as a whole")
