"""What is treated on purpose, and why: each test is a case that a plain median gets wrong."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_logs import MadeUp, every, irregular, regulars, together

from vernis.decide import timing
from vernis.decide.timing.packing import pack, unpack
from vernis.decide.timing.tables import DAYS
from vernis.domain import Source

CLIENT = 10_000
SALON = regulars()


def learned(log: MadeUp, *, on: int | None = None, lines=None, **known):
    visits = timing.history(log.clients, log.days, lines)
    on = int(visits.day.max()) if on is None else on
    return visits, timing.fit(visits, on=on, **known)


def after_last_visit(log: MadeUp, client: int = CLIENT, **known) -> timing.Estimates:
    visits, model = learned(log, **known)
    return timing.estimate(model, visits, np.flatnonzero(visits.client == client)[-1:])


# --- several services at one visit ---------------------------------------------------------------


def test_three_services_at_each_visit_are_one_rhythm_not_gaps_of_no_days():
    one = every(28, 7)
    thrice = MadeUp(np.repeat(one.clients, 3), np.repeat(one.days, 3))

    plain, threefold = (
        after_last_visit(together(SALON, one)),
        after_last_visit(together(SALON, thrice)),
    )

    assert threefold.days == plain.days
    assert abs(threefold.days[0] - 28) <= 2


def test_of_several_services_the_usual_one_speaks_for_the_visit():
    days = [0, 30, 60, 60]
    usual, extra = 0, 1
    visits = timing.history([1] * 4, days, [usual, usual, usual, extra])

    assert list(visits.line) == [usual] * 3


# --- changes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "now"), [(60, 28), (28, 60), (90, 45)])
def test_three_gaps_of_a_new_rhythm_outweigh_more_of_the_old(before, now):
    old = every(before, 6)
    new = every(now, 3, start=int(old.days[-1]) + now)
    found = after_last_visit(together(SALON, old, new))

    assert abs(found.days[0] - now) < abs(found.days[0] - before)


def test_a_summer_away_is_no_rhythm():
    spring = every(30, 6)
    autumn = every(30, 4, start=int(spring.days[-1]) + 110)

    assert abs(after_last_visit(together(SALON, spring, autumn)).days[0] - 30) <= 3


def december_peak(client: int) -> MadeUp:
    """Every five weeks for two years, and once more before each new year."""
    days = np.arange(0, 730, 35)
    peaks = np.array([350, 715])
    days = np.union1d(days[np.abs(days[:, None] - peaks).min(axis=1) > 3], peaks)
    return MadeUp(np.full(len(days), client), days)


def test_a_december_peak_is_no_rhythm():
    peak = december_peak(CLIENT)
    found = after_last_visit(together(SALON, peak))

    assert peak.days[-1] - peak.days[-2] < 20
    assert abs(found.days[0] - 35) <= 5


def test_a_peak_of_the_whole_company_leaves_its_usual_answer():
    usual = regulars(clients=400, length=700, rhythm=40)
    everybody = MadeUp(np.unique(usual.clients), np.full(400, 690))
    newcomer = every(1, 1, start=699)

    with_peak = after_last_visit(together(usual, everybody, newcomer)).days[0]
    without = after_last_visit(together(usual, newcomer)).days[0]

    assert abs(with_peak - without) <= 4


# --- who did not come back -----------------------------------------------------------------------


def waiting(days_waited: int) -> MadeUp:
    """Forty clients who came back after 20 days, forty who still wait."""
    back = [(client, day) for client in range(40) for day in (0, 20)]
    still = [(client, 20 - days_waited) for client in range(40, 80)]
    clients, days = np.array(back + still).T
    return MadeUp(clients, days + days_waited)


def test_those_who_still_wait_make_a_return_later_and_less_likely():
    known = timing.history(*vars_of(waiting(90)))
    few = timing.fit(known, on=int(known.day.max()))
    alone = timing.history(*vars_of(MadeUp(waiting(90).clients[:80], waiting(90).days[:80])))
    many = timing.fit(alone, on=int(alone.day.max()))

    assert few.never[0] > many.never[0] + 0.1
    assert few.lines[-1].cumsum()[25] <= many.lines[-1].cumsum()[25]


def vars_of(log: MadeUp):
    return log.clients, log.days


def test_a_young_company_does_not_take_its_first_quick_returns_for_the_rule():
    """After five weeks only gaps below five weeks can be known; most clients need six."""
    log = regulars(clients=500, length=400, rhythm=42, stray=0.3, start=30)
    early = MadeUp(log.clients[log.days <= 38], log.days[log.days <= 38])
    known = np.sort(timing.history(*vars_of(early)).gap)
    naive = np.median(known[known > 0])

    found = after_last_visit(together(early, every(1, 1, start=38)))

    assert naive < 33
    assert found.days[0] > naive
    assert found.high[0] > 42


# --- irregular clients ---------------------------------------------------------------------------


def test_irregular_clients_get_a_wider_window_and_less_confidence_than_regular_ones():
    log = together(SALON, irregular(10, client=CLIENT), every(35, 10, client=CLIENT + 1))
    loose, strict = after_last_visit(log), after_last_visit(log, CLIENT + 1)

    assert loose.high[0] - loose.low[0] > 2 * (strict.high[0] - strict.low[0])
    assert loose.hit[0] < strict.hit[0] / 1.5


# --- a new company -------------------------------------------------------------------------------


@pytest.mark.parametrize("standard", [14, 21, 28, 40, 90, 180])
def test_a_new_company_with_ten_visits_answers_from_the_standards(standard):
    clients, days = np.arange(10), np.array([0, 1, 1, 3, 4, 6, 7, 8, 9, 9])
    visits = timing.history(clients, days, [0] * 10)
    model = timing.fit(visits, on=9, standards={0: standard}, lines=1)
    found = timing.estimate(model, visits, np.arange(10))

    assert {found.source(one) for one in range(10)} == {Source.INDUSTRY_STANDARD}
    assert np.all(np.abs(found.days - standard) <= 0.15 * standard)
    assert np.all((found.low < standard) & (found.high > standard))


def test_a_new_company_without_a_standard_answers_a_month():
    visits, model = learned(every(1, 1))

    assert 27 <= timing.estimate(model, visits, np.array([0])).days[0] <= 33


def test_two_visits_of_a_new_companys_client_count_but_do_not_decide():
    visits = timing.history([1, 1, 2, 3], [0, 60, 61, 62], [0] * 4)
    model = timing.fit(visits, on=62, standards={0: 28}, lines=1)
    found = timing.estimate(model, visits, np.array([1, 2]))

    assert found.high[0] >= 60
    assert found.high[0] > found.days[0]


# --- bad input -----------------------------------------------------------------------------------


def test_days_are_dates_so_the_hour_that_spring_takes_is_no_day():
    spring = date(2025, 3, 30).toordinal()
    around = MadeUp(np.full(5, CLIENT), spring - 56 + 28 * np.arange(5))
    elsewhere = MadeUp(np.full(5, CLIENT), around.days + 70)

    assert after_last_visit(around).days == after_last_visit(elsewhere).days


def test_one_client_with_ten_thousand_visits_does_not_drown_the_others():
    often = every(1, 10_000, client=1)
    rest = regulars(clients=60, length=420)
    late = MadeUp(rest.clients + 100, rest.days + 10_000 - 420)
    steady = every(42, 6, start=9_700)
    found = after_last_visit(together(often, late, steady))

    assert abs(found.days[0] - 42) <= 3


def test_gaps_of_twenty_years_are_longer_than_a_year_and_no_more():
    found = after_last_visit(every(7_300, 4))

    assert found.days[0] <= found.high[0] <= DAYS


odd_days = st.one_of(
    st.integers(0, 60),
    st.integers(0, 800),
    st.sampled_from([0, 1, 400, 401, 7_300, 14_600, date.max.toordinal()]),
)
odd_rows = st.lists(
    st.tuples(st.integers(-3, 4), odd_days, st.integers(-1, 3)), min_size=1, max_size=80
)


@settings(max_examples=80, deadline=None)
@given(rows=odd_rows, until=odd_days, away=st.integers(-5, 4_000_000))
def test_whatever_the_rows_every_client_has_one_sane_estimate(rows, until, away):
    clients, days, lines = np.array(rows).T
    visits = timing.history(clients, days, lines, until=until)
    model = timing.fit(visits, on=until, standards={0: 1, 1: 5_000}, lines=2)
    ends = np.flatnonzero(visits.ends)
    found = timing.estimate(unpack(pack(model)), visits, ends, away=np.full(len(ends), away))

    assert len(ends) == len(set(clients[days <= until]))
    assert np.all((found.low >= 1) & (found.low <= found.days))
    assert np.all((found.days <= found.high) & (found.high <= DAYS))
    for chance in (found.hit, found.returning, found.falling, found.back, found.levels):
        assert np.all(np.isfinite(chance) & (chance >= 0) & (chance <= 1))
    for index, visit in enumerate(ends):
        interval = timing.interval(found, index, visits, int(visit), model)
        assert 1 <= interval.low <= interval.days <= interval.high


@settings(max_examples=40, deadline=None)
@given(
    day=st.integers(0, 4_000_000),
    clients=st.integers(1, 300),
)
def test_all_visits_on_one_day_are_no_evidence(day, clients):
    visits = timing.history(np.arange(clients), np.full(clients, day))
    model = timing.fit(visits, on=day)
    found = timing.estimate(model, visits, np.arange(clients))

    assert len(set(found.days)) == 1
    assert 20 <= found.days[0] <= 40
    assert {found.source(index) for index in range(clients)} == {Source.UNIVERSAL}
