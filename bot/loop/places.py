"""Whether a new file can stand where an edit wants it: nothing that is there may be swallowed by it.

Git's trees would take it: a file named like a directory replaces everything below it, a file below a link replaces the
link, and two names that differ in case alone are one file on many systems. None of that is what an edit says it does.
"""

import unicodedata
from collections.abc import Collection
from typing import assert_never

from bot.model.change import Create, Delete, Edit, Rename, Replace


def new_place(edit: Edit) -> str | None:
    """The path at which `edit` makes a file; None for one that makes none."""
    match edit:
        case Create(path=path):
            return path
        case Rename(to=to):
            return to
        case Replace() | Delete():
            return None
        case _ as unreachable:
            assert_never(unreachable)


def obstacle(path: str, files: Collection[str], others: Collection[str]) -> str | None:
    """Why no new file can stand at `path`; None where it can.

    `files` are the paths of the tree's files, `others` those of its links and submodules.
    """
    parents = [path[:at] for at, letter in enumerate(path) if letter == "/"]
    if path in others:
        return f"{path!r} is a link or a submodule, which no edit replaces"
    linked = next((parent for parent in parents if parent in others), None)
    if linked is not None:
        return f"{path!r} lies behind {linked!r}, which is a link or a submodule"
    file = next((parent for parent in parents if parent in files), None)
    if file is not None:
        return f"{file!r} is a file, so nothing can lie below it"
    taken = (*files, *others)
    if any(each.startswith(f"{path}/") for each in taken):
        return f"{path!r} is a directory"
    return _same_name(path, parents, taken)


def _same_name(path: str, parents: Collection[str], taken: Collection[str]) -> str | None:
    """A name or a directory of `path` that is there already in other letters."""
    wanted = {_folded(each): each for each in (*parents, path)}
    below = tuple(f"{each}/" for each in wanted)
    for each in taken:
        folded = _folded(each)
        if folded not in wanted and not folded.startswith(below):
            continue
        names = each.split("/")
        for asked in wanted.values():
            there = "/".join(names[: asked.count("/") + 1])
            if there != asked and _folded(there) == _folded(asked):
                return f"{asked!r} is {there!r} on systems that ignore case; use that name"
    return None


def _folded(path: str) -> str:
    return path.lower() if path.isascii() else unicodedata.normalize("NFKC", path).casefold()
