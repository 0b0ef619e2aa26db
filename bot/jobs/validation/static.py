"""Level 2: lint, security and types, of which only what the change introduced counts.

The hardened ruff and bandit hear neither configuration nor suppressions, as the change could have written them. Beside
them run the tools that the repository has configured itself. What the base version of the code has too is no finding:
old debts are not the change's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.ci.configured import ConfiguredTool, configured_tools, mypy_names_its_files
from bot.ci.findings import collect
from bot.ci.introduced import introduced
from bot.failures.failure import lint_failure
from bot.jobs.validation.workbench import Ready, Tree
from bot.model.change import Overlay
from bot.model.failure import Failure
from bot.model.report import LintFinding, report_text
from bot.sandbox.checks import CHECKOUT, run_static
from bot.sandbox.configured import ToolRun, run_configured

REASON_CHARACTERS = 160
Question = Literal["change", "tree"]
"""What is judged: what a change introduced, or a tree as it stands."""


@dataclass(frozen=True, slots=True)
class StaticFindings:
    """What the change introduced, and which tools said so."""

    failures: tuple[Failure, ...]
    ran: tuple[str, ...]
    missing: tuple[str, ...]
    """`tool: reason` of every tool that should have run and left no report."""


@dataclass(frozen=True, slots=True)
class _Said:
    findings: tuple[LintFinding, ...]
    ran: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def __add__(self, other: "_Said") -> "_Said":
        return _Said(self.findings + other.findings, self.ran + other.ran, self.missing + other.missing)


async def find_static(
    bench: Ready, overlay: Overlay, paths: Collection[str], base: Tree, question: Question
) -> StaticFindings:
    """Run the tools on `paths`, then, only where they find something of a change, on the base commit.

    Of a change, what the base commit has too is left out. Of a tree, what its own `noqa` and `nosec` excuse, and its
    own configuration of ruff stands in for the hardened one: nobody but its people wrote them.
    """
    head = base.with_overlay(overlay)
    wanted = tuple(sorted(path for path in paths if path in head.texts))
    tools = configured_tools(head.texts)
    said = await _say(bench, overlay, wanted, tools, head, question)
    found = said.findings
    if found and question == "change":
        # A file that the change moved away is looked at too: what moved with its text is not new.
        gone = {path for path, text in overlay.items() if text is None and path.endswith(".py")}
        before = tuple(sorted((set(wanted) | gone) & set(base.texts)))
        known = _Said(())
        if before:
            # basedpyright's report is pyright's.
            reporting: list[ConfiguredTool] = [
                tool for tool in tools if any(tool.endswith(each.tool) for each in found)
            ]
            known = await _say(bench, {}, before, reporting, base, question)
        found = introduced(found, known.findings, _lines(head), _lines(base))
    failures = tuple(dict.fromkeys(lint_failure(finding, source="sandbox") for finding in found))
    return StaticFindings(failures, said.ran, said.missing)


async def _say(
    bench: Ready,
    overlay: Overlay,
    paths: tuple[str, ...],
    tools: Sequence[ConfiguredTool],
    tree: Tree,
    question: Question,
) -> _Said:
    said = await _hardened(bench, overlay, paths, question, tools)
    for tool in tools:
        said += await _configured(bench, overlay, paths, tool, tree.texts)
    return _Said(tuple(dict.fromkeys(said.findings)), said.ran, said.missing)


async def _hardened(
    bench: Ready, overlay: Overlay, paths: tuple[str, ...], question: Question, tools: Sequence[ConfiguredTool]
) -> _Said:
    """bandit's remarks of low severity, such as that a test asserts, would stop every other change."""
    run = await run_static(
        bench.sandbox,
        bench.environment,
        bench.archive,
        overlay,
        paths,
        severity="medium",
        heed="nothing" if question == "change" else "suppressions",
    )
    reports = {"ruff": run.ruff, "bandit": run.bandit}
    if question == "tree" and "ruff" in tools:
        del reports["ruff"]
    said = _Said(())
    for tool, report in reports.items():
        why = _last_line(run.stderr)
        said += _Said((), missing=(f"{tool}: {why}",)) if report is None else _read(tool, report, why)
    return said


async def _configured(
    bench: Ready, overlay: Overlay, paths: tuple[str, ...], tool: ConfiguredTool, texts: Mapping[str, str]
) -> _Said:
    named = tool in ("pyright", "basedpyright") or (tool == "mypy" and mypy_names_its_files(texts))
    run = await run_configured(bench.sandbox, bench.environment, bench.archive, overlay, tool, () if named else paths)
    name = f"{tool} (configured)" if tool == "ruff" else tool
    if not run.installed:
        return _Said((), missing=(f"{name}: not among the installed dependencies",))
    if not _is_report(run):
        return _Said((), missing=(f"{name}: {_last_line(run.stderr or run.report)}",))
    return _read(name, run.report, _last_line(run.stderr))


def _is_report(run: ToolRun) -> bool:
    """Type checkers end with 1 where they found errors, and with more where they could not check at all."""
    return run.exit_code in (0, 1)


def _read(tool: str, report: bytes, why: str) -> _Said:
    if not report.strip():
        return _Said((), (tool,))
    findings = collect({f"{tool}-report.json": report}, (), {}, CHECKOUT)
    if findings.unread:
        return _Said((), missing=(f"{tool}: {findings.unread[0]} {why}".strip(),))
    return _Said(findings.lint, (tool,))


def _lines(tree: Tree) -> dict[str, list[str]]:
    return {path: text.splitlines() for path, text in tree.texts.items()}


def _last_line(output: bytes) -> str:
    lines = [line.strip() for line in report_text(output[-4000:].decode("utf-8", "replace")).splitlines()]
    return next((line[:REASON_CHARACTERS] for line in reversed(lines) if line), "it left no report")
