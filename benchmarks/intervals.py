"""Intervals of the whole company, against one statement that computes the plain medians.

The baseline gives the median gap of each client and service and of each service, and stores
nothing; ours adds the four levels, due windows, evidence, and stores a due date for each client.
"""

from benchmarks.house import House
from benchmarks.measure import Comparison, seconds
from benchmarks.salon import CLIENTS, PLANNED_ON, VISITS
from vernis.stages import companies
from vernis.stages.intervals import compute

RUNS = 5
MEDIANS = """
    SELECT client_id, service_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY days)
    FROM (SELECT client_id, service_id, on_date - lag(on_date) OVER (
              PARTITION BY client_id, service_id ORDER BY on_date) AS days
          FROM bookings WHERE company_id = %s AND state = 'completed') AS gaps
    WHERE days IS NOT NULL
    GROUP BY GROUPING SETS ((client_id, service_id), (service_id))
"""


async def measure(house: House) -> Comparison:
    """Leaves the intervals computed."""
    app = house.app
    company = await companies.find(app.db, None)
    ours, bare = [], []
    async with house.bare() as connection:
        await connection.execute("ANALYZE")

        async def medians() -> None:
            cursor = await connection.execute(MEDIANS, (company.company_id,))
            await cursor.fetchall()

        async def intervals() -> None:
            found = await compute(app.db, company, on=PLANNED_ON, now=app.clock())
            assert found == CLIENTS, found

        for _ in range(RUNS):
            bare.append(await seconds(medians))
            ours.append(await seconds(intervals))
    return Comparison(
        what=f"intervals of a company with {CLIENTS:,} clients, {VISITS:,} visits",
        against="one SQL statement that computes the plain medians",
        at_most=4,
        ours=ours,
        bare=bare,
    )
