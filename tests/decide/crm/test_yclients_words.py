"""YClients' JSON in our words, whatever form it has, and what cannot be used."""

from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.crm import CrmLine, CrmShift, Rejected
from vernis.decide.crm.yclients import (
    Terms,
    categories_of,
    client_of,
    company_of,
    known_id,
    read,
    service_of,
    shifts_of,
    staff_of,
)
from vernis.decide.crm.yclients_records import NOBODY, cost_of, record_of
from vernis.domain import BookingState, Gender

VLADIVOSTOK = ZoneInfo("Asia/Vladivostok")
TERMS = Terms(zone=VLADIVOSTOK, currency="RUB")

RECORD: dict[str, Any] = {
    "id": 31,
    "company_id": 4564,
    "staff_id": 9,
    "services": [
        {"id": 1, "title": "Маникюр", "cost": 1500, "first_cost": 2000, "discount": 25, "amount": 1}
    ],
    "goods_transactions": [],
    "staff": {"id": 9, "name": "Оксана", "position": []},
    "client": {"id": 77, "name": "Вера", "phone": "+7 900 000-00-77", "email": ""},
    "date": "2024-03-20 16:00:00",
    "datetime": "2024-03-20T16:00:00+10:00",
    "create_date": "2024-03-11T20:35:11+1000",
    "last_change_date": "2024-03-20T18:01:02+1000",
    "comment": "",
    "visit_attendance": 1,
    "attendance": 1,
    "seance_length": 5400,
    "length": 5400,
    "api_id": "",
    "deleted": False,
    "activity_id": 0,
    "custom_fields": {},
}


def changed(**fields: Any) -> dict[str, Any]:
    """The record with other fields; a field that is ... is left out."""
    told = deepcopy(RECORD) | fields
    return {name: value for name, value in told.items() if value is not ...}


def reason_of(data: Any) -> str:
    taken, rejected = read([data], lambda one: record_of(one, TERMS))
    assert taken == ()
    return rejected[0].reason


def test_a_record_says_who_when_with_whom_and_what_for():
    record = record_of(RECORD, TERMS)
    assert (record.external_id, record.staff_id, record.staff_name) == ("31", "9", "Оксана")
    assert (record.client.external_id, record.client.name) == ("77", "Вера")
    assert record.client.phone_raw == "+7 900 000-00-77"
    assert record.starts_at == datetime(2024, 3, 20, 6, tzinfo=UTC)
    assert record.ends_at - record.starts_at == timedelta(minutes=90)
    assert record.state is BookingState.COMPLETED
    assert record.lines == (CrmLine(service_id="1", title="Маникюр", amount_minor=150_000),)
    assert record.booked_at == datetime(2024, 3, 11, 10, 35, 11, tzinfo=UTC)
    assert record.changed_at == datetime(2024, 3, 20, 8, 1, 2, tzinfo=UTC)
    assert record.cancelled_at is record.key is None


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"attendance": 1}, BookingState.COMPLETED),
        ({"attendance": "1"}, BookingState.COMPLETED),
        ({"attendance": -1}, BookingState.NO_SHOW),
        ({"attendance": "-1"}, BookingState.NO_SHOW),
        ({"attendance": 0}, BookingState.BOOKED),
        ({"attendance": 2}, BookingState.BOOKED),
        ({"attendance": ..., "visit_attendance": -1}, BookingState.NO_SHOW),
        ({"attendance": 0, "visit_attendance": 1}, BookingState.BOOKED),
        ({"attendance": 1, "deleted": True}, BookingState.CANCELLED),
        ({"attendance": 0, "deleted": 1}, BookingState.CANCELLED),
        ({"attendance": 0, "deleted": "1"}, BookingState.CANCELLED),
        ({"attendance": ..., "visit_attendance": ..., "deleted": True}, BookingState.CANCELLED),
        ({"attendance": 2, "deleted": "0"}, BookingState.BOOKED),
        ({"attendance": 2, "deleted": ...}, BookingState.BOOKED),
    ],
    ids=str,
)
def test_attendance_and_deletion_are_the_state(fields, state):
    assert record_of(changed(**fields), TERMS).state is state


def test_a_deleted_record_was_cancelled_when_it_last_changed():
    record = record_of(changed(deleted=True), TERMS)
    assert record.cancelled_at == record.changed_at is not None


