"""Failures of category `tampering`: what the guard found, in the form in which every failure is kept."""

from collections.abc import Iterable

from bot.failures.failure import PATH_CHARACTERS
from bot.failures.fingerprint import fingerprint
from bot.model.failure import Failure, Source
from bot.model.report import report_text
from bot.model.validation import TamperFinding

TOOL = "tampering"


def tampering_failures(findings: Iterable[TamperFinding], source: Source) -> tuple[Failure, ...]:
    """One failure for each finding; suspicions are shown to people and are no failures.

    The same rule is the same failure, wherever it was broken and whatever the finding says.
    """
    failures = (_failure(finding, source) for finding in findings if not finding.suspicion)
    return tuple(dict.fromkeys(failures))


def _failure(finding: TamperFinding, source: Source) -> Failure:
    return Failure(
        source=source,
        category="tampering",
        tool=TOOL,
        rule=finding.rule,
        message=report_text(finding.detail),
        path=report_text(finding.path, PATH_CHARACTERS),
        line=finding.line,
        test="",
        fingerprint=fingerprint(TOOL, finding.rule),
    )
