"""Whom a company tells, its keys, who changed what, and a client's data, over HTTP."""

from dataclasses import replace

import pytest
from rest import Rest

from vernis.adapters.webhook_sender import WebhookSender
from vernis.app import App

RECEIVER = {"url": "http://127.0.0.1:9/here", "events": ["reply.received"]}


@pytest.fixture
def app(app: App) -> App:
    """Receivers may be on loopback."""
    return replace(app, webhook_sender=WebhookSender(private=True))


async def test_a_webhook_is_made_changed_and_removed(rest: Rest) -> None:
    made = await rest.told("POST", "/webhooks", json=RECEIVER, once="one")
    path = f"/webhooks/{made['webhook_id']}"
    assert made.pop("secret").startswith("whsec_")
    assert await rest.get(path) == made
    assert (await rest.get("/webhooks"))["items"] == [made]
    again = await rest.told("POST", "/webhooks", json=RECEIVER, once="one")
    assert again["webhook_id"] == made["webhook_id"]
    changed = await rest.told("PATCH", path, json={"events": ["booking.created"], "paused": True})
    assert (changed["events"], changed["pause_reason"]) == (["booking.created"], "by_hand")
    assert await rest.refused("POST", f"{path}/ping") == (409, "conflict")
    gone = await rest.ask("DELETE", path, once="two")
    assert (gone.status_code, gone.content) == (204, b"")
    replayed = await rest.ask("DELETE", path, once="two")
    assert (replayed.status_code, replayed.headers["idempotent-replayed"]) == (204, "true")
    assert await rest.refused("DELETE", path) == (404, "not_found")
    actions = [entry["action"] for entry in (await rest.get("/audit"))["items"]]
    assert actions == ["webhook.removed", "webhook.changed", "webhook.created"]


async def test_a_ping_is_in_the_log_of_deliveries(rest: Rest) -> None:
    made = await rest.told("POST", "/webhooks", json=RECEIVER)
    path = f"/webhooks/{made['webhook_id']}"
    first = await rest.told("POST", f"{path}/ping")
    second = await rest.told("POST", f"{path}/ping")
    page = await rest.get(f"{path}/deliveries", limit=1)
    assert page["items"] == [second]
    page = await rest.get(f"{path}/deliveries", limit=1, cursor=page["next"])
    assert (page["items"], page["next"]) == ([first], None)
    assert (await rest.get(f"{path}/deliveries", state="failed"))["items"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://127.0.0.1:9/here", "events": ["everything"]},
        {"url": "http://127.0.0.1:9/here", "events": []},
        {"url": "not a url", "events": ["reply.received"]},
        {"url": "http://127.0.0.1:9/here"},
    ],
)
async def test_a_webhook_that_makes_no_sense_is_not_made(rest: Rest, wrong: object) -> None:
    assert await rest.refused("POST", "/webhooks", json=wrong) == (422, "invalid")


async def test_a_key_is_revoked_by_another_and_by_itself(rest: Rest) -> None:
    reader = await rest.with_scopes("read")
    keys = (await rest.get("/keys"))["items"]
    assert [key["scopes"] for key in keys][1] == ["read"]
    assert "vernis_" not in str(keys)
    assert (await rest.ask("DELETE", f"/keys/{keys[1]['key_id']}")).status_code == 204
    assert await reader.refused("GET", "/clients") == (401, "no_key")
    assert await rest.refused("DELETE", "/keys/99") == (404, "not_found")
    entries = await rest.get("/audit", limit=1)
    assert (entries["items"][0]["action"], entries["next"]) == ("key.revoked", None)
    assert (await rest.ask("DELETE", f"/keys/{keys[0]['key_id']}")).status_code == 204
    assert await rest.refused("GET", "/clients") == (401, "no_key")


async def test_a_client_is_exported_and_erased(rest: Rest) -> None:
    client = await rest.salon.client("Анна", surname="Ким")
    path = f"/clients/{client}"
    assert "79990000001" in str(await rest.get(f"{path}/export"))
    kept = await rest.told("POST", f"{path}/opt-out", once="one")
    assert kept["changed"]
    erased = await rest.told("DELETE", path)
    assert erased["client_id"] == client
    assert await rest.refused("POST", f"{path}/opt-out", once="one") == (409, "answer_gone")
    assert await rest.refused("GET", path) == (404, "not_found")
    assert (await rest.get("/clients"))["items"] == []
    writer = await rest.with_scopes("read", "write", "messages", "settings")
    assert await writer.refused("DELETE", path) == (403, "no_scope")
    assert await writer.refused("GET", f"{path}/export") == (403, "no_scope")
