"""What the values of a column look like, and which fields that allows."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property

from vernis.decide.files.column_names import Field
from vernis.decide.files.dates import DateOrder, parse_moment, parse_time
from vernis.decide.files.values import (
    Fault,
    is_nobody,
    is_total,
    parse_flag,
    parse_gender,
    parse_minutes,
    parse_money,
    parse_price,
)

_CODE = re.compile(r"(?=\S*\d)\S{1,40}$")
_PHONE = re.compile(r"\+?[0-9][0-9\s()./-]{8,18}$")
_LETTERS = re.compile(r"[^\W\d_]{2}")


class Profile:
    """The sampled values of one column, in row order; shares are of its distinct filled values."""

    def __init__(self, cells: Sequence[str]) -> None:
        self.cells = cells
        self.values = tuple({cell for cell in cells if not is_nobody(cell) and not is_total(cell)})

    @property
    def filled(self) -> float:
        """Share of the rows that have a value."""
        return sum(1 for cell in self.cells if cell.strip()) / max(len(self.cells), 1)

    def share(self, test: Callable[[str], bool]) -> float:
        """Share of the values that pass; 1 for a column without values, which proves nothing."""
        if not self.values:
            return 1.0
        return sum(1 for value in self.values if test(value)) / len(self.values)

    @cached_property
    def dates(self) -> float:
        # Read both ways: 03/25/2018 is a date too before the order is known.
        return self.share(
            lambda text: any(parse_moment(text, order) is not None for order in (None, *DateOrder))
        )

    @cached_property
    def phones(self) -> float:
        return self.share(lambda text: _PHONE.match(text.strip()) is not None)

    @cached_property
    def codes(self) -> float:
        return self.share(lambda text: _CODE.match(text.strip()) is not None)

    @cached_property
    def words(self) -> float:
        return self.share(lambda text: _LETTERS.search(text) is not None)


def fits(field: Field, profile: Profile, name: str) -> bool:
    """May the column hold this field? `name` is the column's normal name.

    Some rubbish is allowed, the rows say what is wrong with it. A status column of unknown words
    is kept: rows rejected aloud are better than visits that did not take place.
    """
    test = _TESTS.get(field)
    if test:
        return profile.share(test) >= 0.5
    if field in {Field.DATE, Field.BOOKED_ON, Field.CANCELLED_ON, Field.BIRTHDAY}:
        return profile.dates >= 0.3
    if field is Field.PHONE and name in _WHO:
        return bool(profile.values) and profile.phones >= 0.6
    if field is Field.PHONE:
        return profile.share(lambda text: sum(map(str.isdigit, text)) >= 6) >= 0.4
    if field is Field.CLIENT_CODE and name in _WHO:
        return bool(profile.values) and profile.codes >= 0.6 > profile.phones
    if field is Field.NAME:
        return profile.words >= 0.5 and not (profile.values and profile.codes >= 0.6)
    return True


def same_client_same_code(client: Profile, code: Profile) -> bool | None:
    """Does each client that comes twice have one code? None where no client comes twice."""
    codes: dict[str, list[str]] = defaultdict(list)
    for who, what in zip(client.cells, code.cells, strict=False):
        if not is_nobody(who) and what.strip():
            codes[who.strip()].append(what.strip())
    repeated = [found for found in codes.values() if len(found) > 1]
    if not repeated:
        return None
    # Two clients may share a name: a fifth of exceptions is still the client's code.
    return sum(1 for found in repeated if len(set(found)) > 1) <= len(repeated) / 5


_WHO = frozenset({"client", "customer", "клиент"})
_TESTS: dict[Field, Callable[[str], bool]] = {
    Field.TIME: lambda text: parse_time(text) is not None,
    Field.AMOUNT: lambda text: not isinstance(parse_money(text, digits=2), Fault),
    Field.PRICE: lambda text: not isinstance(parse_price(text, digits=2), Fault),
    Field.QUANTITY: lambda text: not isinstance(parse_money(text, digits=3), Fault),
    Field.DURATION: lambda text: parse_minutes(text) is not None,
    Field.ACTIVE: lambda text: parse_flag(text) is not None,
    Field.CONSENT: lambda text: parse_flag(text) is not None,
    Field.BLACKLISTED: lambda text: parse_flag(text) is not None,
    Field.GENDER: lambda text: parse_gender(text) is not None,
}
