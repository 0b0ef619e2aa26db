"""A failure that a deterministic tool found: the primary data of everything that is learned."""

from dataclasses import dataclass
from typing import Literal

from bot.model.ids import Fingerprint

Category = Literal[
    "syntax",
    "logic",
    "runtime",
    "performance",
    "style",
    "security",
    "type",
    "environment",
    "tampering",
    "format",
]
Source = Literal["ci", "sandbox"]


@dataclass(frozen=True, slots=True)
class Failure:
    """One distinct finding; `message` is hostile text and never leaves its own run."""

    source: Source
    category: Category
    tool: str
    """pytest, ruff, bandit, coverage, python, ... or the name of the check where no report says more."""
    rule: str
    """Rule id or exception class; empty where there is none."""
    message: str
    path: str
    line: int | None
    test: str
    """Test id, empty for findings that are no test's."""
    fingerprint: Fingerprint
