"""How Alembic reaches the database: always through the connection that the program hands over."""

from alembic import context

from bot.store import failures, inbox, journal
from bot.store.tables import metadata

TABLES = (failures.failure_table, inbox.delivery, journal.run_table)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