@pytest.mark.parametrize(
    ("fields", "starts_at"),
    [
        ({"datetime": "2024-03-20T16:00:00+10:00"}, datetime(2024, 3, 20, 6, tzinfo=UTC)),
        ({"datetime": "2024-03-20T16:00:00.000+1000"}, datetime(2024, 3, 20, 6, tzinfo=UTC)),
        ({"datetime": "2024-03-20T06:00:00Z"}, datetime(2024, 3, 20, 6, tzinfo=UTC)),
        ({"datetime": "2024-03-20T16:00:00"}, datetime(2024, 3, 20, 6, tzinfo=UTC)),
        ({"datetime": "2024-03-20 16:00:00"}, datetime(2024, 3, 20, 6, tzinfo=UTC)),
        ({"datetime": "2024-03-20T16:00"}, datetime(2024, 3, 20, 6, tzinfo=UTC)),
        ({"datetime": ...}, datetime(2024, 3, 20, 6, tzinfo=UTC)),
        ({"datetime": None}, datetime(2024, 3, 20, 6, tzinfo=UTC)),
    ],
    ids=str,
)
def test_a_time_without_a_zone_is_the_companys(fields, starts_at):
    record = record_of(changed(**fields), TERMS)
    assert record.starts_at == starts_at
    assert record.starts_at.tzinfo is not None


@pytest.mark.parametrize(
    ("service", "amount"),
    [
        ({"cost": 100, "first_cost": 100, "discount": 0, "amount": 1}, 10_000),
        ({"cost": 10, "manual_cost": 10, "first_cost": 20, "discount": 50, "amount": 2}, 1_000),
        ({"cost": 0, "first_cost": 2000, "discount": 100}, 0),
        ({"cost": "1300.00"}, 130_000),
        ({"cost": "1 300,50"}, 130_050),
        ({"cost": "1300.5 ₽"}, 130_050),
        ({"cost": 1300.005}, 130_001),
        ({"cost": 1e3}, 100_000),
        ({"cost": None, "first_cost": 2000, "discount": 25, "amount": 3}, 150_000),
        ({"first_cost": "2000", "discount": "12.5"}, 175_000),
        ({"first_cost": 2000}, 200_000),
        ({"cost_per_unit": 300, "amount": 3, "discount": 10}, 81_000),
        ({"cost_per_unit": 300}, 30_000),
        ({}, None),
        ({"cost": ""}, None),
    ],
    ids=str,
)
def test_what_a_service_costs_in_the_end(service, amount):
    assert cost_of(service, digits=2) == amount


def test_a_currency_without_minor_units_has_none():
    terms = Terms(zone=VLADIVOSTOK, currency="JPY")
    assert record_of(RECORD, terms).lines[0].amount_minor == 1500


def test_a_service_that_stands_there_twice_is_one_line():
    services = [
        {"id": 1, "title": "Маникюр", "cost": 1000},
        {"id": "2", "title": "Педикюр", "cost": "2500.00"},
        {"id": "1", "cost": 500},
    ]
    assert record_of(changed(services=services), TERMS).lines == (
        CrmLine(service_id="1", title="Маникюр", amount_minor=150_000),
        CrmLine(service_id="2", title="Педикюр", amount_minor=250_000),
    )


@pytest.mark.parametrize("services", [[], None, {}, ..., ""], ids=str)
def test_a_record_may_be_for_no_service_in_particular(services):
    assert record_of(changed(services=services), TERMS).lines == ()


def test_a_record_of_a_group_event_is_a_record():
    record = record_of(changed(activity_id=5, clients_count=3, services=[]), TERMS)
    assert record.state is BookingState.COMPLETED


@pytest.mark.parametrize(
    ("fields", "staff_id"),
    [({"staff_id": "9"}, "9"), ({"staff_id": ...}, "9"), ({"staff_id": 0, "staff": []}, None)],
    ids=str,
)
def test_a_record_may_be_with_nobody_in_particular(fields, staff_id):
    assert record_of(changed(**fields), TERMS).staff_id == staff_id


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"api_id": "vernis-12:7"}, "12:7"),
        ({"api_id": "", "comment": "Номер брони: vernis-12:7."}, "12:7"),
        ({"api_id": "42"}, None),
        ({"api_id": 42, "comment": "лак vernis"}, None),
    ],
    ids=str,
)
def test_a_record_that_we_made_has_our_key(fields, key):
    assert record_of(changed(**fields), TERMS).key == key


