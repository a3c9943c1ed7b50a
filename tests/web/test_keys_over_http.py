"""Who may ask, and for whom."""

import logging
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from programs import ANNA, Program

from vernis.app import App
from vernis.cli.web import create
from vernis.domain import Locale
from vernis.errors import NotFoundError, UsageError
from vernis.stages import api_keys, companies
from vernis.web.limits import Limits

BODIES: dict[str, dict[str, Any]] = {
    "context": {"phone": ANNA},
    "replies": {"phone": ANNA, "message_id": "in-1", "text": "Да"},
    "bookings": {"booking_id": "B1", "starts_at": "2024-04-02T18:00:00+03:00", "phone": ANNA},
    "clear": {"phone": ANNA},
}


async def another_company(program: Program, name: str = "Мята") -> Program:
    """One that has written to the same phone."""
    db = program.salon.db
    place = {"locale": Locale.RU, "timezone": "Europe/Moscow", "currency": "RUB", "country": "RU"}
    other = await companies.find_or_create(db, name=name, **place)
    other = await companies.change(db, other, ["assistant=external"])
    salon = replace(program.salon, company=other)
    return replace(program, company=other, salon=salon, numbers={})


@pytest.mark.parametrize("route", BODIES)
@pytest.mark.parametrize(
    "key", [None, "nonsense", "vernis_1_" + "x" * 43, "vernis_999_" + "x" * 43]
)
async def test_without_a_valid_key_nothing_is_told(
    program: Program, route: str, key: str | None
) -> None:
    await program.written_to()
    stranger = replace(program, key=key)
    assert await stranger.refused(route, **BODIES[route]) == (401, "no_key")
    response = await stranger.ask(route, **BODIES[route])
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("route", BODIES)
async def test_a_key_is_for_its_own_company(program: Program, route: str) -> None:
    other = await another_company(program)
    await other.written_to()
    for foreign in (other.company.company_id, 999):
        refused = await program.refused(route, company=foreign, **BODIES[route])
        assert refused == (403, "other_company")


async def test_ids_of_another_company_mean_nothing(program: Program) -> None:
    other = await another_company(program)
    theirs = await other.written_to()
    service = await other.salon.insert("services", "service_id", title="Маникюр")
    booking = BODIES["bookings"] | {"phone": None, "reactivation_id": theirs}
    assert await program.refused("bookings", **booking) == (404, "not_found")
    assert not (await program.told("context", phone=ANNA))["is_reply"]
    assert not (await program.replies("Не пишите мне"))["is_reply"]
    await program.told("clear", phone=ANNA)
    await program.written_to("79000000002")
    booking = BODIES["bookings"] | {"phone": "79000000002", "service": {"id": service}}
    assert await program.refused("bookings", **booking) == (422, "invalid")
    assert await other.history(theirs, "response_received", "settled_at") == (False, None)
    assert await other.salon.execute("SELECT 1 FROM opt_outs") == []


async def test_a_key_without_the_scope_is_refused(program: Program) -> None:
    await program.salon.execute("UPDATE api_keys SET scopes = '{clients}'")
    assert await program.refused("context", phone=ANNA) == (403, "no_scope")


async def test_a_revoked_key_is_refused_at_once(program: Program, app: App) -> None:
    await program.told("context", phone=ANNA)
    (key,) = await api_keys.listed(app.db, program.company)
    assert key.used_at == program.clock()
    await api_keys.revoke(app.db, program.company, key.key_id, now=program.clock())
    assert await program.refused("context", phone=ANNA) == (401, "no_key")


async def test_the_secret_is_nowhere_in_the_table(program: Program) -> None:
    assert program.key is not None
    ((row,),) = await program.salon.execute("SELECT api_keys::text FROM api_keys")
    assert program.key not in row
    assert program.key.rpartition("_")[2] not in row


@pytest.mark.parametrize(
    "wrong",
    [{"scopes": []}, {"scopes": ["everything"]}, {"name": " "}, {"requests_per_minute": 0}],
)
async def test_a_key_that_makes_no_sense_is_not_made(
    program: Program, app: App, wrong: dict[str, Any]
) -> None:
    values = {"name": "x", "scopes": ["assistants"], "now": program.clock()}
    with pytest.raises(UsageError):
        await api_keys.create(app.db, program.company, **values | wrong)
    with pytest.raises(NotFoundError):
        await api_keys.revoke(app.db, program.company, 99, now=program.clock())


def test_the_command_lists_every_scope_with_its_sentence() -> None:
    said = create.__doc__
    assert said is not None
    for scope, what in api_keys.SCOPES.items():
        assert f"{scope:<11} {what}" in said


async def test_a_key_that_asks_too_often_waits(program: Program) -> None:
    await program.salon.execute("UPDATE api_keys SET requests_per_minute = 8")
    for _ in range(2):  # a quarter of a minute's
        await program.told("context", phone=ANNA)
    response = await program.ask("context", phone=ANNA)
    assert (response.status_code, response.json()["code"]) == (429, "too_many")
    assert 1 <= int(response.headers["retry-after"]) <= 8


def test_a_bucket_fills_evenly() -> None:
    now = 0.0
    limits = Limits(lambda: now)
    allowed = 0
    for _ in range(6000):  # a minute, asked a hundred times a second
        allowed += limits.take("key", a_minute=60) == 0
        now += 0.01
    assert 60 + 15 - 1 <= allowed <= 60 + 15 + 1
    assert limits.take("another", a_minute=60) == 0


async def test_no_phone_and_no_text_in_the_log(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await program.written_to()
    await program.replies("Да, хочу секретное окрашивание")
    await program.told("bookings", **BODIES["bookings"])
    await program.refused("replies", phone="not a phone", message_id="1", text="ой")
    await program.client.get(f"/v1/clients/{ANNA}")
    assert "route=/v1/companies/{company_id}/assistants/replies company=1 status=200" in caplog.text
    assert "route=unknown company=- status=404" in caplog.text
    ours = [r.getMessage() for r in caplog.records if r.name.split(".")[0] in {"vernis", "uvicorn"}]
    assert not re.search(r"79\d{9}|окрашивание|vernis_\d", "\n".join(ours))


async def test_a_key_lasts(program: Program) -> None:
    program.clock.now += timedelta(days=400)
    await program.told("context", phone=ANNA)
