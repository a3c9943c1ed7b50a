"""What a table is and which column holds what, from the names of its columns and its content."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain, islice
from typing import Any

from vernis.decide.files.column_content import Profile, fits, same_client_same_code
from vernis.decide.files.column_names import (
    CLIENT_IDENTITY,
    DATE_FIELDS,
    PEOPLE,
    SERVICES,
    Field,
    Kind,
    all_names,
    likeness,
    normal_name,
)
from vernis.decide.files.dates import DateOrder, OrderEvidence, order_evidence
from vernis.decide.files.kinds import decide_kind
from vernis.decide.files.values import decide_decimal, fold
from vernis.errors import DataError

Row = tuple[int, list[str]]

SAMPLE_ROWS = 500
_CLIENT_FIELDS = frozenset(
    {Field.CLIENT_CODE, Field.NAME, Field.SURNAME, Field.PHONE, Field.GENDER, Field.CONSENT}
    | {Field.BLACKLISTED, Field.BIRTHDAY}
)
_BOOKING_FIELDS = frozenset(
    {Field.CLIENT_CODE, Field.NAME, Field.SURNAME, Field.PHONE, Field.SERVICE, Field.STAFF}
    | {Field.DATE, Field.TIME, Field.AMOUNT, Field.QUANTITY, Field.STATUS, Field.BOOKED_ON}
    | {Field.CANCELLED_ON, Field.RECEIPT}
)
FIELDS_OF: dict[Kind, frozenset[Field]] = {
    Kind.VISITS: _BOOKING_FIELDS,
    Kind.BOOKINGS: _BOOKING_FIELDS,
    Kind.CANCELLATIONS: _BOOKING_FIELDS,
    Kind.NO_SHOWS: _BOOKING_FIELDS,
    Kind.SERVICES: frozenset(SERVICES),
    Kind.CLIENTS: _CLIENT_FIELDS,
}
FIELD_WORDS = tuple(field.value for field in Field)
_BARE_CODES = frozenset({"код", "code", "id", "no", "номер", "ид"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What was understood of a table; `str()` shows it to a person.

    `fields` gives the column of each field, `date_order` is None where no date needs one,
    `decimal` is the decimal sign of its amounts (None: no value shows one), `notes` say what is
    less than certain, `ignored` are the columns that are not used.
    """

    kind: Kind
    header: tuple[str, ...]
    fields: Mapping[Field, str]
    date_order: DateOrder | None = None
    decimal: str | None = None
    notes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def index(self, field: Field) -> int | None:
        """Position of the field's column in a row."""
        column = self.fields.get(field)
        return None if column is None else self.header.index(column)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "fields": {field.value: column for field, column in self.fields.items()},
            "date_order": self.date_order and self.date_order.value,
            "decimal": self.decimal,
            "notes": list(self.notes),
            "ignored": list(self.ignored),
        }

    def __str__(self) -> str:
        orders = {DateOrder.DMY: ", dates day first", DateOrder.MDY: ", dates month first"}
        lines = [f"{self.kind}{orders[self.date_order] if self.date_order else ''}"]
        width = max(map(len, self.fields.values()), default=0)
        lines += [f"  {column:<{width}} -> {field}" for field, column in self.fields.items()]
        if self.ignored:
            lines.append(f"  not used: {', '.join(self.ignored)}")
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])


