"""A day's plan, decided and stored, against one scan that joins clients and bookings.

The baseline returns each client with the last visit, the number of visits and what was spent,
by sequential scans only.
"""

from benchmarks.house import House
from benchmarks.measure import Comparison, seconds
from benchmarks.salon import CLIENTS, PLANNED_ON
from vernis.stages import companies, planning

RUNS = 5
SCAN = """
    SELECT c.client_id, c.external_key, c.name, c.phone, c.phone_state, c.blacklisted, c.consent,
           max(b.on_date), count(*), sum(b.amount_minor)
    FROM clients c JOIN bookings b ON b.company_id = c.company_id AND b.client_id = c.client_id
    WHERE c.company_id = %s AND b.state = 'completed'
    GROUP BY c.company_id, c.client_id
"""


async def measure(house: House) -> Comparison:
    """Leaves no plan behind."""
    app = house.app
    company = await companies.find(app.db, None)
    ours, bare = [], []
    async with house.bare() as connection:
        for kind in ("indexscan", "indexonlyscan", "bitmapscan"):
            await connection.execute(f"SET enable_{kind} = off")

        async def scan() -> None:
            cursor = await connection.execute(SCAN, (company.company_id,))
            assert len(await cursor.fetchall()) == CLIENTS

        async def plan() -> None:
            decided = await planning.store(
                app.db, company, on=PLANNED_ON, now=app.clock(), hash_phone=app.hash_phone
            )
            assert decided.contacts
            assert sum(decided.counts.values()) == CLIENTS

        for _ in range(RUNS):
            await connection.execute("DELETE FROM client_reactivation_history")
            bare.append(await seconds(scan))
            ours.append(await seconds(plan))
        await connection.execute("DELETE FROM client_reactivation_history")
    return Comparison(
        what="its plan",
        against="one sequential scan that joins clients and bookings",
        at_most=4,
        ours=ours,
        bare=bare,
    )
