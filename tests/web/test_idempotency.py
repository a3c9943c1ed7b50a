"""Idempotency keys: the same write is done once, whatever happens to the program or to us."""

from datetime import timedelta

import pytest
from rest import Rest

from vernis.stages import asking_once
from vernis.stages.asking_once import Claim


async def stopped(rest: Rest) -> int:
    return len(await rest.salon.execute("SELECT 1 FROM opt_outs"))


async def test_the_same_key_is_answered_again(rest: Rest) -> None:
    client = await rest.salon.client()
    path = f"/clients/{client}/opt-out"
    first = await rest.ask("POST", path, once="one")
    again = await rest.ask("POST", path, once="one")
    assert (first.json(), first.status_code) == (again.json(), again.status_code)
    assert again.json()["changed"]  # done anew it would say no
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert not (await rest.told("POST", path, once="another"))["changed"]


async def test_the_same_key_with_another_body_is_refused(rest: Rest) -> None:
    await rest.told("PATCH", "/settings", json={"daily_cap": "7"}, once="one")
    refused = await rest.refused("PATCH", "/settings", json={"daily_cap": "8"}, once="one")
    assert refused == (409, "other_body")
    assert (await rest.get("/settings"))["daily_cap"] == "7"


async def test_what_failed_may_be_asked_again(rest: Rest) -> None:
    client = await rest.salon.client(phone=None, phone_state="missing")
    path = f"/clients/{client}/opt-out"
    assert await rest.refused("POST", path, once="one") == (409, "conflict")
    await rest.salon.execute(
        "UPDATE clients SET phone = '79990000009', phone_state = 'valid' WHERE client_id = %s",
        client,
    )
    assert (await rest.told("POST", path, once="one"))["changed"]


async def test_a_crash_in_between_does_not_wedge_the_key(rest: Rest, clock) -> None:
    client = await rest.salon.client()
    path = f"/clients/{client}/opt-out"
    await rest.told("POST", path, once="one")
    await rest.salon.execute("UPDATE idempotency_keys SET status = NULL, answer = NULL")
    response = await rest.ask("POST", path, once="one")
    assert (response.status_code, response.json()["code"]) == (409, "under_way")
    assert int(response.headers["retry-after"]) > 0
    clock.now += asking_once.LEASE + timedelta(seconds=1)
    assert not (await rest.told("POST", path, once="one"))["changed"]
    assert (await rest.ask("POST", path, once="one")).headers["idempotent-replayed"] == "true"


async def test_who_was_given_up_does_not_answer_for_its_successor(rest: Rest) -> None:
    now, db, of = rest.app.clock(), rest.app.db, rest.company
    first = await asking_once.claim(db, of, key="k", request=b"", now=now)
    later = now + asking_once.LEASE + timedelta(seconds=1)
    second = await asking_once.claim(db, of, key="k", request=b"", now=later)
    assert isinstance(first, Claim)
    assert isinstance(second, Claim)
    await asking_once.release(db, first)
    await asking_once.keep(db, first, status=200, answer="the first's")
    await asking_once.keep(db, second, status=200, answer="the second's")
    found = await asking_once.claim(db, of, key="k", request=b"", now=later)
    assert isinstance(found, asking_once.Answered)
    assert found.answer == "the second's"


async def test_so_is_what_an_assistant_tells(rest: Rest) -> None:
    path, body = "/assistants/clear", {"phone": "79990000001"}
    first = await rest.ask("POST", path, json=body, once="one")
    again = await rest.ask("POST", path, json=body, once="one")
    assert (first.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = {"phone": "79990000002"}
    assert await rest.refused("POST", path, json=other, once="one") == (409, "other_body")


async def test_keys_of_two_programs_are_two(rest: Rest) -> None:
    client = await rest.salon.client()
    path = f"/clients/{client}/opt-out"
    other = await rest.with_scopes("write")
    assert (await rest.told("POST", path, once="one"))["changed"]
    assert not (await other.told("POST", path, once="one"))["changed"]


async def test_a_day_later_it_is_forgotten_and_nothing_of_it_can_be_read(rest: Rest, clock) -> None:
    client = await rest.salon.client()
    await rest.told("POST", f"/clients/{client}/opt-out", once="one")
    ((kept,),) = await rest.salon.execute("SELECT answer::text FROM idempotency_keys")
    assert "client_id" not in kept
    clock.now += asking_once.KEPT + timedelta(minutes=1)
    await rest.told("POST", f"/clients/{client}/opt-in", once="two")
    assert len(await rest.salon.execute("SELECT 1 FROM idempotency_keys")) == 1


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_key_has_a_length(rest: Rest, key: str) -> None:
    refused = await rest.refused("POST", "/clients/1/opt-out", once=key)
    assert refused == (422, "invalid")
    assert await stopped(rest) == 0
