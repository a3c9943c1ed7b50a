"""Messages from planned to sent and in Redis, against the bare writes of the same rows.

The baseline inserts the 1,000 finished rows into a table with the columns of the reactivations
and a primary key, then updates each of them three times (written, claimed, accepted): a hundred
rows a statement, each statement a commit, as messages that are sent at most once need it.
"""

from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from benchmarks.house import House
from benchmarks.measure import Comparison, seconds
from benchmarks.salon import PLANNED_ON
from vernis.domain import Company
from vernis.stages import companies, planning, sending, writing

RUNS = 5
MESSAGES, BATCH = 1_000, 100
TABLE = "client_reactivation_history"
SENT = f"SELECT id, message_text, to_jsonb(h) FROM {TABLE} h WHERE state = 'accepted' ORDER BY id"
WRITES = (
    "INSERT INTO bare SELECT * FROM jsonb_populate_recordset(NULL::bare, %(rows)s::jsonb)",
    "UPDATE bare SET state = 'written', message_text = t.body, send_after = now()"
    " FROM unnest(%(ids)s::bigint[], %(bodies)s::text[]) AS t (id, body)"
    " WHERE bare.company_id = %(company_id)s AND bare.id = t.id",
    "UPDATE bare SET state = 'claimed', claimed_at = now()"
    " WHERE company_id = %(company_id)s AND id = ANY(%(ids)s)",
    "UPDATE bare SET state = 'accepted', message_sent_at = now()"
    " WHERE company_id = %(company_id)s AND id = ANY(%(ids)s)",
)


async def measure(house: House) -> Comparison:
    app = house.app
    company = await companies.find(app.db, None)
    ours, bare = [], []
    async with house.bare() as connection:
        for _ in range(RUNS):
            await _plan(house, connection, company)
            ours.append(await seconds(lambda: _write_and_send(house, company)))
            assert await _contexts(house) == MESSAGES
            bare.append(await _bare_writes(connection, company))
    return Comparison(
        what=f"{MESSAGES:,} reactivations written, sent through the sandbox, in Redis",
        against=f"bare insert and three updates of the same rows, {MESSAGES:,} each, in batches",
        at_most=8,
        ours=ours,
        bare=bare,
    )


async def _plan(house: House, connection: AsyncConnection[Any], company: Company) -> None:
    """The same thousand reactivations, planned; nothing sent, nothing in Redis."""
    app = house.app
    await connection.execute(f"TRUNCATE {TABLE}, sandbox_messages CASCADE")
    async with house.redis() as redis:
        await redis.flushdb()
    plan = await planning.store(
        app.db, company, on=PLANNED_ON, now=app.clock(), hash_phone=app.hash_phone
    )
    assert len(plan.contacts) == MESSAGES, len(plan.contacts)
    await connection.execute("CHECKPOINT")


async def _write_and_send(house: House, company: Company) -> None:
    app = house.app
    await writing.write(app.db, company, app.writer, now=app.clock())
    sent = await sending.send(
        app.db,
        company,
        channels=app.channels,
        store=app.store,
        clock=app.clock,
        hash_phone=app.hash_phone,
    )
    assert sent == MESSAGES, sent


async def _contexts(house: House) -> int:
    async with house.redis() as redis:
        return len(await redis.keys("dialog:*"))


async def _bare_writes(connection: AsyncConnection[Any], company: Company) -> float:
    rows = await (await connection.execute(SENT)).fetchall()
    await connection.execute(f"CREATE TABLE bare (LIKE {TABLE}, PRIMARY KEY (company_id, id))")
    await connection.execute("CHECKPOINT")
    batches = [_values(rows[at : at + BATCH], company) for at in range(0, len(rows), BATCH)]

    async def write() -> None:
        for statement in WRITES:
            for values in batches:
                await connection.execute(statement, values)

    taken = await seconds(write)
    await connection.execute("DROP TABLE bare")
    return taken


def _values(rows: list[tuple[Any, ...]], company: Company) -> dict[str, Any]:
    ids, bodies, whole = (list(column) for column in zip(*rows, strict=True))
    return {
        "company_id": company.company_id,
        "ids": ids,
        "bodies": bodies,
        "rows": Jsonb(whole),
    }
