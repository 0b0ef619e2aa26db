"""The Executor's `check`: deterministic checks on its overlay, in the sandbox, as typed results."""

from dataclasses import dataclass, replace

from bot.ci.findings import collect
from bot.failures.failure import failures_of, timeout_failure
from bot.git.tree import archive as archive_of
from bot.jobs.context import Context
from bot.jobs.desk import Desk
from bot.jobs.perform.syntax import syntax_failures
from bot.model.command import Unqualified
from bot.model.failure import Failure
from bot.model.reply import Check
from bot.model.report import report_text
from bot.model.run import Run
from bot.sandbox.checks import run_static, run_tests

SHOWN = 20
TAIL_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class LevelReport:
    """What a check says: to the Executor in words, to the failure store typed."""

    text: str
    failures: tuple[Failure, ...] = ()


async def check_level(call: Check, run: Run, context: Context, desk: Desk) -> LevelReport:
    """Level 1 syntax, 2 lint and security, 3 tests; a level that fails is the last one that runs."""
    sandbox, environment = context.sandbox, run.environment
    if isinstance(sandbox, Unqualified) or environment is None:
        return LevelReport("not run: no sandbox is available here, so nothing is executed before CI")
    found = await syntax_failures(sandbox, environment, desk.overlay)
    if found or call.level == 1:
        return _report("syntax", found)
    archive = await archive_of(desk.clone, desk.base)
    python = tuple(sorted(path for path, text in desk.overlay.items() if text is not None and path.endswith(".py")))
    if python:
        static = await run_static(sandbox, environment, archive, desk.overlay, python)
        reports = {"ruff.json": static.ruff or b"", "bandit.json": static.bandit or b""}
        found = failures_of(collect(reports, (), {}), source="sandbox")
    if found or call.level == 2:
        return _report("lint and security", found)
    tests = await run_tests(sandbox, environment, archive, desk.overlay, call.tests, wall=context.tests_wall)
    if tests.timed_out:
        endless = timeout_failure("pytest", f"the tests did not end within {context.tests_wall}")
        return _report("tests", (replace(endless, source="sandbox"),))
    if not tests.junit:
        end = (tests.stdout + tests.stderr)[-TAIL_BYTES:].decode("utf-8", "replace")
        return LevelReport(f"tests: no report was written; the end of the output is\n{report_text(end)}")
    findings = collect({"junit.xml": tests.junit}, (), {})
    passed = sum(result.outcome == "passed" for result in findings.tests)
    return _report(f"tests ({passed} passed)", failures_of(findings, source="sandbox"))


def _report(level: str, found: tuple[Failure, ...]) -> LevelReport:
    if not found:
        return LevelReport(f"{level}: nothing found")
    lines = [
        f"{failure.path}:{failure.line or '?'}: {failure.tool} {failure.rule} {failure.test}: {failure.message}"
        for failure in found[:SHOWN]
    ]
    more = f"\n[{len(found) - SHOWN} more]" if len(found) > SHOWN else ""
    return LevelReport(f"{level}: {len(found)} found\n" + "\n".join(lines) + more, found)
