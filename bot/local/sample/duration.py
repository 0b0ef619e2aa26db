"""Durations as people write them: `1h30m`, `45s`."""

import re

_UNITS = {"h": 3600, "m": 60, "s": 1}
_PART = re.compile(r"(\d+)([hms])")


def parse(text: str) -> int:
    """Seconds in `text`; raises ValueError for anything that is no duration."""
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def render(seconds: int) -> str:
    """The shortest text that `parse` reads as `seconds`."""
    parts: list[str] = []
    for unit, size in _UNITS.items():
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