def understand(
    header: Sequence[str],
    rows: Iterable[Row],
    *,
    name: str = "",
    kind: Kind | None = None,
    overrides: Mapping[str, str] | None = None,
    date_order: DateOrder | None = None,
) -> Understanding:
    """Decide what the table is and which column holds what.

    `rows` are (line number, cells); the first 500 are looked at, and more of them only while
    the order of its numeric dates is not certain. `name` is the file's name and what stands
    above its header, a hint of the kind. `kind`, `overrides` (column -> field, "ignore" for
    none) and `date_order` are what the person said; they win. Raises DataError, in words that
    say what to type, where something needed is missing or not certain.
    """
    fixed, ignored = _resolve(header, overrides or {})
    stream = iter(rows)
    sample = [cells for _, cells in islice(stream, SAMPLE_ROWS)]
    profiles = {
        column: Profile([row[i] for row in sample if i < len(row)])
        for i, column in enumerate(header)
        if column not in ignored
    }
    notes: list[str] = []
    kind = kind or decide_kind(
        _assign(profiles, fixed, PEOPLE), _assign(profiles, fixed, SERVICES), profiles, name
    )
    fields = _assign(profiles, fixed, FIELDS_OF[kind])
    _settle_bare_code(fields, fixed, profiles, kind, notes)
    _find_by_content(fields, profiles, kind, notes)
    _require(kind, fields, header)
    columns = [header.index(fields[field]) for field in DATE_FIELDS if field in fields]
    cells = chain(sample, (cells for _, cells in stream))
    order = date_order or _order(cells, columns, header)
    money = fields.get(Field.PRICE if kind is Kind.SERVICES else Field.AMOUNT)
    used = set(fields.values())
    return Understanding(
        kind=kind,
        header=tuple(header),
        fields={field: fields[field] for field in Field if field in fields},
        date_order=order,
        decimal=decide_decimal(profiles[money].values) if money else None,
        notes=tuple(notes),
        ignored=tuple(column for column in header if column not in used),
    )


def parse_map(items: Iterable[str]) -> dict[str, str]:
    """The `--map column=field` options as a mapping; a column's name may hold "=" itself."""
    result = {}
    for item in items:
        column, equals, field = item.rpartition("=")
        if not equals or not column.strip() or not field.strip():
            raise DataError(
                f'--map takes "column=field", for example --map "Дата=date", not "{item}".'
            )
        result[column.strip()] = field.strip()
    return result


def known_names(cells: Iterable[str]) -> int:
    """How many of the cells are names of columns; the header of a table has the most."""
    return sum(1 for cell in cells if normal_name(cell) in all_names())


# --- columns ---------------------------------------------------------------------------


def _assign(
    profiles: Mapping[str, Profile], fixed: Mapping[Field, str], allowed: Iterable[Field]
) -> dict[Field, str]:
    """The best column for each field: by name, unless its content says no."""
    allowed = frozenset(allowed)
    vocabulary = SERVICES if Field.TITLE in allowed else PEOPLE
    result = {field: column for field, column in fixed.items() if field in allowed}
    pairs = []
    for position, (column, profile) in enumerate(profiles.items()):
        name = normal_name(column)
        for field in allowed & vocabulary.keys():
            score = likeness(name, field, vocabulary[field])
            if score > 0 and fits(field, profile, name):
                pairs.append((-score, position, field, column))
    for _, _, field, column in sorted(pairs):
        if field not in result and column not in fixed.values() and column not in result.values():
            result[field] = column
    if Field.DATE not in result and Field.BOOKED_ON in result and Field.BOOKED_ON not in fixed:
        # "Booking date" is the day it was made only beside another date of the visit.
        result[Field.DATE] = result.pop(Field.BOOKED_ON)
    return result


def _resolve(
    header: Sequence[str], overrides: Mapping[str, str]
) -> tuple[dict[Field, str], set[str]]:
    """The person's column -> field as field -> column, and the columns to ignore."""
    by_name = {fold(column) or column: column for column in header}
    fixed: dict[Field, str] = {}
    ignored = set()
    for given, word in overrides.items():
        column = given if given in header else by_name.get(fold(given))
        if column is None:
            raise DataError(
                f'--map names a column "{given}" that the file does not have'
                f"{_close(given, header)}; its columns are: {', '.join(header)}."
            )
        if word not in FIELD_WORDS:
            raise DataError(
                f'--map names a field "{word}" that does not exist'
                f"{_close(word, FIELD_WORDS)}; the fields are: {', '.join(FIELD_WORDS)}."
            )
        field = Field(word)
        if field is Field.IGNORE:
            ignored.add(column)
        elif field in fixed:
            raise DataError(
                f'--map gives the field {field} two columns, "{fixed[field]}" and "{column}": '
                "keep one of them."
            )
        else:
            fixed[field] = column
    return fixed, ignored


