"""Dialogs and bookings over HTTP."""

from typing import Any

from rest import Rest


async def dialog(rest: Rest, client: int, phone: str, updated: str, **values: Any) -> int:
    ((account,),) = await rest.salon.execute("SELECT account_id FROM accounts")
    at = rest.salon.at(updated)
    row = {"account_id": account, "phone": phone, "client_id": client, "updated_at": at}
    return await rest.salon.insert("dialogs", "dialog_id", **row | values)


async def said(rest: Rest, dialog_id: int, text: str, at: str, **values: Any) -> int:
    ((account,),) = await rest.salon.execute("SELECT account_id FROM accounts")
    row = {"dialog_id": dialog_id, "account_id": account, "direction": "in", "body": text}
    row |= {"state": "handled", "said_at": rest.salon.at(at)}
    return await rest.salon.insert("messages", "message_id", **row | values)


async def test_an_inbox_shows_what_was_said_last(rest: Rest) -> None:
    anna, olga = await rest.salon.client(), await rest.salon.client("Ольга")
    first = await dialog(rest, anna, "79990000001", "2024-03-30 12:00")
    second = await dialog(rest, olga, "79990000002", "2024-03-31 12:00", waiting_why="complaint",
                          waiting_since=rest.salon.at("2024-03-31 12:00"))  # fmt: skip
    await said(rest, first, "Добрый день", "2024-03-30 11:00")
    await said(rest, first, "Да", "2024-03-30 12:00", intent="book")
    page = await rest.get("/dialogs")
    assert [one["dialog_id"] for one in page["items"]] == [second, first]
    last = page["items"][1]
    assert (last["last_text"], last["last_intent"], last["unread"]) == ("Да", "book", 2)

    async def ids(**filters: Any) -> list[int]:
        return [one["dialog_id"] for one in (await rest.get("/dialogs", **filters))["items"]]

    assert await ids(waiting="true") == [second]
    assert await ids(unread="true") == [first]
    assert await ids(intent="book") == [first]
    assert await ids(client_id=olga) == [second]
    one = await rest.get("/dialogs", limit=1)
    assert await ids(limit=1, cursor=one["next"]) == [first]


async def test_a_conversation_has_campaign_messages_and_pages(rest: Rest) -> None:
    anna = await rest.salon.client()
    sent = rest.salon.at("2024-03-30 11:00")
    id_ = await rest.salon.contact(anna, "2024-03-30 11:00", claimed_at=sent)
    of = await dialog(rest, anna, "79990000001", "2024-03-30 12:00")
    await said(rest, of, "Да", "2024-03-30 12:00")
    await said(rest, of, "Записала", "2024-03-30 12:00", direction="out", state="read")
    seen: list[tuple[str, str, bool]] = []
    cursor: dict[str, Any] = {}
    for _ in range(3):
        page = await rest.get(f"/dialogs/{of}/messages", limit=1, **cursor)
        seen += [(one["direction"], one["text"], one["is_campaign"]) for one in page["items"]]
        cursor = {"cursor": page["next"]}
    assert [one[:2] for one in seen[:2]] == [("out", "Записала"), ("in", "Да")]
    assert seen[2][2]
    assert page["items"][0]["reactivation_id"] == id_
    assert page["next"] is None


async def test_texts_and_phones_want_the_scope_messages(rest: Rest) -> None:
    of = await dialog(rest, await rest.salon.client(), "79990000001", "2024-03-30 12:00")
    await said(rest, of, "секрет", "2024-03-30 12:00")
    reader = await rest.with_scopes("read")
    known = await reader.get(f"/dialogs/{of}")
    assert (known["last_text"], known["phone"]) == (None, "+7 999 ***-**-01")
    assert await reader.refused("GET", f"/dialogs/{of}/messages") == (403, "no_scope")
    assert await rest.refused("GET", "/dialogs/99/messages") == (404, "not_found")


async def test_a_dialog_is_given_back(rest: Rest) -> None:
    of = await dialog(rest, await rest.salon.client(), "79990000001", "2024-03-30 12:00",
                      waiting_why="complaint",
                      waiting_since=rest.salon.at("2024-03-30 12:00"))  # fmt: skip
    assert (await rest.get(f"/dialogs/{of}"))["waiting_why"] == "complaint"
    assert (await rest.told("POST", f"/dialogs/{of}/give-back"))["waiting_since"] is None
    assert await rest.refused("POST", "/dialogs/99/give-back") == (404, "not_found")


async def test_bookings_are_filtered_and_paged(rest: Rest) -> None:
    anna = await rest.salon.client()
    old = await rest.salon.booking(anna, "2024-01-10", amount_minor=2500_00)
    new = await rest.salon.booking(anna, "2024-04-10", state="booked")
    id_ = await rest.salon.contact(anna, "2024-03-30 11:00")
    await rest.salon.execute(
        "UPDATE client_reactivation_history SET booking_created = true, booking_id = %s,"
        " booking_created_at = now() WHERE id = %s",
        *(new, id_),
    )

    async def ids(**filters: Any) -> list[int]:
        return [one["booking_id"] for one in (await rest.get("/bookings", **filters))["items"]]

    assert await ids() == [new, old]
    assert await ids(won="true") == [new]
    assert await ids(won="false") == [old]
    assert await ids(state="completed") == [old]
    assert await ids(to="2024-01-10") == [old]
    assert await ids(client_id=99) == []
    first = await rest.get("/bookings", limit=1)
    assert await ids(limit=1, cursor=first["next"]) == [old]
    assert (await rest.get(f"/bookings/{new}"))["reactivation_id"] == id_
    assert await rest.refused("GET", "/bookings/99") == (404, "not_found")


async def test_a_person_takes_over_writes_and_gives_back(rest: Rest) -> None:
    of = await dialog(rest, await rest.salon.client(), "79990000001", "2024-03-30 12:00")
    await said(rest, of, "Можно с администратором?", "2024-04-01 11:00")
    path = f"/dialogs/{of}"
    assert (await rest.told("POST", f"{path}/take-over"))["waiting_why"] == "taken"
    text = {"text": "Анна, это Алина. Жду вас!"}
    first = await rest.told("POST", f"{path}/messages", json=text, once="one")
    assert await rest.told("POST", f"{path}/messages", json=text, once="one") == first
    other = await rest.told("POST", f"{path}/messages", json=text)
    assert other["message_id"] != first["message_id"]
    told = [one["text"] for one in (await rest.get(f"{path}/messages"))["items"]]
    assert told == [text["text"], text["text"], "Можно с администратором?"]
    assert (await rest.told("POST", f"{path}/give-back"))["waiting_since"] is None
    actions = [entry["action"] for entry in (await rest.get("/audit"))["items"]]
    assert actions == ["dialog.given_back", *["message.written"] * 2, "dialog.taken_over"]
    assert await rest.refused("POST", f"{path}/messages", json={"text": " "}) == (422, "invalid")
    assert await rest.refused("POST", "/dialogs/99/messages", json=text) == (404, "not_found")
