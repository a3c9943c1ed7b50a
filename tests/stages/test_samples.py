"""Samples: what would be written, with nothing stored."""

from datetime import date, timedelta

import pytest
from outbox import OPEN
from salon_rows import Salon

from vernis.adapters.writer_templates import TemplateWriter
from vernis.domain import Band
from vernis.errors import NotFoundError
from vernis.stages import companies, samples

TODAY = date(2024, 4, 1)


@pytest.fixture
def salon(db, company):
    return Salon(db, company)


@pytest.fixture
def comer(salon):
    """A client who came so many days ago and is expected after so many."""

    async def make(away: int, every: int = 30, **values) -> int:
        id_ = await salon.client(**values)
        visit = TODAY - timedelta(days=away)
        await salon.insert(
            "client_due_dates",
            "client_id",
            **{"client_id": id_, "visit_count": 4, "last_visit_on": visit, "spent_minor": 0},
            **{"due_on": visit + timedelta(days=every), "interval_days": every},
            first_on=visit + timedelta(days=every),
            **{"low_days": every, "high_days": every, "confidence": 0.5},
            **{"interval_source": "personal"},
        )
        return id_

    return make


@pytest.mark.parametrize(
    ("reachable", "number", "expected"),
    [
        ([], 3, []),
        ([(1, 20), (2, 30), (3, 50), (4, 90)], 3, [1, 3, 4]),
        ([(1, 20), (2, 30), (3, 50)], 3, [1, 3, 2]),
        ([(1, 20), (2, 30)], 9, [1, 2]),
        ([(5, 400), (1, 20), (6, 500)], 2, [1, 5]),
    ],
)
def test_samples_come_from_all_bands_in_turn(reachable, number, expected):
    assert samples.spread(reachable, number) == expected


async def test_those_due_or_next_due_come_first(salon, comer):
    long_due, due, next_due, later = [await comer(away) for away in (44, 31, 28, 3)]
    chosen = await samples.nearest(salon.db, salon.company, number=10, on=TODAY)
    assert chosen == [due, next_due, long_due, later]


async def test_nobody_is_chosen_who_could_not_be_written_to(salon, comer):
    await comer(30, phone=None, phone_state="missing")
    await comer(30, blacklisted=True)
    await comer(400)
    await comer(-3)
    assert await samples.nearest(salon.db, salon.company, number=10, on=TODAY) == []


async def test_a_sample_is_written_checked_and_not_stored(salon, comer):
    settings = ["offer.win_back=15%", "variants=soft,short", "free_times_in_messages=yes"]
    salon.company = await companies.change(salon.db, salon.company, settings, now=OPEN)
    clients = [await comer(away) for away in (100, 50, 30)]
    found = await samples.sample(
        salon.db, salon.company, TemplateWriter(), clients, on=TODAY, now=OPEN
    )
    assert [one.band for one in found] == [Band.GENTLE, Band.OFFER, Band.WIN_BACK]
    assert [one.client_id for one in found] == list(reversed(clients))
    assert found[2].offer.percent == 15
    for one in found:
        assert one.text
        assert one.template
        assert one.variant in {"soft", "short"}
        assert one.problems == ()
        assert one.text not in repr(one)
    assert await salon.execute("SELECT count(*) FROM client_reactivation_history") == [(0,)]


async def test_what_a_client_got_before_counts(salon, comer):
    client = await comer(100)
    await salon.contact(
        client,
        "2024-02-10 12:00",
        last_visit="2023-12-23",
        claimed_at=salon.at("2024-02-10 12:00"),
        message_text="Текст",
        message_template="ru-1",
    )
    facts = await samples.facts_of(salon.db, salon.company, client, on=TODAY, now=OPEN)
    assert (facts.recent_texts, facts.used_templates) == (("Текст",), ("ru-1",))


async def test_a_client_without_visits_has_nothing_to_be_written_about(salon):
    client = await salon.client()
    with pytest.raises(NotFoundError, match="no visit yet"):
        await samples.facts_of(salon.db, salon.company, client, on=TODAY, now=OPEN)
