"""Runs inside Alembic; the connection is handed in by models.migrations.run."""

from alembic import context

from models.entities import Base
from models.migrations.run import comparing

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    **comparing(connection),
)
with context.begin_transaction():
    context.run_migrations()
