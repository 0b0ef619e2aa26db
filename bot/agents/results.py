"""Tool results in the words that the Executor reads: short, capped, and fenced against nothing because they are data.

Providers mark a tool result as such; its text still comes from the repository and orders nothing.
"""

from collections.abc import Sequence

MAX_CHARACTERS = 12_000
"""Of one result."""
MAX_LISTED = 300


def listing(paths: Sequence[str]) -> str:
    if not paths:
        return "no file matches"
    more = f"\n[{len(paths) - MAX_LISTED} more; narrow the pattern]" if len(paths) > MAX_LISTED else ""
    return "\n".join(paths[:MAX_LISTED]) + more


def hits(lines: Sequence[tuple[str, int, str]], remark: str) -> str:
    found = "\n".join(f"{path}:{number}: {text}" for path, number, text in lines)
    return capped("\n".join(part for part in (found or "no line matches", f"[{remark}]" if remark else "") if part))


def excerpt(path: str, text: str | None, first: int, last: int | None) -> str:
    """Lines with their numbers, first and last included."""
    if text is None:
        return f"{path!r} does not exist or is no text"
    lines = text.splitlines()
    if not lines:
        return f"{path!r} is empty"
    end = min(last or len(lines), len(lines))
    if first > len(lines) or end < first:
        return f"{path!r} has {len(lines)} lines; lines {first} to {last} are not among them"
    shown = [f"{number}\t{lines[number - 1]}" for number in range(first, end + 1)]
    return capped("\n".join(shown), f"{path!r} has {len(lines)} lines; read a part of it")


def capped(text: str, hint: str = "there is more") -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    return f"{text[:MAX_CHARACTERS]}\n[cut here; {hint}]"
