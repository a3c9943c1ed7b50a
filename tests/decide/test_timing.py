import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_logs import MadeUp, every, regulars, together

from vernis.decide import timing
from vernis.decide.timing.tables import BIN, BINS, DAYS, anything, own_tables, returns, tally
from vernis.domain import Source

SALON = regulars()


def last_estimate(log: MadeUp, client: int = 10_000, **known):
    """The estimate after the client's last visit, learned on that day."""
    visits = timing.history(log.clients, log.days, known.pop("lines", None))
    at = np.flatnonzero(visits.client == client)[-1:]
    day = int(visits.day[at[0]])
    model = timing.fit(visits, on=day, **known)
    found = timing.estimate(model, visits, at)
    return found, visits, model, int(at[0])


def days_of(log: MadeUp, **known) -> int:
    return int(last_estimate(log, **known)[0].days[0])


# --- the estimate ---------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [7, 14, 28, 42, 90])
def test_a_regular_client_is_expected_at_the_own_rhythm(gap):
    found, *_ = last_estimate(together(SALON, every(gap, 8)))

    assert abs(found.days[0] - gap) <= 3
    assert found.source(0) is Source.PERSONAL
    assert found.low[0] <= gap <= found.high[0]


def test_a_change_of_rhythm_is_followed():
    old = every(60, 5)
    new = every(28, 5, start=int(old.days[-1]) + 28)

    assert abs(days_of(together(SALON, old, new)) - 28) <= 4


def test_one_visit_before_the_holidays_is_no_rhythm():
    usual = every(35, 7)
    extra = MadeUp(usual.clients[:1], usual.days[-1:] - 26)

    assert abs(days_of(together(SALON, usual, extra)) - 35) <= 5


def test_a_december_in_which_everybody_comes_does_not_move_the_others():
    peak = MadeUp(np.arange(300), np.full(300, 355))
    regular = every(42, 8, start=60)

    assert abs(days_of(together(SALON, peak, regular)) - 42) <= 5


def test_without_any_data_the_standard_answers():
    log = every(10, 1)
    found, *_ = last_estimate(log, lines=np.array([0]), standards={0: 28})

    assert 20 <= found.days[0] <= 33
    assert found.source(0) is Source.INDUSTRY_STANDARD


def test_without_data_or_standard_the_universal_answer_holds():
    found, *_ = last_estimate(every(10, 1))

    assert found.source(0) is Source.UNIVERSAL
    assert 10 <= found.days[0] <= 60


def test_a_companys_own_clients_outweigh_the_standard():
    log = together(regulars(rhythm=60, stray=0.05, length=900), every(1, 1, start=880))
    lines = np.zeros(len(log.days), np.int64)
    found, *_ = last_estimate(log, lines=lines, standards={0: 21})

    assert found.source(0) is Source.SERVICE_AVERAGE
    assert found.days[0] > 35


def test_clients_who_stayed_away_lower_the_chance_that_one_returns():
    came = every(30, 6)
    alone = MadeUp(np.arange(200), np.zeros(200, np.int64))

    believed = last_estimate(every(30, 6))[0].client[0]
    first = last_estimate(together(alone, came, every(1, 1, client=500, start=399)), client=500)

    assert first[0].client[0] < believed


def test_waiting_lowers_the_chance_that_the_client_returns():
    visits = timing.history(*_rows(together(SALON, every(28, 8))))
    at = np.flatnonzero(visits.client == 10_000)[-1:]
    model = timing.fit(visits, on=int(visits.day.max()))
    chances = [
        float(timing.estimate(model, visits, at, away=np.array([away])).client[0])
        for away in (0, 28, 60, 120, 390)
    ]

    assert chances == sorted(chances, reverse=True)
    assert chances[-1] < 0.6 < chances[0]


def test_what_a_week_of_waiting_takes_is_the_difference_of_the_chances():
    visits = timing.history(*_rows(together(SALON, every(28, 8))))
    at = np.flatnonzero(visits.client == 10_000)[-1:]
    model = timing.fit(visits, on=int(visits.day.max()))
    now, in_a_week = (timing.estimate(model, visits, at, away=np.array([t])) for t in (30, 37))

    assert now.falling[0] == pytest.approx(now.returning[0] - in_a_week.returning[0], abs=1e-6)


def test_the_chance_falls_fastest_when_the_expected_days_go_by():
    visits = timing.history(*_rows(together(SALON, every(28, 8))))
    at = np.flatnonzero(visits.client == 10_000)[-1:]
    model = timing.fit(visits, on=int(visits.day.max()))
    falling = [
        float(timing.estimate(model, visits, at, away=np.array([away])).falling[0])
        for away in range(400)
    ]

    assert min(falling) >= 0
    assert 25 < int(np.argmax(falling)) < 75


def test_a_line_that_is_newer_than_the_model_is_read_as_none():
    visits = timing.history(SALON.clients, SALON.days)
    model = timing.fit(visits, on=400, standards={0: 90}, lines=1)
    new = timing.estimate(model, timing.history([1], [400], [5]), np.array([0]))
    none = timing.estimate(model, timing.history([1], [400], [-1]), np.array([0]))

    assert new.days == none.days


def test_nothing_later_than_the_day_is_looked_at():
    log = regulars(clients=120)
    middle = 200
    whole = timing.history(log.clients, log.days)
    before = timing.history(log.clients, log.days, until=middle)
    known = np.flatnonzero(whole.day <= middle)

    ours = timing.estimate(timing.fit(whole, on=middle), whole, known)
    theirs = timing.estimate(timing.fit(before, on=middle), before, np.arange(len(before)))

    np.testing.assert_array_equal(ours.days, theirs.days)
    np.testing.assert_array_equal(ours.low, theirs.low)
    np.testing.assert_allclose(ours.hit, theirs.hit, rtol=1e-6)


