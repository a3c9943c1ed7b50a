"""What every calendar promises to the receptionist. One joins by a Rig (test_crm_contract.py)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vernis.domain import Appointment, Company, FreeTime
from vernis.errors import BookingGoneError, BookingUnknownError, TimeTakenError
from vernis.ports import BookingRequest, ChangeRequest, Crm, Database

MONDAY = datetime(2024, 4, 1, 9, tzinfo=UTC)  # noon in Moscow, when the salon is open


@dataclass(kw_only=True)
class Rig:
    """A salon with this calendar: masters who do `service`, and two of its clients.

    `take` is somebody who books a time past us; `lose_an_answer` makes the next booking or change
    happen and its answer get lost, where there is a wire.
    """

    crm: Crm
    db: Database
    company: Company
    service: int
    client: int
    other: int
    take: Callable[[FreeTime], Awaitable[None]]
    lose_an_answer: Callable[[], None] | None = None

    async def free(self, *, days: int = 3, after: int = 0) -> list[FreeTime]:
        first = MONDAY.date() + timedelta(days=after)
        return await self.crm.free_times(
            self.company.company_id,
            service_id=self.service,
            first_day=first,
            last_day=first + timedelta(days=days - 1),
        )

    def request(self, time: FreeTime, key: str = "d1-1", client: int | None = None):
        return BookingRequest(
            key=key, client_id=client or self.client, reactivation_id=None, time=time
        )

    async def book(self, time: FreeTime, key: str = "d1-1", client: int | None = None) -> int:
        return await self.crm.book(self.company.company_id, self.request(time, key, client))

    async def find(self, time: FreeTime, key: str = "d1-1") -> int | None:
        return await self.crm.find(self.company.company_id, self.request(time, key))

    def wish(self, booking: int, time: FreeTime | None, client: int | None = None):
        return ChangeRequest(client_id=client or self.client, booking_ids=(booking,), time=time)

    async def change(self, booking: int, time: FreeTime | None, client: int | None = None) -> None:
        await self.crm.change(self.company.company_id, self.wish(booking, time, client))

    async def is_changed(self, booking: int, time: FreeTime | None) -> bool:
        return await self.crm.is_changed(self.company.company_id, self.wish(booking, time))

    async def own(self, client: int | None = None) -> list[Appointment]:
        return await self.crm.appointments(
            self.company.company_id, client_id=client or self.client, first_day=MONDAY.date()
        )

    async def rows(self) -> list[tuple[Any, ...]]:
        async with self.db.tenant(self.company.company_id) as connection:
            cursor = await connection.execute(
                "SELECT state, starts_at, client_id, booked_at FROM bookings"
                " WHERE origin <> 'file' ORDER BY booking_id"
            )
            return await cursor.fetchall()


class FreeTimes:
    """Inherit, and give a fixture `rig`."""

    async def test_times_are_told_with_who_and_how_long_earliest_first(self, rig: Rig):
        times = await rig.free()
        assert times == sorted(times, key=lambda free: (free.starts_at, free.staff_id))
        assert all(free.ends_at > free.starts_at and free.staff_name for free in times)
        assert {free.service_id for free in times} == {rig.service}
        assert all(free.starts_at.tzinfo for free in times)

    async def test_times_are_of_the_days_that_were_asked_for(self, rig: Rig):
        times = await rig.free(days=2, after=1)
        days = {free.starts_at.astimezone(rig.company.zone).date() for free in times}
        assert days == {MONDAY.date() + timedelta(days=1), MONDAY.date() + timedelta(days=2)}

    async def test_what_is_over_is_not_offered(self, rig: Rig):
        assert all(free.starts_at > MONDAY for free in await rig.free(days=1))
        assert await rig.free(days=2, after=-3) == []

    async def test_what_somebody_else_has_is_not_offered(self, rig: Rig):
        known = (await rig.free(days=1, after=7))[0]
        by = timedelta(days=1)
        taken = replace(known, starts_at=known.starts_at + by, ends_at=known.ends_at + by)
        await rig.take(taken)
        times = await rig.free(days=1, after=8)
        assert times
        assert taken not in times


class Booking:
    """Inherit, and give a fixture `rig`."""

    async def test_a_booking_takes_its_time_away_and_is_told(self, rig: Rig):
        time = (await rig.free())[0]
        booking = await rig.book(time)
        assert time not in await rig.free()
        (own,) = await rig.own()
        assert (own.booking_ids, own.starts_at) == ((booking,), time.starts_at)
        assert (own.staff_id, own.service_id) == (time.staff_id, time.service_id)
        assert own.changeable
        assert await rig.own(rig.other) == []
        assert await rig.rows() == [("booked", time.starts_at, rig.client, MONDAY)]

    async def test_the_same_key_is_booked_once(self, rig: Rig):
        time = (await rig.free())[0]
        assert await rig.book(time) == await rig.book(time)
        assert len(await rig.rows()) == 1

    async def test_a_booking_is_found_by_its_key_and_only_by_it(self, rig: Rig):
        time = (await rig.free())[0]
        assert await rig.find(time) is None
        booking = await rig.book(time)
        assert await rig.find(time) == booking
        assert await rig.find(time, "d1-2") is None
        assert len(await rig.rows()) == 1

    async def test_a_time_that_went_meanwhile_is_taken_and_others_are_left(self, rig: Rig):
        time = (await rig.free())[0]
        await rig.take(time)
        with pytest.raises(TimeTakenError):
            await rig.book(time)
        left = await rig.free()
        assert left
        assert time not in left
        assert rig.client not in {client for _, _, client, _ in await rig.rows()}

    async def test_of_two_who_want_one_time_one_gets_it(self, rig: Rig):
        time = (await rig.free())[0]
        tries = (rig.book(time, "d1-1"), rig.book(time, "d2-1", rig.other))
        made = await asyncio.gather(*tries, return_exceptions=True)
        assert sorted(type(one).__name__ for one in made) == ["TimeTakenError", "int"]

    async def test_a_booking_whose_answer_was_lost_is_found_and_kept_once(self, rig: Rig):
        if rig.lose_an_answer is None:
            pytest.skip("there is no wire")
        time = (await rig.free())[0]
        rig.lose_an_answer()
        with pytest.raises(BookingUnknownError):
            await rig.book(time)
        booking = await rig.find(time)
        assert booking is not None
        assert await rig.book(time) == booking
        assert len(await rig.rows()) == 1


class Changing:
    """Inherit, and give a fixture `rig`."""

    async def test_a_move_frees_the_old_time_and_can_be_repeated(self, rig: Rig):
        old, *_, new = await rig.free()
        booking = await rig.book(old)
        assert not await rig.is_changed(booking, new)
        for _ in range(2):
            await rig.change(booking, new)
        assert await rig.is_changed(booking, new)
        times = await rig.free()
        assert old in times
        assert new not in times
        assert [own.starts_at for own in await rig.own()] == [new.starts_at]
        assert [(state, at) for state, at, *_ in await rig.rows()] == [("booked", new.starts_at)]

    async def test_a_cancelled_booking_frees_its_time_and_can_be_cancelled_again(self, rig: Rig):
        time = (await rig.free())[0]
        booking = await rig.book(time)
        for _ in range(2):
            await rig.change(booking, None)
        assert await rig.is_changed(booking, None)
        assert time in await rig.free()
        assert await rig.own() == []
        assert [state for state, *_ in await rig.rows()] == ["cancelled"]

    async def test_a_move_to_a_time_that_went_keeps_the_old_one(self, rig: Rig):
        old, *_, new = await rig.free()
        booking = await rig.book(old)
        await rig.take(new)
        with pytest.raises(TimeTakenError):
            await rig.change(booking, new)
        assert not await rig.is_changed(booking, new)
        assert [own.starts_at for own in await rig.own()] == [old.starts_at]

    async def test_a_move_over_its_own_old_time_is_none_that_went(self, rig: Rig):
        old = (await rig.free(after=1))[0]
        booking = await rig.book(old)
        by = timedelta(minutes=30)
        new = replace(old, starts_at=old.starts_at + by, ends_at=old.ends_at + by)
        await rig.change(booking, new)
        assert [own.starts_at for own in await rig.own()] == [new.starts_at]

    async def test_whatever_else_is_booked_stays(self, rig: Rig):
        first, *_, last = await rig.free()
        booking, other = await rig.book(first), await rig.book(last, "d1-2")
        await rig.change(booking, None)
        assert [own.booking_ids for own in await rig.own()] == [(other,)]

    @pytest.mark.parametrize("to", ["move", "cancel"])
    async def test_nobody_changes_what_is_anothers_or_gone(self, rig: Rig, to: str):
        old, *_, new = await rig.free()
        wish = new if to == "move" else None
        booking = await rig.book(old)
        with pytest.raises(BookingGoneError):
            await rig.change(booking, wish, client=rig.other)
        with pytest.raises(BookingGoneError):
            await rig.change(booking + 1000, wish)
        assert len(await rig.own()) == 1

    async def test_what_was_cancelled_cannot_be_moved(self, rig: Rig):
        old, *_, new = await rig.free()
        booking = await rig.book(old)
        await rig.change(booking, None)
        with pytest.raises(BookingGoneError):
            await rig.change(booking, new)
        assert new in await rig.free()

    @pytest.mark.parametrize("to", ["move", "cancel"])
    async def test_a_change_whose_answer_was_lost_is_read(self, rig: Rig, to: str):
        if rig.lose_an_answer is None:
            pytest.skip("there is no wire")
        old, *_, new = await rig.free()
        wish = new if to == "move" else None
        booking = await rig.book(old)
        rig.lose_an_answer()
        with pytest.raises(BookingUnknownError):
            await rig.change(booking, wish)
        assert await rig.is_changed(booking, wish)
        assert [own.starts_at for own in await rig.own()] == ([new.starts_at] if wish else [])
