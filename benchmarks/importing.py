"""Import of the salon's file into an empty database, against COPY of the rows that it makes.

The baseline has the same 100,000 rows as Python values and does nothing but COPY them, row by
row with psycopg's `write_row`, into a table with the columns of `bookings` and a primary key: no
file to read and understand, no other index, no foreign key. Each import opens and understands the
file again, as `vernis import` does.
"""

from typing import Any

from benchmarks.house import House, new_company
from benchmarks.measure import Comparison, seconds
from benchmarks.salon import VISITS
from vernis.adapters.postgres import Database
from vernis.adapters.tables import open_table
from vernis.exports import understood
from vernis.stages.importing import import_files

RUNS = 3
ALL = "SELECT * FROM bookings ORDER BY booking_id"


async def measure(house: House) -> Comparison:
    """Leaves the salon imported in the app's own database."""
    db = house.app.db
    await import_salon(house, db)
    rows = await _rows(house)
    ours, bare = [], []
    for _ in range(RUNS):
        bare.append(await _bare_copy(house, rows))
        async with house.empty_database() as empty:
            ours.append(await seconds(lambda db=empty: import_salon(house, db)))
    return Comparison(
        what=f"import of {VISITS:,} visits",
        against="bare COPY of the same rows",
        at_most=12,
        ours=ours,
        bare=bare,
    )


async def import_salon(house: House, db: Database) -> None:
    company = await new_company(db)
    with open_table(house.file) as table:
        outcomes = await import_files(
            db, company, [understood(table)], now=house.app.clock(), hash_phone=house.app.hash_phone
        )
    assert outcomes[0].taken == VISITS, outcomes


async def _rows(house: House) -> list[tuple[Any, ...]]:
    async with house.bare() as connection:
        return await (await connection.execute(ALL)).fetchall()


async def _bare_copy(house: House, rows: list[tuple[Any, ...]]) -> float:
    async with house.bare() as connection:
        await connection.execute(
            "CREATE TABLE bare (LIKE bookings, PRIMARY KEY (company_id, booking_id))"
        )
        await connection.execute("CHECKPOINT")

        async def copy_all() -> None:
            async with connection.cursor().copy("COPY bare FROM STDIN") as copy:
                for row in rows:
                    await copy.write_row(row)

        taken = await seconds(copy_all)
        await connection.execute("DROP TABLE bare")
    return taken
