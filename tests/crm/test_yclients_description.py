"""The simulator against the official description, where that is at hand: paths, methods, tokens,
parameters, fields, and the form of every answer."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx2
import pytest
from tests.crm import yclients_requests as requests
from tests.crm.apib import DESCRIPTION, Section, fields_of_table, sections
from tests.crm.yclients_requests import ENDPOINTS, Endpoint, Kind
from tests.crm.yclients_routes import NO_LICENCE, NO_SUCH_STAFF
from tests.crm.yclients_salon import make_world
from tests.crm.yclients_search import FILTERS, check
from tests.crm.yclients_server import ACCEPT, PREFIX, YClients
from tests.crm.yclients_world import Happened

pytestmark = pytest.mark.skipif(not DESCRIPTION.exists(), reason="the description is not here")

NOW = datetime(2024, 4, 1, 6, tzinfo=UTC)
KINDS = {
    "Appointment": Kind.ARRAY,
    "ServiceArray": Kind.ARRAY,
    "Client": Kind.OBJECT,
    "array[string]": Kind.ARRAY,
}
# Fields that have a type of their own in an example and another one in the words beside it.
IDS = {"api_id", "code"}
# Known from tables only, where the lists of fields leave them out.
OF_TABLES = {"sms_before", "master_requested"}
# What our salon has none of, and what a request must ask for.
LEFT_OUT = {
    "next_slot",
    "image_group",
    "goods_transactions",
    "record_labels",
    "consumables",
    "finance_transactions",
    "documents",
    "custom_fields",
    "custom_color",
    "custom_font_color",
}


@cache
def text() -> str:
    return DESCRIPTION.read_text(encoding="utf-8")


@cache
def described() -> dict[str, Section]:
    """Every endpoint of ours beside its section; an id that may be left out is left out."""
    found: dict[str, Section] = {}
    everything = list(sections(text()))
    for endpoint in ENDPOINTS:
        for section in everything:
            shorter = re.sub(r"/\{\w+\}$", "", section.path)
            if section.method == endpoint.method and endpoint.path in (section.path, shorter):
                found.setdefault(endpoint.name, section)
    return found


def fields(structure: str) -> set[str]:
    """Of one of the data structures."""
    body = text().partition(f"## {structure} (object)")[2].partition("\n## ")[0]
    return set(re.findall(r"(?m)^\+ (\w+)", body))


each = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)


@each
def test_every_path_and_the_tokens_that_it_needs_are_described(endpoint: Endpoint) -> None:
    assert described()[endpoint.name].needs_user == endpoint.needs_user


@each
def test_no_parameter_is_taken_that_is_not_described_and_none_is_missing(
    endpoint: Endpoint,
) -> None:
    if endpoint.method == "GET":
        assert described()[endpoint.name].parameters == set(endpoint.query)


@each
def test_fields_of_a_body_are_those_described_with_their_types(endpoint: Endpoint) -> None:
    if endpoint.body is None or endpoint.path.endswith("/search"):
        return
    section = described()[endpoint.name]
    taken = {
        name: (one.is_required, Kind.NUMBER if name in IDS else one.kind)
        for name, one in endpoint.body.items()
        if name not in OF_TABLES
    }
    assert taken == {
        name: (is_required, KINDS.get(kind) or Kind(kind))
        for name, (is_required, kind) in section.attributes.items()
    }
    assert OF_TABLES & set(endpoint.body) <= fields_of_table(section.group)


@pytest.mark.parametrize(
    "name",
    [
        "POST /clients/{company_id}",
        "PUT /client/{company_id}/{id}",
        "POST /records/{company_id}",
        "PUT /record/{company_id}/{record_id}",
        "POST /hooks_settings/{company_id}",
        "POST /book_check/{company_id}",
        "POST /book_record/{company_id}",
        "PUT /schedule/{company_id}/{staff_id}/{start_date}/{end_date}",
    ],
)
def test_the_examples_of_requests_pass(name: str) -> None:
    endpoint = next(one for one in ENDPOINTS if one.name == name)
    example = described()[name].request
    assert endpoint.body is not None
    for one in example if endpoint.takes_array else [example]:
        requests.check_body(endpoint.body, one)


def test_the_search_has_its_fields_filters_and_page_size() -> None:
    example = described()["POST /company/{company_id}/clients/search"].request
    assert fields("FullClientSearchRequest") == set(requests.SEARCH)
    requests.check_body(requests.SEARCH, example)
    structures = text().partition("# Data Structures")[2].partition("\n## Seance")[0]
    assert set(re.findall(r"\+ type: '(\w+)'", structures)) - {"sale"} == set(FILTERS)
    for one in example["filters"]:
        try:
            check(one)
        except NotImplementedError:  # a form that is known and a search that is not simulated
            continue
    assert f"Максимум {requests.MOST_CLIENTS_A_PAGE}" in text()
    assert f"count (number, `{requests.MOST_RECORDS_A_PAGE}`)" in text()


def test_pieces_of_a_record_and_of_an_appointment_have_the_described_fields() -> None:
    structures = text().partition("# Data Structures")[2]

    def of(name: str) -> set[str]:
        body = structures.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        return set(re.findall(r"(?m)^\+ (\w+)", body))

    assert of("ServiceArray") == set(requests.RECORD_SERVICE)
    assert of("Client") == set(requests.RECORD_CLIENT)
    assert of("Appointment") == set(requests.APPOINTMENT)


def test_limits_headers_and_prefix_are_the_described_ones() -> None:
    assert "200 запросов в минуту, или 5 запросов в секунду на один IP-адрес" in text()
    assert f"Accept: {ACCEPT}" in text()
    assert "Authorization: Bearer <partner token>, User <user token>" in text()
    assert f"HOST: https://api.yclients.com{PREFIX}\n" in text()


# --- answers -----------------------------------------------------------------------------------


def shape(value: Any, at: str = "") -> dict[str, str]:
    """Types by the way to them; a list's items together, and what is named by numbers."""
    match value:
        case bool():
            return {at: "boolean"}
        case int() | float():
            return {at: "number"}
        case str():
            return {at: "string"}
        case None:
            return {at: "null"}
        case list():
            inner = [shape(one, f"{at}[]") for one in value]
            return {at: "array"} | {way: kind for one in inner for way, kind in one.items()}
    named = ((re.sub(r"^\d+$", "#", name), one) for name, one in value.items())
    inner = [shape(one, f"{at}.{name}") for name, one in named]
    return {at: "object"} | {way: kind for one in inner for way, kind in one.items()}


