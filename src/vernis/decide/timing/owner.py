"""Intervals that an owner has set for a service: see docs/decisions/0011-own-intervals.md."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vernis.decide.timing.tables import SPREADS, Whole
from vernis.domain import Source

LONGEST = 730  # days
OWN_VISITS = (
    3  # with two gaps between them a client has a rhythm that may outweigh the owner's word
)
OWNERS = np.array([source is Source.OWN for source in Source], np.float32)  # all of the answer

_REACH = 1.2816 * SPREADS[1]  # 80% of a log-normal; so do the gaps of a regular client stray


def owners_days(
    own: Mapping[int, int], lines: int, line: Whole, earlier: NDArray[np.integer], source: Whole
) -> Whole:
    """The days that an owner's word gives for each visit; 0 where it does not hold.

    `own` is by line, of `lines` in all, the last of which is no service. It does not hold where
    the client has come at least `OWN_VISITS` times, the visit included, and the own rhythm (place 0
    in `source`) says most of the day of return.
    """
    days_of = np.zeros(lines, np.int64)
    for one, days in own.items():
        days_of[one] = days
    outweighed = (earlier + 1 >= OWN_VISITS) & (source == 0)
    return np.where(outweighed, 0, days_of[line])


def owners_window(days: Whole) -> tuple[Whole, Whole]:
    """From which day to which a client is expected where the owner has said the day."""
    low = np.maximum(np.rint(days * np.exp(-_REACH)), 1)
    return low.astype(np.int64), np.rint(days * np.exp(_REACH)).astype(np.int64)
