"""`rmo validate`: a person's work tree through the same levels, guard and proof as a run's changes.

Given a commit to start from, the change since then is judged: what that commit has too is not blamed on it, and
something has to show that it helps. Without one the whole tree is judged as it stands. The work tree is only read.
"""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.catalog import DataInvalid, parse_repository_config
from bot.catalog.repository_config import CONFIG_PATH
from bot.ci.tampering import Allowance, find_tampering
from bot.config import Settings
from bot.failures.failure import environment_failure
from bot.failures.tampering import tampering_failures
from bot.git.local import inspect
from bot.git.worktree import WorkTreeChanges, base_archive, changes_since, resolve_commit
from bot.jobs.validation import (
    Executed,
    NotExecuted,
    ValidationCache,
    Workbench,
    execute,
    failure_line,
    prove,
    run_levels,
)
from bot.jobs.validation.workbench import Tree, read_tree
from bot.local.show import Show
from bot.local.validation_report import Validated, in_one_line, report_of
from bot.loop.paths import protected_reason
from bot.model.change import Overlay
from bot.model.command import Unqualified
from bot.model.environment import EnvironmentFailed, EnvironmentReady
from bot.model.failure import Failure
from bot.model.repository import RepositoryConfig
from bot.model.validation import LevelResult, Proof, TamperFinding, TestEvidence, Unproven
from bot.sandbox import Sandbox, qualify
from bot.sandbox.environment import prepare
from bot.sandbox.manifests import find_manifests

MOST = 20
"""Failures of a kind that are shown; the report names all."""


@dataclass(frozen=True, slots=True)
class _Runs:
    """All tests, before and after; None where they were not run."""

    before: Executed | None = None
    after: Executed | None = None


async def validate_locally(
    settings: Settings, path: Path, base: str | None, show: Show, directory: Path
) -> dict[str, Any]:
    """The report on the work tree at `path`, with `directory` for what is not kept.

    Raises NeedsHuman or Final for what is wrong with the arguments, before anything is executed.
    """
    local = await inspect(path)
    sha = local.head if base is None else await resolve_commit(local, base)
    changes = await changes_since(local, sha)
    archive = await base_archive(local, sha, directory / "base.git")
    tree = await read_tree(archive, others=frozenset({*changes.texts, CONFIG_PATH}))
    _introduce(show, changes, base or "HEAD", sha)
    config = _configuration(tree, show)
    show.doing("looking for a sandbox")
    sandbox = await qualify(settings.sandbox, client=dict(os.environ))
    environment = await _environment(settings, sandbox, archive, config.setup, show)
    work = Workbench(
        sandbox=sandbox,
        environment=environment if isinstance(environment, EnvironmentReady) else None,
        archive=archive,
        cache=ValidationCache(settings.home / "validations"),
        tests_wall=timedelta(minutes=settings.check_minutes),
    )
    before = await _all_tests(work, {}, show, "the tests of the base commit") if base is not None else None
    known_red = frozenset(_red(before))
    levels = await run_levels(
        work,
        changes.texts,
        known_red=known_red,
        question="tree" if base is None else "change",
        measure="coverage",
        watch=lambda result: _tell_level(show, result),
    )
    after: Executed | None = None
    if not any(level.status == "failed" for level in levels):
        after = await _all_tests(work, changes.texts, show, "all tests")
    runs = _Runs(before, after)
    tampering = _tampering(tree, changes.texts, config, runs)
    proof = None if base is None else await _proof(work, changes.texts, known_red, show)
    validated = Validated(
        levels=levels,
        tampering=tampering,
        failures=_failures(environment, levels, runs, known_red, tampering),
        proof=proof,
        coverage_before=before.coverage if before else None,
        coverage_after=after.coverage if after else None,
    )
    _tell_rest(show, validated)
    return report_of(validated)


def complaint_of(report: dict[str, Any]) -> str | None:
    """In one line why a report tells of no success; None where it does."""
    return in_one_line(report)


def _configuration(tree: Tree, show: Show) -> RepositoryConfig:
    """The owner's configuration of the base commit; a broken one is none, as in a run."""
    try:
        return parse_repository_config(tree.texts.get(CONFIG_PATH, ""))
    except DataInvalid as error:
        show.line(f"note: {error}; the defaults hold")
        return RepositoryConfig()


def _introduce(show: Show, changes: WorkTreeChanges, name: str, sha: str) -> None:
    show.line(f"{len(changes.texts)} changed file(s) against {name} ({sha[:12]})")
    if changes.unread:
        names = ", ".join(map(repr, changes.unread[:MOST]))
        show.line(f"note: no text, or too large; validated as the base commit has them: {names}")