@pytest.mark.parametrize(
    "client",
    [None, [], {}, ..., {"id": 0, "name": "", "phone": ""}, {"id": None}],
    ids=str,
)
def test_a_walk_in_is_nobodys_visit(client):
    assert reason_of(changed(client=client)) == NOBODY


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"client": {"name": "Вера", "phone": "79000000077"}}, "client.id: missing"),
        ({"datetime": ..., "date": ...}, "datetime: missing"),
        ({"datetime": "0000-00-00 00:00:00", "date": ""}, "datetime: missing"),
        ({"datetime": "завтра"}, "datetime: not a moment"),
        ({"datetime": "2024-03-20"}, "datetime: not a moment"),
        ({"datetime": 1710914400}, "datetime: not a moment"),
        ({"datetime": "2024-02-30T10:00:00+10:00"}, "datetime: not a moment"),
        ({"datetime": "0001-01-01T00:00:00+10:00"}, "datetime: out of range"),
        ({"seance_length": ..., "length": ...}, "seance_length: missing"),
        ({"seance_length": 0, "length": 0}, "seance_length: missing"),
        ({"seance_length": "час"}, "seance_length: not a whole number"),
        ({"seance_length": -60}, "seance_length: not a length in seconds"),
        ({"seance_length": 10**9}, "seance_length: not a length in seconds"),
        ({"attendance": ..., "visit_attendance": ...}, "attendance: missing"),
        ({"attendance": 7}, "attendance: unknown"),
        ({"attendance": "пришёл"}, "attendance: not a whole number"),
        ({"services": [{"title": "Маникюр"}]}, "services.id: missing"),
        ({"services": ["Маникюр"]}, "services: not an object"),
        ({"services": "Маникюр"}, "services: not a list"),
        ({"services": [{"id": 1, "cost": "дорого"}]}, "services: cost: not an amount"),
        ({"services": [{"id": 1, "cost": -5}]}, "services: cost: not an amount"),
        ({"services": [{"id": 1, "cost": True}]}, "services: cost: not an amount"),
        ({"staff_id": "девять"}, "staff_id: not an id"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_rejected_by_field_and_without_its_value(fields, reason):
    assert reason_of(changed(**fields)) == reason


@pytest.mark.parametrize(
    ("item", "external_id"),
    [({"id": "31"}, "31"), ({"id": 31}, "31"), ({"id": "x"}, "?"), ({}, "?"), ("x", "?")],
)
def test_what_is_rejected_is_known_by_its_id(item, external_id):
    assert known_id(item) == external_id


def test_the_rest_goes_on_and_unknown_fields_are_left_alone():
    items = [changed(id=1, fresh={"a": [1]}), changed(id=2, datetime="?"), 7, changed(id=3)]
    taken, rejected = read(items, lambda one: record_of(one, TERMS))
    assert [one.external_id for one in taken] == ["1", "3"]
    assert rejected == (
        Rejected(external_id="2", reason="datetime: not a moment"),
        Rejected(external_id="?", reason="item: not an object"),
    )


# --- clients -----------------------------------------------------------------------------------

CLIENT: dict[str, Any] = {
    "id": 66,
    "name": "Лесная Вера Ивановна",
    "phone": "+79000000066",
    "categories": [],
    "sex_id": 2,
    "sex": "Женский",
    "sms_not": 0,
    "last_change_date": "2024-02-01T12:00:00+1000",
}


def test_a_clients_card_in_full():
    client = client_of(CLIENT, TERMS)
    assert (client.external_id, client.name, client.surname) == ("66", "Вера", "Лесная")
    assert (client.phone_raw, client.gender) == ("+79000000066", Gender.FEMALE)
    assert (client.blacklisted, client.consent, client.is_deleted) == (False, None, False)
    assert client.changed_at == datetime(2024, 2, 1, 2, tzinfo=UTC)
    assert "Лесная" not in repr(client)
    assert "79000000066" not in repr(client)


@pytest.mark.parametrize(
    ("told", "raw"),
    [
        ("8 (900) 000-00-66", "8 (900) 000-00-66"),
        (" +7 900 000\u00a000 66 ", "+7 900 000 00 66"),
        (79000000066, "79000000066"),
        ("9000000066 мама", "9000000066 мама"),
        ("", None),
        (None, None),
        (["+79000000066"], None),
    ],
)
def test_a_phone_stays_as_it_is_written(told, raw):
    assert client_of(CLIENT | {"phone": told}, TERMS).phone_raw == raw


@pytest.mark.parametrize(
    ("fields", "gender"),
    [
        ({"sex_id": 1}, Gender.MALE),
        ({"sex_id": "2"}, Gender.FEMALE),
        ({"sex_id": 0, "sex": "Неизвестно"}, None),
        ({"sex_id": None, "sex": "Мужской"}, Gender.MALE),
        ({"sex_id": "ж", "sex": "Женский"}, Gender.FEMALE),
        ({"sex_id": 9, "sex": None}, None),
    ],
    ids=str,
)
def test_sex_is_told_as_a_number_or_a_word(fields, gender):
    assert client_of(CLIENT | fields, TERMS).gender is gender


@pytest.mark.parametrize(
    ("fields", "flags"),
    [
        ({"sms_not": 1}, (False, False)),
        ({"sms_not": "1"}, (False, False)),
        ({"sms_not": 0}, (False, None)),
        ({"categories": [{"id": 3, "title": "Черный список"}]}, (True, None)),
        ({"categories": [{"id": 3, "title": "ЧЁРНЫЙ  СПИСОК!"}]}, (True, None)),
        ({"categories": [{"id": 3, "title": "Blacklist"}]}, (True, None)),
        ({"categories": [{"id": 4, "title": "VIP"}, 7]}, (False, None)),
        ({"categories": None}, (False, None)),
    ],
    ids=str,
)
def test_who_must_not_be_written_to(fields, flags):
    client = client_of(CLIENT | fields, TERMS)
    assert (client.blacklisted, client.consent) == flags


@pytest.mark.parametrize("name", ["", "   ", None, "+7", [], "-"])
def test_a_client_may_have_no_name(name):
    assert client_of(CLIENT | {"name": name}, TERMS).name is None


# --- the company, its staff and its services ---------------------------------------------------


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"country": "Россия", "currency_short_title": "₽"}, ("RU", "RUB")),
        ({"country": "Россия"}, ("RU", "RUB")),
        ({"country": "Казахстан", "currency_short_title": "тг."}, ("KZ", "KZT")),
        ({"country": "Serbia", "currency_short_title": "дин"}, ("RS", "RSD")),
        ({"country": "Германия", "currency_short_title": "€"}, ("DE", "EUR")),
        ({"country": "Нарния", "currency_short_title": "$"}, (None, None)),
        ({}, (None, None)),
    ],
    ids=str,
)
def test_country_and_currency_are_codes_where_they_are_certain(told, wanted):
    company = company_of({"id": 4564, "title": "Лён", **told})
    assert (company.country, company.currency) == wanted


