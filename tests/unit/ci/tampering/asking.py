"""Short ways to ask the guard about one file."""

from collections.abc import Callable

from bot.ci.tampering import Allowance, find_tampering
from bot.ci.tampering.gates import nothing_protected
from bot.model.validation import TestEvidence, TestState

TEST = "tests/test_a.py"


def found(
    base: str | None,
    head: str | None,
    path: str = TEST,
    *,
    allowed: Allowance | None = None,
    protected: Callable[[str], str | None] = nothing_protected,
) -> list[str]:
    """Rules that a change of one file breaks, suspicions with a question mark."""
    given = {} if base is None else {path: base}
    findings = find_tampering(given, {path: head}, allowed=allowed or Allowance(), protected=protected)
    return [finding.rule + "?" * finding.suspicion for finding in findings]


def details(base: str | None, head: str | None, path: str = TEST) -> str:
    return "\n".join(each.detail for each in find_tampering({} if base is None else {path: base}, {path: head}))


def evidence(exit_code: int | None, outcomes: dict[str, TestState], *, reported: bool = True) -> TestEvidence:
    return TestEvidence(tuple(sorted(outcomes.items())), exit_code, reported, "ci")
