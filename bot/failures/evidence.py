"""What a journal entry proves: the run before and after it, read as tasks, tries and failures.

Nothing is written by a model here and nothing is asked again: the same two runs always give the same evidence, which
is why it can be derived inside the transaction that records the entry. Tries are read off the run's phases, so that a
new kind of outcome is counted by what it does to the run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.failures.category import KNOWN_EXCEPTIONS, OTHER_ERROR
from bot.failures.failure import PATH_CHARACTERS
from bot.failures.features import REGISTRY, Registry, closed_rule, file_kind, hashed, is_static, language_of
from bot.failures.redaction import redact
from bot.model.action import ActionNode, PlannedItem
from bot.model.conversation import Agent
from bot.model.evidence import (
    ClosedTask,
    Evidence,
    Features,
    FoundFailure,
    JudgedTry,
    Level,
    OpenedTask,
    PlannedTask,
    PlannedUnit,
    TaskId,
    TryEvent,
)
from bot.model.failure import Failure, Source
from bot.model.ids import ActionId, ItemKey
from bot.model.journal import ChangeProven, ChecksJudged, Entry, ItemValidated, ModelReplied, ToolsUsed
from bot.model.phase import (
    Ended,
    FinishedItem,
    Inspecting,
    Judging,
    Phase,
    Planning,
    Proving,
    Recording,
    Reviewing,
    Stopping,
    Working,
)
from bot.model.report import report_text
from bot.model.run import RecordedFailure, Run, status_of_reason
from bot.model.validation import Unproven

Nodes = Mapping[ActionId, ActionNode]
PLANNING = ActionId("plan_work")
"""The node that a task's first plan counts for; it is no planned item, so its key is empty."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What turns a run's facts into features: the taxonomy, the installation's salt, the registered features."""

    nodes: Nodes
    salt: str
    registry: Registry = REGISTRY


def evidence_of(before: Run, after: Run, entry: Entry, vocabulary: Vocabulary) -> Evidence:
    """What `entry`, which led from one run to the other, adds to the failure store; often nothing."""
    closed = None
    if isinstance(after.phase, Ended) and not isinstance(before.phase, Ended):
        closed = ClosedTask(after.phase.reason, entry.ended_at)
    return Evidence(
        task=TaskId(after.id),
        run=after.id,
        seq=entry.seq,
        at=entry.ended_at,
        opened=_opened(before, after, entry, vocabulary),
        planned=_planned(before, after, vocabulary),
        tries=_tries(before, after, entry, vocabulary),
        failures=tuple(_found(before, recorded, vocabulary) for recorded in after.failures[len(before.failures) :]),
        closed=closed,
    )


def context_of(run: Run, item: PlannedItem, vocabulary: Vocabulary) -> Features:
    """What is known of `item` before the Executor is called: the features that an item of a checklist may ask for."""
    frozen, planned = run.frozen, run.plan.items if run.plan else (item,)
    assert frozen is not None
    values = {
        "repository": str(run.request.repository.id),
        "model": _model_name(frozen.model),
        "language": language_of(path for each in planned for path in each.expected_files),
        "planned_items": len(planned),
    }
    return {**vocabulary.registry.closed(values, vocabulary.salt), **_item_features(item, vocabulary)}


def kept_failure(failure: Failure) -> Failure:
    """`failure` as it may be stored: texts without credentials and control characters, and not too long."""
    return replace(
        failure,
        message=report_text(redact(failure.message)),
        path=report_text(redact(failure.path), PATH_CHARACTERS),
        test=report_text(redact(failure.test), PATH_CHARACTERS),
    )


def level_of(failure: Failure) -> Level:
    """Where in the validation `failure` was found."""
    if failure.category in ("environment", "format", "tampering"):
        return "other"
    if failure.source == "ci":
        return "ci"
    if failure.category == "syntax":
        return "syntax"
    return "static" if is_static(failure.tool) else "tests"


def exception_of(failure: Failure) -> str:
    """The exception class that `failure` is of; empty for findings of static tools and for all that is no exception."""
    rule = failure.rule
    return rule if not is_static(failure.tool) and (rule in KNOWN_EXCEPTIONS or rule == OTHER_ERROR) else ""


def failure_values(failure: Failure, attempt: int) -> dict[str, object]:
    """What of a failure becomes a feature, before it is closed; an importer adds its own to it."""
    return {
        "attempt": attempt,
        "source": failure.source,
        "level": level_of(failure),
        "category": failure.category,
        "tool": failure.tool,
        "rule": closed_rule(failure.tool, failure.rule),
        "exception": exception_of(failure),
        "path": failure.path,
        "test": failure.test.partition("[")[0],
    }


