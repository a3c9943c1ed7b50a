"""A CRM that does not answer, or not us: the client is told that a person answers."""

import pytest

from vernis.errors import (
    BookingUnknownError,
    CrmAccessError,
    CrmRefusedError,
    TimeTakenError,
    UnavailableError,
)

AWAY = [
    UnavailableError("The CRM does not answer."),
    CrmAccessError("The token was taken back."),
    CrmRefusedError(422, "not so"),
]
names = [type(error).__name__ for error in AWAY]


class Through:
    """The desk's own calendar, but for some calls; each call is counted."""

    def __init__(self, crm, **instead):
        self.calls = []
        for name in ("free_times", "book", "find", "appointments", "change", "is_changed"):
            setattr(self, name, self._counted(name, instead.get(name) or getattr(crm, name)))

    def _counted(self, name, call):
        async def counted(*args, **values):
            self.calls.append(name)
            return await call(*args, **values)

        return counted


def fails(error, *, after=None, times=99):
    left = [times]

    async def failing(*args, **values):
        if after is not None and left[0] <= 0:
            return await after(*args, **values)
        left[0] -= 1
        raise error

    return failing


async def intents(desk):
    return await desk.salon.execute("SELECT state FROM booking_intents ORDER BY key")


@pytest.mark.parametrize("error", AWAY, ids=names)
async def test_without_free_times_a_person_answers(desk, error):
    crm = Through(desk.crm, free_times=fails(error))
    turn = await desk.handles(await desk.hears("Есть время в субботу?"), crm=crm)
    assert turn.handed_over == "unclear"
    assert turn.text


@pytest.mark.parametrize("error", AWAY, ids=names)
async def test_a_booking_that_was_certainly_not_made_is_a_persons_matter(desk, error):
    crm = Through(desk.crm, book=fails(error))
    turn = await desk.handles(await desk.hears("В субботу в 16:00"), crm=crm)
    assert turn.handed_over == "unclear"
    assert turn.booking_id is None
    assert crm.calls.count("book") == 1
    assert await intents(desk) == [("refused",)]


@pytest.mark.parametrize("error", AWAY, ids=names)
async def test_a_change_that_was_certainly_not_made_is_a_persons_matter(desk, error):
    assert (await desk.says("В субботу в 16:00")).booked
    await desk.says("отмените запись")
    crm = Through(desk.crm, change=fails(error))
    turn = await desk.handles(await desk.hears("да"), crm=crm)
    assert turn.handed_over == "unclear"
    assert [state for _, state, _ in await desk.bookings()] == ["booked"]


async def test_where_the_other_times_cannot_be_read_either_a_person_answers(desk):
    crm = Through(desk.crm)
    free, looks = crm.free_times, []

    async def once(*args, **values):
        looks.append(1)
        if len(looks) > 1:
            raise UnavailableError("The CRM does not answer.")
        return await free(*args, **values)

    crm = Through(desk.crm, free_times=once, book=fails(TimeTakenError("It went.")))
    turn = await desk.handles(await desk.hears("В субботу в 16:00"), crm=crm)
    assert turn.handed_over == "unclear"


async def test_a_doubt_that_comes_to_nothing_is_tried_once_more(desk):
    doubt = BookingUnknownError("The CRM did not answer.")
    crm = Through(desk.crm, book=fails(doubt, after=desk.crm.book, times=1))
    turn = await desk.handles(await desk.hears("В субботу в 16:00"), crm=crm)
    assert turn.booked
    assert [call for call in crm.calls if call in {"book", "find"}] == ["book", "find", "book"]
    assert len(await desk.bookings()) == 1


async def test_a_doubt_that_stays_is_a_persons_matter_and_its_intent_is_kept(desk):
    doubt = BookingUnknownError("The CRM did not answer.")
    crm = Through(desk.crm, book=fails(doubt))
    turn = await desk.handles(await desk.hears("В субботу в 16:00"), crm=crm)
    assert turn.handed_over == "unclear"
    assert crm.calls.count("book") == crm.calls.count("find") == 2
    assert await intents(desk) == [("intended",)]


@pytest.mark.parametrize("error", AWAY, ids=names)
async def test_a_doubt_that_cannot_be_read_is_never_taken_for_a_no(desk, error):
    doubt = BookingUnknownError("The CRM did not answer.")
    crm = Through(desk.crm, book=fails(doubt), find=fails(error))
    turn = await desk.handles(await desk.hears("В субботу в 16:00"), crm=crm)
    assert turn.handed_over == "unclear"
    assert crm.calls.count("book") == 1
    assert await intents(desk) == [("intended",)]
