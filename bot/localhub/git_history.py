"""Questions about history: what changed between two commits, what follows from what, what a merge would give."""

from dataclasses import dataclass
from typing import Literal

from bot.localhub.git_process import git
from bot.localhub.git_store import GitStore

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
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


async def is_ancestor(store: GitStore, older: str, newer: str) -> bool:
    return await store.succeeds("merge-base", "--is-ancestor", older, newer)


async def merge_base(store: GitStore, left: str, right: str) -> str | None:
    code, out = await git(store.path, "merge-base", left, right, accepted=(0, 1))
    return out.decode().strip() if code == 0 else None


async def merge_tree(store: GitStore, base: str, head: str) -> Merged | Conflict:
    """What merging `head` into `base` would give, without a work tree (git 2.38 or newer)."""
    arguments = ("merge-tree", "--write-tree", "--allow-unrelated-histories", base, head)
    code, out = await git(store.path, *arguments, accepted=(0, 1))
    return Merged(out.decode().split("\n", 1)[0].strip()) if code == 0 else Conflict()


async def log(store: GitStore, *revisions: str, limit: int | None = None, path: str | None = None) -> list[str]:
    """SHAs of the commits of a revision range, newest first."""
    most = () if limit is None else (f"--max-count={limit}",)
    where = ("--", path) if path else ("--",)
    return (await store.text("rev-list", *most, *revisions, *where)).split()


async def changed_paths(store: GitStore, older: str, newer: str) -> list[str]:
    """Paths that differ between two commits or trees, renames as one removed and one added."""
    out = await store.git("diff-tree", "-r", "-z", "--name-only", "--no-renames", older, newer)
    return out.decode(errors="surrogateescape").split("\0")[:-1]


async def changed_files(store: GitStore, older: str, newer: str) -> list[ChangedFile]:
    """Files that differ between two commits or trees, with their hunks."""
    raw = (await store.git("diff-tree", "-r", "-z", "-M", "--raw", older, newer)).decode(errors="replace").split("\0")
    numbers = await _line_counts(store, older, newer)
    patches = await _patches(store, older, newer)
    files: list[ChangedFile] = []
    cursor = 0
    while cursor < len(raw) and raw[cursor].startswith(":"):
        _, _, old_sha, new_sha, letter = raw[cursor][1:].split(" ")
        moved = letter[0] in "RC"
        previous = raw[cursor + 1] if moved else None
        path = raw[cursor + 2] if moved else raw[cursor + 1]
        cursor += 3 if moved else 2
        additions, deletions = numbers.get(path, (0, 0))
        sha = old_sha if letter[0] == "D" else new_sha
        status = _STATUSES[letter[0]]
        files.append(ChangedFile(path, previous, status, sha, additions, deletions, patches.get(path)))
    return files


async def _line_counts(store: GitStore, older: str, newer: str) -> dict[str, tuple[int, int]]:
    fields = (await store.git("diff-tree", "-r", "-z", "-M", "--numstat", older, newer)).decode(errors="replace")
    parts = fields.split("\0")
    counts: dict[str, tuple[int, int]] = {}
    cursor = 0
    while cursor < len(parts) and parts[cursor].count("\t") == 2:
        added, deleted, path = parts[cursor].split("\t")
        if path:
            cursor += 1
        else:
            path = parts[cursor + 2]
            cursor += 3
        counts[path] = (0, 0) if added == "-" else (int(added), int(deleted))
    return counts


async def _patches(store: GitStore, older: str, newer: str) -> dict[str, str]:
    arguments = ("diff-tree", "-r", "-M", "-p", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
    out = await store.git("-c", "core.quotePath=false", *arguments, older, newer)
    patches: dict[str, str] = {}
    for section in ("\n" + out.decode(errors="replace")).split("\ndiff --git ")[1:]:
        start = section.find("\n@@ ")
        if start < 0:
            continue
        names = [line[4:] for line in section[:start].split("\n") if line.startswith(("--- ", "+++ "))]
        named = names[1] if names[1] != "/dev/null" else names[0]
        patches[named[2:].rstrip("\t")] = section[start + 1 :].rstrip("\n")
    return patches
