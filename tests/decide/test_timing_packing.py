import numpy as np
import pytest
from made_up_logs import regulars

from vernis.decide import timing
from vernis.decide.timing.packing import pack, pack_foretold, unpack, unpack_foretold
from vernis.decide.timing.review import held_back


@pytest.fixture(scope="module")
def visits():
    log = regulars()
    return timing.history(log.clients, log.days, log.clients % 30)


@pytest.fixture(scope="module")
def model(visits):
    return timing.fit(visits, on=400, standards={0: 28, 7: 40}, lines=30)


@pytest.fixture(scope="module")
def foretold(visits):
    return held_back(visits, on=400)


def test_an_unpacked_model_estimates_exactly_as_before(visits, model):
    asked = np.flatnonzero(visits.ends)
    before = timing.estimate(model, visits, asked)
    after = timing.estimate(unpack(pack(model)), visits, asked)

    for name in timing.Estimates.__slots__:
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))


def test_a_model_of_thirty_lines_is_small_enough_for_a_row(model):
    assert len(pack(model)) < 20_000


def test_what_became_of_estimates_is_the_same_after_unpacking(foretold):
    again = unpack_foretold(pack_foretold(foretold))

    assert len(foretold.tails) > 0
    assert len(foretold.hits) > 0
    for name in timing.Foretold.__slots__:
        np.testing.assert_array_equal(getattr(again, name), getattr(foretold, name))


@pytest.mark.parametrize(
    "damage",
    [lambda _: b"", lambda packed: b"\xff" + packed[1:], lambda packed: packed[:-3]],
    ids=["nothing", "another version", "cut"],
)
def test_bytes_that_cannot_be_read_are_refused_with_what_to_do(model, foretold, damage):
    with pytest.raises(ValueError, match=r"learn (it )?anew"):
        unpack(damage(pack(model)))
    with pytest.raises(ValueError, match=r"(begin|learn) anew"):
        unpack_foretold(damage(pack_foretold(foretold)))