def _close(word: str, known: Sequence[str]) -> str:
    folded = {fold(name): name for name in known}
    matches = get_close_matches(fold(word), folded, n=2, cutoff=0.6)
    names = " or ".join(f'"{folded[match]}"' for match in matches)
    return f" (did you mean {names}?)" if names else ""


# --- content --------------------------------------------------------------------------------------


def _settle_bare_code(
    fields: dict[Field, str],
    fixed: Mapping[Field, str],
    profiles: Mapping[str, Profile],
    kind: Kind,
    notes: list[str],
) -> None:
    """Is a column named just "Code" the client's or the booking's?

    The client's where the same phone (or name) always comes with the same code. Where no client
    comes twice nothing shows it, and the column is left out: one client per booking would be
    worse than a client known by phone.
    """
    column = fields.get(Field.CLIENT_CODE)
    if kind is Kind.CLIENTS or column is None or Field.CLIENT_CODE in fixed:
        return
    other = fields.get(Field.PHONE) or fields.get(Field.NAME)
    if normal_name(column) not in _BARE_CODES or other is None:
        return
    same = same_client_same_code(profiles[other], profiles[column])
    if same:
        return
    del fields[Field.CLIENT_CODE]
    if same is None:
        notes.append(f"\"{column}\" may be the client's or the booking's code: not used")
    elif Field.RECEIPT not in fields:
        fields[Field.RECEIPT] = column
        notes.append(f'"{column}" differs for the same client, so it is the booking\'s code')


def _find_by_content(
    fields: dict[Field, str], profiles: Mapping[str, Profile], kind: Kind, notes: list[str]
) -> None:
    """Take a column of unknown name for the date or the phone when it is the only such one."""
    for field in (Field.DATE, Field.PHONE):
        if field in fields or field not in FIELDS_OF[kind]:
            continue
        if field is Field.PHONE and fields.keys() & set(CLIENT_IDENTITY):
            continue
        unknown = [
            column
            for column, profile in profiles.items()
            if column not in fields.values()
            and normal_name(column) not in all_names()
            and profile.values
            and (profile.dates if field is Field.DATE else profile.phones) >= 0.9
        ]
        if len(unknown) == 1:
            fields[field] = unknown[0]
            notes.append(f'"{unknown[0]}" is taken for the {field} because of its content')


def _require(kind: Kind, fields: Mapping[Field, str], header: Sequence[str]) -> None:
    needed: list[tuple[Field, ...]]
    if kind is Kind.SERVICES:
        needed = [(Field.TITLE, Field.SERVICE_CODE)]
    elif kind is Kind.CLIENTS:
        needed = [CLIENT_IDENTITY]
    else:
        needed = [(Field.DATE,), CLIENT_IDENTITY]
    for choices in needed:
        if not fields.keys() & set(choices):
            raise DataError(
                f"No column for {' or '.join(choices)} was found among the columns of this table "
                f'of {kind}: {", ".join(header)}; name it with --map "COLUMN={choices[0]}".'
            )


def _order(
    rows: Iterable[Sequence[str]], columns: Sequence[int], header: Sequence[str]
) -> DateOrder | None:
    """The order of the numeric dates, from as many rows as it takes to be certain."""
    seen: set[str] = set()
    evidence = OrderEvidence()
    stream = iter(rows)
    while columns and (batch := list(islice(stream, SAMPLE_ROWS))):
        seen.update(_day_part(row[i]) for row in batch for i in columns if i < len(row))
        evidence = order_evidence(seen)
        if evidence.order or not evidence.either:
            return evidence.order
    if not evidence.either:
        return None
    names = ", ".join(header[i] for i in columns)
    if evidence.disagrees:
        raise DataError(
            f"Some dates of {names} have the day first and some the month first; make them one "
            "format, or say it with --date-format dmy or --date-format mdy."
        )
    raise DataError(
        f"The dates of {names} fit two formats ({evidence.example} may be day/month or month/day); "
        "say which with --date-format dmy or --date-format mdy."
    )


def _day_part(text: str) -> str:
    """The date without its time, by which nearly every value would be another one."""
    text = text.strip()
    return text[:10] if text[:1].isdigit() else text[:24]
