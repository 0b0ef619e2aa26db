"""What the levels say, in words for the one who asked for them."""

from collections.abc import Sequence

from bot.model.failure import Failure
from bot.model.validation import LevelResult

SHOWN = 20
"""Failures that are named."""
MESSAGE_LINES = 6
TEXT_CHARACTERS = 8_000


def level_text(results: Sequence[LevelResult]) -> str:
    """A line for each level and below it what it found, cut beyond `TEXT_CHARACTERS`."""
    lines: list[str] = []
    for result in results:
        found = f", {len(result.failures)} found" if result.failures else ""
        lines.append(f"level {result.level} {result.name}: {result.status}{found} ({result.note})")
        lines += [failure_line(failure) for failure in result.failures[:SHOWN]]
        if len(result.failures) > SHOWN:
            lines.append(f"[{len(result.failures) - SHOWN} more]")
    text = "\n".join(lines)
    return text if len(text) <= TEXT_CHARACTERS else f"{text[:TEXT_CHARACTERS]}\n[cut]"


def failure_line(failure: Failure) -> str:
    """Where, who says so, and the first lines of what is said."""
    place = f"{failure.path}:{failure.line}" if failure.line else failure.path
    names = " ".join(part for part in (failure.tool, failure.rule, failure.test) if part)
    message = "\n  ".join(failure.message.splitlines()[:MESSAGE_LINES])
    return f"{place}: {names}: {message}" if place else f"{names}: {message}"
