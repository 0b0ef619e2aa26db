"""Tasks, hypotheses and decisions for the tests of what learning stores."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.model.evidence import (
    ClosedTask,
    Evidence,
    Features,
    FoundFailure,
    JudgedTry,
    OpenedTask,
    PlannedTask,
    PlannedUnit,
    TaskId,
)
from bot.model.failure import Failure
from bot.model.ids import ActionId, Fingerprint, ItemKey
from bot.model.pattern import (
    ContextLiteral,
    EvidencePoint,
    Hypothesis,
    PatternId,
    Registration,
    Signature,
    StratumTable,
    Support,
    Table,
)
from bot.model.run import RecordedFailure
from bot.store.failure_groups import Remark

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
REMARK = Remark("maintainer", "because", NOON)
NAMES = frozenset({"repository", "model", "language", "planned_items", "action_item", "ancestors", "file_kind"})


def item_features(action: str = "fix_defect") -> Features:
    return {"action_item": action, "ancestors": ("change_code", "act"), "file_kind": ("source",)}


def planned(*items: str, action: str = "fix_defect") -> PlannedTask:
    units = tuple(PlannedUnit(ItemKey(item), ActionId(action), item_features(action)) for item in items)
    return PlannedTask("python", units, {"language": "python", "planned_items": str(len(items))})


def opened(at: datetime = NOON, issue: int | None = 1, labeller: str = "") -> OpenedTask:
    known = {"repository": "hash", "model": "big"}
    return OpenedTask("octo/tally", issue, "big", "p", at, stratum="hash", features=known, labeller=labeller)


def judged(item: str = "1", action: str = "fix_defect", succeeded: bool = True, **features: str) -> JudgedTry:
    known = {**item_features(action), "attempt": "1", "agent": "executor", **features}
    return JudgedTry(ItemKey(item), ActionId(action), 1, "end", succeeded, True, "sandbox", known)


def found(item: str = "1", fingerprint: str = "f", **features: str) -> FoundFailure:
    failure = Failure("sandbox", "style", "hostile", "text", "RMO-CANARY", "a.py", 3, "t", Fingerprint(fingerprint))
    known = {"category": "style", "tool": "ruff", "rule": "F821", "exception": "", "path": "h", **features}
    recorded = RecordedFailure(1, "fix_defect", 1, failure)
    return FoundFailure(recorded, ItemKey(item), "executor", "static", "", {k: v for k, v in known.items() if v})


def task(
    name: str,
    *failures: FoundFailure,
    at: datetime = NOON,
    items: Sequence[str] = ("1",),
    tries: Sequence[JudgedTry] | None = None,
    issue: int | None = 1,
    outcome: str = "completed",
    labeller: str = "",
) -> Evidence:
    """A whole task in one record: planned, validated once, ended."""
    return Evidence(
        TaskId(name),
        1,
        at,
        opened=opened(at, issue, labeller),
        planned=planned(*items) if items else None,
        tries=tuple(judged(item) for item in items) if tries is None else tuple(tries),
        failures=failures,
        closed=ClosedTask(outcome, at + HOUR) if outcome else None,
    )


def registration(value: str = "ruff:F821", *, at: datetime = NOON, quarter: str = "2026-Q1", first: int = 10):
    hypothesis = Hypothesis("rule", (ContextLiteral("model", "big"),), Signature("rule", value))
    support = Support(Table(10, 20, 6, 2), 2.5, 0.003, 0.0, repositories=1, days=3, labellers=1)
    return Registration(
        hypothesis=hypothesis,
        support=support,
        origin="mined",
        registered_at=at,
        quarter=quarter,
        budget=20,
        alpha=0.1,
        factor=1.0,
        grid=(1.5, 2.0),
        base_rate=0.0,
        block=10,
        first_position=first,
        strata=("repository",),
    )


def point(pattern: PatternId, block: int, *, at: datetime = NOON, logs: tuple[float, ...] = (0.5, 1.25)):
    tables = (StratumTable("hash", Table(4, 6, 2, 1)),)
    return EvidencePoint(pattern, block, at, tables, logs, e_value=2.5, threshold=200.0, proposals=0)


def numbers(**values: float) -> Mapping[str, float]:
    return values
