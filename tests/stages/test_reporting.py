import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from salon_rows import Salon

from vernis.decide.attribution import Verdict
from vernis.decide.variants import Standing
from vernis.domain import Arm, Campaign, Source
from vernis.stages import companies
from vernis.stages.conversions import attribute
from vernis.stages.reporting import Bucket, report

NOW = datetime(2024, 5, 1, 9, tzinfo=UTC)
SENT = "2024-03-05 14:00"


@pytest.fixture
def salon(db, company):
    return Salon(db, company)


async def told(salon, **period):
    await attribute(salon.db, salon.company, now=NOW)
    return await report(salon.db, salon.company, now=NOW, **period)


async def data_until(salon, day):
    """The salon's own file goes on until a day: somebody else's visit."""
    await salon.booking(await salon.client(), day, booked=f"{day} 08:00")


async def test_a_company_without_reactivations_has_an_empty_report(salon):
    empty = await told(salon)
    assert empty.groups == ()
    assert [group.sent for group in empty.totals] == [0, 0]
    assert empty.totals[0].response_rate is None
    assert empty.experiment.lift.verdict is Verdict.NOT_ENOUGH_DATA
    assert empty.timing.median_days is None


async def test_each_campaign_and_arm_counts_what_came_of_its_plans(salon):
    replied = {"response_received": True, "response_at": salon.at("2024-03-05 15:00")}
    came, stayed_away, cancelled = [await salon.client() for _ in range(3)]
    await salon.contact(came, SENT, state="read", response_type="positive", **replied)
    await salon.contact(stayed_away, SENT, response_type="negative", **replied)
    await salon.contact(cancelled, SENT, campaign="dormant_60")
    await salon.contact(await salon.client(), SENT, state="skipped", reason="future_booking")
    await salon.held_out(await salon.client(), "2024-03-05 09:30")
    await salon.booking(came, "2024-03-09", booked="2024-03-05 15:00", amount_minor=200_000)
    await salon.booking(cancelled, "2024-03-09", "cancelled", booked="2024-03-06 15:00")

    groups = (await told(salon)).groups

    assert [(group.campaign, group.arm) for group in groups] == [
        (Campaign.DORMANT_30, Arm.CONTACT),
        (Campaign.DORMANT_30, Arm.HOLDOUT),
        (Campaign.DORMANT_60, Arm.CONTACT),
    ]
    young, held_out, old = groups
    assert (young.planned, young.sent, young.replies, young.positive) == (3, 2, 2, 1)
    assert (young.bookings, young.visits, young.revenue_minor) == (1, 1, 200_000)
    assert (young.response_rate, young.conversion_rate) == (1.0, 0.5)
    assert (held_out.planned, held_out.sent, held_out.conversion_rate) == (1, 0, 0.0)
    assert (old.bookings, old.cancelled, old.visits) == (1, 1, 0)


async def test_the_totals_add_up_and_what_was_not_sent_has_a_reason(salon):
    for campaign in ("dormant_30", "dormant_60"):
        await salon.contact(await salon.client(), SENT, campaign=campaign)
    for reason in ("future_booking", "future_booking", "outside_hours"):
        await salon.contact(await salon.client(), SENT, state="skipped", reason=reason)
    told_ = await told(salon)
    contact, holdout = told_.totals
    assert (contact.campaign, contact.planned, contact.sent, holdout.planned) == (None, 5, 2, 0)
    assert [(row.reason, row.number) for row in told_.not_sent] == [
        ("future_booking", 2),
        ("outside_hours", 1),
    ]


async def test_a_period_holds_its_first_and_its_last_day(salon):
    for day in ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07"):
        await salon.contact(await salon.client(), f"{day} 14:00")
    some = await told(salon, first_day=date(2024, 3, 5), last_day=date(2024, 3, 6))
    assert some.totals[0].sent == 2
    assert [row.day for row in some.days] == [date(2024, 3, 5), date(2024, 3, 6)]


async def test_days_are_the_companys_own(salon):
    client = await salon.client()
    await salon.contact(
        client,
        "2024-03-05 19:00",
        response_received=True,
        response_at=salon.at("2024-03-06 00:30"),  # 21:30 UTC of the day before
    )
    days = (await told(salon)).days
    assert [(row.day.day, row.messages, row.replies) for row in days] == [(5, 1, 0), (6, 0, 1)]


async def test_timing_counts_days_from_the_due_date(salon):
    for due in ("2024-03-20", "2024-03-08", "2024-03-05", "2024-03-01", "2024-01-01"):
        await salon.contact(await salon.client(), SENT, due_on=date.fromisoformat(due))
    timing = (await told(salon)).timing
    assert timing.median_days == 0
    assert [bucket.sent for bucket in timing.buckets] == [1, 1, 2, 0, 1, 0]
    assert timing.buckets[0] == Bucket(from_days=None, to_days=-8, sent=1, bookings=0)


