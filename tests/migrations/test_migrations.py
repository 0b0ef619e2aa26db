"""Migrations on real databases: from nothing to now, with data in every table, and no further than this program."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, select, text

from bot.catalog import find_data
from bot.store import failure_groups, failure_salt, failures, inbox, journal, patterns, rollouts, tasks
from bot.store.database import Database
from bot.store.errors import DatabaseTooNew, DatabaseUnusable
from bot.store.migrate import upgrade
from bot.store.tables import metadata

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLES: dict[str, dict[str, object]] = {
    "delivery": {"guid": "g", "event": "push", "body_sha256": "0", "body": b"{}", "received_at": NOW},
    "run": {
        **{"id": "7-1-5", "repository_id": 7, "full_name": "o/r", "issue": 1, "label_event": 5},
        **{"request": json.loads("{}"), "requested_at": NOW},
    },
    "journal": {
        **{"run_id": "7-1-5", "seq": 1, "step_kind": "Freeze", "outcome_kind": "Stopped", "step": {}, "outcome": {}},
        **{"started_at": NOW, "ended_at": NOW, "github_seconds": 0.5},
    },
    "intent": {"run_id": "7-1-5", "seq": 1, "step": {}, "started_at": NOW, "attempts": 1},
    "wish": {
        **{"run_id": "7-1-5", "kind": "cancel", "key": "", "reason": "r", "value": 0, "wanted_by": ""},
        **{"made_at": NOW, "granted_at": None},
    },
    "command": {
        **{"comment_id": 1, "repository_id": 7, "issue": 1, "author": "a", "outcome": "o", "handled_at": NOW},
    },
    "late_outcome": {"run_id": "7-1-5", "kind": "merged", "reason": "", "happened_at": NOW},
    "notice": {"repository_id": 7, "kind": "queue", "number": 1, "said": "s", "at": NOW},
    "spending": {
        **{"run_id": "7-1-5", "seq": 1, "repository_id": 7, "actor": "a", "day": NOW.date(), "reserved": 1},
        "spent": None,
    },
    "redelivery": {"guid": "g", "asked": 1, "asked_at": NOW},
    "task": {
        **{"id": "7-1-5", "run_id": "7-1-5", "repository": "o/r", "issue": 1, "language": "python", "model": "m"},
        **{"protocol": "p", "arms": {}, "stratum": "s", "planned": [], "features": {}, "assigned_at": NOW},
        **{"labeller": "h", "position": 0},
    },
    "attempt": {
        **{"task_id": "7-1-5", "seq": 1, "position": 0, "item_key": "1", "action_item": "fix_defect", "attempt": 1},
        **{"event": "end", "succeeded": True, "validated": True, "first_validation": True, "source": "sandbox"},
        **{"features": {}, "at": NOW},
    },
    "failure": {
        **{"task_id": "7-1-5", "run_id": "7-1-5", "seq": 1, "position": 0, "step": 1, "attempt": 1, "item_key": "1"},
        **{"action_item": "fix_defect", "agent": "executor", "source": "ci", "category": "logic", "tool": "pytest"},
        **{"rule": "", "exception": "", "level": "ci", "first_validation": True, "fingerprint": "f", "path": "a.py"},
        **{"line": None, "test": "", "features": {}, "found_at": NOW},
    },
    "failure_text": {"task_id": "7-1-5", "seq": 1, "position": 0, "message": "m", "kept_since": NOW},
    "task_failure": {
        **{"task_id": "7-1-5", "fingerprint": "f", "category": "logic", "tool": "pytest", "rule": "", "first_at": NOW},
    },
    "fingerprint_alias": {"fingerprint": "f", "canonical": "g", "note": "n", "actor": "a", "at": NOW},
    "fingerprint_split": {"fingerprint": "g", "feature": "path", "note": "n", "actor": "a", "at": NOW},
    "salt": {"id": 1, "value": "s"},
    "pattern_registration": {
        **{"pattern": "p", "number": 1, "kind": "rule", "level": "rule", "signature": "ruff:F821", "origin": "mined"},
        **{"quarter": "2026-Q1", "registered_on": "2026-01-01", "registered_at": NOW, "first_position": 10},
        "registration": {},
    },
    "pattern_point": {"pattern": "p", "block": 1, "at": NOW, "e_value": 1.5, "threshold": 200.0, "point": {}},
    "pattern_event": {"pattern": "p", "at": NOW, "act": "registered", "actor": "rmo", "detail": "", "numbers": {}},
    "proposal": {"id": "p1", "pattern": "p", "item": "i", "status": "open", "drafted_at": NOW, "proposal": {}},
    "assignment": {
        **{"item": "i", "task_id": "7-1-5", "stratum": "s", "position": 0, "arm": "treated", "assigned_at": NOW},
    },
    "item_event": {
        **{"item": "i", "at": NOW, "state": "staged", "kind": "stage", "actor": "rmo", "detail": "", "route": ""},
        "numbers": {"e_success": 2.0},
    },
    "replay_pair": {"item": "i", "task_id": "7-1-5", "at": NOW, "pair": {}},
    "catalogue": {"digest": "d", "files": {"protocols/policy.yaml": ""}, "at": NOW},
    "adopted_catalogue": {"id": 1, "digest": "d", "source_sha": "c", "at": NOW},
    "learning_event": {"act": "off", "actor": "a", "note": "n", "at": NOW},
    "task_exclusion": {"task_id": "7-1-5", "reason": "actor x", "actor": "a", "note": "n", "at": NOW},
    "turn": {"job": "mine", "due_at": NOW, "next_due_at": NOW, "leased_until": None},
}


def test_the_tables_are_those_that_the_program_speaks_of(database: Database) -> None:
    ours = {journal.run_table, failures.failure_table, inbox.delivery, tasks.task_table}
    ours |= {failure_groups.alias_table, failure_salt.salt_table, patterns.point_table, rollouts.pair_table}
    assert {table.name for table in ours} <= set(metadata.tables)
    with database.engine.connect() as connection:
        drift = compare_metadata(MigrationContext.configure(connection), metadata)
    assert drift == []


def test_every_table_takes_a_sample(database: Database) -> None:
    assert set(SAMPLES) == set(metadata.tables)
    with database.engine.begin() as connection:
        for name, row in SAMPLES.items():
            connection.execute(insert(metadata.tables[name]).values(row))
    with database.engine.begin() as connection:
        for name in SAMPLES:
            assert connection.execute(select(metadata.tables[name])).one()


def test_running_them_again_changes_nothing(database: Database) -> None:
    upgrade(database, find_data("migrations"))
    with database.engine.connect() as connection:
        assert connection.execute(text("select count(*) from alembic_version")).scalar_one() == 1


def test_the_way_back_is_open(database: Database) -> None:
    from alembic import command

    config = Config()
    config.set_main_option("script_location", str(find_data("migrations")))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}


def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match="'9999'"):
        upgrade(database, find_data("migrations"))
    with database.engine.connect() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalar_one() == "9999"


def test_a_database_that_cannot_be_opened_is_said_in_one_line(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'missing' / 'rmo.db'}")
    with pytest.raises(DatabaseUnusable, match="missing"):
        upgrade(database, find_data("migrations"))
    database.close()
    with pytest.raises(DatabaseUnusable, match="mysql"):
        Database("mysql://localhost/rmo")
    with pytest.raises(DatabaseUnusable, match="no database URL"):
        Database("not a url")


def test_revisions_form_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(find_data("migrations")))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1
