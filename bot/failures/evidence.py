"""What a journal entry proves: the run before and after it, read as tasks, tries and failures.

Nothing is written by a model here and nothing is asked again: the same two runs always give the same evidence, which
is why it can be derived inside the transaction that records the entry.
"""

from dataclasses import replace

from bot.failures.category import KNOWN_EXCEPTIONS, OTHER_ERROR
from bot.failures.failure import PATH_CHARACTERS
from bot.failures.features import closed_rule, hashed, is_static, language_of
from bot.failures.tries import blamed, tries_of
from bot.failures.vocabulary import Vocabulary, item_features, model_name
from bot.model.action import PlannedItem
from bot.model.conversation import Agent
from bot.model.evidence import (
    ClosedTask,
    Evidence,
    Features,
    FoundFailure,
    Level,
    OpenedTask,
    PlannedTask,
    PlannedUnit,
    TaskId,
)
from bot.model.failure import Failure
from bot.model.ids import ItemKey
from bot.model.journal import Entry
from bot.model.phase import Ended, Inspecting, Judging, Phase, Planning, Proving, Reviewing, Working
from bot.model.report import report_text
from bot.model.run import RecordedFailure, Run
from bot.secrets.scan import redact


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
        tries=tries_of(before, after, entry, vocabulary),
        failures=tuple(_found(before, recorded, vocabulary) for recorded in after.failures[len(before.failures) :]),
        closed=closed,
    )


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
        {"repository": str(repository.id), "model": model_name(frozen.model)}, vocabulary.salt
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


def _planned(before: Run, after: Run, vocabulary: Vocabulary) -> PlannedTask | None:
    """The plan with which the first item is begun: from here on the Executor has a part in everything."""
    if before.attempts or not isinstance(after.phase, Working):
        return None
    items = (after.phase.item, *after.pending_items)
    language = language_of(path for item in items for path in item.expected_files)
    return PlannedTask(
        language=language,
        units=tuple(PlannedUnit(item.key, item.action, item_features(item, vocabulary)) for item in items),
        features=vocabulary.registry.closed({"language": language, "planned_items": len(items)}, vocabulary.salt),
    )


# --- failures -------------------------------------------------------------------------------------------------------


def _found(before: Run, recorded: RecordedFailure, vocabulary: Vocabulary) -> FoundFailure:
    item, files = _place(before, recorded)
    agent = _agent(before.phase)
    values = {**failure_values(recorded.failure, recorded.attempt), "agent": agent, "files_touched": files}
    of_item: Features = item_features(item, vocabulary) if item else {}
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
            done = blamed(before, recorded)
            return (done.item, len(done.paths)) if done else (None, None)
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
