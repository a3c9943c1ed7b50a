"""What kind of table it is."""

import re
from collections.abc import Iterator, Mapping, Sequence

from vernis.decide.files.column_content import Profile
from vernis.decide.files.column_names import KIND_WORDS, TILL, Field, Kind, normal_name
from vernis.errors import DataError

_OF_CLIENTS = frozenset(
    {Field.SURNAME, Field.PHONE, Field.GENDER, Field.CONSENT, Field.BLACKLISTED, Field.BIRTHDAY}
)
_OF_SERVICES = frozenset({Field.PRICE, Field.DURATION, Field.CATEGORY})


def decide_kind(
    people: Mapping[Field, str],
    services: Mapping[Field, str],
    profiles: Mapping[str, Profile],
    name: str,
) -> Kind:
    """The kind of a table with these columns.

    `people` and `services` are the fields found when it is read as a table of visits or clients,
    and as a list of services; `name` is the file's name and title. Raises DataError where
    nothing tells: a list of no-shows taken for visits would make every one of them a visit.
    """
    hints = list(_kinds_named(name))
    names = {normal_name(column) for column in profiles}
    if people.keys() & {Field.DATE, Field.CANCELLED_ON}:
        kind = _kind_of_events(people, profiles, hints, names)
    else:
        kind = _kind_of_list(people, services, hints, names)
    if kind is None:
        raise DataError(
            "It is not clear what this table holds; its columns are: "
            f"{', '.join(profiles)}. Say it with --kind {', '.join(Kind)}, "
            'and what a column is with --map "COLUMN=field".'
        )
    return kind


def _kinds_named(name: str) -> Iterator[Kind]:
    folded = normal_name(name)
    return (kind for kind, words in KIND_WORDS if any(word in folded for word in words))


def _kind_of_events(
    people: Mapping[Field, str],
    profiles: Mapping[str, Profile],
    hints: Sequence[Kind],
    names: set[str],
) -> Kind | None:
    """Rows that have a date: a status column decides first, then what only that kind has."""
    if Field.STATUS in people:
        return Kind.BOOKINGS
    if Field.CANCELLED_ON in people:
        filled = profiles[people[Field.CANCELLED_ON]].filled
        return Kind.CANCELLATIONS if filled >= 0.9 else Kind.BOOKINGS
    for kind in (Kind.NO_SHOWS, Kind.CANCELLATIONS):
        if kind in hints:
            return kind
    if Field.QUANTITY in people or names & TILL:
        return Kind.VISITS
    for kind in hints:
        if kind in {Kind.VISITS, Kind.BOOKINGS}:
            return kind
    if people.keys() & {Field.TIME, Field.BOOKED_ON}:
        return Kind.BOOKINGS
    date_name = normal_name(people[Field.DATE])
    if people.keys() & {Field.AMOUNT, Field.RECEIPT} or re.search("visit|визит|посещ", date_name):
        return Kind.VISITS
    return None


def _kind_of_list(
    people: Mapping[Field, str],
    services: Mapping[Field, str],
    hints: Sequence[Kind],
    names: set[str],
) -> Kind | None:
    """Rows without a date: what speaks for a list of clients against a list of services.

    Neither, where a column is called a date but holds none: that is a list of visits gone wrong.
    """
    if names & {"дата", "date", "дата визита", "visit date", "дата записи", "appointment date"}:
        return None
    of_clients = len(people.keys() & _OF_CLIENTS) + sum(
        1 for name in names if re.search("client|customer|клиент|mail|почта|visit|визит", name)
    )
    of_services = len(services.keys() & _OF_SERVICES) + sum(
        1 for name in names if re.search("service|услуг|treatment|процедур", name)
    )
    if of_clients != of_services:
        return Kind.CLIENTS if of_clients > of_services else Kind.SERVICES
    return next((kind for kind in hints if kind in {Kind.CLIENTS, Kind.SERVICES}), None)
