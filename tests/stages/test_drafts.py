"""Drafts: nothing leaves that a person has not read, where the company wants that."""

from datetime import UTC, date, datetime, timedelta

import pytest
from outbox import OPEN, Outbox, Taking, hash_phone
from salon_rows import Salon

from vernis.domain import Draft
from vernis.errors import NotFoundError, UsageError
from vernis.stages import companies, dispatching, drafts, opt_outs, planning, writing

TEXT = "Анна, здравствуйте! Это «Лён». Если писать не нужно, ответьте «стоп». Записать вас к нам?"


class Saying:
    """A writer that always says the same."""

    def __init__(self, text=TEXT):
        self.text = text

    async def write(self, company, facts):
        return [Draft(text=self.text, model="gemini-flash") for _ in facts]


@pytest.fixture
async def outbox(db, company, store, clock):
    salon = Salon(db, company)
    salon.company = await companies.change(db, company, ["approval=yes"], now=OPEN)
    return Outbox(salon, store, clock)


@pytest.fixture
def draft(outbox):
    async def make(client=None, *, text=TEXT, **values) -> int:
        unwritten = {"message_text": None, "account_id": None, "send_after": None}
        unwritten |= {"deadline": None}
        id_ = await outbox.message(state="planned", client=client, **unwritten | values)
        await writing.write(outbox.salon.db, outbox.salon.company, Saying(text), now=outbox.clock())
        return id_

    return make


def of(outbox):
    return outbox.salon.db, outbox.salon.company


async def _waiting(outbox):
    return await drafts.waiting(*of(outbox), now=outbox.clock())


async def _approve(outbox, *ids):
    return await drafts.approve(*of(outbox), ids or None, now=outbox.clock())


async def test_a_draft_waits_with_its_author_and_its_checks(outbox, draft):
    id_ = await draft()
    (one,) = await _waiting(outbox)
    assert (one.id, one.client_name, one.text, one.model) == (id_, "Анна", TEXT, "gemini-flash")
    assert (one.generated, one.template, one.variant, one.rejected_because) == (None,) * 4
    assert one.problems == ()
    assert one.deadline == outbox.salon.at("2024-04-01 20:00")
    assert "Записать" not in repr(one)


async def test_what_a_check_finds_is_told(outbox, draft):
    await draft(text="Анна, скидка 50% только сегодня! Записать вас?")
    (one,) = await _waiting(outbox)
    assert {"number", "banned"} <= set(one.problems)


async def test_nothing_leaves_before_it_is_approved(outbox, draft):
    channel = Taking()
    first, second = await draft(), await draft()
    assert await outbox.send(channel) == 0
    assert await _approve(outbox, second) == [second]
    assert await outbox.send(channel) == 1
    assert channel.keys == [f"r1-{second}"]
    assert (await outbox.state(first), await outbox.state(second)) == ("written", "accepted")
    assert [one.id for one in await _waiting(outbox)] == [first]


async def test_all_are_approved_at_once(outbox, draft):
    ids = [await draft() for _ in range(3)]
    assert await _approve(outbox) == ids
    assert await _approve(outbox) == []
    assert await outbox.send(Taking()) == 3


async def test_approved_early_it_leaves_in_the_hours_of_its_day(outbox, draft, clock):
    clock.now = datetime(2024, 3, 31, 20, tzinfo=UTC)
    id_ = await draft()
    await _approve(outbox)
    ((opens,),) = await outbox.salon.execute(
        "SELECT send_after FROM client_reactivation_history WHERE id = %s", id_
    )
    assert opens == outbox.salon.at("2024-04-01 10:00")


async def test_one_that_does_not_wait_approves_none(outbox, draft):
    id_ = await draft()
    for others in ((id_, 999), (999,)):
        with pytest.raises(NotFoundError, match="no draft 999 that waits"):
            await _approve(outbox, *others)
    with pytest.raises(NotFoundError, match="no drafts 998, 999 that waits"):
        await _approve(outbox, 999, 998)
    assert [one.id for one in await _waiting(outbox)] == [id_]
    await _approve(outbox, id_)
    with pytest.raises(NotFoundError):
        await _approve(outbox, id_)


