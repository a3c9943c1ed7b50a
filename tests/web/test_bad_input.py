"""Whatever is sent, the answer is a problem with one sentence, and never our fault."""

import json
from typing import Any

import pytest
from programs import ANNA, Program

REPLY = {"phone": ANNA, "message_id": "in-1", "text": "Да"}
BOOKING = {"booking_id": "B1", "starts_at": "2024-04-02T18:00:00+03:00", "phone": ANNA}


@pytest.mark.parametrize(
    ("route", "body", "detail"),
    [
        ("context", {}, "The body: give phone or lid."),
        ("context", {"phone": "12"}, "phone is no phone number: send it like 79001234567."),
        ("context", {"phone": "+7 900 \x00"}, "phone: take the NUL character out."),
        ("context", {"phone": 79000000001}, "phone: Input should be a valid string."),
        ("context", {"phone": "12345@g.us"}, "phone is no phone number: send it like 79001234567."),
        ("context", {"phone": "7" * 99}, "phone is longer than 64 characters."),
        ("context", {"phone": ANNA, "79001112233": 1}, "a field is not known here."),
        ("replies", REPLY | {"text": None}, "text: Input should be a valid string."),
        ("replies", REPLY | {"text": ""}, "text is empty."),
        ("replies", REPLY | {"text": "я" * 10_001}, "text is longer than 10000 characters."),
        ("replies", REPLY | {"text": "\ud83d"}, "text holds half a character"),
        ("replies", REPLY | {"text": "a\x00b"}, "text: take the NUL character out."),
        ("replies", {"phone": ANNA, "text": "Да"}, "message_id is missing."),
        ("replies", REPLY | {"at": "yesterday"}, "at: Input should be a valid datetime"),
        ("replies", REPLY | {"at": "2024-04-01T10:00:00"}, "at: Input should have timezone info."),
        ("replies", REPLY | {"at": "0001-01-01T00:00:00+14:00"}, "at is not when a message came"),
        ("replies", REPLY | {"at": "9999-12-31T23:59:59-14:00"}, "at is not when a message came"),
        ("bookings", BOOKING | {"starts_at": "9999-12-31T23:59:59"}, "starts_at is not when"),
        ("bookings", BOOKING | {"starts_at": "0001-01-01T00:00:00"}, "starts_at is not when"),
        ("bookings", BOOKING | {"phone": None}, "The body: give reactivation_id, phone or lid."),
        ("bookings", BOOKING | {"reactivation_id": 2**63}, "reactivation_id: Input should be less"),
        (
            "bookings",
            BOOKING | {"service": {"id": True}},
            "service.id: Input should be a valid int",
        ),
        ("bookings", BOOKING | {"service": {"name": " "}}, "service.name is empty."),
        ("clear", {"lid": "'; DROP TABLE clients; --"}, "lid: String should match pattern"),
    ],
)
async def test_a_wrong_field_is_named(
    program: Program, route: str, body: dict[str, Any], detail: str
) -> None:
    company = program.company.company_id
    response = await program.client.post(
        f"/v1/companies/{company}/assistants/{route}",
        content=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {program.key}", "Content-Type": "application/json"},
    )
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "invalid"), problem
    assert problem["detail"].startswith(detail)
    assert problem["errors"][0]["detail"] == problem["detail"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"null", 422),
        (b"[]", 422),
        (b'"text"', 422),
        (b"\xff\xfe", 422),
        (b'{"phone": "\xc3("}', 400),
        (b"[" * 60_000, 400),
        (b'{"phone": ' + b"9" * 60_000 + b"}", 400),
        (b'{"phone": "' + b"9" * 140_000 + b'"}', 413),
    ],
)
async def test_what_is_no_json_object_is_refused(
    program: Program, content: bytes, status: int
) -> None:
    headers = {"Authorization": f"Bearer {program.key}", "Content-Type": "application/json"}
    path = f"/v1/companies/{program.company.company_id}/assistants/context"
    response = await program.client.post(path, content=content, headers=headers)
    problem = response.json()
    assert (response.status_code, problem["status"]) == (status, status)
    assert response.headers["content-type"] == "application/problem+json"
    assert "99999" not in problem["detail"]


async def test_a_body_without_an_end_is_cut_off(program: Program) -> None:
    async def endless():
        for _ in range(300):
            yield b" " * 1000

    headers = {"Authorization": f"Bearer {program.key}", "Content-Type": "application/json"}
    path = f"/v1/companies/{program.company.company_id}/assistants/context"
    response = await program.client.post(path, content=endless(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/companies/1/assistants/context", 405),
        ("DELETE", "/v1/companies/1/assistants/replies", 405),
        ("POST", "/v1/companies/x/assistants/context", 422),
        ("POST", "/v1/companies/0/assistants/context", 422),
        ("POST", "/v1/companies/99999999999999999999/assistants/context", 422),
        ("POST", "/v1/companies/1/assistants/context/", 404),
        ("GET", "/v1/../../etc/passwd", 404),
        ("GET", "/%00", 404),
        ("GET", "/docs", 404),
        ("POST", "/healthz", 405),
    ],
)
async def test_other_paths_and_methods_are_problems_too(
    program: Program, method: str, path: str, status: int
) -> None:
    headers = {"Authorization": f"Bearer {program.key}"}
    body = {"json": {"phone": ANNA}} if method == "POST" else {}
    response = await program.client.request(method, path, headers=headers, **body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


async def test_health(program: Program) -> None:
    assert (await program.client.get("/healthz")).json() == {"status": "ok"}
    ready = await program.client.get("/readyz")
    assert ready.json().items() >= {"status": "ok", "database": True, "redis": True}.items()
    assert ready.headers["cache-control"] == "no-store"


async def test_a_database_that_is_away_is_said_and_comes_back(program: Program) -> None:
    await program.written_to()
    try:
        await program.salon.db._pool.close()
        assert (await program.client.get("/readyz")).status_code == 503
        assert (await program.client.get("/healthz")).status_code == 200
        assert await program.refused("context", phone=ANNA) == (503, "unavailable")
    finally:
        program.salon.db._pool._closed = True
