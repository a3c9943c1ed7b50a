import numpy as np
from made_up_logs import every, regulars, together

from vernis.decide import timing
from vernis.decide.timing.model import REVIEWED
from vernis.decide.timing.review import foretell, held_back

LOG = regulars(clients=400)
VISITS = timing.history(LOG.clients, LOG.days)
BACK = VISITS.day + VISITS.gap


def test_returns_after_the_models_day_are_foretold_each_once():
    model, later = timing.fit(VISITS, on=300), timing.fit(VISITS, on=330)
    came = (VISITS.gap > 0) & (BACK > 300)

    first, second = foretell(model, VISITS, on=330), foretell(later, VISITS)
    both = timing.Foretold.newest(first, second)

    assert len(first.tails) + len(second.tails) == came.sum()
    assert len(both.tails) == min(came.sum(), REVIEWED)


def test_a_promise_is_settled_when_its_day_is_past_whether_the_client_came_or_not():
    lapsed = every(30, 6, start=0)
    log = together(LOG, lapsed)
    visits = timing.history(log.clients, log.days)
    last = np.flatnonzero(visits.client == 10_000)[-1:]
    model = timing.fit(visits, on=150)

    open_yet = foretell(model, visits, last, on=170)
    settled = foretell(model, visits, last, on=200)

    assert len(open_yet.hits) == 0
    assert list(settled.hits) == [False]
    assert len(settled.tails) == 0


def fulfilled(number: int, *, promised: float, hits: float, coming: float = 1.0):
    return timing.Foretold(
        tails=np.zeros(number, np.float32),
        personal=np.arange(number) % 2 == 0,
        promised=np.full(number, promised, np.float32),
        coming=np.full(number, coming, np.float32),
        hits=np.arange(number) < hits * number,
    )


def test_of_many_the_newest_are_kept():
    old, new = fulfilled(REVIEWED, promised=0.5, hits=0), fulfilled(10, promised=0.9, hits=1)

    both = timing.Foretold.newest(old, new)

    assert len(both.hits) == REVIEWED
    assert both.hits.sum() == 10
    assert both.hits[-10:].all()


def test_a_first_model_is_reviewed_by_the_last_weeks_held_back():
    foretold = held_back(VISITS, on=330)

    returned = (VISITS.gap > 0) & (BACK > 330 - 56) & (BACK <= 330)
    assert len(foretold.tails) == returned.sum()
    assert 0 < foretold.hits.sum() < len(foretold.hits)


def test_too_confident_estimates_are_believed_less_after_the_review():
    boast = fulfilled(REVIEWED, promised=0.9, hits=0.5)
    asked = np.flatnonzero(VISITS.ends)
    naive = timing.estimate(timing.fit(VISITS, on=330), VISITS, asked)
    wiser = timing.estimate(timing.fit(VISITS, on=330, foretold=boast), VISITS, asked)

    assert (wiser.hit < naive.hit).all()
    assert (wiser.high - wiser.low > naive.high - naive.low).all()


def test_promises_that_were_kept_among_those_who_came_are_believed():
    """Half of the clients never come back, as was said: nothing is wrong with the others'."""
    fair = fulfilled(REVIEWED, promised=0.8, coming=0.5, hits=0.4)

    assert abs(timing.fit(VISITS, on=330, foretold=fair).kept - 1) < 0.1


def test_a_company_without_visits_can_be_reviewed():
    nothing = held_back(timing.history([], []), on=100)

    assert len(nothing.tails) == len(nothing.hits) == 0
