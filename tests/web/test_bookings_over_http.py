"""Bookings that the company's own assistant made, and what is pending."""

import asyncio
from typing import Any

import pytest
from programs import ANNA, Program

from vernis.stages import context, conversions

TUESDAY = "2024-04-02T18:00:00+03:00"


async def rows(program: Program) -> list[tuple[Any, ...]]:
    return await program.salon.execute(
        "SELECT external_key, state, on_date::text, service_id, staff_id, reactivation_id"
        " FROM bookings ORDER BY booking_id"
    )


@pytest.mark.parametrize("by", ["reactivation_id", "phone"])
async def test_a_booking_is_counted_once(program: Program, by: str) -> None:
    id_ = await program.written_to()
    await program.told("context", phone=ANNA)
    nails = await program.salon.insert("services", "service_id", title="Маникюр")
    await program.salon.insert("service_names", "folded", folded="маникюр", service_id=nails)
    olga = await program.salon.insert("staff", "staff_id", external_key="ольга", name="Ольга")
    body = {
        "booking_id": "918273",
        "starts_at": TUESDAY,
        "service": {"name": "маникюр"},
        "staff": {"name": "Ольга"},
        by: id_ if by == "reactivation_id" else "+7 900 000-00-01",
    }
    first = await program.told("bookings", **body)
    assert (first["reactivation_id"], first["is_new"], first["in_redis"]) == (id_, True, True)
    again = await program.told("bookings", **body)
    assert again == first | {"is_new": False}

    assert await rows(program) == [("918273", "booked", "2024-04-02", nails, olga, id_)]
    history = await program.history(id_, "booking_created", "booking_id")
    assert history == (True, first["booking_id"])
    assert (
        await program.redis.hget(f"dialog:{program.company.company_id}:{ANNA}", "pendingAction")
        == b"null"
    )
    told = await program.told("context", phone=ANNA)
    assert (told["booking_created"], told["pending_action"]) == (True, None)
    assert "уже записан" in told["instruction"]


async def test_it_is_the_conversion_of_the_report(program: Program) -> None:
    id_ = await program.written_to()
    told = await program.told("bookings", booking_id="B1", starts_at=TUESDAY, phone=ANNA)
    await program.salon.execute("UPDATE bookings SET state = 'completed', amount_minor = 200000")
    await conversions.attribute(program.salon.db, program.company, now=program.clock())
    booking, visit, revenue = await program.salon.conversion(id_)
    assert (booking, str(visit), revenue) == (told["booking_id"], "2024-04-02", 200_000)


async def test_the_same_booking_at_once_is_one(program: Program) -> None:
    await program.written_to()
    body = {"booking_id": "B1", "starts_at": TUESDAY, "phone": ANNA}
    told = await asyncio.gather(*(program.told("bookings", **body) for _ in range(15)))
    assert sorted(one["is_new"] for one in told) == [False] * 14 + [True]
    assert len({one["booking_id"] for one in told}) == 1


async def test_told_again_with_another_time_it_has_moved(program: Program) -> None:
    id_ = await program.written_to()
    olga = await program.salon.insert("staff", "staff_id", external_key="ольга", name="Ольга")
    body = {"booking_id": "B1", "phone": ANNA, "staff": {"id": olga}}
    await program.told("bookings", starts_at=TUESDAY, **body)
    await program.told("bookings", starts_at="2024-04-03T10:00", **body)  # company-local
    assert await rows(program) == [("B1", "booked", "2024-04-03", None, olga, id_)]
    busy = await program.salon.execute("SELECT min(starts_at), count(*) FROM busy_quarters")
    assert busy == [(program.salon.at("2024-04-03 10:00"), 4)]


async def test_a_reference_of_another_client_is_refused(program: Program) -> None:
    await program.written_to()
    other = await program.written_to("79000000002")
    await program.told("bookings", booking_id="B1", starts_at=TUESDAY, phone=ANNA)
    body = {"booking_id": "B1", "starts_at": TUESDAY, "reactivation_id": other}
    assert await program.refused("bookings", **body) == (409, "conflict")
    assert await program.history(other, "booking_created") == (False,)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"reactivation_id": 99}, (404, "not_found")),
        ({"phone": "79000000077"}, (404, "not_found")),
        ({"phone": ANNA, "service": {"id": 99}}, (422, "invalid")),
        ({"phone": ANNA, "staff": {"id": 99}}, (422, "invalid")),
    ],
)
async def test_what_is_not_the_companys_is_not_found(
    program: Program, change: dict[str, Any], problem: tuple[int, str]
) -> None:
    await program.written_to()
    body = {"booking_id": "B1", "starts_at": TUESDAY}
    assert await program.refused("bookings", **body | change) == problem
    assert await rows(program) == []


async def test_what_is_cleared_is_not_put_back(program: Program) -> None:
    id_ = await program.written_to()
    assert (await program.told("context", phone=ANNA))["in_redis"]
    assert await program.told("clear", phone=ANNA) == {"in_redis": True}
    assert await program.pending() is None
    await program.redis.flushall()
    await context.restore(program.salon.db, program.company, program.store, now=program.clock())
    told = await program.told("context", phone=ANNA)
    assert (told["reactivation_id"], told["pending_action"]) == (id_, None)
    assert await program.pending() is None


async def test_another_assistants_pending_action_survives_a_clear(program: Program) -> None:
    await program.written_to()
    key = f"dialog:{program.company.company_id}:{ANNA}"
    await program.redis.hset(key, "pendingAction", '{"type": "cancellation"}')
    await program.told("clear", phone=ANNA)
    assert await program.pending() == {"type": "cancellation"}
