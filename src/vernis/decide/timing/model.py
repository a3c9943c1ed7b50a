"""What is learned of a company, and how a client's past is read: see docs/timing.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vernis.decide.timing.tables import Floats, Whole
from vernis.decide.timing.visits import History, Past

OWN = 5  # readings of the own gaps; after them come these
RHYTHM, SERVICE, PRIOR = OWN, OWN + 1, OWN + 2
READINGS = OWN + 3

HALF_LIFE = 365.0  # days after which a company's visit counts half
STRENGTH = 20.0  # how many clients, visits, returns outweigh what was believed before
DOUBT = 0.3  # how much of the company's density a reading that failed a client is granted
HORIZONS = (14, 30, 60, 90, 180)  # days, for the chance to be back by then
HIT = 5  # days: an estimate this near is right
MISS, MISS_SHARE = 20, 0.1  # a return within that many days is worth a tenth of a hit
LEAVE = 0.2  # clients believed to leave after a visit
WINDOW = 0.8
REVIEWED = 1_000  # estimates that came true or not; the newest, because companies change
SAMPLE = 50_000  # visits that a company is learned from, at most
MIXED = 10_000  # returns that the readings are mixed by, at most
STAGES = np.array([0, 1, 2, 3, 3, 4, 4, 4, 5])  # by earlier visits
STAGE_COUNT = 6
RHYTHMS = np.log([4, 7, 11, 16, 22, 30, 42, 60, 90])  # edges of the rhythms that are alike
WEEKDAY_DAYS = 182  # days of visits that show the company's weekdays


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What a company's visits up to a day show. Densities are rows over the bins.

    `weights` are the readings' weights by stage, shape (READINGS, STAGE_COUNT), `company`,
    `rhythms` and `lines` densities (the last line is that of visits without one), `standards`
    the lines' days by the industry standard or 0, `seen` the company's own evidence from 0 to 1,
    `priors` what was believed of each line by
    them, `learned` the share of own evidence in `lines`, `never` the chance of no return by
    stage, `weekdays` how much likelier than even each day of the week is (by day number modulo
    7), `outside` the share of returns left out on each side of the window, for estimates that
    are not personal and that are, `kept` the odds of a hit to the promised ones. `own` is not
    learned: the days that the owner has set for lines, in place of what visits show of them.
    """

    day: int
    weights: Floats
    rhythms: Floats
    lines: Floats
    standards: Whole
    seen: float
    priors: Floats
    learned: Floats
    returns: Whole
    never: Floats
    company: Floats
    weekdays: Floats
    outside: Floats
    kept: float
    own: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What became of estimates, the oldest first; `REVIEWED` of each kind are enough.

    `tails` are `Estimates.tail` of returns, `personal` whether the estimate's source was. The
    rest are of visits with a return or without, as soon as the day is past by which a hit would
    have come, because returns alone are too early: `promised` the chance of a hit given a return
    before it was corrected, `coming` that of a return, `hits` whether it was one.
    """

    tails: Floats
    personal: NDArray[np.bool_]
    promised: Floats
    coming: Floats
    hits: NDArray[np.bool_]

    @classmethod
    def newest(cls, older: "Foretold", newer: "Foretold") -> "Foretold":
        """Both together, as far as the newest `REVIEWED` go."""
        return cls(
            **{
                name: np.concatenate((getattr(older, name), getattr(newer, name)))[-REVIEWED:]
                for name in cls.__slots__
            }
        )


def stages(nth: NDArray[np.integer]) -> Whole:
    """How much of a client is known: 0, 1, 2, 3-4, 5-7, 8 and more earlier visits."""
    return np.asarray(STAGES[np.minimum(nth, len(STAGES) - 1)], np.int64)


def rhythm_of(past: Past) -> Whole:
    """Which of the alike rhythms: 0 for first visits, else by the mean log of the own gaps."""
    return np.where(past.gaps[0] > 0, 1 + RHYTHMS.searchsorted(past.pace(), "right"), 0)


def known_lines(model: Model, line: NDArray[np.integer]) -> Whole:
    """Lines that came after the model was learned are read as none."""
    return np.where(line < len(model.lines) - 1, line, -1)


def chances(model: Model, history: History, visits: Whole) -> Floats:
    """The chance that each reading gave the return that came after each: (READINGS, visits)."""
    came, past = history.bin.take(visits), Past.of(history, visits)
    line = known_lines(model, history.line.take(visits))
    result = np.empty((READINGS, len(visits)), np.float32)
    result[:OWN] = past.spelled(came)
    result[RHYTHM] = model.rhythms[rhythm_of(past), came]
    result[SERVICE] = model.lines[line, came]
    result[PRIOR] = model.priors[line, came]
    return result
