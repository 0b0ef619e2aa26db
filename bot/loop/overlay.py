"""Edits over a tree: each is applied at once or refused with a reason that helps its author."""

import difflib
from typing import assert_never

from bot.model.change import Applied, Create, Delete, Edit, Overlay, Rejected, Rename, Replace

MAX_FILE_CHARACTERS = 1_000_000


def path_of(edit: Edit) -> tuple[str, ...]:
    """Every path that `edit` names, for whoever checks paths and loads the files."""
    match edit:
        case Rename(path=path, to=to):
            return (path, to)
        case Replace(path=path) | Create(path=path) | Delete(path=path):
            return (path,)
        case _ as unreachable:
            assert_never(unreachable)


def edit(overlay: Overlay, current: dict[str, str | None], wanted: Edit) -> Applied | Rejected:
    """`overlay` with `wanted` applied; `current` has the text of each path it names, None where there is no file."""
    text = current[wanted.path]
    match wanted:
        case Replace(path=path, old=old, new=new):
            return _replace(overlay, path, text, old, new)
        case Create(path=path, content=content):
            if text is not None:
                return Rejected(path, f"{path!r} exists already; replace a part of it, or delete it first")
            return _put(overlay, path, content)
        case Delete(path=path):
            if text is None:
                return Rejected(path, f"{path!r} does not exist")
            return Applied(path, {**overlay, path: None})
        case Rename(path=path, to=to):
            if text is None:
                return Rejected(path, f"{path!r} does not exist")
            if current[to] is not None:
                return Rejected(to, f"{to!r} exists already")
            return Applied(path, {**overlay, path: None, to: text})
        case _ as unreachable:
            assert_never(unreachable)


def _replace(overlay: Overlay, path: str, text: str | None, old: str, new: str) -> Applied | Rejected:
    if text is None:
        return Rejected(path, f"{path!r} does not exist; create it with its whole content")
    if not old:
        return Rejected(path, "`old` is empty; give the text to replace, or create a new file")
    places = text.count(old)
    if places == 0:
        return Rejected(path, f"`old` occurs nowhere in {path!r}; {_nearest(text, old)}")
    if places > 1:
        lines = ", ".join(str(number) for number in _lines_of(text, old)[:10])
        return Rejected(path, f"`old` occurs {places} times in {path!r} (lines {lines}); add lines around it")
    return _put(overlay, path, text.replace(old, new, 1))


def _put(overlay: Overlay, path: str, text: str) -> Applied | Rejected:
    if len(text) > MAX_FILE_CHARACTERS:
        return Rejected(path, f"{path!r} would have {len(text)} characters; the limit is {MAX_FILE_CHARACTERS}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return Rejected(path, f"the text for {path!r} is not valid Unicode: {error.reason}")
    return Applied(path, {**overlay, path: text})


def _lines_of(text: str, old: str) -> list[int]:
    numbers: list[int] = []
    start = text.find(old)
    while start != -1:
        numbers.append(text.count("\n", 0, start) + 1)
        start = text.find(old, start + len(old))
    return numbers


def _nearest(text: str, old: str) -> str:
    """The line most like the first line of `old`, with its neighbours, so that the next try can match."""
    wanted = next((line for line in old.splitlines() if line.strip()), old)[:200]
    lines = text.splitlines()[:5_000]
    best = difflib.get_close_matches(wanted, [line[:200] for line in lines], n=1, cutoff=0.5)
    if not best:
        return "nothing like it is there; read the file again"
    at = next(number for number, line in enumerate(lines) if line[:200] == best[0])
    around = "\n".join(f"{number + 1}: {lines[number]}" for number in range(max(0, at - 2), min(len(lines), at + 3)))
    return f"the nearest lines are\n{around}"
