"""From estimates to the days on which the plan looks."""

from datetime import date, timedelta
from random import Random

import numpy as np
import pytest

from vernis.decide import timing
from vernis.decide.due import FRESH_DAYS, Attempted, due_dates, lead_days
from vernis.domain import Source

TODAY = date(2024, 4, 1)
ON = TODAY.toordinal()
COLOUR = 0


def salon(*others: tuple[int, list[int]]):
    """A salon whose clients colour their hair every 50 days or so, and clients of one's own."""
    rows = [(n, ON - ago) for n in range(100, 160) for ago in range(10 + n % 50, 600, 45 + n % 11)]
    rows += [(client, ON - ago) for client, days in others for ago in days]
    client, day = np.array(rows, np.int64).T
    history = timing.history(client, day, np.zeros(len(rows), np.int64))
    return timing.fit(history, on=ON, standards={COLOUR: 50}, lines=1), history


def opens(found, client: int) -> int:
    """How many days after the last visit the plan looks."""
    at = found.client.tolist().index(client)
    return int(found.opens[at] - found.last[at])


def test_a_regular_client_is_looked_at_a_little_before_the_due_date():
    found = due_dates(*salon((1, list(range(5, 400, 30)))), on=ON)

    at = found.client.tolist().index(1)
    assert Source.PERSONAL is list(Source)[found.source[at]]
    assert abs(found.days[at] - 30) <= 1
    assert opens(found, 1) == found.days[at] - found.days[at] // 10


@pytest.mark.parametrize(("interval", "lead"), [(7, 0), (10, 1), (35, 3), (50, 5), (200, 5)])
def test_the_first_message_goes_out_a_little_before_the_due_date(interval, lead):
    assert lead_days(np.array([interval])).tolist() == [lead]


def test_a_correction_after_two_days_makes_nobody_due_before_the_service_is():
    found = due_dates(*salon((1, [62, 7, 5])), on=ON)

    assert opens(found, 1) > 25


@pytest.mark.parametrize(
    ("ago", "days_open"), [(45, 0), (10, FRESH_DAYS)], ids=["due", "not before next week"]
)
def test_the_chances_are_there_where_the_plan_looks(ago, days_open):
    found = due_dates(*salon((1, [ago])), on=ON)

    at = found.client.tolist().index(1)
    if days_open:
        assert (found.returning[at], found.falling[at]) == (-1, -1)
    else:
        assert 0 < found.falling[at] < found.returning[at] < 1


def test_after_an_attempt_the_plan_looks_at_the_next_wave_and_after_a_visit_anew():
    model, history = salon((1, [45, 95]), (2, [45, 95]), (3, [20, 95]))
    last = TODAY - timedelta(days=45)
    made = [
        Attempted(client=n, last_visit_on=last, last_attempt_on=TODAY - timedelta(days=1),
                  remind_on=TODAY + timedelta(days=3) if n == 2 else None)
        for n in (1, 2, 3)
    ]  # fmt: skip

    plain = due_dates(model, history, on=ON)
    found = due_dates(model, history, on=ON, attempted=made)

    at = found.client.tolist().index(1)
    assert opens(found, 1) == 2 * found.days[at]
    assert opens(found, 2) == 48
    assert opens(found, 3) == opens(plain, 3)


def test_a_second_message_waits_as_long_as_the_first_had_to():
    """A third comes after 24 days, which is the likeliest, the others one to five months later."""
    random = Random(1)
    rows = [(100, ON - 90)]
    for client in range(100):
        day = ON - random.randrange(20)
        while day > ON - 500:
            rows.append((client, day))
            day -= 24 if random.random() < 0.35 else random.randrange(40, 150)
    client, day = np.array(sorted(rows), np.int64).T
    history = timing.history(client, day, np.zeros(len(rows), np.int64))
    model = timing.fit(history, on=ON, standards={}, lines=1)
    last = TODAY - timedelta(days=90)

    first = opens(due_dates(model, history, on=ON), 100)
    made = Attempted(
        client=100, last_visit_on=last, last_attempt_on=last + timedelta(days=first), remind_on=None
    )
    found = due_dates(model, history, on=ON, attempted=[made])

    assert first > 40 > found.days[found.client.tolist().index(100)]
    assert opens(found, 100) == 2 * first
