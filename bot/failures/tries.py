"""Tries: what a journal entry says of how an item, or the first plan, fared when it was judged.

They are read off the run's phases, so that a new kind of outcome is counted by what it does to the run. Successes count
too, because rates need them.
"""

from bot.failures.vocabulary import Vocabulary, ancestors, item_features, model_name
from bot.model.action import PlannedItem
from bot.model.evidence import Features, JudgedTry, TryEvent
from bot.model.failure import Source
from bot.model.ids import ActionId, ItemKey
from bot.model.journal import Entry
from bot.model.outcome import ChangeProven, ChecksJudged, ItemValidated, ModelReplied, ToolsUsed
from bot.model.phase import FinishedItem, Inspecting, Judging, Phase, Planning, Proving, Recording, Stopping, Working
from bot.model.run import RecordedFailure, Run, status_of_reason
from bot.model.validation import Unproven

PLANNING = ActionId("plan_work")
"""The node that a task's first plan counts for; it is no planned item, so its key is empty."""


def tries_of(before: Run, after: Run, entry: Entry, vocabulary: Vocabulary) -> tuple[JudgedTry, ...]:
    """What `entry`, which led from one run to the other, says of tries; often nothing."""
    outcome = entry.outcome
    match before.phase:
        case Planning() if before.plan is None:
            return _plans(before, after, outcome, vocabulary)
        case Working() as work:
            judged: tuple[JudgedTry, ...] = ()
            if isinstance(outcome, ModelReplied) and outcome.failure is not None:
                judged = (_try(work, "reply", vocabulary, succeeded=False, validated=True),)
            if isinstance(outcome, ToolsUsed) and outcome.checks:
                executed = before.base_checks is not None and bool(before.base_checks.sandbox)
                judged = (_try(work, "check", vocabulary, succeeded=not outcome.failures, validated=executed),)
            return (*judged, *_ends(work, after.phase, False, vocabulary))
        case Inspecting(work=work):
            levels = outcome.levels if isinstance(outcome, ItemValidated) else ()
            return _ends(work, after.phase, any(level.status != "not run" for level in levels), vocabulary)
        case Judging() | Proving():
            return _verdicts(before, after, outcome, vocabulary)
        case _:
            return ()


def _plans(before: Run, after: Run, outcome: object, vocabulary: Vocabulary) -> tuple[JudgedTry, ...]:
    """The first plan is a unit of work as well: that it can be read and followed is what a program checks of it."""
    unreadable = isinstance(outcome, ModelReplied) and outcome.failure is not None
    if not unreadable and after.plan is None:
        return ()
    assert before.frozen is not None
    values = {
        "repository": str(before.request.repository.id),
        "model": model_name(before.frozen.model),
        "action_item": PLANNING,
        "ancestors": ancestors(PLANNING, vocabulary.nodes),
        "agent": "thinker",
        "attempt": 1,
        "source": "sandbox",
    }
    features = vocabulary.registry.closed(values, vocabulary.salt)
    event: TryEvent = "reply" if unreadable else "end"
    return (JudgedTry(ItemKey(""), PLANNING, 1, event, not unreadable, True, "sandbox", features),)


def _ends(work: Working, phase: Phase, validated: bool, vocabulary: Vocabulary) -> tuple[JudgedTry, ...]:
    """A try is over when its step is recorded; to have shown that there is nothing to do is a success as well."""
    if not isinstance(phase, Recording):
        return ()
    well = isinstance(phase.then, Stopping) and status_of_reason(phase.then.reason) == "succeeded"
    return (_try(work, "end", vocabulary, succeeded=phase.finished is not None or well, validated=validated),)


def _verdicts(before: Run, after: Run, outcome: object, vocabulary: Vocabulary) -> tuple[JudgedTry, ...]:
    """A red verdict is one item's, a proven green one is every item's; of the others a verdict says nothing."""
    new = after.failures[len(before.failures) :]
    if isinstance(outcome, ChecksJudged | ChangeProven) and new:
        done = blamed(before, new[0])
        return (_judged(done, False, vocabulary),) if done else ()
    if isinstance(outcome, ChangeProven) and not isinstance(outcome.proof, Unproven):
        last = {done.item.key: done for done in before.finished_items if done.code_sha is not None}
        return tuple(_judged(done, True, vocabulary) for done in last.values())
    return ()


def blamed(run: Run, recorded: RecordedFailure) -> FinishedItem | None:
    """The finished item that a verdict's failure was recorded for."""
    named = (recorded.action_item, recorded.attempt)
    return next((done for done in reversed(run.finished_items) if (done.item.action, done.attempt) == named), None)


def _try(work: Working, event: TryEvent, vocabulary: Vocabulary, *, succeeded: bool, validated: bool) -> JudgedTry:
    features = _try_features(work.item, work.attempt, "sandbox", len(work.overlay), vocabulary)
    return JudgedTry(work.item.key, work.item.action, work.attempt, event, succeeded, validated, "sandbox", features)


def _judged(done: FinishedItem, succeeded: bool, vocabulary: Vocabulary) -> JudgedTry:
    features = _try_features(done.item, done.attempt, "ci", len(done.paths), vocabulary)
    return JudgedTry(done.item.key, done.item.action, done.attempt, "verdict", succeeded, True, "ci", features)


def _try_features(item: PlannedItem, attempt: int, source: Source, files: int, vocabulary: Vocabulary) -> Features:
    later = {"attempt": attempt, "agent": "executor", "files_touched": files, "source": source}
    return {**item_features(item, vocabulary), **vocabulary.registry.closed(later, vocabulary.salt)}
