"""The levels before a push, cheapest first: 1 syntax, 2 static, 3 the tests that touch what changed.

The first level that fails is the last that runs. A level that does not run says why: nothing is skipped silently. It
saves round trips to CI and replaces none of CI.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.ci.selection import is_test_module, select_tests
from bot.failures.failure import syntax_failure
from bot.jobs.validation.cache import content_key
from bot.jobs.validation.execution import Executed, execute
from bot.jobs.validation.gates import asked as checks_asked
from bot.jobs.validation.gates import hold
from bot.jobs.validation.static import Question, find_static
from bot.jobs.validation.workbench import (
    NotExecuted,
    Tree,
    Workbench,
    facts_of,
    overlay_key,
    read_tree,
    ready,
)
from bot.model.change import Overlay
from bot.model.command import Unqualified
from bot.model.failure import Failure
from bot.model.protocol import ChecklistItem
from bot.model.validation import LevelResult
from bot.sandbox.checks import Measure, check_syntax

NAMES: Final = {1: "syntax", 2: "static", 3: "tests"}
PARTLY: Final = "not run: "
"""In the note of a level that ran: what of it did not, and why."""
NOTED = 5
"""Test files that a note names."""
_FORMAT = 2
"""Counted up when an older program's entries would not serve."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a level found."""

    failures: tuple[Failure, ...]
    note: str
    cached: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the levels are asked of."""

    work: Workbench
    overlay: Overlay
    base: Tree
    question: Question
    tests: tuple[str, ...]
    known_red: frozenset[str]
    measure: Measure
    checks: tuple[ChecklistItem, ...]

    @property
    def head(self) -> Tree:
        return self.base.with_overlay(self.overlay)

    @property
    def paths(self) -> frozenset[str]:
        """What is validated."""
        return frozenset(self.overlay) if self.question == "change" else frozenset(self.head.texts)


def _unwatched(_: LevelResult) -> None:
    """Nobody waits for single levels."""


async def run_levels(
    work: Workbench,
    overlay: Overlay,
    *,
    highest: int = 3,
    tests: tuple[str, ...] = (),
    known_red: frozenset[str] = frozenset(),
    question: Question = "change",
    measure: Measure = "nothing",
    checks: Sequence[ChecklistItem] = (),
    watch: Callable[[LevelResult], None] = _unwatched,
) -> tuple[LevelResult, ...]:
    """Levels 1 to `highest` of a change, all of them, those that did not run too.

    `tests` (files or node ids) are run on level 3 instead of those that touch the change. Those of `known_red` may
    fail. The `question` is what the change introduced, or the whole tree as it stands with the change. Level 2 holds
    the change to those of `checks` that are checks. `watch` is told of each level as soon as it ends.
    """
    base = await read_tree(work.archive)
    asked = _Asked(work, overlay, base, question, tests, known_red, measure, tuple(checks))
    steps = {1: _syntax, 2: _static, 3: _tests}
    results: list[LevelResult] = []
    stopped: LevelResult | None = None
    for level in range(1, highest + 1):
        if stopped is None:
            result = await _timed(level, steps[level], asked)
        else:
            result = LevelResult(level, NAMES[level], "not run", 0.0, f"level {stopped.level} failed")
        if result.status == "failed":
            stopped = result
        results.append(result)
        watch(result)
    return tuple(results)


async def _timed(level: int, step: Callable[[_Asked], Awaitable[_Said | NotExecuted]], asked: _Asked) -> LevelResult:
    clock = asyncio.get_running_loop().time
    started = clock()
    said = await step(asked)
    seconds = round(clock() - started, 3)
    match said:
        case NotExecuted(reason=reason):
            return LevelResult(level, NAMES[level], "not run", seconds, reason)
        case _Said(failures=failures, note=note, cached=cached):
            status = "failed" if failures else "passed"
            return LevelResult(level, NAMES[level], status, seconds, note, failures, cached)


async def _syntax(asked: _Asked) -> _Said | NotExecuted:
    sandbox, environment = asked.work.sandbox, asked.work.environment
    if isinstance(sandbox, Unqualified):
        return NotExecuted(f"no sandbox ({sandbox.reason}). {sandbox.mend}")
    texts = {path: text for path, text in sorted(asked.head.python.items()) if path in asked.paths}
    if not texts:
        return NotExecuted("no Python file changed")
    interpreter = environment.key if environment else "own"
    key = content_key("syntax", _FORMAT, interpreter, overlay_key(texts))
    known = await asked.work.cache.read(key, _Said)
    if known is not None:
        return replace(known, cached=True)
    files = {path: text.encode("utf-8", "surrogatepass") for path, text in texts.items()}
    found = await check_syntax(sandbox, files, environment=environment)
    failures = tuple(syntax_failure(each.path, each.line, each.message) for each in found)
    left_out = "" if asked.base.whole else "; not looked at: what is too large"
    said = _Said(failures, f"{len(texts)} Python file(s){left_out}")
    await asked.work.cache.write(key, said)
    return said


async def _static(asked: _Asked) -> _Said | NotExecuted:
    bench = ready(asked.work)
    if isinstance(bench, NotExecuted):
        return bench
    paths = sorted(path for path in asked.head.python if path in asked.paths)
    if not paths:
        return NotExecuted("no Python file changed")
    names = checks_asked(asked.checks)
    overlay = overlay_key(asked.overlay)
    key = content_key("static", _FORMAT, await facts_of(bench), overlay, asked.question, sorted(names.items()))
    known = await asked.work.cache.read(key, _Said)
    if known is not None:
        return replace(known, cached=True)
    found = await find_static(bench, asked.overlay, paths, asked.base, asked.question)
    held = await hold(bench, asked.overlay, paths, asked.base, names)
    unanswered = (*found.missing, *held.missing)
    missing = f"; {PARTLY}{'; '.join(unanswered)}" if unanswered else ""
    ran = [*found.ran, *([f"{held.held} check(s) of the checklists"] if held.held else [])]
    failures = tuple(dict.fromkeys((*held.failures, *found.failures)))
    said = _Said(_without_echoes(failures), f"{', '.join(ran) or 'no tool left a report'}{missing}")
    if not ran:
        return NotExecuted(said.note)
    await asked.work.cache.write(key, said)
    return said


def _without_echoes(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """Each finding once: what a check asks for and everybody is held to anyway was found twice, first for the check."""
    seen = {(each.tool, each.rule, each.path, each.line): each for each in reversed(failures)}
    return tuple(each for each in failures if each is seen[(each.tool, each.rule, each.path, each.line)])


async def _tests(asked: _Asked) -> _Said | NotExecuted:
    bench = ready(asked.work)
    if isinstance(bench, NotExecuted):
        return bench
    python = asked.head.python
    every = sorted(path for path in python if is_test_module(path))
    if not python:
        return NotExecuted("the repository has no Python files")
    if not every:
        return NotExecuted("the repository has no tests")
    if asked.tests:
        chosen = _known(asked.tests, python)
    elif asked.question == "tree":
        chosen = tuple(every)
    else:
        chosen = await asyncio.to_thread(select_tests, python, asked.paths)
    if not chosen:
        asked_for = f"there is no {', '.join(map(repr, asked.tests[:NOTED]))}"
        return NotExecuted(asked_for if asked.tests else "no test touches what changed")
    whole = not asked.tests and len(chosen) == len(every)
    executed = await execute(asked.work, asked.overlay, () if whole else chosen, measure=asked.measure)
    return executed if isinstance(executed, NotExecuted) else _judged(executed, chosen, len(every), asked.known_red)


def _judged(executed: Executed, chosen: Sequence[str], of: int, known_red: frozenset[str]) -> _Said | NotExecuted:
    outcomes = executed.evidence.outcomes
    if not outcomes and not executed.failures:
        return NotExecuted(f"no test was collected from {_named(chosen)}")
    passed = sum(state == "passed" for _, state in outcomes)
    excused = sorted({failure.test for failure in executed.failures if failure.test in known_red})
    note = f"{passed} of {len(outcomes)} test(s) passed, from {len(chosen)} of {of} test file(s): {_named(chosen)}"
    if excused:
        note += f"; known to fail: {_named(excused)}"
    failures = tuple(failure for failure in executed.failures if not failure.test or failure.test not in known_red)
    return _Said(failures, note, executed.cached)


def _known(tests: tuple[str, ...], python: Collection[str]) -> tuple[str, ...]:
    """Those whose file or directory is there: pytest runs nothing at all where one is not."""
    return tuple(
        test
        for test in tests
        if (place := test.partition("::")[0].removeprefix("./").rstrip("/"))
        and any(path == place or path.startswith(f"{place}/") for path in python)
    )


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NOTED} more" if len(names) > NOTED else ""
    return ", ".join(names[:NOTED]) + more
