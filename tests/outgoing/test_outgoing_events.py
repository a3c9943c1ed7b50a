"""What is told is told where it becomes true, in numbers and enums only."""

import json
from datetime import timedelta

import pytest
from front_desk import Desk
from salon_rows import Salon
from tests.outgoing.receiver import Receiver
from tests.outgoing.telling import Teller

from vernis.domain import Assistant, PauseReason
from vernis.stages import assisted_bookings, conversions, pauses
from vernis.stages.assisted_bookings import NewBooking


@pytest.fixture
async def desk(db, company, store, clock) -> Desk:
    from front_desk import MONDAY

    clock.now = MONDAY
    return await Desk(Salon(db, company), store, clock).furnish()


@pytest.fixture
async def told(desk: Desk, teller: Teller, receiver: Receiver) -> Teller:
    """Somebody wants to know everything."""
    await teller.add(receiver)
    return teller


async def _events(teller: Teller) -> list[tuple[str, dict]]:
    return [(one.event, one.body["data"]) for one in reversed(await teller.log())]


async def test_a_reply_a_booking_and_nothing_of_what_was_said(desk: Desk, told: Teller) -> None:
    dialog_id = await desk.hears("Хочу записаться на завтра на 12:00, Мария")
    turn = await desk.handles(dialog_id)
    assert turn.booked or turn.offered
    if not turn.booked:
        await desk.says("да, первое")
    events = dict(reversed(await _events(told)))
    ((booking_id, starts_at),) = await desk.salon.execute(
        "SELECT booking_id, starts_at FROM bookings"
    )
    assert events["reply.received"] == {
        "reactivation_id": desk.reactivation,
        "client_id": desk.client,
        "dialog_id": dialog_id,
        "message_id": events["reply.received"]["message_id"],
        "intent": "book",
        "response_type": "positive",
    }
    assert events["booking.created"] == {
        "booking_id": booking_id,
        "client_id": desk.client,
        "reactivation_id": desk.reactivation,
        "starts_at": starts_at.isoformat(),
        "service_id": desk.service,
        "source": "vernis",
    }
    said = json.dumps([body for _, body in await _events(told)], ensure_ascii=False)
    assert "Мария" not in said
    assert desk.phone not in said


async def test_who_writes_without_having_been_written_to_does_not_reply(
    desk: Desk, told: Teller
) -> None:
    await desk.says("Сколько стоит маникюр?", phone="79990009999")
    assert [event for event, _ in await _events(told) if event == "reply.received"] == []


async def test_a_handover_is_told_once_until_somebody_gives_it_back(
    desk: Desk, told: Teller
) -> None:
    dialog_id = await desk.hears("Позовите администратора, хочу поговорить с человеком")
    await desk.handles(dialog_id)
    await desk.says("Ну где же человек? Позовите администратора")
    handovers = [data for event, data in await _events(told) if event == "handover.needed"]
    assert handovers == [
        {
            "client_id": desk.client,
            "dialog_id": dialog_id,
            "message_id": handovers[0]["message_id"],
            "reason": "wants_person",
        }
    ]


async def test_a_booking_of_the_companys_own_assistant_is_told_once(
    desk: Desk, told: Teller, store
) -> None:
    desk.settle(assistant=Assistant.EXTERNAL)
    new = NewBooking(reference="77", starts_at=desk.salon.at("2024-04-03 12:00"))
    for _ in range(2):
        recorded = await assisted_bookings.booking_created(
            desk.salon.db,
            desk.salon.company,
            store,
            new,
            reactivation_id=desk.reactivation,
            now=told.now,
        )
    assert await _events(told) == [
        (
            "booking.created",
            {
                "booking_id": recorded.booking_id,
                "client_id": desk.client,
                "reactivation_id": desk.reactivation,
                "starts_at": "2024-04-03T09:00:00+00:00",
                "service_id": None,
                "source": "assistant",
            },
        )
    ]


async def test_a_booking_that_is_found_to_be_of_a_message_is_told_once(
    desk: Desk, told: Teller
) -> None:
    salon = desk.salon
    booking = await salon.booking(
        desk.client, "2024-04-05", "booked", starts="2024-04-05 12:00", booked="2024-04-01 15:00"
    )
    control = await salon.client()
    await salon.held_out(control, "2024-04-01 10:00")
    await salon.booking(
        control, "2024-04-05", "booked", starts="2024-04-05 13:00", booked="2024-04-01 15:00"
    )
    told.pass_by(days=1)
    assert await conversions.attribute(told.db, told.company, now=told.now) == 2
    await salon.execute(
        "UPDATE bookings SET state = 'completed', amount_minor = 100 WHERE booking_id = %s", booking
    )
    told.pass_by(days=5)
    assert await conversions.attribute(told.db, told.company, now=told.now) == 1
    ((event, data),) = await _events(told)
    assert (event, data["booking_id"], data["source"]) == (
        "booking.created",
        booking,
        "attribution",
    )
    assert data["starts_at"] == "2024-04-05T09:00:00+00:00"
    ((body,),) = await salon.execute("SELECT body FROM webhook_deliveries")
    assert (body["type"], body["timestamp"]) == ("booking.created", "2024-04-02T09:00:00+00:00")


async def test_what_was_booked_before_the_webhook_is_no_news(
    desk: Desk, teller: Teller, receiver: Receiver
) -> None:
    await desk.salon.booking(
        desk.client, "2024-04-05", "booked", starts="2024-04-05 12:00", booked="2024-04-01 15:00"
    )
    teller.pass_by(days=1)
    await teller.add(receiver)
    assert await conversions.attribute(teller.db, teller.company, now=teller.now) == 1
    assert await _events(teller) == []


async def test_an_account_that_rests_is_told_of(desk: Desk, told: Teller) -> None:
    async with told.db.tenant(told.company.company_id) as connection:
        for _ in range(2):
            await pauses.pause(
                connection,
                told.company,
                desk.account,
                PauseReason.QUALITY,
                now=told.now,
                until=told.now + timedelta(hours=1),
            )
    assert await _events(told) == [
        (
            "account.paused",
            {
                "account_id": desk.account,
                "channel": "sandbox",
                "reason": "quality",
                "until": "2024-04-01T10:00:00+00:00",
            },
        )
    ]


async def test_where_nobody_listens_nothing_is_kept(desk: Desk, teller: Teller) -> None:
    await desk.says("Хочу записаться на завтра на 12:00")
    await pauses.pause_by_hand(teller.db, teller.company, desk.account, now=teller.now)
    assert await teller.log() == []
