"""The whole schema, and the 16 industry standards.

Revision ID: 0001
"""

import csv
from importlib.resources import files
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    # straight to the driver: SQLAlchemy would take the SQL's own % for parameters
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    standards = files("vernis.decide.services").joinpath("industry_standards.csv")
    seed = standards.read_text(encoding="utf-8")
    rows = list(csv.DictReader(seed.splitlines()))
    op.get_bind().execute(
        sqlalchemy.text(
            "INSERT INTO industry_standard_intervals (category_key, category_name, interval_days,"
            " min_days, max_days, keywords, service_type) VALUES (:category_key, :category_name,"
            " :interval_days, :min_days, :max_days, string_to_array(:keywords, '|'), :service_type)"
        ),
        rows,
    )


def downgrade() -> None:
    raise NotImplementedError("The first revision has nothing to go back to.")