@pytest.fixture
async def crm() -> AsyncIterator[YClients]:
    world = make_world(clients=12, records=60, now=NOW)
    for client in world.clients.values():
        client.categories = ((3, "Черный список"),)
    async with YClients(world) as server:
        yield server


async def asked(crm: YClients, method: str, path: str, body: Any = None) -> httpx2.Response:
    tokens = f"Bearer {crm.partner_token}, User {crm.user_token}"
    headers = {"accept": ACCEPT, "authorization": tokens}
    async with httpx2.AsyncClient(trust_env=False, verify=False, headers=headers) as client:
        return await client.request(method, crm.base_url + path, json=body)


def paths(crm: YClients) -> dict[str, tuple[str, Any]]:
    """A request for every endpoint with an example answer, as it is asked of our salon."""
    world = crm.world
    company, staff = world.company.id, next(iter(world.staff))
    service, client = next(iter(world.services)), next(iter(world.clients))
    record = next(one for one in world.records.values() if one.client_id == client)
    body = {
        "staff_id": staff,
        "services": [{"id": service, "first_cost": 100, "discount": 0, "cost": 100}],
        "client": {"phone": "79000000003", "name": "Ира", "email": "i@example.com"},
        "datetime": "2024-04-09T12:00:00+03:00",
        "seance_length": 3600,
        "save_if_busy": True,
        "send_sms": False,
    }
    someone = {"name": "Ира", "phone": "+79000000004"}
    appointment = {"id": 1, "services": [service], "staff_id": staff}
    appointment |= {"datetime": "2024-04-10T12:00:00+03:00"}
    of_record = f"/record/{company}/{record.id}"
    return {
        "GET /companies": ("/companies?my=1&forBooking=1", None),
        "GET /company/{id}": (f"/company/{company}/?forBooking=1", None),
        "GET /company/{company_id}/service_categories": (
            f"/company/{company}/service_categories/",
            None,
        ),
        "GET /service_categories/{company_id}": (f"/service_categories/{company}", None),
        "GET /company/{company_id}/services": (f"/company/{company}/services/", None),
        "GET /services/{company_id}": (f"/services/{company}", None),
        "GET /company/{company_id}/staff": (f"/company/{company}/staff", None),
        "POST /company/{company_id}/clients/search": (
            f"/company/{company}/clients/search",
            {"fields": ["id", "name"]},
        ),
        "GET /clients/{company_id}": (f"/clients/{company}", None),
        "POST /clients/{company_id}": (f"/clients/{company}", someone),
        "GET /client/{company_id}/{id}": (f"/client/{company}/{client}", None),
        "PUT /client/{company_id}/{id}": (f"/client/{company}/{client}", someone),
        "GET /records/{company_id}": (f"/records/{company}", None),
        "POST /records/{company_id}": (f"/records/{company}", body),
        "GET /record/{company_id}/{record_id}": (of_record, None),
        "PUT /record/{company_id}/{record_id}": (of_record, body),
        "GET /schedule/{company_id}/{staff_id}/{start_date}/{end_date}": (
            f"/schedule/{company}/{staff}/2024-04-01/2024-04-14",
            None,
        ),
        "GET /timetable/seances/{company_id}/{staff_id}/{date}": (
            f"/timetable/seances/{company}/{staff}/2024-04-02",
            None,
        ),
        "GET /book_dates/{company_id}": (f"/book_dates/{company}", None),
        "GET /book_times/{company_id}/{staff_id}/{date}": (
            f"/book_times/{company}/0/2024-04-02",
            None,
        ),
        "POST /book_record/{company_id}": (
            f"/book_record/{company}",
            {"phone": "79000000005", "fullname": "Ира", "appointments": [appointment]},
        ),
        "POST /hooks_settings/{company_id}": (
            f"/hooks_settings/{company}",
            {"urls": ["https://example.com/hook"], "active": 1},
        ),
        "GET /hooks_settings/{company_id}": (f"/hooks_settings/{company}", None),
    }


