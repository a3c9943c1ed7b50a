"""The schema, step by step: one Alembic revision a file, in SQL."""
