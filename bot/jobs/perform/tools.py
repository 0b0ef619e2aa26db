"""The Executor's tools: reading, editing, checking over an overlay. No shell, no network, no path out of the tree."""

from dataclasses import dataclass, field, replace
from typing import assert_never

from bot.agents import results
from bot.jobs.context import Context
from bot.jobs.desk import Desk
from bot.jobs.perform.level import check_level
from bot.loop.demands import is_reproduction
from bot.loop.glob import glob_pattern
from bot.loop.overlay import edit as apply_edit
from bot.loop.overlay import path_of
from bot.loop.paths import PathRefused, protected_reason, validate_path
from bot.loop.places import new_place, obstacle
from bot.model.change import Applied, Edit, Overlay, Rejected
from bot.model.failure import Failure
from bot.model.outcome import Outcome, ToolsUsed
from bot.model.phase import Working
from bot.model.reply import Call, Check, Done, EditFile, ListFiles, Read, Search
from bot.model.run import Run
from bot.model.step import UseTools
from bot.secrets.scan import redact_certain


@dataclass(frozen=True, slots=True)
class _Bench:
    """What the calls of one answer have come to so far."""

    work: Working
    overlay: Overlay
    results: tuple[str, ...] = ()
    checks: int = 0
    refusals: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = field(default=())

    def said(self, text: str) -> "_Bench":
        return replace(self, results=(*self.results, text))


async def use_tools(step: UseTools, run: Run, context: Context) -> Outcome:
    """Every call's result, in order; nothing after `done` is carried out."""
    assert isinstance(run.phase, Working)
    bench = _Bench(run.phase, run.phase.overlay)
    done: Done | None = None
    for call in step.calls:
        if done is not None:
            bench = bench.said("not carried out: the item was already done")
        elif isinstance(call, Done):
            done = call
            bench = bench.said("the item ends here")
        else:
            bench = await _carry_out(call, bench, run, context)
    return ToolsUsed(
        results=_with_limits(tuple(map(redact_certain, bench.results)), run),
        overlay=bench.overlay,
        checks=bench.checks,
        refusals=bench.refusals,
        failures=bench.failures,
        done=done,
    )


def _with_limits(texts: tuple[str, ...], run: Run) -> tuple[str, ...]:
    """The last result says how many requests are left when they become few."""
    assert isinstance(run.phase, Working)
    assert run.frozen is not None
    left = run.frozen.budget.item_requests - run.phase.dialogue.requests
    if left > 5 or not texts:
        return texts
    return (*texts[:-1], f"{texts[-1]}\n[{left} requests are left for this item]")


async def _carry_out(call: Call, bench: _Bench, run: Run, context: Context) -> _Bench:
    desk = Desk.of(run, context).with_overlay({**run.code, **bench.overlay})
    match call:
        case ListFiles(pattern=pattern):
            wanted = glob_pattern(pattern or "**")
            return bench.said(results.listing([path for path in await desk.paths() if wanted.fullmatch(path)]))
        case Search(text=text, pattern=pattern):
            return bench.said(results.hits(*await desk.search(text, pattern)))
        case Read(path=path, first_line=first, last_line=last):
            refused = validate_path(path)
            if isinstance(refused, PathRefused) and not path.startswith(".github/"):
                return bench.said(refused.reason)
            return bench.said(results.excerpt(path, await desk.read(path), first, last))
        case EditFile(edit=edit):
            return await _edit(edit, bench, desk, _frozen_paths(run, context))
        case Check():
            return await _check(call, bench, run, context, desk)
        case Done():
            raise AssertionError("`done` ends the calls")
        case _ as unreachable:
            assert_never(unreachable)


def _frozen_paths(run: Run, context: Context) -> frozenset[str]:
    """The tests that show the issue, for every item but those that show it."""
    assert isinstance(run.phase, Working)
    shows = is_reproduction(context.catalogue.nodes, run.phase.item.action)
    return frozenset() if shows else run.reproduction_paths


async def _edit(wanted: Edit, bench: _Bench, desk: Desk, frozen_paths: frozenset[str]) -> _Bench:
    refusal = _refusal(wanted, frozen_paths)
    if refusal is not None:
        return _refuse(bench, refusal)
    current = {path: await desk.read(path) for path in path_of(wanted)}
    place = new_place(wanted)
    if place is not None:
        files, others = await desk.taken()
        in_the_way = obstacle(place, files.difference(path_of(wanted)[:-1]), others)
        if in_the_way is None and place in files and current[place] is None:
            in_the_way = f"{place!r} exists and is no text that could be edited"
        if in_the_way is not None:
            return _refuse(bench, in_the_way)
    match apply_edit(bench.overlay, current, wanted):
        case Applied(path=path, overlay=overlay):
            return replace(bench.said(f"applied to {path}"), overlay=overlay)
        case Rejected(reason=reason):
            return _refuse(bench, reason)


def _refusal(wanted: Edit, frozen_paths: frozenset[str]) -> str | None:
    """Why one of the paths that the edit names may not be written; None where all may."""
    for path in path_of(wanted):
        checked = validate_path(path)
        if isinstance(checked, PathRefused):
            return checked.reason
        if path in frozen_paths:
            return f"{path!r} is frozen: its tests show the issue; change the code until they pass"
        protected = protected_reason(path)
        if protected is not None:
            return f"{path!r} is protected: {protected}"
    return None


def _refuse(bench: _Bench, reason: str) -> _Bench:
    return replace(bench.said(f"refused: {reason}"), refusals=(*bench.refusals, reason))


async def _check(call: Check, bench: _Bench, run: Run, context: Context, desk: Desk) -> _Bench:
    assert run.frozen is not None
    allowed = run.frozen.budget.item_checks
    if bench.work.checks + bench.checks >= allowed:
        return bench.said(f"not run: all {allowed} checks of this item are used")
    report = await check_level(call, run, context, desk)
    return replace(
        bench.said(results.capped(report.text)),
        checks=bench.checks + 1,
        failures=(*bench.failures, *report.failures),
    )
