"""Reading the failure store: a page of failures, one of them, and the groups that most tasks ran into.

Counts are of distinct tasks, never of rows: one task may show the same failure many times. A rate is failing tasks
over all tasks of the same repository, action item and period, those that went well included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, func, literal, or_, select

from bot.store.failure_filter import By, FailureFilter
from bot.store.failure_groups import GROUP, grouped
from bot.store.failures import AT_SAME_PLACE, failure_table, failure_text_table
from bot.store.tables import aware
from bot.store.tasks import attempt_table, task_table

_failure = failure_table.c
_task = task_table.c
_FAILURES = grouped(failure_table.join(task_table, _task.id == _failure.task_id))
_COLUMNS = (
    *(column for column in failure_table.c if column.name not in ("seq", "position")),
    *(_task.repository, _task.issue, _task.model, _task.protocol, _task.arms, _task.language),
    GROUP.label("group"),
)

_NAMES: Mapping[By, tuple[str, ...]] = {
    "category": ("category",),
    "rule": ("category", "tool", "rule"),
    "fingerprint": ("group",),
}
"""The columns that tell one line of the top from another."""


@dataclass(frozen=True, slots=True)
class StoredFailure:
    """A failure with what is known of its task; without the raw text."""

    id: int
    found_at: datetime
    task: str
    run: str | None
    repository: str
    issue: int | None
    step: int
    attempt: int
    item: str
    action_item: str
    agent: str
    model: str
    protocol: str
    arms: Mapping[str, str]
    language: str
    source: str
    level: str
    first_validation: bool
    category: str
    tool: str
    rule: str
    exception: str
    fingerprint: str
    group: str
    """The fingerprint that it counts as, after what people merged and split."""
    path: str
    line: int | None
    test: str
    features: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FailurePage:
    """Failures, newest first."""

    failures: tuple[StoredFailure, ...]
    next: int | None
    """What `before` has to be for the page after this one; None on the last."""


@dataclass(frozen=True, slots=True)
class ShownFailure:
    failure: StoredFailure
    message: str | None
    """Raw, redacted, hostile: escape it wherever it is shown. None once it has been deleted."""


@dataclass(frozen=True, slots=True)
class Group:
    """One line of the table of the most frequent failures."""

    group: str
    """Empty where failures are counted by something coarser than the fingerprint."""
    category: str
    tool: str
    rule: str
    tasks: int
    """Distinct tasks that ran into it."""
    rate: float
    """Of all tasks that could have."""
    failures: int
    latest: int
    """Id of the newest of these failures."""


@dataclass(frozen=True, slots=True)
class Top:
    """The groups that most tasks ran into, most first."""

    groups: tuple[Group, ...]
    tasks: int
    """All tasks of the repository, action item and period that were asked for."""


def list_failures(connection: Connection, wanted: FailureFilter) -> FailurePage:
    """One page of the failures that `wanted` means; the period is that of their finding."""
    query = select(*_COLUMNS).select_from(_FAILURES).where(*_of_failure(wanted), *_of_task(wanted))
    query = query.where(*_within(_failure.found_at, wanted))
    if wanted.before is not None:
        query = query.where(_failure.id < literal(wanted.before, BigInteger))
    rows = connection.execute(query.order_by(_failure.id.desc()).limit(wanted.limit + 1)).all()
    page = tuple(_stored(row) for row in rows[: wanted.limit])
    return FailurePage(page, page[-1].id if len(rows) > wanted.limit else None)


def show_failure(connection: Connection, failure: int) -> ShownFailure | None:
    """The failure with that id, and its raw text; None where there is none."""
    source = _FAILURES.outerjoin(failure_text_table, AT_SAME_PLACE)
    query = (
        select(*_COLUMNS, failure_text_table.c.message)
        .select_from(source)
        .where(_failure.id == literal(failure, BigInteger))
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else ShownFailure(_stored(row), row.message)


def top_failures(connection: Connection, wanted: FailureFilter) -> Top:
    """The groups that most tasks ran into; the period is that in which the tasks were assigned."""
    tasks = _count_tasks(connection, wanted)
    names = _NAMES[wanted.by]
    found = (
        select(*(_failure[name] for name in ("id", "task_id", "category", "tool", "rule")), GROUP.label("group"))
        .select_from(_FAILURES)
        .where(*_of_failure(wanted), *_of_task(wanted), *_within(_task.assigned_at, wanted))
        .subquery()
    )
    keys = [found.c[name] for name in names]
    count = func.count(found.c.task_id.distinct())
    query = (
        select(
            *(func.min(found.c[name]).label(name) for name in ("category", "tool", "rule", "group")),
            count.label("tasks"),
            func.count().label("failures"),
            func.max(found.c.id).label("latest"),
        )
        .group_by(*keys)
        .order_by(count.desc(), func.count().desc(), *keys)
        .limit(wanted.limit)
    )
    groups = tuple(
        Group(
            group=row.group if wanted.by == "fingerprint" else "",
            category=row.category,
            tool="" if wanted.by == "category" else row.tool,
            rule="" if wanted.by == "category" else row.rule,
            tasks=row.tasks,
            rate=row.tasks / tasks,
            failures=row.failures,
            latest=row.latest,
        )
        for row in connection.execute(query)
    )
    return Top(groups, tasks)


def _count_tasks(connection: Connection, wanted: FailureFilter) -> int:
    query = select(func.count()).select_from(task_table).where(*_of_task(wanted), *_within(_task.assigned_at, wanted))
    if wanted.action_item is not None:
        tried = select(attempt_table.c.task_id).where(attempt_table.c.action_item == wanted.action_item)
        failed = select(_failure.task_id).where(_failure.action_item == wanted.action_item)
        query = query.where(or_(_task.id.in_(tried), _task.id.in_(failed)))
    return connection.execute(query).scalar_one()


def _of_failure(wanted: FailureFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.action_item is not None:
        conditions.append(_failure.action_item == wanted.action_item)
    if wanted.category is not None:
        conditions.append(_failure.category == wanted.category)
    if wanted.tool is not None:
        conditions.append(_failure.tool == wanted.tool)
    if wanted.fingerprint is not None:
        conditions.append(GROUP.in_([wanted.fingerprint]) | (_failure.fingerprint == wanted.fingerprint))
    return conditions


def _of_task(wanted: FailureFilter) -> list[ColumnElement[bool]]:
    if wanted.repository is None:
        return []
    return [func.lower(_task.repository) == wanted.repository.lower()]


def _within(column: ColumnElement[datetime], wanted: FailureFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(column >= wanted.since)
    if wanted.until is not None:
        conditions.append(column < wanted.until)
    return conditions


def _stored(row: Row[Any]) -> StoredFailure:
    return StoredFailure(
        id=row.id,
        found_at=aware(row.found_at),
        task=row.task_id,
        run=row.run_id,
        repository=row.repository,
        issue=row.issue,
        step=row.step,
        attempt=row.attempt,
        item=row.item_key,
        action_item=row.action_item,
        agent=row.agent,
        model=row.model,
        protocol=row.protocol,
        arms=row.arms,
        language=row.language,
        source=row.source,
        level=row.level,
        first_validation=row.first_validation,
        category=row.category,
        tool=row.tool,
        rule=row.rule,
        exception=row.exception,
        fingerprint=row.fingerprint,
        group=row.group,
        path=row.path,
        line=row.line,
        test=row.test,
        features=row.features,
    )
