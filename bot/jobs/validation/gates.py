"""Checks of the checklists, held at level 2: what a change brings against one of them stops the try before the push.

Only what the change introduced counts. Each failure names the item, so that the Executor knows what it is held to.
What could not be asked is said and stops nothing.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from bot.ci.findings import collect
from bot.ci.gates import CATEGORIES, pattern_findings, untested
from bot.ci.introduced import introduced
from bot.failures.failure import lint_failure
from bot.jobs.validation.workbench import Ready, Tree
from bot.model.change import Overlay
from bot.model.failure import Failure
from bot.model.gate import CHECK_TOOL, REQUIRED_TESTS, CodePattern, RequiredTest
from bot.model.protocol import ChecklistItem
from bot.model.report import LintFinding
from bot.sandbox.checks import CHECKOUT
from bot.sandbox.rules import run_rules

Names = Mapping[str, Sequence[str]]
"""What is asked (`ruff:F821`, `pattern:mutable_default`) -> ids of the items that ask for it."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the checks say of a change."""

    failures: tuple[Failure, ...]
    held: int
    """How many checks were asked."""
    missing: tuple[str, ...]
    """`check: reason` of those that could not be."""


def asked(checks: Sequence[ChecklistItem]) -> Names:
    """The checks among some items, each once."""
    names: dict[str, list[str]] = {}
    for item in checks:
        if item.kind == "check":
            names.setdefault(item.text, []).append(item.id)
    return names


async def hold(bench: Ready, overlay: Overlay, paths: Collection[str], base: Tree, names: Names) -> Held:
    """Hold a change of `paths` to the checks of `names`."""
    head = base.with_overlay(overlay)
    wanted = tuple(sorted(path for path in paths if path in head.python))
    if not names or not wanted:
        return Held((), 0, ())
    found, missing = await _linters(bench, overlay, wanted, base, head, names)
    found += await asyncio.to_thread(_shapes, overlay, wanted, base, head, names)
    failures = tuple(dict.fromkeys(_failure(finding, names) for finding in found))
    return Held(failures, len(names) - len(missing), missing)


async def _linters(
    bench: Ready, overlay: Overlay, wanted: tuple[str, ...], base: Tree, head: Tree, names: Names
) -> tuple[tuple[LintFinding, ...], tuple[str, ...]]:
    found, missing = await _findings(bench, overlay, wanted, names)
    if found:
        before = tuple(sorted((set(wanted) | _gone(overlay)) & set(base.python)))
        known: tuple[LintFinding, ...] = ()
        if before:
            known, _ = await _findings(bench, {}, before, {_name(finding): () for finding in found})
        found = introduced(found, known, _lines(head), _lines(base))
    return found, missing


async def _findings(
    bench: Ready, overlay: Overlay, paths: tuple[str, ...], names: Names
) -> tuple[tuple[LintFinding, ...], tuple[str, ...]]:
    """What ruff and bandit find of their rules among `names`, and the checks that they could not answer."""
    rules = {tool: tuple(sorted(_rules(names, tool))) for tool in ("ruff", "bandit")}
    if not any(rules.values()):
        return (), ()
    run = await run_rules(
        bench.sandbox, bench.environment, bench.archive, overlay, paths, ruff=rules["ruff"], bandit=rules["bandit"]
    )
    reports = {"ruff": run.ruff, "bandit": run.bandit}
    there = {f"{tool}-report.json": report for tool, report in reports.items() if report is not None}
    said = collect(there, (), {}, CHECKOUT)
    unread = " ".join(said.unread)
    missing = tuple(
        f"{tool}:{rule}: {tool} left no report that can be read"
        for tool in reports
        for rule in rules[tool]
        if reports[tool] is None or f"{tool}-report.json" in unread
    )
    return tuple(finding for finding in said.lint if _name(finding) in names), missing


def _shapes(overlay: Overlay, wanted: tuple[str, ...], base: Tree, head: Tree, names: Names) -> tuple[LintFinding, ...]:
    paths = {*wanted, *_gone(overlay)}
    patterns = _rules(names, "pattern")
    found = pattern_findings(patterns, paths, head.python, base.python) if patterns else ()
    required = _rules(names, "required_test") & set(REQUIRED_TESTS)
    return found + (untested(paths, head.python, base.python) if required else ())


def _failure(finding: LintFinding, names: Names) -> Failure:
    items = ", ".join(names[_name(finding)])
    said = replace(finding, message=f"{finding.message} (checklist item {items})")
    failure = lint_failure(said, source="sandbox")
    if finding.tool != CHECK_TOOL:
        return failure
    rule = cast("CodePattern | RequiredTest", finding.rule)  # the gates have no other
    return replace(failure, category=CATEGORIES[rule])


def _name(finding: LintFinding) -> str:
    """As an item writes what was found."""
    if finding.tool != CHECK_TOOL:
        return f"{finding.tool}:{finding.rule}"
    return f"{'required_test' if finding.rule in REQUIRED_TESTS else 'pattern'}:{finding.rule}"


def _rules(names: Names, tool: str) -> set[str]:
    return {rule for asker, _, rule in (name.partition(":") for name in names) if asker == tool}


def _gone(overlay: Overlay) -> set[str]:
    """Files that the change removed: what moved with their text is not new."""
    return {path for path, text in overlay.items() if text is None and path.endswith(".py")}


def _lines(tree: Tree) -> dict[str, list[str]]:
    return {path: text.splitlines() for path, text in tree.python.items()}