@pytest.mark.parametrize(
    ("zone", "wanted"),
    [("Asia/Vladivostok", "Asia/Vladivostok"), ("MSK+7", None), ("", None), (None, None)],
)
def test_a_zone_is_one_that_exists(zone, wanted):
    assert company_of({"id": "4564", "title": "Лён", "timezone": zone}).timezone == wanted


@pytest.mark.parametrize(
    ("fields", "is_active"),
    [
        ({"fired": 0, "hidden": 0}, True),
        ({"fired": "1"}, False),
        ({"fired": 1}, False),
        ({"hidden": 1}, True),
        ({}, True),
    ],
    ids=str,
)
def test_who_is_fired_is_no_longer_active(fields, is_active):
    staff = staff_of({"id": "17", "name": " Ольга ", **fields})
    assert (staff.external_id, staff.name, staff.is_active) == ("17", "Ольга", is_active)


SERVICE: dict[str, Any] = {
    "id": "83169",
    "title": "Мужская стрижка",
    "category_id": "83167",
    "price_min": "1300.00",
    "price_max": "1500.00",
    "active": "1",
    "staff": [
        {"id": "5", "seance_length": "2700"},
        {"id": "6", "seance_length": 3600},
        {"id": 7, "seance_length": "3600"},
        {"id": 8},
    ],
}
CATEGORIES = categories_of([{"id": 83167, "title": "Стрижки"}, {"id": "4"}, None])


def test_a_service_takes_what_most_of_its_staff_take():
    service = service_of(SERVICE, TERMS, CATEGORIES)
    assert (service.external_id, service.title) == ("83169", "Мужская стрижка")
    assert (service.category, service.price_minor) == ("Стрижки", 130_000)
    assert (service.duration_minutes, service.is_active) == (60, True)
    assert service.staff == (("5", 45), ("6", None), ("7", None), ("8", None))


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        ({"price_min": 0, "price_max": "900"}, 90_000),
        ({"price_min": "0.00", "price_max": "0.00"}, None),
        ({"price_min": None, "price_max": None}, None),
        ({"price_min": 1300.5}, 130_050),
    ],
    ids=str,
)
def test_the_lower_price_is_the_price_and_nothing_is_none(fields, price):
    assert service_of(SERVICE | fields, TERMS, {}).price_minor == price


