from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from salon_rows import Salon

from vernis.stages.conversions import attribute

SENT = "2024-03-05 14:00"
NOW = datetime(2024, 4, 1, 9, tzinfo=UTC)
NOTHING = (None, None, None)


@pytest.fixture
def salon(db, company):
    return Salon(db, company)


# The message left on Tuesday 5 March at 14:00; the window ends on the 12th at 14:00.
@pytest.mark.parametrize(
    ("on", "state", "times", "converted", "visited"),
    [
        ("2024-03-09", "completed", {"booked": "2024-03-05 14:01"}, True, True),
        ("2024-03-09", "completed", {"booked": "2024-03-05 14:00"}, False, False),
        ("2024-03-09", "completed", {"booked": "2024-03-04 10:00"}, False, False),
        ("2024-03-30", "booked", {"booked": "2024-03-12 14:00"}, True, False),
        ("2024-03-30", "booked", {"booked": "2024-03-12 14:01"}, False, False),
        ("2024-03-30", "completed", {"booked": "2024-03-12 13:59"}, True, True),
        ("2024-03-09", "cancelled", {"booked": "2024-03-06 09:00"}, True, False),
        ("2024-03-09", "no_show", {"booked": "2024-03-06 09:00"}, True, False),
        # nobody knows when it was booked: it counts as booked when it starts
        ("2024-03-05", "completed", {"starts": "2024-03-05 13:00"}, False, False),
        ("2024-03-05", "completed", {"starts": "2024-03-05 16:00"}, True, True),
        ("2024-03-12", "completed", {"starts": "2024-03-12 13:00"}, True, True),
        ("2024-03-12", "completed", {"starts": "2024-03-12 15:00"}, False, False),
        # not even an hour is known: the message's own day never counts
        ("2024-03-05", "completed", {}, False, False),
        ("2024-03-06", "completed", {}, True, True),
        ("2024-03-12", "completed", {}, True, True),
        ("2024-03-13", "completed", {}, False, False),
        ("2024-03-12", "booked", {}, True, False),
        ("2024-03-30", "booked", {}, False, False),
        # a walk-in before the message, entered after it
        (
            "2024-03-05",
            "completed",
            {"starts": "2024-03-05 11:00", "booked": "2024-03-05 20:00"},
            False,
            False,
        ),
        ("2024-03-04", "completed", {"booked": "2024-03-06 09:00"}, False, False),
    ],
)
async def test_a_booking_counts_when_it_was_made_in_the_window(
    salon, on, state, times, converted, visited
):
    client = await salon.client()
    message = await salon.contact(client, SENT)
    booking = await salon.booking(client, on, state, amount_minor=150_000, **times)

    await attribute(salon.db, salon.company, now=NOW)

    assert await salon.conversion(message) == (
        booking if converted else None,
        date.fromisoformat(on) if visited else None,
        150_000 if visited else None,
    )


@pytest.mark.parametrize(
    ("sent", "booked", "converted"),
    [
        ("2024-03-08 20:00", "2024-03-15 20:00", True),  # clocks went forward on the 10th
        ("2024-03-08 20:00", "2024-03-15 20:01", False),
        ("2024-11-01 09:00", "2024-11-08 09:00", True),  # and back on 3 November
        ("2024-11-01 09:00", "2024-11-08 09:01", False),
        ("2024-11-02 23:59", "2024-11-09 23:59", True),
    ],
)
async def test_the_window_ends_at_the_same_local_hour_when_the_clocks_change(
    salon, sent, booked, converted
):
    salon.company = replace(salon.company, timezone="America/Toronto")
    client = await salon.client()
    message = await salon.contact(client, sent)
    booking = await salon.booking(client, booked[:10], "booked", booked=booked)
    await attribute(salon.db, salon.company, now=salon.at(booked) + timedelta(days=1))
    assert await salon.conversion(message) == (booking if converted else None, None, None)


async def test_the_window_is_as_long_as_the_company_says(salon):
    salon.company = replace(salon.company, attribution_days=14)
    client = await salon.client()
    message = await salon.contact(client, SENT)
    booking = await salon.booking(client, "2024-03-20", "booked", booked="2024-03-19 13:00")
    await attribute(salon.db, salon.company, now=NOW)
    assert (await salon.conversion(message))[0] == booking


