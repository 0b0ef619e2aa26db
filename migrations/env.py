"""How Alembic reaches the database: always through the connection that the program hands over."""

from alembic import context

from bot.store import failure_groups, failure_salt, failures, inbox, journal, tasks
from bot.store.tables import metadata

TABLES = (
    failure_groups.alias_table,
    failure_salt.salt_table,
    failures.failure_table,
    inbox.delivery,
    journal.run_table,
    tasks.task_table,
)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
