"""Making a `Failure` of each kind of finding: its category, its closed rule, its fingerprint, its place."""

from dataclasses import replace

from bot.failures.category import (
    BELOW_THRESHOLD,
    TIMEOUT,
    check_category,
    exception_category,
    known_exception,
    known_rule,
    lint_category,
)
from bot.failures.fingerprint import exception_fingerprint, fingerprint, is_own, own_frame
from bot.failures.masks import mask_identifiers
from bot.model.check import Annotation
from bot.model.failure import Failure, Source
from bot.model.report import Coverage, Findings, LintFinding, TestResult, report_text

NAME_CHARACTERS = 100
PATH_CHARACTERS = 300


def failures_of(
    findings: Findings, *, source: Source, own_modules: frozenset[str] = frozenset()
) -> tuple[Failure, ...]:
    """Every distinct failure that the reports of one commit name: tests, then lint.

    Annotations count only where no report names a failure, because they repeat what a report says better. Where
    nothing at all is named although a check is red, `check_failure` makes one of the check itself.
    """
    found = [
        failure_of_test(test, source=source, own_modules=own_modules)
        for test in findings.tests
        if test.outcome in ("failed", "error")
    ]
    found += [lint_failure(finding, source=source) for finding in findings.lint]
    if not found:
        found = [remark_failure(remark, source=source) for remark in findings.remarks]
    return tuple(dict.fromkeys(found))


def failure_of_test(result: TestResult, *, source: Source, own_modules: frozenset[str] = frozenset()) -> Failure:
    """Of a test that failed or could not run; its place is the last own function that it went through."""
    said = f"{result.exception}: {result.message}" if result.exception else result.message
    frame = own_frame(result.frames) or next((frame for frame in reversed(result.frames) if is_own(frame.path)), None)
    return Failure(
        source=source,
        category=exception_category(result.exception, result.message, own_modules),
        tool=result.tool,
        rule=known_exception(result.exception),
        message=report_text(said),
        path=frame.path if frame else result.id.partition("::")[0],
        line=frame.line if frame else None,
        test=result.id,
        fingerprint=exception_fingerprint(result.tool, result.exception, result.message, result.frames),
    )


def lint_failure(finding: LintFinding, *, source: Source) -> Failure:
    """Of a finding of a static tool; the same rule anywhere is the same failure.

    The rules of type checkers are broad (`attr-defined`), so what they say counts too, without the names in it.
    """
    category = lint_category(finding.tool, finding.rule)
    said = mask_identifiers(finding.message.partition("\n")[0]) if category == "type" else ""
    return Failure(
        source=source,
        category=category,
        tool=finding.tool,
        rule=known_rule(finding.tool, finding.rule),
        message=report_text(finding.message),
        path=finding.path,
        line=finding.line or None,
        test="",
        fingerprint=fingerprint(finding.tool, finding.rule, said),
    )


def syntax_failure(path: str, line: int | None, message: str, *, source: Source = "sandbox") -> Failure:
    """Of a file that the interpreter cannot parse, by the parser's own words."""
    return _plain("python", "SyntaxError", message, source, path, line)


def remark_failure(remark: Annotation, *, source: Source = "ci") -> Failure:
    """Of an annotation that no known tool made."""
    return _plain("annotation", "", remark.message, source, remark.path, remark.line or None)


def coverage_failure(coverage: Coverage, minimum: float, *, source: Source = "ci") -> Failure:
    """Of a total line rate below `minimum`, both from 0 to 1."""
    said = f"{coverage.line_rate:.1%} of the lines are covered, below {minimum:.1%}"
    return lint_failure(LintFinding("coverage", BELOW_THRESHOLD, "", 0, said), source=source)


def environment_failure(command: str, output_tail: str, *, source: Source = "sandbox") -> Failure:
    """Of dependencies that could not be installed; the last line of the output says why."""
    message = f"{report_text(command, 200)}: {_last_line(output_tail)}"
    return _plain("environment", "", message, source)


def format_failure(reason: str) -> Failure:
    """Of a reply that the model did not give in the form it was asked for."""
    return _plain("model", "", reason, "sandbox")


def check_failure(name: str, summary: str) -> Failure:
    """Of a red check without any report that explains it; the first line of `summary` stands for the cause."""
    name = report_text(name, NAME_CHARACTERS).strip()
    lines = (line.strip() for line in report_text(summary).split("\n"))
    return Failure(
        source="ci",
        category=check_category(name),
        tool=name,
        rule="",
        message=report_text(summary),
        path="",
        line=None,
        test="",
        fingerprint=fingerprint(name, "", next((line for line in lines if line), "")),
    )


def timeout_failure(name: str, summary: str) -> Failure:
    """Of a check that was ended because it took too long; whatever its name, that is a failure of performance."""
    found = check_failure(name, summary)
    return replace(found, category="performance", rule=TIMEOUT, fingerprint=fingerprint(found.tool, TIMEOUT))


def _plain(tool: str, rule: str, message: str, source: Source, path: str = "", line: int | None = None) -> Failure:
    message = report_text(message)
    return Failure(
        source=source,
        category=lint_category(tool, rule),
        tool=tool,
        rule=rule,
        message=message,
        path=report_text(path, PATH_CHARACTERS),
        line=line,
        test="",
        fingerprint=fingerprint(tool, rule, message.partition("\n")[0]),
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in report_text(text[-4000:]).split("\n") if line.strip()]
    return lines[-1] if lines else ""
