"""Where Alembic starts: one connection, one transaction, a short wait for locks."""

from alembic import context
from sqlalchemy import create_engine, pool

LOCK_TIMEOUT = "5s"  # a migration that waits for a busy table must not stop everybody behind it

url = context.config.get_main_option("sqlalchemy.url") or ""
engine = create_engine(url, poolclass=pool.NullPool)
with engine.begin() as connection:
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
