"""Clients over HTTP: who sees what, and what stops a message."""

from typing import Any

import pytest
from rest import Rest

from vernis.stages import auditing, intervals


async def known(rest: Rest, name: str = "Анна", came: str = "2024-01-10", **values: Any) -> int:
    """A client who came twice, a month apart."""
    client = await rest.salon.client(name, **values)
    await rest.salon.booking(client, "2023-12-10")
    await rest.salon.booking(client, came)
    now = rest.app.clock()
    await intervals.compute(rest.app.db, rest.company, on=now.date(), now=now)
    return client


async def test_a_list_comes_in_pages(rest: Rest) -> None:
    ids = [await rest.salon.client(f"Клиент {number}") for number in range(5)]
    seen: list[int] = []
    cursor: dict[str, Any] = {}
    for _ in range(3):
        page = await rest.get("/clients", limit=2, **cursor)
        seen += [client["client_id"] for client in page["items"]]
        cursor = {"cursor": page["next"]}
    assert seen == ids
    assert page["next"] is None


async def test_a_list_is_searched_and_filtered(rest: Rest) -> None:
    due = await known(rest, "Анна", surname="Ким")
    await rest.salon.client("100% Борис")

    async def names(**filters: Any) -> list[str]:
        return [client["name"] for client in (await rest.get("/clients", **filters))["items"]]

    assert await names(q="ким") == ["Анна"]
    assert await names(q="0%") == ["100% Борис"]
    assert await names(q="_") == []
    assert await names(due_before="2024-03-31") == ["Анна"]
    assert await names(reason="no_visits") == ["100% Борис"]
    assert await names(opted_out="true") == []
    await rest.told("POST", f"/clients/{due}/opt-out")
    assert await names(opted_out="true") == ["Анна"]
    assert await names(opted_out="false") == ["100% Борис"]


async def test_one_client_has_the_estimate_and_the_reason(rest: Rest) -> None:
    client = await known(rest)
    page = await rest.get(f"/clients/{client}")
    assert page["rhythm"]["last_visit_on"] == "2024-01-10"
    assert page["rhythm"]["due_on"] == page["due_on"]
    assert page["today"]["reason"] == page["reason"]
    assert page["first_visit_on"] == "2023-12-10"


async def test_a_phone_is_masked_without_the_scope_messages(rest: Rest) -> None:
    client = await rest.salon.client()
    assert (await rest.get(f"/clients/{client}"))["phone"] == "79990000001"
    reader = await rest.with_scopes("read")
    assert (await reader.get(f"/clients/{client}"))["phone"] == "+7 999 ***-**-01"
    assert (await reader.get("/clients"))["items"][0]["phone"] == "+7 999 ***-**-01"


async def test_an_opt_out_cancels_what_waits_and_is_noted(rest: Rest) -> None:
    client = await known(rest)
    waits = await rest.salon.reactivation(client, rest.app.clock(), state="written")
    answer = await rest.told("POST", f"/clients/{client}/opt-out")
    assert answer == {"client_id": client, "opted_out": True, "changed": True}
    assert not (await rest.told("POST", f"/clients/{client}/opt-out"))["changed"]
    ((state,),) = await rest.salon.execute(
        "SELECT state FROM client_reactivation_history WHERE id = %s", waits
    )
    assert state == "skipped"
    assert (await rest.get(f"/clients/{client}"))["today"]["reason"] == "opted_out"
    (note,) = await auditing.listed(rest.app.db, rest.company)
    assert (note.action, note.subject) == ("client.opted_out", f"client {client}")
    assert note.key_id is not None
    assert (await rest.told("POST", f"/clients/{client}/opt-in"))["changed"]
    assert not (await rest.get(f"/clients/{client}"))["opted_out"]


async def test_who_has_no_phone_cannot_be_stopped(rest: Rest) -> None:
    client = await rest.salon.client(phone=None, phone_state="missing")
    assert await rest.refused("POST", f"/clients/{client}/opt-out") == (409, "conflict")
    assert await rest.refused("POST", "/clients/99/opt-out") == (404, "not_found")


@pytest.mark.parametrize(
    ("scopes", "method", "path"),
    [
        (["write"], "GET", "/clients"),
        (["read", "messages"], "POST", "/clients/1/opt-out"),
        (["assistants"], "GET", "/clients/1"),
    ],
)
async def test_a_scope_is_for_what_it_says(
    rest: Rest, scopes: list[str], method: str, path: str
) -> None:
    reader = await rest.with_scopes(*scopes)
    assert await reader.refused(method, path) == (403, "no_scope")
