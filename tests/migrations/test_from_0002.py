"""A database of the second version, with a task and its failure: brought up to date and back, with both kept."""

from datetime import UTC, datetime

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from bot.catalog import find_data
from bot.model.evidence import TaskId
from bot.store.clock import advance_clock
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.units import read_units

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
TASK = (
    "insert into task (id, repository, issue, language, model, protocol, arms, stratum, planned, features, assigned_at)"
    " values ('t', 'o/r', 1, 'python', 'm', 'p', '{}', 's', '[]', '{}', '2026-01-01 12:00:00+00:00')"
)
ATTEMPT = (
    "insert into attempt (task_id, seq, position, item_key, action_item, attempt, event, succeeded, validated,"
    " first_validation, source, features, at) values ('t', 1, 0, '1', 'fix_defect', 1, 'end', true, true, true,"
    " 'sandbox', '{\"attempt\": \"1\"}', '2026-01-01 12:00:00+00:00')"
)


def to(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(find_data("migrations")))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if "task" in inspect(connection).get_table_names() else command.upgrade)(config, revision)


def test_tasks_of_the_second_version_are_learned_from(database_url: str) -> None:
    database = Database(database_url)
    to(database, "0002")
    with database.engine.begin() as connection:
        connection.exec_driver_sql(TASK)
        connection.exec_driver_sql(ATTEMPT)
    upgrade(database, find_data("migrations"))
    with database.engine.begin() as connection:
        assert advance_clock(connection, datetime(2026, 1, 2, tzinfo=UTC)) == 1
        (unit,) = read_units(connection, [TaskId("t")], frozenset({"action_item", "attempt"}))
    assert (unit.assigned_at, unit.labeller) == (NOW, "")
    assert unit.context == {"action_item": "fix_defect", "attempt": "1"}
    to(database, "0002")
    with database.engine.begin() as connection:
        assert connection.execute(text("select task_id from attempt")).scalars().all() == ["t"]
    database.close()
