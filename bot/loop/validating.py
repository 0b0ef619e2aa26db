"""What the validation before a push changes: clean code is committed, the rest is another try's work."""

from dataclasses import replace

from bot.loop.progress import plan_again, recording_failure, tree_digest, with_failures
from bot.loop.working import subject_of, tried_in_vain
from bot.model.outcome import ItemValidated
from bot.model.phase import FinishedItem, Inspecting, Recording, Stopping, Working
from bot.model.run import Run
from bot.model.validation import NotReproduced, Reproduced

REPRODUCTION_TRIES = 2
"""A test that passes on the base commit may be a poor test; two of them say that there is nothing to show."""


def item_validated(run: Run, validated: ItemValidated) -> Run:
    """The item is committed, unless a level, the tamper guard or the base commit speaks against it."""
    phase = run.phase
    assert isinstance(phase, Inspecting)
    work = phase.work
    run = replace(run, levels=validated.levels, tampering=(*run.tampering, *validated.tampering))
    if isinstance(validated.reproduction, NotReproduced):
        return _green_on_base(run, work, validated.reproduction.tests, validated)
    if validated.failures:
        run = replace(run, stopped_before_push=run.stopped_before_push + 1)
        return tried_in_vain(run, work, validated.failures, _why(validated))
    if isinstance(validated.reproduction, Reproduced):
        frozen = run.reproduction_paths | frozenset(work.overlay)
        run = replace(run, reproduction=validated.reproduction.tests, reproduction_paths=frozen)
    if tree_digest({**run.code, **work.overlay}) in run.trees:
        body = "This tree was tried before, and its checks failed."
        return replace(run, phase=recording_failure(work, subject_of(work, "Repeat"), body, plan_again(body)))
    return replace(
        run,
        phase=Recording(
            agent="executor",
            action_item=work.item.action,
            subject=work.item.title,
            body=phase.summary,
            changes=work.overlay,
            finished=FinishedItem(work.item, work.attempt, phase.summary, tuple(sorted(work.overlay)), None),
            then=None,
        ),
    )


def _why(validated: ItemValidated) -> str:
    red = next((level for level in validated.levels if level.status == "failed"), None)
    if red is None:
        return "it makes its own judges weaker"
    return f"level {red.level} ({red.name}) found {len(red.failures)} failure(s)"


def _green_on_base(run: Run, work: Working, tests: tuple[str, ...], validated: ItemValidated) -> Run:
    """Another try at showing the issue; after the last the base commit is taken at its word."""
    names = ", ".join(tests[:5])
    run = with_failures(run, work.item.action, work.attempt, validated.failures)
    then: Working | Stopping
    if work.attempt >= REPRODUCTION_TRIES:
        then = Stopping(
            validated.green_means, f"tests of what the issue asks for pass on the base branch already: {names}"
        )
    else:
        then = Working(work.item, work.attempt + 1)
        run = replace(run, attempts={**run.attempts, work.item.key: work.attempt + 1})
    body = f"The new tests pass on the base commit, so they do not show the issue: {names}"
    return replace(run, phase=recording_failure(work, subject_of(work, "Fail"), body, then))
