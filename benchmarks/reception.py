"""One turn of the receptionist: from the stored message to the queued answer, without a model.

Clients of a salon with ten thousand of them write one after another: ask, book, ask when, cancel.
The first turns, which load the words, are left out.
"""

from datetime import timedelta
from statistics import quantiles
from time import perf_counter

from benchmarks.house import House
from benchmarks.measure import Figure
from vernis.domain import Company, Inbound
from vernis.stages import companies, receiving, reception

SAID = ("Сколько стоит?", "Да, можно в пятницу?", "первое", "во сколько я записана?", "отмените")
CLIENTS, WARM = 60, 5
LIMIT_MS = 100


async def measure(house: House) -> Figure:
    app = house.app
    company = await companies.find(app.db, None)
    async with app.db.tenant(company.company_id) as connection:
        cursor = await connection.execute(
            "SELECT phone FROM clients WHERE company_id = %s AND phone IS NOT NULL"
            " ORDER BY client_id LIMIT %s",
            (company.company_id, CLIENTS + WARM),
        )
        phones = [row[0] for row in await cursor.fetchall()]
        cursor = await connection.execute(
            "SELECT account_id FROM accounts WHERE company_id = %s", (company.company_id,)
        )
        row = await cursor.fetchone()
    assert row is not None
    taken: list[float] = []
    for number, phone in enumerate(phones):
        for place, text in enumerate(SAID):
            seconds = await _turn(house, company, row[0], phone, text, f"{number}-{place}")
            if number >= WARM:
                taken.append(seconds * 1000)
    return Figure(
        what="a turn of the receptionist, 95th percentile",
        measured=[quantiles(taken, n=20)[-1]],
        at_most=LIMIT_MS,
        unit="ms",
        how=f"{len(taken)} messages, from stored to answer queued",
    )


async def _turn(
    house: House, company: Company, account_id: int, phone: str, text: str, key: str
) -> float:
    app = house.app
    now = app.clock() + timedelta(minutes=1)
    inbound = Inbound(
        account_id=account_id,
        provider_message_id=f"bench-{key}-{now.timestamp()}",
        received_at=now,
        phone=phone,
        text=text,
    )
    stored = await receiving.receive(app.db, company, inbound, now=now, hash_phone=app.hash_phone)
    started = perf_counter()
    turn = await reception.handle(
        app.db,
        company,
        dialog_id=stored.dialog_id,
        crm=app.crm,
        store=app.store,
        clock=app.clock,
        hash_phone=app.hash_phone,
    )
    assert turn is not None
    return perf_counter() - started