async def _environment(
    settings: Settings, sandbox: Sandbox | Unqualified, archive: bytes, setup: str | None, show: Show
) -> EnvironmentReady | EnvironmentFailed | None:
    """What the base commit needs, installed; None without a sandbox, of which each level will say so."""
    if isinstance(sandbox, Unqualified):
        return None
    show.doing("installing the dependencies")
    spec = find_manifests(archive, setup=setup)
    prepared = await prepare(spec, archive, settings.home / "environments", sandbox, variables=dict(os.environ))
    match prepared:
        case EnvironmentReady(cached=True):
            show.line("environment ready (installed before)")
        case EnvironmentReady(seconds=seconds):
            show.line(f"environment ready ({seconds:.1f} s)")
        case EnvironmentFailed(command=command):
            show.line(f"the dependencies could not be installed: {command}")
    return prepared


async def _all_tests(work: Workbench, overlay: Overlay, show: Show, what: str) -> Executed | None:
    show.doing(f"running {what}")
    executed = await execute(work, overlay, measure="coverage")
    if isinstance(executed, NotExecuted):
        return None
    outcomes = [state for _, state in executed.evidence.outcomes]
    counted = [f"{outcomes.count(state)} {state}" for state in dict.fromkeys(sorted(outcomes))]
    covered = "" if executed.coverage is None else f"; {executed.coverage:.1%} of the lines covered"
    show.line(f"{what}: {', '.join(counted) or 'none'}{covered}{' (cached)' if executed.cached else ''}")
    return executed


def _red(executed: Executed | None) -> list[str]:
    return (
        [] if executed is None else [test for test, state in executed.evidence.outcomes if state in ("failed", "error")]
    )


def _tampering(tree: Tree, overlay: Overlay, config: RepositoryConfig, runs: _Runs) -> tuple[TamperFinding, ...]:
    return find_tampering(
        {path: tree.texts[path] for path in overlay if path in tree.texts},
        overlay,
        allowed=Allowance(new_suppressions=config.new_suppressions),
        before=_evidence(runs.before),
        after=_evidence(runs.after),
        protected=protected_reason,
    )


def _evidence(executed: Executed | None) -> TestEvidence | None:
    return None if executed is None else executed.evidence


async def _proof(work: Workbench, overlay: Overlay, known_red: frozenset[str], show: Show) -> Proof | Unproven:
    """Red before green, or of documentation that nothing else changed."""
    show.doing("looking for a proof")
    unchanged = await prove(work, overlay, base_failing=known_red, wanted="code_unchanged")
    if not isinstance(unchanged, Unproven) or not overlay:
        return unchanged
    return await prove(work, overlay, base_failing=known_red, wanted="red_before_green")


def _failures(
    environment: EnvironmentReady | EnvironmentFailed | None,
    levels: tuple[LevelResult, ...],
    runs: _Runs,
    known_red: frozenset[str],
    tampering: tuple[TamperFinding, ...],
) -> tuple[Failure, ...]:
    """Each once: the levels ran a part of the tests that all of them hold."""
    found: list[Failure] = []
    if isinstance(environment, EnvironmentFailed):
        found.append(environment_failure(environment.command, environment.output_tail))
    found += [failure for level in levels for failure in level.failures]
    if runs.after is not None:
        known = runs.before.failures if runs.before else ()
        old = {failure.fingerprint for failure in known if not failure.test}
        found += [each for each in runs.after.failures if each.test not in known_red and each.fingerprint not in old]
    return tuple(dict.fromkeys([*found, *tampering_failures(tampering, source="sandbox")]))


def _tell_level(show: Show, result: LevelResult) -> None:
    cached = ", cached" if result.cached else ""
    show.line(f"level {result.level} {result.name}: {result.status} ({result.note}; {result.seconds:.1f} s{cached})")
    for failure in result.failures[:MOST]:
        show.line(f"  {failure_line(failure)}")


def _tell_rest(show: Show, validated: Validated) -> None:
    told = {failure for level in validated.levels for failure in level.failures}
    for failure in [each for each in validated.failures if each not in told and each.category != "tampering"][:MOST]:
        show.line(f"  {failure_line(failure)}")
    for finding in validated.tampering[:MOST]:
        place = f"{finding.path}:{finding.line}" if finding.line else finding.path
        show.line(f"{'suspicion' if finding.suspicion else 'tampering'}: {place}: {finding.rule}: {finding.detail}")
    for line in (f"verdict: {validated.verdict}", *(f"  {reason}" for reason in validated.reasons)):
        show.line(line)
