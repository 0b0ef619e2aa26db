"""How Alembic reaches the database: always through the connection that the program hands over."""

from alembic import context

from bot.store import (
    catalogues,
    commands,
    failure_groups,
    failure_salt,
    failures,
    inbox,
    journal,
    late_outcomes,
    learning_state,
    notices,
    patterns,
    proposals,
    redeliveries,
    rollouts,
    spending,
    tasks,
    turns,
    wishes,
)
from bot.store.tables import metadata

TABLES = (
    catalogues.catalogue_table,
    failure_groups.alias_table,
    failure_salt.salt_table,
    failures.failure_table,
    inbox.delivery,
    commands.command_table,
    journal.run_table,
    late_outcomes.late_table,
    learning_state.learning_event_table,
    patterns.registration_table,
    notices.notice_table,
    proposals.proposal_table,
    redeliveries.redelivery,
    rollouts.assignment_table,
    spending.spending_table,
    tasks.task_table,
    turns.turn_table,
    wishes.wish_table,
)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
