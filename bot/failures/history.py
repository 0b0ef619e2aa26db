"""History: one record of another system, from its line of JSON to evidence in our own terms.

The fields are those that recorders of model runs have in common; everything else of a record is kept out, unless it
is registered as a feature with a closed set of values.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, TypeAdapter, ValidationError

from bot.failures.evidence import exception_of, failure_values, kept_failure, level_of
from bot.failures.failure import failure_of_test
from bot.failures.features import REGISTRY, Feature, KnownAt, OneOf, Registry
from bot.model.evidence import ClosedTask, Evidence, FoundFailure, JudgedTry, OpenedTask, TaskId
from bot.model.failure import Failure, Source
from bot.model.history import HistoricRecord
from bot.model.ids import ActionId, ItemKey
from bot.model.report import TestResult, Unreadable, report_text
from bot.model.run import RecordedFailure

LINE_BYTES = 1024**2
NAME_CHARACTERS = 200
TEXT_CHARACTERS = 64 * 1024
TASK_PREFIX = "import-"
ITEM = ItemKey("import")
UNCLASSIFIED = ActionId("")
"""Nothing says what kind of work the attempts were."""

_BUGS = (
    *("colon missing", "unclosed string", "parentheses mismatch", "indentation error", "wrong comment mark"),
    *("== and = confusion", "undefined keywords from other languages", "undefined methods", "undefined objects"),
    *("conditional statement error", "variable value error", "operation error", "indexing error", "other error"),
    *("faulty indexing", "double", "triple", "quadruple"),
)
HISTORIC: tuple[Feature, ...] = (
    Feature("input_bug_label", "before_executor", OneOf(frozenset(_BUGS))),
    Feature("difficulty", "before_executor", OneOf(frozenset({"easy", "medium", "hard"}))),
    Feature("run_kind", "before_executor", OneOf(frozenset({"seed", "debug_loop", "final"}))),
    Feature("patch_touches", "later", OneOf(frozenset({"touches-tests", "touches-config"}))),
    Feature("patch_files", "later", OneOf(frozenset({"0", "1", "2", "3+"}))),
)
"""Features that only records of other systems have."""
HISTORIC_REGISTRY = Registry((*REGISTRY.features, *HISTORIC))


class _Wire(BaseModel):
    """The fields that are read; those of unknown names are kept as they are, for registered features."""

    model_config = ConfigDict(extra="allow")

    source: str = Field(min_length=1)
    task_id: str = Field(min_length=1)
    passed: bool
    model: str | None = None
    attempt: NonNegativeInt | None = None
    error_type: str | None = None
    error_text: str | None = None
    evidence: str | None = None
    dup: bool | None = None


_WIRE = TypeAdapter(_Wire)


def read_record(line: bytes) -> HistoricRecord | Unreadable:
    """The record of one line of JSON, or why it is none; no bytes raise."""
    if len(line) > LINE_BYTES:
        return Unreadable(f"longer than {LINE_BYTES} bytes")
    try:
        wire = _WIRE.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(report_text(str(part), 40) for part in first["loc"][:3])
        return Unreadable(f"{report_text(first['msg'], 200)}{f' at {where}' if where else ''}")
    return HistoricRecord(
        digest=hashlib.sha256(line.strip()).hexdigest(),
        source=report_text(wire.source, NAME_CHARACTERS),
        task=report_text(wire.task_id, NAME_CHARACTERS),
        model=report_text(wire.model or "", NAME_CHARACTERS) or "unknown",
        attempt=min(wire.attempt or 0, _MOST_ATTEMPTS),
        passed=wire.passed,
        executed=wire.evidence == "re-executed",
        duplicate=bool(wire.dup),
        error_kind=report_text(wire.error_type or "", NAME_CHARACTERS),
        error_text=(wire.error_text or "")[-TEXT_CHARACTERS:],
        extras=wire.model_extra or {},
    )


_MOST_ATTEMPTS = 1_000_000


def historic_failure(record: HistoricRecord, told: TestResult) -> Failure:
    """The failure of a record that did not pass, from what its text tells."""
    return failure_of_test(told, source=_source(record))


def historic_evidence(
    record: HistoricRecord,
    failure: Failure | None,
    *,
    occurrence: int,
    at: datetime,
    salt: str,
    registry: Registry = HISTORIC_REGISTRY,
    action: ActionId = UNCLASSIFIED,
) -> Evidence:
    """What a record adds to the failure store: its task, its try, its failure.

    The same `occurrence` (counted from 0) of equal records has the same key whenever it is imported. One task of
    another system and one model make one task here, because every test counts tasks; it is closed by the first try
    that passes. `at` orders the tries of a task: their own times are not recorded.
    """
    repository = _repository(record)
    known = {**_values(record, registry, "before_executor"), "model": record.model, "repository": repository}
    features = registry.closed(known, salt)
    source = _source(record)
    later = {**_values(record, registry, "later"), "attempt": record.attempt, "source": source}
    found: tuple[FoundFailure, ...] = ()
    if failure is not None:
        values = {**later, **failure_values(failure, record.attempt), "agent": "executor"}
        found = (
            FoundFailure(
                recorded=RecordedFailure(0, action, record.attempt, kept_failure(failure)),
                item=ITEM,
                agent="executor",
                level=level_of(failure),
                exception=exception_of(failure),
                features={**features, **registry.closed(values, salt)},
            ),
        )
    tried = registry.closed({**later, "agent": "executor"}, salt)
    return Evidence(
        task=_task(record),
        seq=_sequence(record.digest, occurrence),
        at=at,
        opened=OpenedTask(
            repository=repository,
            issue=None,
            model=record.model,
            protocol="",
            assigned_at=at,
            stratum=str(features["repository"]),
            features=features,
        ),
        tries=(JudgedTry(ITEM, action, record.attempt, "end", record.passed, True, source, {**features, **tried}),),
        failures=found,
        closed=ClosedTask("completed", at) if record.passed else None,
    )


def _task(record: HistoricRecord) -> TaskId:
    names = "\0".join((record.source, record.task, record.model))
    return TaskId(TASK_PREFIX + hashlib.sha256(names.encode()).hexdigest()[:24])


def _sequence(digest: str, occurrence: int) -> int:
    """31 bits, as a database's plain integer holds them: enough to tell the records of one task apart."""
    whole = hashlib.sha256(f"{digest}:{occurrence}".encode()).digest()
    return int.from_bytes(whole[:4], "big") >> 1


