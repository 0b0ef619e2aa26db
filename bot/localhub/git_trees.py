"""Tree objects: reading and writing their bytes, and the tree that results from changes to another.

https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_tree_objects
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

DIRECTORY = "040000"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_KINDS = {DIRECTORY: "tree", "160000": "commit"}


@dataclass(frozen=True, slots=True)
class TreeLine:
    """A line of a tree object."""

    name: str
    mode: str
    """Six digits, as the API has them; the object itself leaves out the leading zero."""
    sha: str

    @property
    def kind(self) -> str:
        return _KINDS.get(self.mode, "blob")


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """What stands at a path of a tree."""

    path: str
    mode: str
    kind: str
    sha: str
    size: int | None


@dataclass(frozen=True, slots=True)
class TreeChange:
    """A path to put into a tree (`sha` set) or to take out of it (`sha` None)."""

    path: str
    mode: str
    sha: str | None


ReadTree = Callable[[str], Awaitable[Sequence[TreeLine]]]
WriteTree = Callable[[Sequence[TreeLine]], Awaitable[str]]


def parse_tree(content: bytes) -> list[TreeLine]:
    """The lines of a tree object."""
    lines: list[TreeLine] = []
    cursor = 0
    while cursor < len(content):
        end = content.index(b"\0", cursor)
        mode, _, name = content[cursor:end].partition(b" ")
        cursor = end + 21
        sha = content[end + 1 : cursor].hex()
        lines.append(TreeLine(name.decode(errors="surrogateescape"), mode.decode().zfill(6), sha))
    return lines


def encode_tree(lines: Sequence[TreeLine]) -> bytes:
    """The bytes of a tree object; git orders a directory as if its name ended with a slash."""
    parts = [(line.name.encode(errors="surrogateescape"), line) for line in lines]
    parts.sort(key=lambda part: part[0] + (b"/" if part[1].mode == DIRECTORY else b""))
    return b"".join(
        line.mode.lstrip("0").encode() + b" " + name + b"\0" + bytes.fromhex(line.sha) for name, line in parts
    )


class _Folder:
    """A directory that is being changed: lines as they were, and folders below it that are changed too."""

    def __init__(self, lines: Sequence[TreeLine] = ()) -> None:
        self.below: dict[str, TreeLine | _Folder] = {line.name: line for line in lines}


async def changed_tree(
    base: Sequence[TreeLine], changes: Sequence[TreeChange], read: ReadTree, write: WriteTree
) -> str:
    """SHA of the tree `base` with `changes`, written with every directory that differs.

    A file takes the place of a directory and the reverse; directories that become empty go; taking out a directory
    changes nothing, as only its files are there to git.
    """
    root = _Folder(base)
    for change in sorted(changes, key=lambda each: each.mode != DIRECTORY or each.sha is None):
        *folders, name = change.path.split("/")
        folder: _Folder | None = root
        for each in folders:
            folder = None if folder is None else await _step_into(folder, each, read, make=change.sha is not None)
        if folder is None:
            continue
        if change.sha is not None:
            folder.below[name] = TreeLine(name, change.mode, change.sha)
        elif isinstance(there := folder.below.get(name), TreeLine) and there.mode != DIRECTORY:
            del folder.below[name]
    return await write(await _lines(root, write))


async def _step_into(folder: _Folder, name: str, read: ReadTree, *, make: bool) -> _Folder | None:
    there = folder.below.get(name)
    if isinstance(there, _Folder):
        return there
    if there is not None and there.mode == DIRECTORY:
        inner = _Folder(await read(there.sha))
    elif make:
        inner = _Folder()
    else:
        return None
    folder.below[name] = inner
    return inner


async def _lines(folder: _Folder, write: WriteTree) -> list[TreeLine]:
    lines: list[TreeLine] = []
    for name, each in folder.below.items():
        if isinstance(each, TreeLine):
            lines += [each] if each.sha != EMPTY_TREE else []
        elif inner := await _lines(each, write):
            lines.append(TreeLine(name, DIRECTORY, await write(inner)))
    return lines