# Forms that the description gives elsewhere: of a record with a client, and in tables.
ALSO = {
    "GET /records/{company_id}": "GET /record/{company_id}/{record_id}",
    "GET /company/{id}": "GET /companies",
    "GET /client/{company_id}/{id}": "GET /clients/{company_id}",
    "PUT /client/{company_id}/{id}": "GET /clients/{company_id}",
    "POST /clients/{company_id}": "GET /clients/{company_id}",
}


def name_of(way: str) -> str:
    return way.rpartition(".")[2].removesuffix("[]")


async def test_answers_have_the_fields_and_types_of_the_examples(crm: YClients) -> None:
    wrong = []
    for name, (path, body) in paths(crm).items():
        answer = await asked(crm, name.split(" ")[0], path, body)
        section = described()[name]
        example = section.bodies.get(answer.status_code)
        assert example is not None, (name, answer.status_code, answer.text)
        told, given = shape(answer.json()), shape(example)
        kept = dict(given)
        if name in ALSO:
            more = shape(described()[ALSO[name]].bodies[200])
            more |= {way.replace(".data[]", ".data"): kind for way, kind in more.items()}
            more |= {way.replace(".data.", ".data[]."): kind for way, kind in more.items()}
            given = more | given
        in_tables = fields_of_table(section.above) | fields_of_table(section.group)
        for way, kind in told.items():
            if way not in given and name_of(way) not in in_tables:
                wrong.append(f"{name}: {way} is ours alone")
            elif len({kind, given.get(way, kind)} - {"null"}) > 1:
                wrong.append(f"{name}: {way} is {given[way]} there, {kind} here")
        missing = [one for one in kept if one not in told and not any(it in one for it in LEFT_OUT)]
        wrong += [f"{name}: {way} is missing" for way in missing]
    assert not wrong, "\n".join(wrong)


