"""Alembic's entry: runs a service's plain SQL revisions on the connection that ``hub_chassis.migrations`` opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
