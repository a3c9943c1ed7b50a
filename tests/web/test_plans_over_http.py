"""Plan and runs over HTTP: what would be sent, and what was."""

from datetime import timedelta

from rest import Rest

from vernis.stages import auditing, companies


async def due(rest: Rest, number: int = 1) -> list[int]:
    """Clients who came each month and then no more."""
    found = []
    for each in range(number):
        client = await rest.salon.client(f"Клиент {each}")
        for month in ("2023-11-20", "2023-12-20", "2024-01-20", "2024-02-20"):
            await rest.salon.booking(client, month, amount_minor=100_00 * (each + 1))
        found.append(client)
    return found


async def test_a_plan_is_looked_at_in_pages_and_stores_nothing(rest: Rest) -> None:
    rest.company = await companies.change(rest.app.db, rest.company, ["holdout_percent=0"])
    clients = await due(rest, 3)
    await rest.salon.client()
    first = await rest.get("/plan", limit=2)
    rest_of_it = await rest.get("/plan", limit=2, cursor=first["next"])
    listed = [one["client_id"] for one in (*first["items"], *rest_of_it["items"])]
    assert sorted(listed) == sorted(clients)
    assert rest_of_it["next"] is None
    assert first["counts"]["no_visits"] == 1
    assert sum(first["counts"].values()) == 4
    assert first["on"] == "2024-04-01"
    assert await rest.get("/runs") == {"items": [], "next": None}


async def test_a_plan_can_be_looked_at_two_weeks_ahead(rest: Rest) -> None:
    await due(rest)
    later = rest.app.clock().date() + timedelta(days=14)
    assert (await rest.get("/plan", on=later.isoformat()))["on"] == later.isoformat()
    for wrong in ("2024-03-31", "2024-04-16", "1024-01-01", "soon"):
        assert await rest.refused("GET", "/plan", params={"on": wrong}) == (422, "invalid")


async def test_a_run_stores_the_plan_once_a_day(rest: Rest) -> None:
    await due(rest, 2)
    run = await rest.told("POST", "/runs")
    assert sum(run["states"].values()) == 2
    assert await rest.told("POST", "/runs") == run
    assert (await rest.get("/runs"))["items"] == [run]
    assert await rest.get("/runs/2024-04-01") == run
    assert await rest.refused("GET", "/runs/2024-03-31") == (404, "not_found")
    assert len((await rest.get("/reactivations"))["items"]) == 2


async def test_runs_come_in_pages(rest: Rest) -> None:
    for day in (1, 2, 3):
        await rest.told("POST", "/runs")
        rest.app.clock.now += timedelta(days=1)  # type: ignore[attr-defined]
        assert (await rest.get("/runs"))["items"][0]["plan_on"] == f"2024-04-0{day}"
    first = await rest.get("/runs", limit=2)
    (last,) = (await rest.get("/runs", limit=2, cursor=first["next"]))["items"]
    assert last["plan_on"] == "2024-04-01"


async def test_nothing_is_planned_before_somebody_says_begin(rest: Rest) -> None:
    await rest.salon.execute("UPDATE companies SET started_at = NULL")
    assert await rest.refused("POST", "/runs") == (409, "conflict")


async def draft(rest: Rest) -> int:
    """A message that waits for a person."""
    client = await rest.salon.client()
    now = rest.app.clock()
    return await rest.salon.reactivation(
        client,
        now,
        state="written",
        message_template="ru-1",
        deadline=now + timedelta(hours=8),
        phone="79990000001",
    )


async def test_a_draft_is_edited_approved_or_rejected(rest: Rest) -> None:
    id_ = await draft(rest)
    (listed,) = (await rest.get("/reactivations", state="written"))["items"]
    assert listed["waits_for_approval"]
    path = f"/reactivations/{id_}"
    edited = await rest.told("POST", f"{path}/edit", json={"text": "Анна, ждём вас!"})
    assert (edited["text"], edited["generated"]) == (
        "Анна, ждём вас!",
        "Здравствуйте! Записать вас?",
    )
    assert edited["waits_for_approval"]
    approved = await rest.told("POST", f"{path}/approve")
    assert not approved["waits_for_approval"]
    assert approved["send_after"] is not None
    late = {"because": "поздно"}
    assert await rest.refused("POST", f"{path}/reject", json=late) == (404, "not_found")
    notes = await auditing.listed(rest.app.db, rest.company)
    assert [note.action for note in notes] == ["draft.approved", "draft.edited"]


async def test_a_rejected_draft_is_not_sent(rest: Rest) -> None:
    id_ = await draft(rest)
    path = f"/reactivations/{id_}"
    assert await rest.refused("POST", f"{path}/edit", json={"text": " "}) == (422, "invalid")
    said = await rest.told("POST", f"{path}/reject", json={"because": "звонила"})
    assert (said["state"], said["reason"]) == ("skipped", "rejected")
    assert said["rejected_because"] == "звонила"
    reader = await rest.with_scopes("read")
    known = await reader.get(path)
    assert known["text"] is None
    assert known["rejected_because"] is None
    assert known["phone"] == "+7 999 ***-**-01"


async def test_reactivations_are_filtered(rest: Rest) -> None:
    one, other = await rest.salon.client(), await rest.salon.client("Ольга")
    sent = await rest.salon.contact(one, "2024-03-20 12:00")
    held = await rest.salon.held_out(other, "2024-03-25 12:00")

    async def ids(**filters: str | int) -> list[int]:
        page = await rest.get("/reactivations", **filters)
        return [row["reactivation_id"] for row in page["items"]]

    assert await ids() == [held, sent]
    assert await ids(arm="holdout") == [held]
    assert await ids(state="accepted") == [sent]
    assert await ids(client_id=one) == [sent]
    assert await ids(**{"from": "2024-03-21"}) == [held]
    assert await ids(to="2024-03-20") == [sent]
    first = await rest.get("/reactivations", limit=1)
    assert await ids(limit=1, cursor=first["next"]) == [sent]
    assert await rest.refused("GET", "/reactivations/99") == (404, "not_found")