def test_what_cannot_be_read_as_an_example_has_the_described_names() -> None:
    """The old list of staff: its example is past mending."""
    from tests.crm.yclients_shapes import staff_as_of_old
    from tests.crm.yclients_world import Staff

    section = described()["GET /staff/{company_id}"]
    assert set(staff_as_of_old(Staff(id=1, name="Анна"))) <= fields_of_table(section.group) & set(
        re.findall(r'"(\w+)":', section.text)
    )


async def test_errors_have_the_form_and_the_words_of_the_examples(crm: YClients) -> None:
    company = crm.world.company.id
    crm.salons[company].world.company.is_licensed = True
    search = f"/company/{company}/clients/search"
    tried = {
        ("POST", search, 400): {"filters": [{"type": "no", "state": {}}]},
        ("GET", "/company/1/services", 404): None,
        ("GET", f"/company/{company}/services?category_id=1", 404): None,
        ("GET", f"/company/{company}/service_categories?staff_id=1", 404): None,
        ("POST", "/company/first/clients/search", 404): {},
    }
    words = [(await asked(crm, method, path, body)) for (method, path, _), body in tried.items()]
    crm.world.company.is_licensed = False
    for path, status in ((f"/company/{company}/services", 403), (search, 402)):
        method = "POST" if path == search else "GET"
        words.append(await asked(crm, method, path, {} if path == search else None))
        tried[method, path + " ", status] = None
    assert [one.status_code for one in words] == [status for *_, status in tried]
    for answer in words:
        told = answer.json()
        assert (told["success"], told["data"]) == (False, None)
        message = told["meta"]["message"].replace(str(company), "{company_id}")
        assert message.rstrip(".") in text(), message
    assert words[0].json() == described()["POST /company/{company_id}/clients/search"].bodies[400]
    assert NO_LICENCE.format("{company_id}") in text()
    assert NO_SUCH_STAFF.format("{staff_id}", "{company_id}") in text()


async def test_a_taken_time_is_refused_with_the_described_status_and_words(crm: YClients) -> None:
    company, record = crm.world.company.id, max(crm.world.records.values(), key=lambda r: r.id)
    appointment = {
        "id": 1,
        "services": [next(iter(crm.world.services))],
        "staff_id": record.staff_id,
        "datetime": record.starts_at.isoformat(),
    }
    answer = await asked(crm, "POST", f"/book_check/{company}", {"appointments": [appointment]})
    example = described()["POST /book_check/{company_id}"].bodies[422]
    assert answer.status_code == 422
    assert shape(answer.json()) == shape(example)

    def words(told: Any) -> str:
        return re.sub(
            r"сотруднику .*? нельзя записаться на .*? в \d+:\d+", "", told["meta"]["message"]
        )

    assert words(answer.json()) == words(example)


def test_a_webhook_has_the_described_fields_and_names(crm: YClients) -> None:
    section = text().partition("# Group Уведомления о событиях webhooks")[2]
    client = next(iter(crm.world.clients.values()))
    letter = crm.letter(crm.world, Happened("client", client, "update"))
    table = section.partition("## Настройка")[0]
    assert set(letter) == fields_of_table(table) - {"Поле"}
    assert "Одно из: company, service_category, service, staff, client, record" in table
    assert "create, update или delete" in table
