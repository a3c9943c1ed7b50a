"""The company and its settings over HTTP."""

import pytest
from rest import Rest

from vernis.stages import auditing, companies


async def test_the_companies_of_a_key_are_its_own(rest: Rest) -> None:
    response = await rest.client.get(
        "/v1/companies", headers={"Authorization": f"Bearer {rest.key}"}
    )
    ((one,), after) = (response.json()[name] for name in ("items", "next"))
    assert after is None
    assert one == await rest.get("")
    assert (one["name"], one["today"]) == ("Лён", "2024-04-01")


async def test_settings_are_read_and_changed_as_people_type_them(rest: Rest) -> None:
    assert (await rest.get("/settings"))["daily_cap"] == "20"
    changed = await rest.told(
        "PATCH", "/settings", json={"daily_cap": "7", "offer.win_back": "10%"}
    )
    assert changed == await rest.get("/settings")
    assert (changed["daily_cap"], changed["offer.win_back"]) == ("7", "10%")
    (note,) = await auditing.listed(rest.app.db, rest.company)
    assert note.action == "settings.changed"
    assert note.details == {"daily_cap": ["20", "7"], "offer.win_back": ["none", "10%"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"daily_cap": "many"},
        {"name": "Мята", "colour": "green"},
        {"daily_cap=7\nname": "x"},
        {"send_from": "21:00"},
        {"daily_cap": 7},
        {},
        {"name": "a\x00b"},
    ],
)
async def test_one_wrong_setting_changes_none(rest: Rest, wrong: dict[str, str]) -> None:
    assert await rest.refused("PATCH", "/settings", json=wrong) == (422, "invalid")
    assert await companies.get(rest.app.db, 1) == rest.company
    assert await auditing.listed(rest.app.db, rest.company) == []