def test_several_services_on_one_day_are_one_visit_of_the_line_seen_most():
    visits = timing.history([1, 1, 1, 1], [0, 0, 30, 30], [7, 3, 3, 3])

    assert list(visits.day) == [0, 30]
    assert list(visits.gap) == [30, 0]
    assert visits.line[1] == 3


def test_evidence_tells_visits_and_gaps():
    found, visits, model, at = last_estimate(together(SALON, every(28, 4)))
    interval = timing.interval(found, 0, visits, at, model)

    assert interval.evidence["visits"] == 4
    assert interval.evidence["shortest"] == interval.evidence["longest"] == 28
    assert 0 <= interval.confidence <= 1


# --- bad input ------------------------------------------------------------------------------


def _rows(log: MadeUp):
    return log.clients, log.days


@pytest.mark.parametrize(
    "days",
    [
        [0],
        [5, 5, 5, 5],
        [0, 7300],
        [0, 7300, 14600, 14601],
        list(range(10_000)),
        [0, 1, 2, 400, 401, 402],
    ],
    ids=["one visit", "one day", "20 years", "20 years twice", "10,000 visits", "two lives"],
)
def test_bad_input_gets_a_sensible_answer(days):
    visits = timing.history([1] * len(days), days)
    model = timing.fit(visits, on=max(days))
    found = timing.estimate(model, visits, np.flatnonzero(visits.ends))

    assert 1 <= found.low[0] <= found.days[0] <= found.high[0] <= DAYS
    assert 0 < found.client[0] <= 1
    assert 0 < found.hit[0] <= 1


def test_days_to_come_are_left_out():
    visits = timing.history([1, 1, 1], [0, 28, 9999], until=100)

    assert list(visits.day) == [0, 28]


def test_an_empty_log_can_be_learned_from():
    visits = timing.history([], [])
    model = timing.fit(visits, on=0)

    assert len(timing.estimate(model, visits, np.arange(0)).days) == 0


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 9000), st.integers(-1, 3)),
        min_size=1,
        max_size=60,
    ),
    on=st.integers(0, 9000),
    away=st.integers(0, 9000),
)
def test_every_client_always_gets_a_positive_interval_inside_the_window(rows, on, away):
    clients, days, lines = np.array(rows).T
    visits = timing.history(clients, days, lines)
    model = timing.fit(visits, on=on, standards={0: 21, 2: 90}, lines=4)
    asked = np.arange(len(visits))
    found = timing.estimate(model, visits, asked, away=np.full(len(asked), away))

    assert np.all(found.days >= 1)
    assert np.all((found.low >= 1) & (found.low <= found.days) & (found.days <= found.high))
    assert np.all((found.client >= 0) & (found.client <= 1))
    assert np.all(found.falling >= 0)
    assert np.all((found.hit > 0) & (found.hit <= 1))
    np.testing.assert_allclose(found.levels.sum(axis=1), 1, atol=1e-3)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_and_repetition_of_rows_do_not_matter(seed):
    log = regulars(clients=20, seed=seed)
    shuffled = np.random.default_rng(seed).permutation(np.tile(np.arange(len(log.days)), 2))

    tidy = timing.history(log.clients, log.days)
    untidy = timing.history(log.clients[shuffled], log.days[shuffled])

    np.testing.assert_array_equal(tidy.gap, untidy.gap)
    np.testing.assert_array_equal(tidy.before, untidy.before)


# --- the tables ------------------------------------------------------------------------------


def test_every_spread_is_a_density_of_days_from_one_on():
    tables = own_tables()[:, 1:]

    np.testing.assert_allclose(tables.sum(axis=2), 1, rtol=1e-4)
    assert not tables[:, :, 0].any()
    assert tables.min() >= 0


def test_every_day_is_in_one_bin_and_bins_are_no_wider_than_days_are_told_apart():
    assert BIN[0] == 0
    assert set(np.diff(BIN.astype(int))) == {0, 1}
    assert BIN[-1] == BINS - 1
    _, first, width = np.unique(BIN, return_index=True, return_counts=True)
    assert np.all(width <= np.maximum(1, 0.04 * first))


def of_one_group(days, came, prior, strength):
    group = np.zeros(len(days), np.int64)
    ended, waiting = tally(days, came, np.ones(len(days), np.float32), group, 1)
    density, never = returns(ended, waiting, prior, strength)
    return density[0], never[0]


def test_without_a_prior_the_returns_are_kaplan_meiers():
    days = np.array([10, 20, 20, 30, 40])
    came = np.array([True, True, False, True, False])
    density, never = of_one_group(days, came, anything() * 0.9, 1e-9)
    staying = 1 - (1 - never) * density.cumsum()

    assert staying[[15, 25, 37]] == pytest.approx([0.8, 0.6, 0.3], abs=0.02)


def test_open_waits_make_the_returns_later_than_the_completed_ones_alone():
    days = np.concatenate([np.full(50, 30), np.full(50, 60), np.full(100, 45)])
    came = np.concatenate([np.full(100, True), np.full(100, False)])
    waiting, _ = of_one_group(days, came, anything(), 1.0)
    alone, _ = of_one_group(days[came], came[came], anything(), 1.0)

    assert waiting.cumsum()[45] < alone.cumsum()[45]
