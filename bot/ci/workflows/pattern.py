"""GitHub's patterns for names of branches, matched in time that grows with the pattern and the name alone.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

_WORD: Final = re.compile(r"\*\*/|\*\*|\*|[?+]|\[[^\]]+\]|\\?.", re.DOTALL)


def matches(patterns: Sequence[str], name: str, *, unsure: bool) -> bool:
    """Whether the last pattern that fits `name` is a positive one (`!` negates).

    A pattern that is not understood counts only where it speaks for `unsure`.
    """
    verdict = False
    for pattern in patterns:
        positive = not pattern.startswith("!")
        found = fits(pattern.removeprefix("!"), name)
        if found or (found is None and positive == unsure):
            verdict = positive
    return verdict


def fits(pattern: str, name: str) -> bool | None:
    """Whether the whole name fits; None where the pattern is none."""
    words = _WORD.findall(pattern)
    reached = {0}
    place = 0
    while place < len(words):
        word, after = words[place], words[place + 1 : place + 2]
        place += 1
        if word in _WILD:
            reached = _WILD[word](reached, name)
            continue
        accepts = _accepts(word)
        if accepts is None:
            return None
        repeat = after[0] if after and after[0] in ("?", "+") else ""
        place += len(repeat)
        reached = _stepped(reached, name, accepts, repeat)
    return len(name) in reached


def _within_segment(reached: set[int], name: str) -> set[int]:
    found: set[int] = set()
    for start in reached:
        end = name.find("/", start)
        found.update(range(start, (len(name) if end < 0 else end) + 1))
    return found


def _anything(reached: set[int], name: str) -> set[int]:
    return set(range(min(reached), len(name) + 1)) if reached else reached


def _folders(reached: set[int], name: str) -> set[int]:
    first = min(reached, default=len(name))
    return reached | {place + 1 for place in range(first, len(name)) if name[place] == "/"}


_WILD: Final = {"*": _within_segment, "**": _anything, "**/": _folders}


def _accepts(word: str) -> Callable[[str], bool] | None:
    """Which characters a word of the pattern stands for; None where it is none."""
    if len(word) > 1 and word[0] == "[":
        try:
            kind = re.compile(word.replace("\\", "\\\\").replace("[[", "[\\["))
        except re.error:
            return None
        return lambda character: kind.fullmatch(character) is not None
    wanted = word[-1]
    return lambda character: character == wanted


def _stepped(reached: set[int], name: str, accepts: Callable[[str], bool], repeat: str) -> set[int]:
    """Where the characters lead: one of them, with `?` at most one, with `+` at least one."""
    steps = {place + 1 for place in reached if place < len(name) and accepts(name[place])}
    if repeat == "+":
        for place in range(min(steps, default=len(name)), len(name)):
            if place in steps and accepts(name[place]):
                steps.add(place + 1)
    return steps | reached if repeat == "?" else steps