async def test_each_level_shows_what_its_messages_brought(salon):
    client = await salon.client()
    await salon.contact(client, SENT, interval_source="universal")
    await salon.contact(await salon.client(), SENT, interval_source="universal")
    await salon.contact(await salon.client(), SENT)
    await salon.booking(client, "2024-03-09", "booked", booked="2024-03-05 15:00")
    levels = (await told(salon)).levels
    assert [(level.source, level.sent, level.conversion_rate) for level in levels] == [
        (Source.PERSONAL, 1, 0.0),
        (Source.UNIVERSAL, 2, 0.5),
    ]


# --- the experiment ---------------------------------------------------------------------------


async def test_the_arms_are_compared_as_they_were_drawn_whatever_was_sent(salon):
    await data_until(salon, "2024-03-20")
    sent, skipped, failed, held_out = [await salon.client() for _ in range(4)]
    await salon.contact(sent, SENT)
    await salon.contact(skipped, SENT, state="skipped", reason="future_booking")
    await salon.contact(failed, SENT, state="failed")
    await salon.held_out(held_out, "2024-03-05 13:00")
    for client in (skipped, held_out):
        await salon.booking(client, "2024-03-07", booked="2024-03-05 13:30", amount_minor=100)
    experiment = (await told(salon)).experiment
    assert (experiment.booked.contact.lapses, experiment.booked.contact.converted) == (3, 1)
    assert (experiment.booked.holdout.lapses, experiment.booked.holdout.converted) == (1, 1)
    assert experiment.visited.contact.converted == 1


async def test_a_lapse_is_counted_once_from_its_first_plan(salon):
    await data_until(salon, "2024-04-20")
    client, other = await salon.client(), await salon.client()
    for attempt, day in ((1, "2024-03-05"), (2, "2024-03-12"), (3, "2024-03-19")):
        await salon.held_out(client, f"{day} 09:30", attempt=attempt)
    await salon.contact(other, SENT)
    await salon.booking(client, "2024-03-22", booked="2024-03-20 10:00")
    experiment = (await told(salon)).experiment
    assert (experiment.booked.holdout.lapses, experiment.booked.holdout.converted) == (1, 0)


@pytest.mark.parametrize(
    ("known_until", "lapses"),
    [("2024-03-11", 0), ("2024-03-12", 0), ("2024-03-13", 1)],
)
async def test_only_windows_that_are_over_in_the_data_count(salon, known_until, lapses):
    await data_until(salon, known_until)
    await salon.contact(await salon.client(), SENT)
    experiment = (await told(salon)).experiment
    assert experiment.known_until == date.fromisoformat(known_until)
    assert experiment.booked.contact.lapses == lapses


async def test_bookings_of_our_own_dialogs_do_not_prove_that_the_salons_are_known(salon):
    await data_until(salon, "2024-03-01")
    client = await salon.client()
    message = await salon.contact(client, SENT)
    await salon.booking(
        client,
        "2024-04-20",
        origin="vernis",
        booked="2024-03-05 15:00",
        reactivation_id=message,
    )
    assert (await told(salon)).experiment.booked.contact.lapses == 0


async def test_where_the_salon_does_not_say_when_it_was_booked_visits_are_compared(salon):
    await data_until(salon, "2024-03-20")
    contact, held_out = await salon.client(), await salon.client()
    message = await salon.contact(contact, SENT)
    await salon.held_out(held_out, "2024-03-05 13:00")
    # Both book at once for two weeks later; only of the dialog's booking it is known.
    await salon.booking(
        contact,
        "2024-03-19",
        origin="vernis",
        booked="2024-03-05 15:00",
        reactivation_id=message,
    )
    await salon.booking(held_out, "2024-03-19", origin="file", external_key=None)
    experiment = (await told(salon)).experiment
    assert experiment.measured_by == "visits"
    assert experiment.lift.difference == 0
    assert experiment.earned_bookings is None


async def test_what_was_earned_is_told_once_there_is_enough_data(salon):
    await data_until(salon, "2024-03-20")
    salon.company = replace(salon.company, holdout_percent=50)
    await salon.execute(
        "INSERT INTO clients (company_id, external_key)"
        " SELECT company_id, 'many' || n FROM companies, generate_series(1, 80) n"
    )
    await salon.execute(
        "INSERT INTO client_reactivation_history (company_id, client_id, plan_on, planned_at, arm,"
        " state, reason, attempt, campaign, phone, last_visit_date, inactive_days, interval_days,"
        " interval_source, confidence_score, due_on, message_text)"
        " SELECT company_id, client_id, '2024-03-05', '2024-03-05T06:30Z', arm,"
        " CASE arm WHEN 'holdout' THEN 'held_out' ELSE 'accepted' END, 'due', 1, 'dormant_30',"
        " '79990000001', '2024-01-10', 55, 30, 'personal', 0.9, '2024-02-09', 'x'"
        " FROM (SELECT *, CASE WHEN mod(client_id, 2) = 0 THEN 'contact' ELSE 'holdout' END AS arm"
        " FROM clients WHERE external_key LIKE 'many%%') AS c"
    )
    await salon.execute(
        "INSERT INTO bookings (company_id, origin, external_key, client_id, on_date, state,"
        " booked_at, amount_minor) SELECT company_id, 'crm', external_key, client_id,"
        " '2024-03-08', 'completed', '2024-03-06T10:00Z', 150000 FROM clients"
        " WHERE external_key LIKE 'many%%' AND mod(client_id, 2) = 0 ORDER BY client_id LIMIT 20"
    )
    experiment = (await told(salon)).experiment
    assert experiment.lift.verdict is Verdict.LIFT
    assert (experiment.lift.contact.lapses, experiment.lift.holdout.lapses) == (40, 40)
    assert experiment.earned_bookings.value == pytest.approx(20)
    assert experiment.earned_revenue_minor.value == pytest.approx(20 * 150_000)
    assert experiment.earned_bookings.low > 0


