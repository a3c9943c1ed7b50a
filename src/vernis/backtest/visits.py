"""A visit log as the backtest needs it: who came on which day, and for what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from re import sub

import numpy as np

from vernis.decide.files.records import BookingRecord, Result
from vernis.decide.services.standards import match
from vernis.decide.timing.estimates import History, history
from vernis.domain import BookingState
from vernis.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """`names` are the clients' codes as in the file, `standards` the lines' industry days.

    Where the file has phones or names for codes, `names` are c1, c2, ... in the order of their
    first rows and `renamed` is true. Days are counted as `date.toordinal` does.
    """

    history: History
    names: list[str]
    renamed: bool
    lines: list[str]
    standards: dict[int, int]

    @property
    def first(self) -> int:
        return int(self.history.day.min())

    @property
    def last(self) -> int:
        return int(self.history.day.max())


def log(results: Iterable[Result], *, today: date) -> Log:
    """The completed visits up to today. Cancellations, no-shows and days to come are none.

    Raises DataError where there is nothing to test on.
    """
    names: dict[str, int] = {}
    lines: dict[str, int] = {}
    rows: list[tuple[int, int, int]] = []
    for record in results:
        if not isinstance(record, BookingRecord) or record.state is not BookingState.COMPLETED:
            continue
        who = record.client_key or record.client_phone_raw or record.client_name
        if who is None or record.on_date > today:
            continue
        client = names.setdefault(who, len(names))
        line = lines.setdefault(record.service, len(lines)) if record.service else -1
        rows.append((client, record.on_date.toordinal(), line))
    if not rows:
        raise DataError(
            "There is no visit in this file: give a log of completed visits, with a client"
            " and a date in each row."
        )
    clients, days, codes = np.array(rows, np.int64).T
    standards = {
        code: found.standard.interval_days
        for title, code in lines.items()
        if (found := match(title)) is not None
    }
    renamed = any(is_personal(name) for name in names)
    return Log(
        history=history(clients, days, codes),
        names=[f"c{client + 1}" for client in names.values()] if renamed else list(names),
        renamed=renamed,
        lines=list(lines),
        standards=standards,
    )


def is_personal(code: str) -> bool:
    """Whether a client's code may be a phone, an address or a name: those have no business in
    an output. A code has a digit; more than nine of them and nothing else may be a phone."""
    bare = sub(r"[\s().+-]", "", code)
    if bare.isdigit():
        return len(bare) > 9 or (len(bare) > 6 and bare != code)
    return "@" in code or not any(letter.isdigit() for letter in code)
