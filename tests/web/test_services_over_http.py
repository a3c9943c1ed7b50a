"""Services over HTTP."""

from rest import Rest


async def test_services_have_their_intervals_and_pages(rest: Rest) -> None:
    manicure = await rest.salon.insert("services", "service_id", title="Маникюр")
    haircut = await rest.salon.insert(
        "services", "service_id", title="Стрижка", is_active=False, own_interval_days=40
    )
    page = await rest.get("/services", limit=1)
    assert [one["title"] for one in page["items"]] == ["Маникюр"]
    page = await rest.get("/services", limit=1, cursor=page["next"])
    assert (page["items"][0]["own_interval_days"], page["next"]) == (40, None)
    active = (await rest.get("/services", is_active="true"))["items"]
    assert [one["service_id"] for one in active] == [manicure]
    assert (await rest.get(f"/services/{haircut}"))["learned_days"] is None
    assert await rest.refused("GET", "/services/99") == (404, "not_found")


async def test_an_interval_of_the_owners_is_set_and_taken_back(rest: Rest) -> None:
    path = f"/services/{await rest.salon.insert('services', 'service_id', title='Маникюр')}"
    new = await rest.told("PATCH", path, json={"own_interval_days": 40})
    assert new["own_interval_days"] == 40
    gone = await rest.told("PATCH", path, json={"own_interval_days": None})
    assert gone["own_interval_days"] is None
    for wrong in ({"own_interval_days": 0}, {"own_interval_days": 731}, {}):
        assert await rest.refused("PATCH", path, json=wrong) == (422, "invalid")
    actions = [entry["action"] for entry in (await rest.get("/audit"))["items"]]
    assert actions == ["service.interval_set"] * 2