async def test_the_report_is_plain_json(salon):
    await salon.contact(await salon.client(), SENT)
    told_ = json.loads(json.dumps((await told(salon, first_day=date(2024, 3, 1))).to_dict()))
    assert told_["first_day"] == "2024-03-01"
    assert told_["totals"][0]["sent"] == 1
    assert told_["experiment"]["booked"]["verdict"] == "not_enough_data"


# --- a company's own test ------------------------------------------------------------------------

BEGAN = datetime(2024, 3, 1, 9, tzinfo=UTC)


async def in_test(salon, name, *, since=BEGAN, client=None, sent=SENT, **values):
    client = client or await salon.client()
    return await salon.contact(client, sent, variant=name, variant_since=since, **values)


def rates(test):
    return {one.name: (one.sent, one.replied, one.positive, one.booked) for one in test.variants}


async def begin(salon, *settings, now=BEGAN):
    salon.company = await companies.change(
        salon.db, salon.company, settings or ["variants=soft,short"], now=now
    )


async def test_without_a_test_nothing_is_told_of_one(salon):
    await salon.contact(await salon.client(), SENT)
    assert (await told(salon)).test is None


async def test_a_test_that_has_just_begun_shows_its_variants(salon):
    await begin(salon)
    test = (await told(salon)).test
    assert (test.since, test.is_over, test.comparison) == (BEGAN, False, None)
    assert rates(test) == {"soft": (0, 0, 0, 0), "short": (0, 0, 0, 0)}
    assert test.variants[0].booked_rate is None


async def test_each_variant_counts_its_lapses_once_whatever_their_message_brought(salon):
    await begin(salon)
    replied = {"response_received": True, "response_at": salon.at("2024-03-05 15:00")}
    client = await salon.client()
    await in_test(salon, "soft", client=client)
    second = {"attempt": 2, "sent": "2024-03-15 14:00", "response_type": "positive"}
    await in_test(salon, "soft", client=client, **second, **replied)
    await salon.booking(client, "2024-03-20", booked="2024-03-16 15:00")
    await in_test(salon, "soft", response_type="negative", **replied)
    await in_test(salon, "short")
    await in_test(salon, "short", state="skipped", reason="future_booking")
    await salon.contact(await salon.client(), SENT)  # begun before the test

    test = (await told(salon)).test

    assert rates(test) == {"soft": (2, 2, 1, 1), "short": (1, 0, 0, 0)}
    rate = test.variants[0].booked_rate
    assert (rate.value, round(rate.low, 3), round(rate.high, 3)) == (0.5, 0.095, 0.905)
    assert test.comparison.standing is Standing.NOT_ENOUGH_DATA
    assert json.dumps((await told(salon)).to_dict()["test"])


async def test_a_changed_test_starts_from_nothing(salon):
    await begin(salon)
    await in_test(salon, "soft")
    later = BEGAN + timedelta(days=9)
    await begin(salon, "variants=soft,short:2", now=later)
    await in_test(salon, "soft", since=later)
    test = (await told(salon)).test
    assert test.since == later
    assert rates(test) == {"soft": (1, 0, 0, 0), "short": (0, 0, 0, 0)}


async def test_a_test_that_is_over_is_still_told_of(salon):
    await begin(salon)
    await in_test(salon, "soft", since=BEGAN - timedelta(days=40))
    await in_test(salon, "soft")
    await in_test(salon, "short")
    await begin(salon, "variants=none", now=BEGAN + timedelta(days=30))
    test = (await told(salon)).test
    assert (test.since, test.is_over) == (BEGAN, True)
    assert rates(test) == {"short": (1, 0, 0, 0), "soft": (1, 0, 0, 0)}
    before = (await told(salon, last_day=date(2024, 2, 1))).test
    assert before is None


async def test_it_is_told_when_templates_stood_in_for_the_model_lately(salon):
    for day, values in (
        ("2024-04-30", {"message_model": "gemini-flash"}),
        ("2024-05-01", {"message_template": "ru-1", "message_fallback": "budget"}),
        ("2024-04-20", {"message_template": "ru-1", "message_fallback": "money"}),
    ):
        await salon.contact(await salon.client(), f"{day} 11:00", **values)
    stood_in = (await told(salon)).stood_in
    assert "1 of 2 messages" in stood_in
    assert "the requests of the minute or the day were used up" in stood_in
