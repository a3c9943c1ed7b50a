"""Level 2 of the intervals: what the database makes of all clients of a service."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from statistics import median
from typing import Any

import psycopg
import pytest
from tenant_rows import be, insert

FIRST_DAY = date(2023, 1, 1)
LAST_DAY = date(2024, 6, 30)  # a year and a half, as much as salons export


@dataclass
class Histories:
    """Visits of a company's clients for service 1, unless another is named."""

    connection: psycopg.Connection[Any]
    _clients: int = field(default=0)

    def add(self, days: Iterable[int], *, service: int | None = 1, state: str = "completed") -> int:
        """A new client, who came on these days, counted from the first."""
        self._clients += 1
        insert(
            self.connection, "clients", 1,
            client_id=self._clients, external_key=f"C{self._clients}", phone=None,
            phone_state="missing",
        )  # fmt: skip
        self.more(self._clients, days, service=service, state=state)
        return self._clients

    def more(
        self, client: int, days: Iterable[int], *, service: int | None = 1, state: str = "completed"
    ) -> None:
        self.connection.execute(
            "INSERT INTO bookings (company_id, origin, external_key, client_id, service_id,"
            " on_date, state) SELECT 1, 'crm', gen_random_uuid(), %s, %s, on_date, %s"
            " FROM unnest(%s::date[]) AS on_date",
            (client, service, state, [FIRST_DAY + timedelta(days=day) for day in days]),
        )

    def averages(self, as_of: date = LAST_DAY, company: int = 1) -> dict[int, dict[str, Any]]:
        cursor = self.connection.cursor(row_factory=psycopg.rows.dict_row)
        cursor.execute("SELECT * FROM calculate_service_averages(%s, %s)", (company, as_of))
        return {row["service_id"]: row for row in cursor.fetchall()}


@pytest.fixture
def histories(database_url: str) -> Iterator[Histories]:
    with psycopg.connect(database_url, options="-c role=vernis_app") as connection:
        be(connection, 1)
        insert(connection, "companies", 1)
        for service, title in enumerate(("Стрижка", "Маникюр"), start=1):
            insert(connection, "services", 1, service_id=service, title=title)
        yield Histories(connection)


def evenly(gap: int, visits: int, start: int = 0) -> list[int]:
    return [start + gap * n for n in range(visits)]


# --- the truth ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("truth", "spread", "leaving"),
    [(40, 0.3, 0.1), (70, 0.4, 0.2), (140, 0.4, 0.0), (140, 0.4, 0.25)],
)
def test_the_median_is_the_true_one_though_the_data_ends_before_many_come_back(
    histories, truth, spread, leaving
):
    """Clients arrive all the time, return after lognormal gaps, and some leave for good."""
    random, lives, completed = Random(truth), [], []
    length = (LAST_DAY - FIRST_DAY).days
    for _ in range(1500):
        days = [random.randint(0, length)]
        while random.random() >= leaving:
            gap = round(random.lognormvariate(0, spread) * truth)
            if days[-1] + gap > length:
                break
            days.append(days[-1] + gap)
        lives.append(days)
        completed += [later - earlier for earlier, later in pairwise(days)]
    with histories.connection.pipeline():
        for days in lives:
            histories.add(days)

    found = histories.averages()[1]

    assert abs(found["median_interval_days"] - truth) <= max(2, truth * 0.03)
    assert found["low_days"] == pytest.approx(truth * 2.718 ** (-1.2816 * spread), rel=0.06)
    assert found["high_days"] == pytest.approx(truth * 2.718 ** (1.2816 * spread), rel=0.06)
    if truth > 100:
        assert median(completed) < truth - 5  # what counting finished gaps only would say
    assert found["sample_size"] == len([gap for gap in completed if gap <= 365])


def test_without_anybody_still_waiting_it_is_the_plain_median(histories):
    for gap in (20, 30, 30, 30, 40, 50, 60, 70, 80, 90, 100):
        histories.add([0, gap])

    found = histories.averages(as_of=FIRST_DAY + timedelta(days=100))[1]

    assert found["avg_interval_days"] == pytest.approx(54.5, abs=0.05)
    assert (found["min_interval_days"], found["max_interval_days"]) == (20, 100)
    assert found["service_name"] == "Стрижка"


def test_clients_who_never_came_back_do_not_make_the_interval_longer(histories):
    for _ in range(20):
        histories.add([0, 30])
        histories.add([0])

    found = histories.averages(as_of=FIRST_DAY + timedelta(days=500))[1]

    assert (found["median_interval_days"], found["sample_size"]) == (30, 20)


# --- what counts -------------------------------------------------------------------------------


@pytest.mark.parametrize(("returns", "known"), [(9, set()), (10, {1})])
def test_ten_returns_are_the_least(histories, returns, known):
    for _ in range(returns):
        histories.add([0, 30])

    assert histories.averages().keys() == known


def test_a_return_within_a_year_counts_and_a_later_one_does_not(histories):
    for _ in range(10):
        histories.add([0, 365])
    for _ in range(30):
        histories.add([0, 366])

    found = histories.averages()[1]

    assert (found["sample_size"], found["max_interval_days"]) == (10, 365)


def test_two_visits_on_one_day_are_one(histories):
    for _ in range(10):
        histories.add([0, 0, 30, 30, 30])

    found = histories.averages()[1]

    assert (found["sample_size"], found["min_interval_days"]) == (10, 30)


def test_services_of_one_day_are_counted_each_by_itself(histories):
    for _ in range(10):
        client = histories.add(evenly(30, 3))
        histories.more(client, evenly(60, 2), service=2)

    found = histories.averages()

    assert {id_: row["median_interval_days"] for id_, row in found.items()} == {1: 30, 2: 60}
    assert {id_: row["sample_size"] for id_, row in found.items()} == {1: 20, 2: 10}


@pytest.mark.parametrize("state", ["booked", "cancelled", "no_show"])
def test_only_visits_count(histories, state):
    for _ in range(20):
        client = histories.add([0])
        histories.more(client, [30], state=state)

    assert histories.averages() == {}


def test_gaps_between_different_clients_or_without_a_service_are_none(histories):
    for day in range(20):
        histories.add([day])
        histories.add([day, day + 30], service=None)

    assert histories.averages() == {}


def test_what_happened_after_the_day_is_not_known_on_it(histories):
    for _ in range(10):
        histories.add([0, 30, 90])

    found = histories.averages(as_of=FIRST_DAY + timedelta(days=60))[1]

    assert (found["sample_size"], found["max_interval_days"]) == (10, 30)


def test_a_company_learns_nothing_from_another(histories):
    for _ in range(10):
        histories.add([0, 30])

    be(histories.connection, 2)

    assert histories.averages(company=1) == {}
