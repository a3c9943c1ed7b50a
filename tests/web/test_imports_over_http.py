"""A salon's files over HTTP: looked at, read once, and what could not be used."""

import asyncio
from typing import Any

import pytest
from rest import Rest

HEADER = "Дата;Время;Клиент;Телефон;Услуга;Мастер;Сумма;Статус\n"
GOOD = "10.01.2024;12:00;Анна Ким;+7 999 000-00-01;Маникюр;Алина;2100;Пришёл\n"
BROKEN = '32.13.2024;12:00;"=HYPERLINK(1)";+7 999 000-00-02;Маникюр;Алина;2100;Пришёл\n'


def files(*contents: str, name: str = "visits.csv") -> dict[str, Any]:
    return {"files": [("files", (name, content.encode(), "text/csv")) for content in contents]}


async def read(rest: Rest, **how: Any) -> dict[str, Any]:
    """An import, when it is over."""
    given = await rest.told("POST", "/imports", **how)
    while given["state"] == "reading":
        await asyncio.sleep(0.02)
        given = await rest.get(f"/imports/{given['import_id']}")
    return given


async def test_files_are_looked_at_without_reading_them(rest: Rest) -> None:
    seen = await rest.told(
        "POST", "/imports", params={"dry_run": "true"}, **files(HEADER + GOOD + BROKEN)
    )
    (one,) = seen["files"]
    assert (seen["import_id"], one["kind"], one["taken"]) == (None, "bookings", 1)
    assert one["fields"]["Телефон"] == "phone"
    assert sum(one["rejected"].values()) == 1
    assert (await rest.get("/clients"))["items"] == []
    assert (await rest.get("/imports"))["items"] == []
    assert [*(rest.app.settings.home / "uploads").glob("*/*")] == []


async def test_files_are_read_and_what_cannot_be_used_is_told(rest: Rest) -> None:
    done = await read(rest, **files(HEADER + GOOD + BROKEN))
    assert (done["state"], done["fault"], done["has_rejects"]) == ("done", None, True)
    assert done["files"][0]["taken"] == 1
    assert (await rest.get("/imports"))["items"] == [done]
    (client,) = (await rest.get("/clients"))["items"]
    assert client["name"] == "Анна Ким"
    rejects = await rest.ask("GET", f"/imports/{done['import_id']}/rejects")
    assert rejects.headers["content-type"].startswith("text/csv")
    assert "'=HYPERLINK(1)" in rejects.text
    reader = await rest.with_scopes("read")
    refused = await reader.refused("GET", f"/imports/{done['import_id']}/rejects")
    assert refused == (403, "no_scope")


async def test_the_same_key_reads_once_whatever_separates_the_files(rest: Rest) -> None:
    done = await read(rest, once="one", **files(HEADER + GOOD))
    again = await rest.ask("POST", "/imports", once="one", **files(HEADER + GOOD))
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["import_id"] == done["import_id"]
    other = await rest.refused("POST", "/imports", once="one", **files(HEADER + GOOD + GOOD))
    assert other == (409, "other_body")
    assert len((await rest.get("/imports"))["items"]) == 1


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"json": {"files": []}},
        files("nothing of a table"),
        files(HEADER + GOOD, "a;b\n1;2\n"),
        files("", name="../../etc/passwd"),
    ],
)
async def test_what_is_no_table_is_refused_with_all_that_came_with_it(
    rest: Rest, how: dict[str, Any]
) -> None:
    assert await rest.refused("POST", "/imports", **how) == (422, "invalid")
    assert (await rest.get("/clients"))["items"] == []
    assert [*(rest.app.settings.home / "uploads").glob("*/*")] == []


async def test_more_than_fifty_megabytes_are_not_read(rest: Rest) -> None:
    too_large = files("x" * (52 * 2**20))
    refused = await rest.refused("POST", "/imports", **too_large)
    assert refused == (413, "too_large")
    assert await rest.refused("PATCH", "/settings", content=b"x" * 200_000) == (413, "too_large")


async def test_imports_come_in_pages(rest: Rest) -> None:
    first = await read(rest, **files(HEADER + GOOD))
    second = await read(rest, **files(HEADER + GOOD))
    page = await rest.get("/imports", limit=1)
    assert page["items"] == [second]
    page = await rest.get("/imports", limit=1, cursor=page["next"])
    assert (page["items"], page["next"]) == ([first], None)
    assert await rest.refused("GET", "/imports/99") == (404, "not_found")
    missing = await rest.refused("GET", f"/imports/{first['import_id']}/rejects")
    assert missing == (404, "no_rejects")
