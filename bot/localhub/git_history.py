"""Questions about history: what changed between two commits, what follows from what, what a merge would give."""

from dataclasses import dataclass
from typing import Literal

from bot.localhub.git_store import GitStore

DIFFERENCES = (
    *("-c", "core.quotePath=false", "diff-tree", "-r", "-z", "-M", "--raw", "--numstat", "-p"),
    *("--no-color", "--src-prefix=a/", "--dst-prefix=b/"),
)
LONGEST_LINE = 64
"""Commits that are followed here before git is asked, which needs a process but not every commit."""
_STATUSES: dict[str, "ChangeStatus"] = {
    "A": "added",
    "M": "modified",
    "D": "removed",
    "R": "renamed",
    "C": "copied",
    "T": "changed",
}
ChangeStatus = Literal["added", "removed", "modified", "renamed", "copied", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that differs between two commits."""

    path: str
    previous_path: str | None
    status: ChangeStatus
    sha: str
    """Blob at the newer side, or at the older one where the file is gone."""
    additions: int
    deletions: int
    patch: str | None
    """Hunks without the file header, as GitHub gives them; None for a binary file."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The branches merge cleanly into this tree."""

    tree: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """The branches change the same lines."""


async def _straight_line(store: GitStore, older: str, newer: str) -> list[str] | None:
    """The commits from `newer` down to before `older` where each has one parent; None where git has to be asked."""
    line: list[str] = []
    at = newer
    while at != older:
        if len(line) == LONGEST_LINE or await store.kind(at) != "commit":
            return None
        line.append(at)
        parents = (await store.commit(at)).parents
        if len(parents) != 1:
            return None
        at = parents[0]
    return line


async def is_ancestor(store: GitStore, older: str, newer: str) -> bool:
    """Whether `newer` is `older` or follows from it; False too where one of them is missing."""
    if await _straight_line(store, older, newer) is not None:
        return True
    code, _ = await store.derived(("merge-base", "--is-ancestor"), older, newer, accepted=(0, 1, 128, 129))
    return code == 0


async def merge_base(store: GitStore, left: str, right: str) -> str | None:
    for older, newer in ((left, right), (right, left)):
        if await _straight_line(store, older, newer) is not None:
            return older
    code, out = await store.derived(("merge-base",), left, right, accepted=(0, 1))
    return out.decode().strip() if code == 0 else None


async def merge_tree(store: GitStore, base: str, head: str) -> Merged | Conflict:
    """What merging `head` into `base` would give, without a work tree (git 2.38 or newer)."""
    shared = await merge_base(store, base, head)
    if shared in (base, head):  # only one of them changed anything since
        return Merged(await store.tree_of(head if shared == base else base))
    arguments = ("merge-tree", "--write-tree", "--allow-unrelated-histories")
    code, out = await store.derived(arguments, base, head, accepted=(0, 1))
    return Merged(out.decode().split("\n", 1)[0].strip()) if code == 0 else Conflict()


async def log(store: GitStore, *revisions: str, path: str | None = None) -> list[str]:
    """SHAs of the commits of a revision range, newest first."""
    where = ("--", path) if path else ("--",)
    return (await store.text("rev-list", *revisions, *where)).split()


async def commits_between(store: GitStore, older: str, newer: str) -> list[str]:
    """SHAs of the commits that `newer` has and `older` has not, newest first."""
    line = await _straight_line(store, older, newer)
    if line is not None:
        return line
    _, out = await store.derived(("rev-list",), newer, f"^{older}")
    return out.decode().split()


async def changed_paths(store: GitStore, older: str, newer: str) -> list[str]:
    """Paths that differ between two commits or trees, renames as one removed and one added."""
    _, out = await store.derived(("diff-tree", "-r", "-z", "--name-only", "--no-renames"), older, newer)
    return out.decode(errors="surrogateescape").split("\0")[:-1]


async def changed_files(store: GitStore, older: str, newer: str) -> list[ChangedFile]:
    """Files that differ between two commits or trees, with their hunks."""
    _, out = await store.derived((*DIFFERENCES,), older, newer)
    fields = _Fields(out)
    named: list[tuple[str, str | None, str, str]] = []
    while fields.left.startswith(b":"):
        _, _, old_sha, new_sha, letter = fields.take()[1:].split(" ")
        previous = fields.take() if letter[0] in "RC" else None
        named.append((fields.take(), previous, letter[0], old_sha if letter[0] == "D" else new_sha))
    counts: dict[str, tuple[int, int]] = {}
    for _ in named:
        added, deleted, path = fields.take().split("\t")
        if not path:
            fields.take()
            path = fields.take()
        counts[path] = (0, 0) if added == "-" else (int(added), int(deleted))
    patches = _patches(fields.left.removeprefix(b"\0"))
    return [
        ChangedFile(path, previous, _STATUSES[letter], sha, *counts.get(path, (0, 0)), patches.get(path))
        for path, previous, letter, sha in named
    ]


class _Fields:
    """The NUL-terminated fields at the beginning of a diff; patches follow them, and those may hold NULs too."""

    def __init__(self, content: bytes) -> None:
        self.left = content

    def take(self) -> str:
        field, _, self.left = self.left.partition(b"\0")
        return field.decode(errors="replace")


def _patches(text: bytes) -> dict[str, str]:
    patches: dict[str, str] = {}
    for section in ("\n" + text.decode(errors="replace")).split("\ndiff --git ")[1:]:
        start = section.find("\n@@ ")
        if start < 0:
            continue
        names = [line[4:] for line in section[:start].split("\n") if line.startswith(("--- ", "+++ "))]
        named = names[1] if names[1] != "/dev/null" else names[0]
        patches[named[2:].rstrip("\t")] = section[start + 1 :].rstrip("\n")
    return patches