def test_a_service_may_have_no_staff_no_category_and_be_over():
    service = service_of(SERVICE | {"staff": [], "category_id": 0, "active": 0}, TERMS, CATEGORIES)
    assert (service.staff, service.duration_minutes, service.category) == ((), None, None)
    assert not service.is_active


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": None}, "id: missing"),
        ({"title": ""}, "title: missing"),
        ({"price_min": "договорная"}, "price_min: not an amount"),
        ({"staff": [{"seance_length": 60}]}, "staff.id: missing"),
    ],
    ids=str,
)
def test_a_service_that_cannot_be_used_is_rejected(fields, reason):
    _, rejected = read([SERVICE | fields], lambda one: service_of(one, TERMS, {}))
    assert [one.reason for one in rejected] == [reason]


# --- schedules ---------------------------------------------------------------------------------


def test_working_days_have_hours_and_days_off_none():
    days = [
        {
            "date": "2024-04-01",
            "is_working": 1,
            "slots": [{"from": "10:00", "to": "14:30"}, {"from": "15:00", "to": "24:00"}],
        },
        {"date": "2024-04-02", "is_working": 0, "slots": []},
        {"date": "2024-04-03", "is_working": "0", "slots": [{"from": "10:00", "to": "14:00"}]},
        {"date": "2024-04-04T00:00:00+10:00", "is_working": True, "slots": None},
    ]
    shifts, rejected = shifts_of("9", days)
    monday = date(2024, 4, 1)
    assert shifts == (
        CrmShift(staff_id="9", on=monday, opens=time(10), closes=time(14, 30)),
        CrmShift(staff_id="9", on=monday, opens=time(15), closes=time(23, 59)),
    )
    assert rejected == ()


BACKWARDS = "slots: ends before it begins"


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ({"date": "вчера", "slots": []}, "date: not a day"),
        ({"date": "2024-04-01", "slots": [{"from": "10:00"}]}, "to: not a time"),
        ({"date": "2024-04-01", "slots": [{"from": "18:00", "to": "9:00"}]}, BACKWARDS),
        ({"date": "2024-04-01", "slots": [7]}, "slots: not an object"),
    ],
    ids=str,
)
def test_hours_that_cannot_be_read_are_rejected_by_person(day, reason):
    assert shifts_of("9", [day]) == ((), (Rejected(external_id="9", reason=reason),))


# --- whatever comes ----------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2024-03-20T16:00:00", "0", "1", "99" * 30, "24:00", "٣"]),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=3), one, max_size=3),
    max_leaves=6,
)
SHAPES = [
    (RECORD, lambda one: record_of(one, TERMS)),
    (CLIENT, lambda one: client_of(one, TERMS)),
    (SERVICE, lambda one: service_of(one, TERMS, CATEGORIES)),
    ({"id": 1, "name": "Ольга", "fired": 0}, staff_of),
    ({"id": 1, "title": "Лён", "country": "Россия", "currency_short_title": "₽"}, company_of),
    ({"id": 1, "date": "2024-04-01", "is_working": 1, "slots": []}, lambda d: shifts_of("9", [d])),
]


@pytest.mark.parametrize("place", range(len(SHAPES)))
@given(data=st.data())
def test_whatever_a_field_holds_it_is_taken_or_rejected(place, data):
    shape, of = SHAPES[place]
    name = data.draw(st.sampled_from(sorted(shape)))
    taken, rejected = read([deepcopy(shape) | {name: data.draw(JSON)}], of)
    assert len(taken) + len(rejected) == 1


@given(st.data())
def test_whatever_a_line_or_a_guest_holds_the_record_is_taken_or_rejected(data):
    inner = data.draw(st.sampled_from(["services", "client", "staff"]))
    known = {"services": RECORD["services"][0]}.get(inner, RECORD[inner])
    name = data.draw(st.sampled_from(sorted(known)))
    odd = known | {name: data.draw(JSON)}
    told = changed(**{inner: [odd] if inner == "services" else odd})
    taken, rejected = read([told], lambda one: record_of(one, TERMS))
    assert len(taken) + len(rejected) == 1
    assert all(one.starts_at.astimezone(UTC) < one.ends_at for one in taken)
