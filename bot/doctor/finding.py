"""What a check comes to, and how an error of the program becomes one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.model.errors import RmoError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    state: Literal["ok", "warning", "problem"]
    """With a problem the bot can't work as it should; with a warning it can."""
    said: str
    """How it is, in one line; may hold a stranger's text."""
    mend: str = ""
    """What to do about it; empty where all is well."""
    repository: str = ""
    """Which one it is about; empty for the bot as a whole."""


def ok(check: str, said: str) -> Finding:
    return Finding(check, "ok", said)


def warning(check: str, said: str, mend: str) -> Finding:
    return Finding(check, "warning", said, mend)


def problem(check: str, said: str, mend: str) -> Finding:
    return Finding(check, "problem", said, mend)


def raised(check: str, error: RmoError, mend: str = "") -> Finding:
    """The finding that an error stands for; most say after a semicolon what is to be done, where `mend` does not."""
    said, _, advice = " ".join(str(error).split()).rpartition("; ")
    return problem(check, said or advice, mend or (advice if said else "see to the other findings first"))


def in_a_list(names: Sequence[str], most: int = 8) -> str:
    """The names, the ones beyond `most` counted."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