# --- edit and reject ----------------------------------------------------------------------------


async def test_the_generated_text_is_kept_beside_the_edited_one(outbox, draft):
    id_ = await draft()
    for text in ("Аня, ждём вас!", "  Аня, придёте к нам во вторник в 15:00?\n"):
        edited = await drafts.edit(*of(outbox), id_, text, now=outbox.clock())
    assert edited.text == "Аня, придёте к нам во вторник в 15:00?"
    assert edited.generated == TEXT
    assert "time" in edited.problems
    assert await _waiting(outbox) == [edited]

    channel = Taking()
    assert await outbox.send(channel) == 0  # it still waits
    await _approve(outbox, id_)
    await outbox.send(channel)
    assert [message.text for message in channel.calls] == [edited.text]
    row = await outbox.row(id_)
    assert (row["message_generated"], row["message_model"]) == (TEXT, "gemini-flash")


@pytest.mark.parametrize("text", ["", " \n", "а" * 4_001])
async def test_a_text_that_cannot_be_sent_is_refused(outbox, draft, text):
    id_ = await draft()
    with pytest.raises(UsageError, match="needs a text"):
        await drafts.edit(*of(outbox), id_, text, now=outbox.clock())


async def test_a_rejected_draft_is_skipped_with_the_reason(outbox, draft):
    id_ = await draft()
    await drafts.reject(*of(outbox), id_, " Аня уехала ", now=outbox.clock())
    row = await outbox.row(id_)
    assert (row["state"], row["reason"], row["rejected_because"]) == (
        "skipped",
        "rejected",
        "Аня уехала",
    )
    assert await _waiting(outbox) == []
    for call in (
        drafts.reject(*of(outbox), id_, "ещё раз", now=outbox.clock()),
        drafts.edit(*of(outbox), id_, "Текст", now=outbox.clock()),
        _approve(outbox, id_),
    ):
        with pytest.raises(NotFoundError, match="`vernis drafts` lists those that do"):
            await call


async def test_whom_a_person_rejected_is_not_planned_again_the_next_day(outbox, draft):
    salon = outbox.salon
    client = await salon.client()
    due = date(2024, 3, 20)
    await salon.insert(
        "client_due_dates",
        "client_id",
        **{"client_id": client, "last_visit_on": date(2024, 1, 10), "visit_count": 4},
        **{"due_on": due, "first_on": due, "opens_on": due, "interval_days": 70, "low_days": 60},
        **{"high_days": 90, "interval_source": "personal", "confidence": 0.5, "spent_minor": 0},
    )
    id_ = await draft(client, last_visit="2024-01-10")
    await salon.execute("UPDATE companies SET holdout_percent = 0")

    async def contacts(days):
        on, now = OPEN.date() + timedelta(days=days), OPEN + timedelta(days=days)
        plan = await planning.look(*of(outbox), on=on, now=now, hash_phone=hash_phone)
        return [one.candidate.client_id for one in plan.contacts]

    await drafts.reject(*of(outbox), id_, "Аня уехала", now=outbox.clock())
    assert await contacts(1) == []
    assert await contacts(70) == [client]  # the next wave


async def test_a_reason_is_needed(outbox, draft):
    with pytest.raises(UsageError, match="Say why"):
        await drafts.reject(*of(outbox), await draft(), "  ", now=outbox.clock())


# --- what else can happen to it ------------------------------------------------------------------


async def test_a_draft_that_nobody_approved_expires_with_its_day(outbox, draft, clock):
    id_ = await draft()
    clock.now = outbox.salon.at("2024-04-01 20:00")
    assert await _waiting(outbox) == []
    with pytest.raises(NotFoundError):
        await _approve(outbox, id_)
    assert await outbox.send(Taking()) == 0
    assert await outbox.reason(id_) == ("expired", "outside_hours")


