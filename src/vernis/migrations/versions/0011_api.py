"""What the lists of the API and the pages are read by.

Revision ID: 0011
"""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("Restore a backup to go back.")
