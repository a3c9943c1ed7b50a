import numpy as np
from made_up_logs import regulars

from vernis.decide import timing
from vernis.decide.timing_model import REVIEWED
from vernis.decide.timing_review import foretell, held_back

LOG = regulars(clients=400)
VISITS = timing.history(LOG.clients, LOG.days)
BACK = VISITS.day + VISITS.gap


def test_returns_after_the_models_day_are_foretold_each_once():
    model = timing.fit(VISITS, on=300)
    later = timing.fit(VISITS, on=330)

    first = foretell(model, VISITS, np.flatnonzero((VISITS.gap > 0) & (BACK > 300) & (BACK <= 330)))
    second = foretell(later, VISITS)
    both = timing.Foretold.newest(first, second)

    came = (VISITS.gap > 0) & (BACK > 300)
    assert len(first) + len(second) == came.sum()
    assert len(both) == min(came.sum(), REVIEWED)


def test_of_many_returns_the_newest_are_kept():
    old = timing.Foretold(
        tails=np.zeros(REVIEWED, np.float32),
        promised=np.zeros(REVIEWED, np.float32),
        hits=np.zeros(REVIEWED, bool),
    )
    new = timing.Foretold(
        tails=np.full(10, 0.3, np.float32),
        promised=np.full(10, 0.9, np.float32),
        hits=np.ones(10, bool),
    )

    both = timing.Foretold.newest(old, new)

    assert len(both) == REVIEWED
    assert both.hits.sum() == 10
    assert both.hits[-10:].all()


def test_a_first_model_is_reviewed_by_the_last_weeks_held_back():
    foretold = held_back(VISITS, on=330)

    assert len(foretold) == ((VISITS.gap > 0) & (BACK > 330 - 56) & (BACK <= 330)).sum()


def test_too_confident_estimates_are_believed_less_after_the_review():
    boast = timing.Foretold(
        tails=np.full(REVIEWED, 0.001, np.float32),
        promised=np.full(REVIEWED, 0.9, np.float32),
        hits=np.arange(REVIEWED) % 2 == 0,
    )
    asked = np.flatnonzero(VISITS.ends)
    naive = timing.estimate(timing.fit(VISITS, on=330), VISITS, asked)
    wiser = timing.estimate(timing.fit(VISITS, on=330, foretold=boast), VISITS, asked)

    assert (wiser.hit < naive.hit).all()
    assert (wiser.high - wiser.low > naive.high - naive.low).all()


def test_a_company_without_visits_can_be_reviewed():
    nothing = timing.history([], [])

    assert len(held_back(nothing, on=100)) == 0
