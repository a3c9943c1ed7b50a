"""The indexes that the worker's sweep reads.

The jobs' own tables are no part of the truth and of these revisions: see jobs/queue.py.

Revision ID: 0002
"""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("Restore a backup to go back.")
