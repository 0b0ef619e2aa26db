"""Running the tests of a base commit with a change laid over it, once for each content."""

from dataclasses import dataclass, replace

from bot.ci.findings import collect
from bot.failures.failure import check_failure, failures_of, timeout_failure
from bot.jobs.validation.cache import content_key
from bot.jobs.validation.workbench import NotExecuted, Workbench, facts_of, overlay_key, ready
from bot.model.change import Overlay
from bot.model.failure import Failure
from bot.model.report import report_text
from bot.model.validation import TestEvidence
from bot.sandbox.checks import CHECKOUT, Measure, TestsRun, run_tests

TAIL_BYTES = 4_000
_FORMAT = 1
"""Counted up when an older program's entries would not serve."""
_NO_TESTS = 5
"""pytest's exit code where it collected none, https://docs.pytest.org/en/stable/reference/exit-codes.html"""


@dataclass(frozen=True, slots=True)
class Executed:
    """One run of the tests."""

    evidence: TestEvidence
    failures: tuple[Failure, ...]
    """Of tests, or of the run itself where it ended without saying which."""
    timed_out: bool
    seconds: float
    end: str
    """The end of what was written to the terminal."""
    coverage: float | None
    """Rate of covered lines from 0 to 1; None where it was not measured."""
    cached: bool = False


async def execute(
    work: Workbench, overlay: Overlay, tests: tuple[str, ...] = (), *, measure: Measure = "nothing"
) -> Executed | NotExecuted:
    """Run the given tests (files or node ids), or all; what has been run before is not run again.

    A run that did not end in time is never kept: the next one may have a faster machine.
    """
    bench = ready(work)
    if isinstance(bench, NotExecuted):
        return bench
    key = content_key("tests", _FORMAT, await facts_of(bench), overlay_key(overlay), sorted(tests), measure)
    known = await work.cache.read(key, Executed)
    if known is not None:
        return replace(known, cached=True)
    run = await run_tests(
        bench.sandbox, bench.environment, bench.archive, overlay, tests, wall=work.tests_wall, measure=measure
    )
    executed = _executed(run, work)
    if not executed.timed_out:
        await work.cache.write(key, executed)
    return executed


async def run_evidence(work: Workbench, overlay: Overlay, tests: tuple[str, ...] = ()) -> TestEvidence:
    """Which tests were executed and how they ended; unreported where nothing can be executed here."""
    executed = await execute(work, overlay, tests)
    if isinstance(executed, NotExecuted):
        return TestEvidence((), None, reported=False, source="sandbox")
    return executed.evidence


def _executed(run: TestsRun, work: Workbench) -> Executed:
    reports = {"junit.xml": run.junit} if run.junit else {}
    coverage = {"coverage.xml": run.coverage} if run.coverage else {}
    findings = collect({**reports, **coverage}, (), {}, CHECKOUT)
    evidence = TestEvidence(
        tuple((result.id, result.outcome) for result in findings.tests),
        run.exit_code,
        reported=bool(findings.tests) or run.exit_code == _NO_TESTS,
        source="sandbox",
    )
    end = report_text((run.stdout + run.stderr)[-TAIL_BYTES:].decode("utf-8", "replace"), TAIL_BYTES)
    failures = failures_of(findings, source="sandbox")
    if run.timed_out:
        endless = timeout_failure("pytest", f"the tests did not end within {work.tests_wall}")
        failures = (*failures, replace(endless, source="sandbox"))
    elif not failures and _ended_badly(evidence):
        last = next((line for line in reversed(end.splitlines()) if line.strip()), "nothing was written")
        said = f"pytest ended with exit code {run.exit_code} and names no failed test: {last}"
        failures = (replace(check_failure("pytest", said), source="sandbox"),)
    rate = findings.coverage.line_rate if findings.coverage else None
    return Executed(evidence, failures, run.timed_out, run.seconds, end, rate)


def _ended_badly(evidence: TestEvidence) -> bool:
    """Whether a run without a failed test is no success: ended by force, or by an error outside every test.

    Exit code 1 without a failed test is a threshold, such as one for coverage, that a part of the tests can't meet.
    """
    match evidence.exit_code:
        case 0 | 1:
            return not evidence.reported
        case 5:
            return False
        case _:
            return True
