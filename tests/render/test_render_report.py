import re
from dataclasses import replace
from datetime import date, time

import pytest

from vernis.decide.attribution import Outcome, earned, lift
from vernis.domain import Address, Arm, Campaign, Company, Locale, Source, State
from vernis.render.money import money
from vernis.render.report import about, points, proof, share, show
from vernis.stages.reporting import (
    Bucket,
    Day,
    Experiment,
    Group,
    LastPlan,
    Level,
    NotSent,
    Report,
    Timing,
)

SALON = Company(
    company_id=1,
    name="Лён",
    locale=Locale.RU,
    address=Address.VY,
    timezone="Europe/Moscow",
    currency="RUB",
    country="RU",
    send_from=time(10),
    send_until=time(20),
    send_days=(1, 2, 3, 4, 5, 6, 7),
    plan_at=time(9, 30),
    daily_cap=20,
    holdout_percent=10,
    max_attempts=3,
    cooldown_days=7,
    gone_too_long_days=365,
    attribution_days=7,
    consent_required=False,
    offers={},
)


def experiment(contact, holdout, *, percent=10, measured_by="bookings"):
    arms = [Outcome(lapses=lapses, converted=converted) for converted, lapses in (contact, holdout)]
    found = lift(*arms, holdout_percent=percent)
    return Experiment(
        measured_by=measured_by,
        booked=found,
        visited=found,
        known_until=date(2024, 3, 20),
        earned_bookings=earned(found),
        earned_visits=earned(found),
        earned_revenue_minor=earned(found, each=200_000),
    )


def said(measured):
    return re.sub(r"\[/?bold]", "", " ".join(proof(measured, SALON)))


def test_the_lift_is_said_with_its_counts_its_interval_and_what_is_missing():
    assert (
        "Lift: contact 15.2% (38 of 250) against holdout 9.1% (3 of 33): +6.1 points,"
        " 95% interval -8.9 to +13.9: not enough data yet; to show 6.1 points, about 240 more"
        " clients in the holdout and 1,800 more clients written to are needed."
    ) in said(experiment((38, 250), (3, 33)))


@pytest.mark.parametrize(
    ("contact", "holdout", "percent", "conclusion"),
    [
        ((300, 1500), (10, 150), 10, "the messages bring clients back."),
        ((270, 1500), (16, 150), 10, "it looks as if the messages bring clients back; some more"),
        ((75, 1500), (20, 150), 10, "fewer come than without messages."),
        ((1000, 10000), (100, 1000), 10, "no difference; one of 5 points would have shown."),
        ((0, 0), (0, 0), 10, "no 7-day window is over in both arms"),
        ((4, 40), (0, 0), 0, "nobody is held out, so nothing can be proved."),
    ],
)
def test_the_conclusion_is_in_words(contact, holdout, percent, conclusion):
    assert conclusion in said(experiment(contact, holdout, percent=percent))


def test_what_was_earned_is_said_only_with_enough_data():
    assert "Earned" not in said(experiment((38, 250), (3, 33)))
    assert "about 200 (117 to 255) bookings" in said(experiment((300, 1500), (10, 150)))
    assert "about 400 000 ₽" in said(experiment((300, 1500), (10, 150))).replace("\xa0", " ")


def test_comparing_by_visits_is_said_with_its_reason():
    assert "do not say when a booking was made" in said(
        experiment((38, 250), (3, 33), measured_by="visits")
    )


@pytest.mark.parametrize(
    ("locale", "currency", "minor", "written"),
    [
        (Locale.RU, "RUB", 15_000_050, "150 000 ₽"),
        (Locale.EN, "CAD", 123_456, "CA$1,235"),
        (Locale.EN, "JPY", 1_500, "¥1,500"),
    ],
)
def test_money_is_written_as_the_companys_language_does(locale, currency, minor, written):
    company = replace(SALON, locale=locale, currency=currency)
    assert money(minor, company).replace("\xa0", " ") == written


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (share(38, 250), "15.2% (38)"),
        (share(0, 0), "-"),
        (points(0.0612), "+6.1"),
        (points(-0.004), "-0.4"),
        (about(7), "7"),
        (about(1312), "1,400"),
        (about(100), "100"),
    ],
)
def test_figures_are_short(written, expected):
    assert written == expected


def group(campaign, arm, **figures):
    nothing = dict.fromkeys(
        ("planned", "sent", "delivered", "read", "replies", "positive", "bookings"), 0
    ) | dict.fromkeys(("cancelled", "no_shows", "visits", "revenue_minor"), 0)
    rates = {"response_rate": None, "conversion_rate": None}
    return Group(campaign=campaign, arm=arm, **nothing | rates | figures)


def test_the_whole_report_is_printed(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    figures = {"planned": 10, "sent": 8, "delivered": 7, "read": 5, "replies": 4, "bookings": 2}
    figures |= {"cancelled": 1, "visits": 1, "revenue_minor": 250_000}
    contact = group(Campaign.DORMANT_30, Arm.CONTACT, **figures)
    holdout = group(Campaign.DORMANT_30, Arm.HOLDOUT, planned=2)
    show(
        Report(
            company_id=1,
            company_name="Лён",
            currency="RUB",
            first_day=date(2024, 3, 1),
            last_day=None,
            groups=(contact, holdout),
            totals=(replace(contact, campaign=None), replace(holdout, campaign=None)),
            not_sent=(NotSent(state=State.SKIPPED, reason="future_booking", number=2),),
            last_plan=LastPlan(on=date(2024, 3, 20), counts={"not_due": 812}),
            experiment=experiment((2, 10), (0, 2)),
            timing=Timing(
                median_days=3, buckets=(Bucket(from_days=0, to_days=7, sent=8, bookings=2),)
            ),
            levels=(
                Level(
                    source=Source.PERSONAL,
                    sent=8,
                    replies=4,
                    bookings=2,
                    visits=1,
                    conversion_rate=0.25,
                ),
            ),
            days=(Day(day=date(2024, 3, 5), messages=8, replies=4, bookings=2),),
            test=None,
            stood_in="Templates stood in.",
        ),
        SALON,
    )
    printed = capsys.readouterr().out.replace("\xa0", " ")
    for line in (
        "Лён, from 01 Mar 2024",
        "50.0% (4)",
        "25.0% (2)",
        "2 500 ₽",
        "7 are known to be delivered",
        "Of 2 bookings 1 cancelled.",
        "future_booking (has a booking ahead)",
        "not_due 812",
        "not enough data yet",
        "0 to 7 after",
        "own rhythm",
        "Tue 05 Mar 2024",
        "Last 7 days: Templates stood in.",
    ):
        assert line in printed


def test_an_empty_report_says_what_to_do(capsys):
    nothing = experiment((0, 0), (0, 0))
    show(
        Report(
            company_id=1,
            company_name="Лён",
            currency="RUB",
            first_day=None,
            last_day=None,
            groups=(),
            totals=(),
            not_sent=(),
            last_plan=None,
            experiment=nothing,
            timing=Timing(median_days=None, buckets=()),
            levels=(),
            days=(),
            test=None,
            stood_in=None,
        ),
        SALON,
    )
    assert "`vernis run`" in capsys.readouterr().out
