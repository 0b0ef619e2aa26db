"""How much of the failure store came from other systems."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from bot.store.failures import failure_table
from bot.store.tasks import attempt_table, task_table


@dataclass(frozen=True, slots=True)
class ImportedCounts:
    tasks: int
    tries: int
    failures: int


def count_imported(connection: Connection, prefix: str) -> ImportedCounts:
    """Rows of the tasks whose id starts with `prefix`, which holds no `%` and no `_`."""
    tasks = select(func.count()).select_from(task_table).where(task_table.c.id.startswith(prefix))
    tries = select(func.count()).select_from(attempt_table).where(attempt_table.c.task_id.startswith(prefix))
    failures = select(func.count()).select_from(failure_table).where(failure_table.c.task_id.startswith(prefix))
    return ImportedCounts(*(connection.execute(query).scalar_one() for query in (tasks, tries, failures)))