async def test_a_held_out_client_converts_from_the_moment_of_the_plan(salon):
    client = await salon.client()
    row = await salon.held_out(client, "2024-03-05 09:30")
    booking = await salon.booking(client, "2024-03-08", booked="2024-03-05 10:00")
    await attribute(salon.db, salon.company, now=NOW)
    assert (await salon.conversion(row))[:2] == (booking, date(2024, 3, 8))


@pytest.mark.parametrize("state", ["planned", "skipped", "expired", "failed", "unknown"])
async def test_what_did_not_certainly_leave_has_no_conversion(salon, state):
    client = await salon.client()
    message = await salon.contact(client, SENT, state=state)
    await salon.booking(client, "2024-03-08", booked="2024-03-06 10:00")
    await attribute(salon.db, salon.company, now=NOW)
    assert await salon.conversion(message) == NOTHING


async def test_another_clients_booking_is_not_a_conversion(salon):
    message = await salon.contact(await salon.client(), SENT)
    await salon.booking(await salon.client(), "2024-03-08", booked="2024-03-06 10:00")
    await attribute(salon.db, salon.company, now=NOW)
    assert await salon.conversion(message) == NOTHING


async def test_of_two_messages_the_later_one_before_the_booking_has_it(salon):
    client = await salon.client()
    first = await salon.contact(client, "2024-03-01 12:00")
    second = await salon.contact(client, "2024-03-05 12:00", attempt=2)
    third = await salon.contact(client, "2024-03-07 12:00", attempt=3)
    booking = await salon.booking(client, "2024-03-09", booked="2024-03-06 12:00")

    await attribute(salon.db, salon.company, now=NOW)

    assert await salon.conversion(first) == NOTHING
    assert (await salon.conversion(second))[0] == booking
    assert await salon.conversion(third) == NOTHING


async def test_several_services_of_the_day_are_one_visit_with_all_its_revenue(salon):
    client = await salon.client()
    message = await salon.contact(client, SENT)
    booking = await salon.booking(
        client, "2024-03-08", booked="2024-03-06 10:00", starts="2024-03-08 10:00", amount_minor=100
    )
    await salon.booking(
        client, "2024-03-08", booked="2024-03-06 10:00", starts="2024-03-08 11:00", amount_minor=50
    )
    await attribute(salon.db, salon.company, now=NOW)
    assert await salon.conversion(message) == (booking, date(2024, 3, 8), 150)


async def test_a_visit_known_from_a_file_confirms_the_booking_of_that_day(salon):
    client = await salon.client()
    message = await salon.contact(client, SENT)
    made = {"origin": "vernis", "booked": "2024-03-05 15:00"}
    booking = await salon.booking(
        client, "2024-03-20", "booked", reactivation_id=message, starts="2024-03-20 15:00", **made
    )
    await salon.booking(client, "2024-03-20", origin="file", external_key=None, amount_minor=90)
    await attribute(salon.db, salon.company, now=NOW)
    assert await salon.conversion(message) == (booking, date(2024, 3, 20), 90)


async def test_the_booking_of_the_dialog_belongs_to_its_reactivation_whatever_the_times(salon):
    client = await salon.client()
    first = await salon.contact(client, "2024-02-20 12:00")
    second = await salon.contact(client, "2024-03-05 12:00", attempt=2)
    booking = await salon.booking(
        client, "2024-03-09", "booked", booked="2024-03-06 12:00", reactivation_id=first
    )
    await attribute(salon.db, salon.company, now=NOW)
    assert (await salon.conversion(first))[0] == booking
    assert await salon.conversion(second) == NOTHING


async def test_what_reception_recorded_stays_while_the_booking_stands(salon):
    client = await salon.client()
    recorded_at = salon.at("2024-03-05 14:30")
    message = await salon.contact(client, SENT)
    await salon.booking(client, "2024-03-07", "booked", booked="2024-03-05 14:10")
    booking = await salon.booking(
        client, "2024-03-09", "booked", booked="2024-03-05 14:29", reactivation_id=message
    )
    await salon.execute(
        "UPDATE client_reactivation_history SET booking_created = true, booking_id = %s,"
        " booking_created_at = %s WHERE id = %s",
        booking,
        recorded_at,
        message,
    )
    assert await attribute(salon.db, salon.company, now=NOW) == 0
    rows = await salon.execute(
        "SELECT booking_id, booking_created_at FROM client_reactivation_history"
    )
    assert rows == [(booking, recorded_at)]


