"""What passes the guard before it leaves: every text of a write, but for the contents of files.

Those are code, which would not be the same code afterwards: who commits judges them, and refuses instead.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

Guard = Callable[[str], str]
"""What may be said of a text in public; applying it again changes nothing."""

CONTENTS = frozenset({"content"})
"""Names under which GitHub takes contents of files (GitHub docs: "Create a blob", "Create a tree")."""


def unguarded(text: str) -> str:
    """Everything may be said."""
    return text


def guarded(guard: Guard, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a write as it may leave."""
    return {name: value if name in CONTENTS else _guarded(guard, value) for name, value in body.items()}


def _guarded(guard: Guard, value: object) -> object:
    match value:
        case str():
            return guard(value)
        case Mapping():
            return guarded(guard, cast(Mapping[str, Any], value))
        case Sequence() if not isinstance(value, bytes):
            return [_guarded(guard, entry) for entry in cast(Sequence[object], value)]
        case _:
            return value
