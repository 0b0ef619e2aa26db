"""How Alembic reaches the database: always through the connection that the program hands over."""

from alembic import context

from bot.store import (
    catalogues,
    failure_groups,
    failure_salt,
    failures,
    inbox,
    journal,
    learning_state,
    patterns,
    proposals,
    rollouts,
    tasks,
    turns,
)
from bot.store.tables import metadata

TABLES = (
    catalogues.catalogue_table,
    failure_groups.alias_table,
    failure_salt.salt_table,
    failures.failure_table,
    inbox.delivery,
    journal.run_table,
    learning_state.learning_event_table,
    patterns.registration_table,
    proposals.proposal_table,
    rollouts.assignment_table,
    tasks.task_table,
    turns.turn_table,
)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
