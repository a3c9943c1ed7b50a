"""Writing: each planned reactivation gets its text, its hours and its offer."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from outbox import OPEN, Outbox
from salon_rows import Salon

from vernis.adapters.writer_templates import TemplateWriter
from vernis.domain import Band, Draft, FreeTime, MessageFacts, Offer, Tone
from vernis.errors import UnavailableError, UsageError
from vernis.stages import companies, writing


class Dictating:
    """A writer that writes down what it was told."""

    def __init__(self) -> None:
        self.facts: list[MessageFacts] = []

    async def write(self, company, facts):
        self.facts += facts
        return [Draft(text=f"Текст {one.seed}", template=f"t{one.seed}") for one in facts]


@pytest.fixture
def outbox(db, company, store, clock):
    return Outbox(Salon(db, company), store, clock)


@pytest.fixture
def salon(outbox):
    return outbox.salon


@pytest.fixture
def writes(outbox):
    async def write(writer=None, *, now=OPEN, crm=None) -> int:
        salon = outbox.salon
        return await writing.write(salon.db, salon.company, writer or Dictating(), now=now, crm=crm)

    return write


async def _planned(outbox, client=None, **values):
    unwritten = {"message_text": None, "account_id": None, "send_after": None, "deadline": None}
    return await outbox.message(state="planned", client=client, **unwritten | values)


async def test_a_text_its_template_and_its_account_are_stored(outbox, writes):
    id_ = await _planned(outbox)
    assert await writes() == 1
    row = await outbox.row(id_)
    assert (row["state"], row["message_text"], row["message_template"]) == (
        "written",
        f"Текст {id_}",
        f"t{id_}",
    )
    assert row["account_id"] == await outbox.account()


async def test_what_is_written_is_not_written_again(outbox, writes):
    await _planned(outbox)
    assert (await writes(), await writes()) == (1, 0)


async def test_more_than_a_batch_is_written(outbox, writes, monkeypatch):
    monkeypatch.setattr(writing, "BATCH", 3)
    for _ in range(7):
        await _planned(outbox)
    assert await writes() == 7


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        ("2024-04-01 09:30", "2024-04-01 10:00", "2024-04-01 20:00"),
        ("2024-04-01 14:30", "2024-04-01 14:30", "2024-04-01 20:00"),
        ("2024-03-31 22:00", "2024-04-01 10:00", "2024-04-01 20:00"),  # planned the evening before
    ],
)
async def test_a_message_may_leave_in_the_hours_of_its_day(
    outbox, salon, writes, now, opens, closes
):
    await _planned(outbox)
    await writes(now=salon.at(now))
    rows = await salon.execute("SELECT send_after, deadline FROM client_reactivation_history")
    assert rows == [(salon.at(opens), salon.at(closes))]


async def test_the_hours_are_the_companys_own_and_local(outbox, salon, writes, db):
    settings = ["send_from=11:30", "send_until=17:00", "timezone=Asia/Vladivostok"]
    salon.company = await companies.change(db, salon.company, settings)
    await _planned(outbox)
    await writes(now=salon.at("2024-04-01 08:00"))
    rows = await salon.execute("SELECT send_after, deadline FROM client_reactivation_history")
    assert rows == [(salon.at("2024-04-01 11:30"), salon.at("2024-04-01 17:00"))]


async def test_a_message_of_a_day_off_opens_after_its_deadline_and_never_leaves(
    outbox, salon, writes, db
):
    salon.company = await companies.change(db, salon.company, ["send_days=2,3,4,5,6"])
    await _planned(outbox)  # for a Monday
    await writes()
    rows = await salon.execute("SELECT send_after > deadline FROM client_reactivation_history")
    assert rows == [(True,)]


@pytest.mark.parametrize(
    ("country", "earlier", "told"),
    [
        ("RU", None, True),
        ("RU", "delivered", False),
        ("RU", "failed", True),  # nothing has reached them
        ("RU", "unknown", True),
        ("DE", "delivered", True),  # each time
    ],
)
async def test_the_way_out_stands_in_the_messages_that_the_country_says(
    outbox, writes, country, earlier, told
):
    outbox.salon.company = replace(outbox.salon.company, country=country)
    client = await outbox.salon.client()
    if earlier:
        await outbox.message(client=client, state=earlier, last_visit="2023-10-01")
    await _planned(outbox, client=client)
    writer = Dictating()

    await writes(writer)

    assert writer.facts[0].opt_out_line is told


async def test_the_offer_of_the_band_is_told_and_stored(outbox, salon, writes, db):
    offers = ["offer.gentle=none", "offer.win_back=15%; до конца апреля"]
    salon.company = await companies.change(db, salon.company, offers)
    recent = await _planned(outbox, last_visit="2024-03-01")
    long_gone = await _planned(outbox, last_visit="2023-12-01")
    writer = Dictating()

    await writes(writer)

    assert [fact.offer and fact.offer.percent for fact in writer.facts] == [None, 15]
    assert (await outbox.row(recent))["offer"] is None
    offer = (await outbox.row(long_gone))["offer"]
    assert (offer["percent"], offer["terms"]) == (15, "до конца апреля")


async def test_a_writer_knows_no_phone_and_no_surname(outbox, salon, writes):
    client = await salon.client("Анна", surname="Кузнецова", gender="female")
    await _planned(outbox, client=client, last_service_name="Маникюр")
    writer = Dictating()
    await writes(writer)
    (fact,) = writer.facts
    assert (fact.client_name, fact.service_title, fact.gender) == ("Анна", "Маникюр", "female")
    assert "Кузнецова" not in repr(fact)
    assert "7999000" not in repr(fact)


async def test_a_client_never_gets_the_same_template_twice_over_the_attempts(outbox, salon, writes):
    client = await salon.client("Анна")
    for attempt, visit in ((1, "2024-02-20"), (2, "2024-02-20"), (3, "2024-02-20")):
        await _planned(
            outbox, client=client, attempt=attempt, last_visit=visit, last_service_name="Маникюр"
        )
        assert await writes(TemplateWriter()) == 1
        await salon.execute(
            "UPDATE client_reactivation_history SET state = 'accepted' WHERE state = 'written'"
        )
    rows = await salon.execute("SELECT message_template FROM client_reactivation_history")
    assert len(set(rows)) == 3


async def test_without_an_account_to_send_from_the_owner_is_told(outbox, writes):
    await _planned(outbox)
    await outbox.account(position=None)
    with pytest.raises(UsageError, match="vernis account add"):
        await writes()


async def test_while_its_account_rests_a_message_is_written_and_waits(outbox, writes):
    id_ = await _planned(outbox)
    await outbox.account(state="paused")
    await writes()
    assert await outbox.state(id_) == "written"


async def test_a_client_who_is_on_none_of_the_channels_is_skipped_with_that_reason(outbox, writes):
    id_ = await _planned(outbox)
    row = await outbox.row(id_)
    known = {"phone": row["phone"], "channel": "sandbox", "reachable": False, "checked_at": OPEN}
    await outbox.salon.insert("reach", "phone", **known)
    await writes()
    assert await outbox.reason(id_) == ("skipped", "not_on_channel")


# --- what the writer is told ------------------------------------------------------------------


async def _set(salon, *settings, now=OPEN):
    salon.company = await companies.change(salon.db, salon.company, settings, now=now)


async def test_tone_banned_words_and_the_day_are_told(outbox, salon, writes):
    await _set(salon, "tone=brief", "banned_words=дешево,акция")
    await _planned(outbox)
    writer = Dictating()
    await writes(writer)
    (fact,) = writer.facts
    assert (fact.tone, fact.on) == (Tone.BRIEF, date(2024, 4, 1))
    assert fact.banned_words == ("дешево", "акция")
    assert (fact.free_times, fact.recent_texts) == ((), ())


async def test_the_last_five_texts_that_left_are_told_oldest_first(outbox, salon, writes):
    client = await salon.client()
    for day in range(1, 8):
        await salon.contact(
            client,
            f"2023-0{day}-10 12:00",
            last_visit=f"2023-0{day}-01",
            claimed_at=salon.at(f"2023-0{day}-10 12:00"),
            message_text=f"Текст {day}",
        )
    never_sent = {"state": "skipped", "last_visit": "2023-08-01", "message_text": "Не ушло"}
    await salon.contact(client, "2023-08-10 12:00", **never_sent)
    await _planned(outbox, client=client)
    writer = Dictating()
    await writes(writer)
    assert writer.facts[0].recent_texts == tuple(f"Текст {day}" for day in range(3, 8))


async def test_who_wrote_and_why_not_the_model_is_kept(outbox, writes):
    class Model:
        async def write(self, company, facts):
            return [
                Draft(text="Раз", model="gemini-flash"),
                Draft(text="Два", template="ru-1", fallback="number, time"),
            ][: len(facts)]

    ids = [await _planned(outbox), await _planned(outbox)]
    await writes(Model())
    one, two = [await outbox.row(id_) for id_ in ids]
    assert (one["message_model"], one["message_template"]) == ("gemini-flash", None)
    assert (two["message_template"], two["message_fallback"]) == ("ru-1", "number, time")


async def test_the_offer_is_kept_as_it_was_made(outbox, salon, writes):
    await _set(salon, "offer.win_back=15%; по будням; от 2000; 14 дней")
    id_ = await _planned(outbox, last_visit="2023-12-01")
    await writes()
    assert (await outbox.row(id_))["offer"] == {
        "percent": 15,
        "amount_minor": None,
        "currency": "RUB",
        "gift": None,
        "terms": "по будням",
        "floor_minor": 200_000,
        "valid_days": 14,
        "valid_until": "2024-04-15",
    }


# --- variants ---------------------------------------------------------------------------------


async def _variant(outbox, id_):
    return (await outbox.row(id_))["variant"]


async def test_a_variant_is_told_and_kept(outbox, salon, writes):
    await _set(
        salon,
        *("offer.win_back=10%", "variants=soft,short", "variant.short.tone=brief"),
        "variant.soft.offer.win_back=20%",
    )
    ids = [await _planned(outbox, last_visit="2023-12-01") for _ in range(20)]
    writer = Dictating()
    await writes(writer)
    told = {fact.seed: (fact.tone, fact.offer) for fact in writer.facts}
    as_set = {
        "soft": (Tone.WARM, Offer(percent=20)),
        "short": (Tone.BRIEF, Offer(percent=10)),
    }
    kept = [await _variant(outbox, id_) for id_ in ids]
    assert set(kept) == {"soft", "short"}
    assert [told[id_] for id_ in ids] == [as_set[name] for name in kept]


async def test_an_absence_stays_in_its_variant(outbox, salon, writes):
    await _set(salon, "variants=soft,short")
    for _ in range(6):
        client = await salon.client()
        first = await _planned(outbox, client=client)
        await writes()
        began = await _variant(outbox, first)
        # As if another had been drawn: what the first message had counts, not the hash.
        other = "short" if began == "soft" else "soft"
        await salon.execute(
            "UPDATE client_reactivation_history SET state = 'accepted', claimed_at = now(),"
            " variant = %s WHERE id = %s",
            other,
            first,
        )
        second = await _planned(outbox, client=client, attempt=2)
        await writes()
        assert await _variant(outbox, second) == other


@pytest.mark.parametrize(
    "change",
    [
        "variants=soft,bold",
        "variants=soft,short:2",
        "variant.short.tone=brief",
        "offer.gentle=10%",  # what both leave to the company
        "variants=none",
    ],
)
async def test_a_changed_test_does_not_mix_with_the_one_before(outbox, salon, writes, change):
    await _set(salon, "variants=soft,short")
    client = await salon.client()
    begun = await _planned(outbox, client=client)
    await writes()
    before = await outbox.row(begun)
    await salon.execute(
        "UPDATE client_reactivation_history SET state = 'accepted', claimed_at = now()"
    )

    await _set(salon, change, now=OPEN + timedelta(hours=1))
    second = await _planned(outbox, client=client, attempt=2)
    fresh = await _planned(outbox)
    await writes()

    after = await outbox.row(begun)
    assert (after["variant"], after["variant_since"]) == (
        before["variant"],
        before["variant_since"],
    )
    assert await _variant(outbox, second) is None
    assert (await _variant(outbox, fresh) is None) == (change == "variants=none")
    assert (await outbox.row(fresh))["variant_since"] != before["variant_since"]


async def test_an_absence_that_began_before_the_test_is_not_in_it(outbox, salon, writes):
    client = await salon.client()
    await _planned(outbox, client=client)
    await writes()
    await salon.execute(
        "UPDATE client_reactivation_history SET state = 'accepted', claimed_at = now()"
    )
    await _set(salon, "variants=soft,short")
    second = await _planned(outbox, client=client, attempt=2)
    await writes()
    assert await _variant(outbox, second) is None


async def test_settings_that_no_variant_shows_go_on_with_the_test(salon):
    await _set(salon, "variants=soft,short")
    began = salon.company.variants_since
    await _set(salon, "daily_cap=7", now=OPEN + timedelta(days=1))
    assert salon.company.variants_since == began == OPEN
    assert await companies.get(salon.db, salon.company.company_id) == salon.company


# --- free times ---------------------------------------------------------------------------------


class Diary:
    """A CRM in which these are free."""

    def __init__(self, *times):
        self.times = list(times)
        self.asked = 0

    async def free_times(self, company_id, *, service_id, first_day, last_day):
        self.asked += 1
        return [one for one in self.times if one.service_id == service_id]


class Away:
    async def free_times(self, company_id, **_):
        raise UnavailableError("The CRM does not answer.")


class Offering(Dictating):
    """Says all the times that it was told."""

    async def write(self, company, facts):
        from vernis.decide.writing.free_times import say_times

        drafts = await super().write(company, facts)
        return [
            replace(draft, text=f"Есть время: {said}. Записать вас?") if said else draft
            for draft, fact in zip(drafts, facts, strict=True)
            for said in [say_times(fact.free_times, fact.locale)]
        ]


def free(local_day, hour, *, staff, service):
    start = datetime.fromisoformat(f"{local_day}T{hour:02}:00+03:00").astimezone(UTC)
    return FreeTime(
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        staff_id=staff,
        staff_name="Ольга",
        service_id=service,
        service_title="Стрижка",
    )


@pytest.fixture
async def usual(salon):
    """A service, its master, and a way to make a client of theirs."""
    staff = await salon.insert("staff", "staff_id", external_key="S1", name="Ольга")
    service = await salon.insert("services", "service_id", title="Стрижка")

    async def client() -> int:
        id_ = await salon.client()
        await salon.insert(
            "client_due_dates",
            "client_id",
            **{"client_id": id_, "service_id": service, "staff_id": staff, "visit_count": 4},
            **{"last_visit_on": date(2024, 1, 10), "due_on": date(2024, 2, 9)},
            first_on=date(2024, 2, 9),
            **{"interval_days": 30, "low_days": 25, "high_days": 40, "confidence": 0.5},
            **{"interval_source": "personal", "spent_minor": 0},
        )
        return id_

    return staff, service, client


async def test_free_times_are_told_and_kept_where_the_company_offers_them(
    outbox, salon, writes, usual
):
    staff, service, client = usual
    times = [free(f"2024-04-0{day}", 12, staff=staff, service=service) for day in (2, 3, 4, 5)]
    others = [free("2024-04-02", 15, staff=staff + 1, service=service)]
    crm = Diary(*times, *others)
    id_ = await _planned(outbox, client=await client(), last_service_id=service)
    await writes(Offering(), crm=crm)
    assert (await outbox.row(id_))["message_times"] is None  # not asked for

    await _set(salon, "free_times_in_messages=yes")
    id_ = await _planned(outbox, client=await client(), last_service_id=service)
    writer = Offering()
    await writes(writer, crm=crm)
    (told,) = [fact.free_times for fact in writer.facts]
    assert len(told) == 3
    assert all(at.hour == 12 for at in told)  # company-local
    kept = (await outbox.row(id_))["message_times"]
    assert [datetime.fromisoformat(one["starts_at"]) for one in kept] == list(told)
    assert {one["staff_id"] for one in kept} == {staff}


async def test_times_that_the_text_leaves_out_are_not_kept(outbox, salon, writes, usual):
    staff, service, client = usual
    await _set(salon, "free_times_in_messages=yes")
    id_ = await _planned(outbox, client=await client(), last_service_id=service)
    crm = Diary(free("2024-04-02", 12, staff=staff, service=service))
    await writes(Dictating(), crm=crm)
    assert (await outbox.row(id_))["message_times"] is None


async def test_a_crm_is_asked_once_a_service_and_may_be_away(outbox, salon, writes, usual):
    staff, service, client = usual
    await _set(salon, "free_times_in_messages=yes")
    crm = Diary(free("2024-04-02", 12, staff=staff, service=service))
    for _ in range(5):
        await _planned(outbox, client=await client(), last_service_id=service)
    assert await writes(crm=crm) == 5
    assert crm.asked == 1

    await _planned(outbox, client=await client(), last_service_id=service)
    assert await writes(crm=Away()) == 1


# --- approval ------------------------------------------------------------------------------------


async def test_where_a_person_approves_first_nothing_may_leave(outbox, salon, writes, db):
    company = salon.company
    await companies.change(db, company, ["approval=yes"])  # the writer still has the old settings
    id_ = await _planned(outbox)
    await writes()
    row = await outbox.row(id_)
    assert (row["state"], row["send_after"]) == ("written", None)


async def test_what_waits_to_leave_becomes_a_draft_with_the_first_approval(outbox, salon, writes):
    waiting, leaving = await _planned(outbox), await _planned(outbox)
    await writes()
    await salon.execute(
        "UPDATE client_reactivation_history SET claimed_at = now() WHERE id = %s", leaving
    )
    await _set(salon, "approval=yes")
    assert (await outbox.row(waiting))["send_after"] is None
    assert (await outbox.row(leaving))["send_after"] is not None


async def test_band_and_offer_go_together(outbox, salon, writes):
    await _set(salon, "offer.gentle=5%", "offer.offer=10%", "offer.win_back=15%")
    for visit in ("2024-03-10", "2024-02-01", "2023-12-01"):
        await _planned(outbox, last_visit=visit)
    writer = Dictating()
    await writes(writer)
    assert [(fact.band, fact.offer.percent) for fact in writer.facts] == [
        (Band.GENTLE, 5),
        (Band.OFFER, 10),
        (Band.WIN_BACK, 15),
    ]
