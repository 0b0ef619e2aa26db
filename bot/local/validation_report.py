"""What `rmo validate` found, as a verdict with its reasons and as the report for other programs. Pure."""

from dataclasses import dataclass
from typing import Any, Literal

from bot.jobs.validation.levels import PARTLY
from bot.model.failure import Failure
from bot.model.validation import (
    BehaviourKept,
    CodeUnchanged,
    LevelResult,
    Proof,
    RedBeforeGreen,
    TamperFinding,
    Unproven,
)

_RAISING = frozenset({"pytest", "junit", "unittest", "python"})
"""Tools whose rule is the class of an exception."""


@dataclass(frozen=True, slots=True)
class Validated:
    """Everything that was found."""

    levels: tuple[LevelResult, ...]
    tampering: tuple[TamperFinding, ...]
    failures: tuple[Failure, ...]
    proof: Proof | Unproven | None
    """None where none was asked for."""
    coverage_before: float | None
    coverage_after: float | None

    @property
    def verdict(self) -> Literal["passed", "failed", "unverified"]:
        """Failed where anything is wrong, unverified where nothing is but nothing shows that it is right either."""
        if self.failures:
            return "failed"
        executed = any(level.status == "passed" for level in self.levels)
        if isinstance(self.proof, CodeUnchanged):
            return "passed"
        return "passed" if executed and not isinstance(self.proof, Unproven) else "unverified"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, the weightiest first."""
        found = [
            f"level {level.level} ({level.name}) found {len(level.failures)} failure(s)"
            for level in self.levels
            if level.status == "failed"
        ]
        of_levels = {failure for level in self.levels for failure in level.failures}
        others = [failure for failure in self.failures if failure not in of_levels]
        found += [f"{each.category}: {_first_line(each)}" for each in others]
        found += _of_proof(self.proof)
        if not any(level.status == "failed" for level in self.levels):
            idle = [level for level in self.levels if level.status == "not run"]
            found += [f"level {level.level} ({level.name}) did not run: {level.note}" for level in idle]
        partly = [level for level in self.levels if level.status != "not run" and PARTLY in level.note]
        found += [f"level {level.level} ({level.name}): {level.note}" for level in partly]
        return tuple(found)


def report_of(validated: Validated) -> dict[str, Any]:
    """The report, ready for JSON."""
    proof = validated.proof
    red = proof if isinstance(proof, RedBeforeGreen) else None
    return {
        "verdict": validated.verdict,
        "reasons": list(validated.reasons),
        "proof": None if red is None else {"test": red.test, "base": red.base, "head": red.head},
        "levels": [
            {"level": each.level, "name": each.name, "status": each.status, "seconds": each.seconds}
            for each in validated.levels
        ],
        "failures": [_failure(each) for each in validated.failures],
        "tampering": [
            {
                "rule": each.rule,
                "path": each.path,
                "line": each.line,
                "detail": each.detail,
                "suspicion": each.suspicion,
            }
            for each in validated.tampering
        ],
        "coverage": {"before": validated.coverage_before, "after": validated.coverage_after},
    }


def in_one_line(report: dict[str, Any]) -> str | None:
    """Why a report tells of no success; None where it does."""
    if report["verdict"] == "passed":
        return None
    reasons: list[str] = report["reasons"]
    return f"{report['verdict']}: {reasons[0]}" if reasons else str(report["verdict"])


def _failure(failure: Failure) -> dict[str, Any]:
    raised = failure.tool in _RAISING
    return {
        "category": failure.category,
        "tool": failure.tool,
        "rule": "" if raised else failure.rule,
        "exception": failure.rule if raised else "",
        "message": failure.message,
        "file": failure.path,
        "line": failure.line,
        "test": failure.test,
        "fingerprint": failure.fingerprint,
    }


def _of_proof(proof: Proof | Unproven | None) -> list[str]:
    match proof:
        case None:
            return []
        case Unproven(reason=reason):
            return [f"no proof: {reason}"]
        case RedBeforeGreen(test=test, base=base):
            return [f"proof: {test} ({base} on the base, passed on the change)"]
        case CodeUnchanged(files=files):
            return [f"proof: only documentation changed, in {files} file(s)"]
        case BehaviourKept(tests=tests):
            return [f"proof: {tests} test(s) end as before"]


def _first_line(failure: Failure) -> str:
    place = failure.test or failure.path
    first = failure.message.partition("\n")[0]
    return f"{place}: {first}" if place else first