async def test_it_expires_although_the_next_day_is_open(outbox, draft, clock):
    id_ = await draft()
    clock.now = OPEN + timedelta(days=1)
    await outbox.send(Taking())
    assert await outbox.reason(id_) == ("expired", "outside_hours")


async def test_an_opt_out_cancels_it(outbox, draft):
    id_ = await draft()
    phone = (await outbox.row(id_))["phone"]
    await opt_outs.add(*of(outbox), [phone], source="person", now=OPEN, hash_phone=hash_phone)
    assert await outbox.reason(id_) == ("skipped", "opted_out")
    assert await _waiting(outbox) == []


async def test_a_booking_made_meanwhile_cancels_it_even_when_approved(outbox, draft):
    client = await outbox.salon.client()
    id_ = await draft(client)
    await outbox.salon.booking(client, "2024-04-05", "booked")
    await _approve(outbox)
    assert await outbox.send(Taking()) == 0
    assert await outbox.reason(id_) == ("skipped", "future_booking")


async def test_a_worker_finds_nothing_to_do_for_drafts_until_they_expire(outbox, draft):
    db, company = of(outbox)
    await draft()

    async def found(now):
        work = await dispatching.find(db, now=now, abandoned_before=now)
        return [one.kind for one in work if one.kind is dispatching.Kind.DELIVER]

    assert await found(OPEN) == []
    assert await dispatching.next_delivery(db, company) is None
    assert await found(outbox.salon.at("2024-04-01 20:00")) == [dispatching.Kind.DELIVER]
    await _approve(outbox)
    assert await found(OPEN) == [dispatching.Kind.DELIVER]
    assert await dispatching.next_delivery(db, company) is not None


async def test_a_draft_of_another_company_is_none_of_ours(outbox, draft, db):
    other = await companies.find_or_create(
        db,
        name="Другой",
        locale=outbox.salon.company.locale,
        timezone="Europe/Moscow",
        currency="RUB",
        country="RU",
    )
    id_ = await draft()
    assert await drafts.waiting(db, other, now=OPEN) == []
    with pytest.raises(NotFoundError):
        await drafts.approve(db, other, [id_], now=OPEN)


async def test_without_approvals_any_more_drafts_still_wait(outbox, draft, db):
    await draft()
    await companies.change(db, outbox.salon.company, ["approval=no"])
    assert await outbox.send(Taking()) == 0
    assert len(await _waiting(outbox)) == 1


async def test_an_approval_can_be_taken_back_until_it_begins_to_leave(outbox, draft):
    first, second = await draft(), await draft()
    await _approve(outbox)
    await drafts.hold(*of(outbox), first, now=outbox.clock())
    channel = Taking()
    assert await outbox.send(channel) == 1
    assert channel.keys == [f"r1-{second}"]
    assert [one.id for one in await _waiting(outbox)] == [first]
    with pytest.raises(NotFoundError):
        await drafts.hold(*of(outbox), second, now=outbox.clock())


async def test_what_was_approved_can_still_be_left_out_and_what_has_left_cannot(outbox, draft):
    first, second = await draft(), await draft()
    await _approve(outbox)
    await drafts.skip(*of(outbox), first, "сама позвонила", now=outbox.clock())
    assert await outbox.send(Taking()) == 1
    row = await outbox.row(first)
    assert (row["state"], row["reason"]) == ("skipped", "rejected")
    with pytest.raises(NotFoundError):
        await drafts.skip(*of(outbox), second, "поздно", now=outbox.clock())


async def test_a_text_is_judged_without_being_kept(outbox, draft):
    id_ = await draft()
    judged = await drafts.check(*of(outbox), id_, "Скидка 50%!", now=outbox.clock())
    assert "number" in judged.problems
    assert judged.longest > 100
    assert (await drafts.one(*of(outbox), id_, now=outbox.clock())).text == TEXT
