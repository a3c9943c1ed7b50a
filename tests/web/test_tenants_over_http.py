"""No data of another company through any route, whatever ids are sent."""

import re
from typing import Any

import httpx2
import pytest
from rest import Rest, new_key
from salon_rows import Salon

from vernis.adapters.webhook_sender import WebhookSender
from vernis.app import App
from vernis.domain import Locale
from vernis.stages import companies, outgoing_webhooks
from vernis.stages.outgoing_deliveries import ping

CANARY = "Канарейка"  # in every text of the other company
PHONE = "79000007777"
BODIES: dict[str, Any] = {
    "NewText": {"text": "Здравствуйте!"},
    "Why": {"because": "так"},
    "NewInterval": {"own_interval_days": 30},
    "NewMessage": {"text": "Здравствуйте!"},
    "NewWebhook": {"url": "https://example.com/x", "events": ["reply.received"]},
    "ChangedWebhook": {"paused": True},
    "Writing": {"phone": PHONE},
    "Who": {"phone": PHONE},
    "Reply": {"phone": PHONE, "message_id": "in-1", "text": "Да"},
    "Booking": {"phone": PHONE, "booking_id": "B", "starts_at": "2024-04-02T18:00:00+03:00"},
}
# Names nobody but the caller's company.
OWN = {"/v1/companies", "/v1/openapi.json", "/healthz", "/readyz", "/metrics"}


async def strangers(app: App) -> Rest:
    """Another company, with one of everything."""
    place = {"locale": Locale.RU, "timezone": "Europe/Moscow", "currency": "RUB", "country": "RU"}
    company = await companies.find_or_create(app.db, name=f"{CANARY} салон", **place)
    salon, now = Salon(app.db, company), app.clock()
    ((account,),) = await salon.execute("SELECT account_id FROM accounts")
    client = await salon.client(CANARY, surname=CANARY, phone=PHONE)
    service = await salon.insert("services", "service_id", title=CANARY)
    booking = await salon.booking(client, "2024-01-10", service_id=service)
    reactivation = await salon.reactivation(
        client, now, state="written", deadline=now.replace(hour=20), message_text=CANARY,
        phone=PHONE,
    )  # fmt: skip
    dialog = await salon.insert(
        "dialogs", "dialog_id", account_id=account, phone=PHONE, client_id=client,
        waiting_since=now, waiting_why="complaint",
    )  # fmt: skip
    await salon.insert(
        "messages", "message_id", dialog_id=dialog, account_id=account, direction="in",
        body=CANARY, state="handled", said_at=now,
    )  # fmt: skip
    await salon.execute(
        "INSERT INTO plans (company_id, plan_on, counts, planned_at)"
        " VALUES (%s, '2024-03-15', '{\"due\": 7777}', %s)",
        *(company.company_id, now),
    )
    sender = WebhookSender(private=True)
    webhook, _ = await outgoing_webhooks.create(
        app.db, company, url="http://127.0.0.1:9/kanarejka", events=["reply.received"],
        sealer=app.sealer, sender=sender, now=now,
    )  # fmt: skip
    await ping(app.db, company, webhook.webhook_id, now=now)
    upload = await salon.insert(
        "uploads", "upload_id", folder=CANARY, fault=CANARY, created_at=now, changed_at=now
    )
    rejects = app.settings.home / "uploads" / CANARY / "rejects.csv"
    rejects.parent.mkdir(parents=True)
    rejects.write_text(CANARY)
    client_of_api = httpx2.AsyncClient()
    rest = Rest(client_of_api, app, company, await new_key(app, company), salon)
    rest.ids = {  # type: ignore[attr-defined]
        "client_id": client,
        "reactivation_id": reactivation,
        "dialog_id": dialog,
        "booking_id": booking,
        "service_id": service,
        "webhook_id": webhook.webhook_id,
        "upload_id": upload,
        "import_id": upload,
        "key_id": 2,
        "plan_on": "2024-03-15",
    }
    return rest


async def everything(rest: Rest) -> dict[str, list[Any]]:
    """All rows of a company, by table."""
    tables = await rest.salon.execute(
        "SELECT DISTINCT table_name FROM information_schema.columns c"
        " JOIN information_schema.tables t USING (table_schema, table_name)"
        " WHERE c.column_name = 'company_id' AND table_schema = 'public'"
        " AND t.table_type = 'BASE TABLE'"
    )
    return {
        name: sorted(await rest.salon.execute(f"SELECT t::text FROM {name} t"))
        for (name,) in tables
    }


@pytest.fixture
async def other(app: App, rest: Rest) -> Any:
    """Made after `rest`, so that its ids are others than those of the first company."""
    for _ in range(3):
        await rest.salon.client()
    found = await strangers(app)
    yield found
    await found.client.aclose()


async def walked(rest: Rest) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation of OpenAPI: method, path, and what it is about."""
    document = (await rest.client.get("/v1/openapi.json")).json()
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path not in OWN
    ]


def body_of(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return {"files": {"files": ("visits.csv", b"a;b\n1;2\n")}}
    if "application/json" not in content:
        return {}
    name = content["application/json"]["schema"].get("$ref", "").rpartition("/")[2]
    return {"json": BODIES.get(name, {"daily_cap": "7"})}


def filled(path: str, company: int, ids: dict[str, Any]) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: str(company if m[1] == "company_id" else ids[m[1]]), path)


async def test_a_key_of_one_company_reaches_nothing_of_another(rest: Rest, other: Any) -> None:
    before = await everything(other)
    operations = await walked(rest)
    assert len(operations) > 30
    for method, path, operation in operations:
        assert "{company_id}" in path, path
        headers = {"Authorization": f"Bearer {rest.key}"}
        theirs = filled(path, other.company.company_id, other.ids)
        response = await rest.client.request(method, theirs, headers=headers, **body_of(operation))
        assert response.status_code == 403, (method, path)
        assert CANARY not in response.text
        ours = filled(path, rest.company.company_id, other.ids)
        response = await rest.client.request(method, ours, headers=headers, **body_of(operation))
        if re.search(r"\{(?!company_id)", path):
            assert response.status_code == 404, (method, path, response.text)
        for secret in (CANARY, PHONE, "kanarejka", "7777"):
            assert secret not in response.text, (method, path)
    assert await everything(other) == before


async def test_without_a_key_nothing_is_told(rest: Rest, other: Any) -> None:
    for method, path, operation in await walked(rest):
        asked = filled(path, other.company.company_id, other.ids)
        response = await rest.client.request(method, asked, **body_of(operation))
        assert response.status_code == 401, (method, path)
        assert CANARY not in response.text


async def test_its_own_key_reaches_all_of_it(rest: Rest, other: Any) -> None:
    """Or the tests above would prove nothing."""
    seen = 0
    for method, path, _ in await walked(rest):
        if method == "GET":
            asked = filled(path, other.company.company_id, other.ids)
            headers = {"Authorization": f"Bearer {other.key}"}
            response = await rest.client.get(asked, headers=headers)
            assert response.status_code == 200, (path, response.text)
            seen += CANARY in response.text
    assert seen > 10