_SWE_BENCH = re.compile(r"([A-Za-z0-9_.-]{1,60}?)__([A-Za-z0-9_.-]{1,100})-\d{1,9}")


def _repository(record: HistoricRecord) -> str:
    """`owner/name` where the task's name says it, as SWE-bench's `owner__name-123` does; else its source."""
    match = _SWE_BENCH.fullmatch(record.task)
    return f"{match[1]}/{match[2]}" if match else record.source


def _source(record: HistoricRecord) -> Source:
    return "sandbox" if record.executed else "ci"


def _values(record: HistoricRecord, registry: Registry, known_at: KnownAt) -> dict[str, object]:
    """The record's extra fields that are registered and known at that time; the program's own it makes itself."""
    extras = {**record.extras, **_renamed(record.extras)}
    return {
        each.name: extras[each.name]
        for each in registry.features
        if each.known_at == known_at and each.name in extras and each.name not in _OWN
    }


_OWN = REGISTRY.names()


def _renamed(extras: Mapping[str, object]) -> Mapping[str, object]:
    """Fields whose name here is another: `level` is a level of validation, and files are counted."""
    renamed: dict[str, object] = {}
    if "level" in extras:
        renamed["difficulty"] = extras["level"]
    files = extras.get("files")
    if isinstance(files, list):
        count = len(cast("list[object]", files))
        renamed["patch_files"] = str(count) if count < _MANY_FILES else "3+"
    return renamed


_MANY_FILES = 3
