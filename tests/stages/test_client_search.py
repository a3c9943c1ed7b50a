"""Looking clients up as people do: by a part of the name, key or number, by why, in an order."""

from datetime import timedelta

import pytest
from test_due_dates import NOW, ON, History

from vernis.domain import Reason
from vernis.stages import client_list, opt_outs
from vernis.stages.client_list import START, Order


def hash_phone(phone: str) -> bytes:
    return phone.encode().ljust(32)


@pytest.fixture
def salon(db, company) -> History:
    return History(db, company)


async def searched(salon: History, **of):
    return await client_list.searched(
        salon.db, salon.company, on=ON, now=NOW, hash_phone=hash_phone, **of
    )


async def ids(salon: History, **of) -> list[int]:
    return [client.client_id for client in (await searched(salon, **of)).clients]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("артем", ["anna"]),
        ("Артём ким", ["anna"]),
        ("ким Артём", ["anna"]),
        ("k-17", ["anna"]),
        ("%", []),
        ("_", []),
        ("900 000-00-17", ["anna"]),
        ("8 900 000 00 17", ["anna"]),
        ("+7900", ["anna", "vera"]),
        ("00", []),  # too few digits for a number
    ],
)
async def test_a_part_of_a_name_key_or_number_is_enough(salon, text, found):
    who = {
        "anna": await salon.client(
            "Артём", surname="Ким", external_key="K-17", phone="79000000017"
        ),
        "vera": await salon.client("Вера", external_key="K-2", phone="79000000025"),
    }

    assert await ids(salon, text=text, by_phone=True) == [who[name] for name in found]


async def test_without_leave_nobody_is_found_by_the_number(salon):
    await salon.client("Анна", phone="79000000017")

    assert await ids(salon, text="79000000017") == []


async def test_the_last_visitors_come_first_or_those_expected_soonest(salon):
    haircut = await salon.service("Стрижка")
    weekly = await salon.visits(*range(5, 105, 7), service=haircut)
    monthly = await salon.visits(*range(10, 300, 30), service=haircut)
    late = await salon.visits(*range(60, 200, 10), service=haircut)
    never = await salon.client()
    await salon.compute()

    assert await ids(salon, order=Order.LAST) == [weekly, monthly, late, never]
    assert await ids(salon, order=Order.DUE) == [weekly, monthly, late, never]


@pytest.mark.parametrize("order", list(Order))
async def test_pages_show_everybody_once(salon, order):
    everybody = {await salon.visits(*range(7, 100, 20 + n % 3)) for n in range(7)}
    everybody |= {await salon.client() for _ in range(3)}
    await salon.compute()

    seen, after = [], START
    while after is not None:
        page = await searched(salon, order=order, after=after, most=3)
        seen += [client.client_id for client in page.clients]
        after = page.after

    assert len(seen) == len(everybody)
    assert set(seen) == everybody


async def test_the_filter_says_what_the_plan_says(salon):
    haircut = await salon.service("Стрижка")
    due = await salon.visits(*range(29, 240, 30), service=haircut)
    early = await salon.visits(*range(2, 240, 30), service=haircut)
    gone = await salon.visits(500, 530, 560, service=haircut)
    booked = await salon.visits(*range(29, 240, 30), service=haircut)
    await salon.booking(booked, (ON + timedelta(days=3)).isoformat(), "booked")
    stopped = await salon.client(phone="79000000077")
    await salon.visits(*range(29, 240, 30), service=haircut, client=stopped)
    bad = await salon.client(phone=None, phone_state="invalid")
    await salon.visits(*range(29, 240, 30), service=haircut, client=bad)
    listed = await salon.client(blacklisted=True)
    await salon.visits(29, service=haircut, client=listed)
    refused = await salon.client(consent="refused")
    await salon.visits(29, service=haircut, client=refused)
    never = await salon.client()
    await opt_outs.add(
        salon.db, salon.company, ["79000000077"], source="staff", now=NOW, hash_phone=hash_phone
    )
    await salon.compute()

    wanted = {
        Reason.NOT_DUE: early,
        Reason.GONE_TOO_LONG: gone,
        Reason.FUTURE_BOOKING: booked,
        Reason.OPTED_OUT: stopped,
        Reason.INVALID_PHONE: bad,
        Reason.BLACKLISTED: listed,
        Reason.NO_CONSENT: refused,
        Reason.NO_VISITS: never,
    }
    for reason, client in wanted.items():
        assert await ids(salon, reason=reason) == [client], reason
    open_to_write = set()
    for reason in (Reason.DUE, Reason.LAPSED, Reason.HOLDOUT):
        open_to_write |= set(await ids(salon, reason=reason))
    assert open_to_write == {due}


async def test_what_the_filter_asks_beforehand_hides_nobody(salon):
    """All of whom the plan says something are found by it, whatever was asked in the database."""
    haircut = await salon.service("Стрижка")
    for away in range(1, 420, 30):
        client = await salon.visits(away, away + 40, service=haircut, client=None)
        if away % 4 == 0:
            await salon.reactivation(
                client,
                salon.at((ON - timedelta(days=min(away, 9))).isoformat() + " 10:00"),
                last_visit=(ON - timedelta(days=away)).isoformat(),
                state="read",
                phone="79000099999",
            )
    await salon.compute()
    everybody = (await searched(salon, most=100)).clients

    for reason in {client.reason for client in everybody}:
        alike = {client.client_id for client in everybody if client.reason is reason}
        assert set(await ids(salon, reason=reason)) == alike, reason


async def test_who_was_erased_is_found_no_more(salon):
    client = await salon.client("Анна", phone=None, phone_state="missing")
    await salon.execute("UPDATE clients SET erased_at = now() WHERE client_id = %s", client)

    assert await ids(salon) == []
    assert await client_list.number(salon.db, salon.company) == 0
