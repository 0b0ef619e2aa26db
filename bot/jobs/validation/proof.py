"""Executing what proves a change: its tests fail on the base commit, and pass on the change itself."""

from typing import Literal, assert_never

from bot.ci.proof import behaviour_kept, code_unchanged, red_before_green, reproduction
from bot.ci.selection import is_test_module
from bot.failures.fingerprint import is_test
from bot.jobs.validation.execution import run_evidence
from bot.jobs.validation.workbench import NotExecuted, Workbench, read_tree, ready
from bot.model.change import Overlay
from bot.model.validation import Proof, Reproduction, TestEvidence, Unproven

Wanted = Literal["red_before_green", "code_unchanged", "behaviour_kept"]


async def prove(work: Workbench, overlay: Overlay, *, base_failing: frozenset[str], wanted: Wanted) -> Proof | Unproven:
    """The proof that is wanted of a change to the workbench's base commit, or why there is none.

    `base_failing` are tests that are known to fail on the base commit; they are executed there again.
    """
    if wanted == "code_unchanged":
        return await _code_unchanged(work, overlay)
    bench = ready(work)
    if isinstance(bench, NotExecuted):
        return Unproven(f"nothing was executed here: {bench.reason}")
    match wanted:
        case "behaviour_kept":
            return behaviour_kept(await run_evidence(work, {}), await run_evidence(work, overlay))
        case "red_before_green":
            return await _red_before_green(work, overlay, base_failing)
        case _ as unreachable:
            assert_never(unreachable)


async def reproduce(work: Workbench, overlay: Overlay) -> Reproduction:
    """Whether the tests that `overlay` brings fail on the base commit, everything else of it left aside."""
    bench = ready(work)
    if isinstance(bench, NotExecuted):
        return Unproven(f"nothing was executed here: {bench.reason}")
    tests = tests_of(overlay)
    modules = _modules(tests)
    if not modules:
        return Unproven("no test was added or changed")
    there = set((await read_tree(work.archive)).python)
    known = tuple(path for path in modules if path in there)
    before = await run_evidence(work, {}, known) if known else TestEvidence((), None, reported=False, source="sandbox")
    return reproduction(before, await run_evidence(work, tests, modules))


def tests_of(overlay: Overlay) -> dict[str, str | None]:
    """The part of a change that is tests, with what they need beside them: configuration, helpers, data."""
    return {path: text for path, text in overlay.items() if is_test(path)}


async def _red_before_green(work: Workbench, overlay: Overlay, base_failing: frozenset[str]) -> Proof | Unproven:
    tests = tests_of(overlay)
    head = set((await read_tree(work.archive)).with_overlay(overlay).python)
    failing = {test.partition("::")[0] for test in base_failing} & head
    if not tests and not failing:
        return Unproven("the change brings no test, and no test of the base commit fails")
    # Where only the tests' data changed, any test may be the one that reads it.
    files = tuple(sorted({*_modules(tests), *failing})) if _modules(tests) or not tests else ()
    return red_before_green(await run_evidence(work, tests, files), await run_evidence(work, overlay, files))


async def _code_unchanged(work: Workbench, overlay: Overlay) -> Proof | Unproven:
    before = (await read_tree(work.archive, others=frozenset(overlay))).texts
    return code_unchanged({path: before.get(path) for path in overlay}, overlay)


def _modules(tests: Overlay) -> tuple[str, ...]:
    return tuple(sorted(path for path, text in tests.items() if text is not None and is_test_module(path)))
