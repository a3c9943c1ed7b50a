"""What reading some files would bring, without reading them in: rows, faults, days, people."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from functools import lru_cache
from itertools import islice

from vernis.decide.files.column_names import Kind
from vernis.decide.files.columns import Row, Understanding
from vernis.decide.files.phones import e164
from vernis.decide.files.reading import records, service_key
from vernis.decide.files.records import (
    ClientRecord,
    Record,
    Reject,
    Result,
    ServiceRecord,
    Skipped,
)
from vernis.domain import BookingState
from vernis.errors import DataError

MOST_ROWS = 200_000  # of each file; what is beyond is read, but not foretold


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the reading of a company's files goes by."""

    today: date
    country: str
    currency: str
    zone: tzinfo


@dataclass(slots=True, kw_only=True)
class Preview:
    """One file. `is_whole` is false where it has more rows than were looked at; `fault` is why it
    could not be read to its end."""

    rows: int = 0
    is_whole: bool = True
    taken: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    first_on: date | None = None  # of completed visits
    last_on: date | None = None
    fault: DataError | None = None


@dataclass(slots=True, kw_only=True)
class People:
    """Whom all the files tell of, by how a client is known: code, else phone, else name."""

    known: set[str] = field(default_factory=set)
    came: set[str] = field(default_factory=set)
    with_phone: set[str] = field(default_factory=set)
    with_consent: set[str] = field(default_factory=set)


Source = tuple[Understanding, Callable[[], Iterator[Row]]]


def preview(
    sources: Sequence[Source], place: Place, *, known_services: Sequence[str] = ()
) -> tuple[list[Preview], People]:
    """A preview of each file, in the order given, and of their people together."""
    people, known = People(), list(known_services)
    number = lru_cache(50_000)(lambda raw: e164(raw, country=place.country))
    found: dict[int, Preview] = {}
    # services first: they tell what on a receipt is a product
    order = sorted(range(len(sources)), key=lambda at: sources[at][0].kind is not Kind.SERVICES)
    for at in order:
        understanding, rows = sources[at]
        one = found[at] = Preview()
        stream = rows()
        read = records(
            islice(stream, MOST_ROWS),
            understanding,
            today=place.today,
            currency=place.currency,
            zone=place.zone,
            known_services=known,
        )
        try:
            for result in read:
                _count(result, one, people, known, number)
            one.is_whole = next(stream, None) is None
        except DataError as error:
            one.fault = error
    return [found[at] for at in range(len(sources))], people


def _count(
    result: Result,
    one: Preview,
    people: People,
    known: list[str],
    number: Callable[[str], str | None],
) -> None:
    one.rows += 1
    if isinstance(result, Reject):
        one.rejected[result.reason] += 1
    elif isinstance(result, Skipped):
        one.left_out[result.why] += 1
    else:
        one.taken += 1
        _meet(result, one, people, known, number)


def _meet(
    record: Record,
    one: Preview,
    people: People,
    known: list[str],
    number: Callable[[str], str | None],
) -> None:
    if isinstance(record, ServiceRecord):
        known += [service_key(name) for name in (record.code, record.title) if name]
        return
    if isinstance(record, ClientRecord):
        key, raw, name = record.key, record.phone_raw, f"{record.name} {record.surname}"
    else:
        key, raw, name = record.client_key, record.client_phone_raw, record.client_name or ""
    phone = number(raw) if raw else None
    who = key or phone or service_key(name)
    if not who:
        return
    people.known.add(who)
    if phone:
        people.with_phone.add(who)
    if isinstance(record, ClientRecord):
        if record.consent:
            people.with_consent.add(who)
    elif record.state is BookingState.COMPLETED:
        people.came.add(who)
        one.first_on = min(one.first_on or record.on_date, record.on_date)
        one.last_on = max(one.last_on or record.on_date, record.on_date)
