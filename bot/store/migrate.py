"""Bringing a database to the version that this program speaks; refusing one that is newer."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from bot.store.database import Database, mend_of
from bot.store.errors import DatabaseTooNew, DatabaseUnusable


def upgrade(database: Database, migrations: Path) -> None:
    """Run what is missing; raises DatabaseTooNew or DatabaseUnusable, and changes nothing then."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    try:
        with database.engine.begin() as connection:
            _refuse_newer(config, _current(connection))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        where = database.url.render_as_string(hide_password=True)
        raise DatabaseUnusable(f"the database {where} can't be used: {mend_of(error.orig)}") from error


def missing(database: Database, migrations: Path) -> tuple[str, ...]:
    """The versions that `upgrade` would bring, oldest first; raises as `upgrade` does, and changes nothing."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    try:
        with database.engine.begin() as connection:
            current = _current(connection)
            _refuse_newer(config, current)
    except DBAPIError as error:
        where = database.url.render_as_string(hide_password=True)
        raise DatabaseUnusable(f"the database {where} can't be used: {mend_of(error.orig)}") from error
    newer = ScriptDirectory.from_config(config).iterate_revisions("head", current or "base")
    return tuple(reversed([script.revision for script in newer]))


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar_one_or_none()


def _refuse_newer(config: Config, current: str | None) -> None:
    if current is None:
        return
    try:
        ScriptDirectory.from_config(config).get_revision(current)
    except CommandError as error:
        raise DatabaseTooNew(
            f"the database is at version {current!r}, which this program does not know; install the newer version"
        ) from error