async def test_of_several_bookings_the_one_that_was_kept_counts(salon):
    client = await salon.client()
    message = await salon.contact(client, SENT)
    await salon.booking(client, "2024-03-07", "cancelled", booked="2024-03-05 15:00")
    await salon.booking(client, "2024-03-30", "booked", booked="2024-03-05 16:00")
    kept = await salon.booking(client, "2024-03-10", booked="2024-03-08 15:00", amount_minor=70)
    await attribute(salon.db, salon.company, now=NOW)
    assert await salon.conversion(message) == (kept, date(2024, 3, 10), 70)


@pytest.mark.parametrize(
    ("change", "converted", "visited"),
    [
        ("state = 'cancelled'", True, None),
        ("state = 'no_show'", True, None),
        ("state = 'completed', on_date = '2024-03-29'", True, date(2024, 3, 29)),
        ("booked_at = '2024-03-20T12:00Z'", False, None),
        ("client_id = client_id + 1", False, None),
    ],
)
async def test_a_later_change_of_the_booking_corrects_the_conversion(
    salon, change, converted, visited
):
    client, _ = await salon.client(), await salon.client()
    message = await salon.contact(client, SENT)
    booking = await salon.booking(client, "2024-03-09", booked="2024-03-06 09:00")
    await attribute(salon.db, salon.company, now=NOW)
    assert (await salon.conversion(message))[:2] == (booking, date(2024, 3, 9))

    await salon.execute(f"UPDATE bookings SET {change} WHERE booking_id = %s", booking)
    assert await attribute(salon.db, salon.company, now=NOW) == 1

    assert (await salon.conversion(message))[:2] == (booking if converted else None, visited)


async def test_a_message_that_failed_after_all_loses_its_conversion(salon):
    client = await salon.client()
    message = await salon.contact(client, SENT)
    await salon.booking(client, "2024-03-09", booked="2024-03-06 09:00")
    await attribute(salon.db, salon.company, now=NOW)
    await salon.execute("UPDATE client_reactivation_history SET state = 'failed'")
    await attribute(salon.db, salon.company, now=NOW)
    assert await salon.conversion(message) == NOTHING


async def test_long_past_reactivations_are_looked_at_only_when_asked(salon):
    client = await salon.client()
    message = await salon.contact(client, SENT)
    await salon.booking(client, "2024-03-09", booked="2024-03-06 09:00")
    later = NOW + timedelta(days=200)
    assert await attribute(salon.db, salon.company, now=later) == 0
    assert await attribute(salon.db, salon.company, now=later, since=date(2024, 3, 1)) == 1
    assert (await salon.conversion(message))[1] == date(2024, 3, 9)


@pytest.mark.parametrize("seed", range(8))
async def test_attributing_twice_changes_nothing_and_no_booking_counts_twice(salon, seed):
    random = Random(seed)
    start = datetime(2024, 2, 1, tzinfo=UTC)
    for _ in range(12):
        client = await salon.client()
        for attempt in (1, 2, 3):
            moment = start + timedelta(hours=random.randrange(24 * 40))
            if random.random() < 0.7:
                states = ["accepted", "read", "failed", "skipped"]
                values = {"state": random.choice(states), "message_sent_at": moment}
            else:
                values = {"arm": "holdout", "state": "held_out"}
            await salon.reactivation(client, moment, attempt=attempt, **values)
        for _ in range(5):
            moment = start + timedelta(hours=random.randrange(24 * 50))
            known = random.choice([{}, {"booked_at": moment}, {"starts_at": moment}])
            state = random.choice(["booked", "completed", "cancelled", "no_show"])
            await salon.booking(client, str(moment.date()), state, amount_minor=100, **known)

    assert await attribute(salon.db, salon.company, now=NOW) > 0
    assert await attribute(salon.db, salon.company, now=NOW + timedelta(hours=1)) == 0
    counted = await salon.execute(
        "SELECT count(booking_id), count(DISTINCT booking_id) FROM client_reactivation_history"
    )
    assert counted[0][0] == counted[0][1]
    strangers = await salon.execute(
        "SELECT count(*) FROM client_reactivation_history h JOIN bookings b USING (booking_id)"
        " WHERE h.client_id <> b.client_id OR h.state IN ('failed', 'skipped')"
    )
    assert strangers == [(0,)]