def _opened(before: Run, after: Run, entry: Entry, vocabulary: Vocabulary) -> OpenedTask | None:
    frozen = after.frozen
    if before.frozen is not None or frozen is None:
        return None
    repository = after.request.repository
    features = vocabulary.registry.closed(
        {"repository": str(repository.id), "model": _model_name(frozen.model)}, vocabulary.salt
    )
    return OpenedTask(
        repository=repository.full_name,
        issue=after.request.issue,
        model=frozen.model,
        protocol=frozen.protocol,
        assigned_at=entry.ended_at,
        labeller=hashed(after.request.label.actor.lower(), vocabulary.salt),
        arms=frozen.arms,
        stratum=str(features["repository"]),
        features=features,
    )


def _model_name(spec: str) -> str:
    """A script's path is no name, and would tell one machine from another."""
    return "script" if spec.startswith("script:") else spec


def _planned(before: Run, after: Run, vocabulary: Vocabulary) -> PlannedTask | None:
    """The plan with which the first item is begun: from here on the Executor has a part in everything."""
    if before.attempts or not isinstance(after.phase, Working):
        return None
    items = (after.phase.item, *after.pending_items)
    language = language_of(path for item in items for path in item.expected_files)
    return PlannedTask(
        language=language,
        units=tuple(PlannedUnit(item.key, item.action, _item_features(item, vocabulary)) for item in items),
        features=vocabulary.registry.closed({"language": language, "planned_items": len(items)}, vocabulary.salt),
    )


def _item_features(item: PlannedItem, vocabulary: Vocabulary) -> Features:
    """Of a planned item, all of it fixed before the Executor is called."""
    node = vocabulary.nodes.get(item.action)
    kinds = sorted({file_kind(path) for path in item.expected_files})
    values = {
        "action_item": item.action,
        "ancestors": _ancestors(item.action, vocabulary.nodes),
        "domain": node.domain if node else None,
        "file_kind": kinds,
    }
    return vocabulary.registry.closed(values, vocabulary.salt)


def _ancestors(action: ActionId, nodes: Nodes) -> list[ActionId]:
    """The broader nodes, nearest first."""
    found: list[ActionId] = []
    node = nodes.get(action)
    while node is not None and node.parent is not None and node.parent not in found:
        found.append(node.parent)
        node = nodes.get(node.parent)
    return found


# --- tries ----------------------------------------------------------------------------------------------------------


def _tries(before: Run, after: Run, entry: Entry, vocabulary: Vocabulary) -> tuple[JudgedTry, ...]:
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
        "model": _model_name(before.frozen.model),
        "action_item": PLANNING,
        "ancestors": _ancestors(PLANNING, vocabulary.nodes),
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
        blamed = _blamed(before, new[0])
        return (_judged(blamed, False, vocabulary),) if blamed else ()
    if isinstance(outcome, ChangeProven) and not isinstance(outcome.proof, Unproven):
        last = {done.item.key: done for done in before.finished_items if done.code_sha is not None}
        return tuple(_judged(done, True, vocabulary) for done in last.values())
    return ()


def _blamed(run: Run, recorded: RecordedFailure) -> FinishedItem | None:
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
    return {**_item_features(item, vocabulary), **vocabulary.registry.closed(later, vocabulary.salt)}


# --- failures -------------------------------------------------------------------------------------------------------


def _found(before: Run, recorded: RecordedFailure, vocabulary: Vocabulary) -> FoundFailure:
    item, files = _place(before, recorded)
    agent = _agent(before.phase)
    values = {**failure_values(recorded.failure, recorded.attempt), "agent": agent, "files_touched": files}
    of_item: Features = _item_features(item, vocabulary) if item else {}
    return FoundFailure(
        recorded=replace(recorded, failure=kept_failure(recorded.failure)),
        item=item.key if item else ItemKey(""),
        agent=agent,
        level=level_of(recorded.failure),
        exception=exception_of(recorded.failure),
        features={**of_item, **vocabulary.registry.closed(values, vocabulary.salt)},
    )


def _place(before: Run, recorded: RecordedFailure) -> tuple[PlannedItem | None, int | None]:
    """The item that a failure is of, and how many files its try has touched."""
    match before.phase:
        case Working() as work:
            return work.item, len(work.overlay)
        case Inspecting(work=work):
            return work.item, len(work.overlay)
        case Judging() | Proving():
            blamed = _blamed(before, recorded)
            return (blamed.item, len(blamed.paths)) if blamed else (None, None)
        case _:
            return None, None


def _agent(phase: Phase) -> Agent:
    """Whose work was found wanting."""
    match phase:
        case Planning():
            return "thinker"
        case Reviewing():
            return "processor"
        case _:
            return "executor"
