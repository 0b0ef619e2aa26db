"""All gates, and the one question that is asked of them: does this change make its own judge weaker?"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.ci.tampering.allowance import Allowance
from bot.ci.tampering.change import Gate, read_change
from bot.ci.tampering.configuration import lowered_thresholds, reconfigured_tools
from bot.ci.tampering.executed import contradicted_reports, unexecuted_tests, unexplained_exits, vanished_tests
from bot.ci.tampering.execution import early_exits, faked_equality, pytest_hooks
from bot.ci.tampering.kept import deleted_tests, edited_tests, rewritten_expectations
from bot.ci.tampering.marks import retried_tests, skipped_tests
from bot.ci.tampering.protection import protected_paths, shadowed_modules, uninspected_files
from bot.ci.tampering.suppressions import suppressed_findings
from bot.ci.tampering.suspicions import detected_tests, swallowed_errors
from bot.model.validation import TamperFinding, TamperRule, TestEvidence

TEXT_GATES: tuple[Gate, ...] = (
    protected_paths,
    deleted_tests,
    edited_tests,
    skipped_tests,
    retried_tests,
    rewritten_expectations,
    lowered_thresholds,
    reconfigured_tools,
    suppressed_findings,
    shadowed_modules,
    early_exits,
    pytest_hooks,
    faked_equality,
    uninspected_files,
    swallowed_errors,
    detected_tests,
)
"""They look at the texts of the changed files."""
RUN_GATES: tuple[Gate, ...] = (vanished_tests, unexecuted_tests, unexplained_exits, contradicted_reports)
"""They look at the executed tests of both sides."""
GATES: tuple[Gate, ...] = TEXT_GATES + RUN_GATES
SHOWN = 50
"""Findings of one rule that are told one by one; the others are counted."""
NOTHING_ALLOWED = Allowance()


def nothing_protected(path: str) -> str | None:
    """For callers without protected paths."""
    return None


def find_tampering(
    base: Mapping[str, str],
    head: Mapping[str, str | None],
    *,
    allowed: Allowance = NOTHING_ALLOWED,
    before: TestEvidence | None = None,
    after: TestEvidence | None = None,
    protected: Callable[[str], str | None] = nothing_protected,
    gates: Sequence[Gate] = GATES,
) -> tuple[TamperFinding, ...]:
    """Every way in which a change makes its own judge weaker, each once, by path and line.

    `head` has the text of every changed file, None where it is deleted; `base` has the texts of those that existed.
    `before` and `after` are the executed tests of base and head, None where nothing was run: then the gates on runs
    are silent, and it is the caller's to say so. `protected` says why a path may not be changed at all.

    Suspicions are among the findings and are marked. Never raises, whatever is in the texts, if `protected` does not;
    the time is linear in their length.
    """
    change = read_change(base, head, allowed, before, after, protected)
    found = dict.fromkeys(finding for gate in gates for finding in gate(change))
    return _told(sorted(found, key=lambda each: (each.path, each.line or 0, each.rule, each.detail)))


def _told(found: Iterable[TamperFinding]) -> tuple[TamperFinding, ...]:
    told: list[TamperFinding] = []
    number: Counter[tuple[TamperRule, bool]] = Counter()
    for finding in found:
        kind = finding.rule, finding.suspicion
        number[kind] += 1
        if number[kind] <= SHOWN:
            told.append(finding)
    more = ((kind, count - SHOWN) for kind, count in number.items() if count > SHOWN)
    told += [TamperFinding(rule, "", None, f"{count} more", suspicion) for (rule, suspicion), count in more]
    return tuple(told)
