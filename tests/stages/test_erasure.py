"""Erasure: nothing of a client is left, figures stay true, and they stay stopped."""

import asyncio
import json
import logging
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta

import pytest
from front_desk import Desk
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from salon_files import take_in, write
from salon_rows import Salon

from leftovers import dump, everything_in
from vernis.adapters.secret import keyed_hash
from vernis.crm import CrmClient
from vernis.errors import ConflictError, NotFoundError
from vernis.stages import (
    client_export,
    crm_clients,
    erasure,
    opt_outs,
    planning,
    receiving,
    reporting,
    sandbox,
)
from vernis.stages.crm_job import Job

hash_phone = keyed_hash("a secret that only these tests know")

NAME, SURNAME = "Аксинья", "Перепёлкина"
PHONE, LID = "79990007351", "112233445566778@lid"
SAID = "Перенесите меня к мастеру Василисе, у меня свадьба"
CANARIES = [
    NAME,
    SURNAME,
    PHONE,
    PHONE[1:],
    PHONE[-7:],
    LID.removesuffix("@lid"),
    "Василисе",
    "свадьба",
]
CANARIES += [b64encode(PHONE.encode()).decode().rstrip("=")]


async def erase(salon: Salon, client: int, store, now, **values):
    return await erasure.erase(
        salon.db, salon.company, client, store=store, hash_phone=hash_phone, now=now, **values
    )


def canaries_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.lower() in text.lower()]


@pytest.fixture
async def canary(desk: Desk, store, monkeypatch) -> Desk:
    """A desk whose one client has gone through everything that Vernis does."""
    monkeypatch.setattr("front_desk.hash_phone", hash_phone)
    salon = desk.salon
    await salon.execute(
        "UPDATE clients SET name = %s, surname = %s, phone = %s, lid = %s, external_key = %s,"
        " gender = 'female' WHERE client_id = %s",
        *(NAME, SURNAME, PHONE, LID, f"tel:{PHONE}", desk.client),
    )
    desk.phone = PHONE
    await salon.execute(
        "UPDATE client_reactivation_history SET phone = %s, message_text = %s,"
        " message_generated = %s, provider_message_id = %s, rejected_because = %s WHERE id = %s",
        *(PHONE, f"{NAME}, ждём вас!", f"{NAME}, ждём", f"false_{PHONE}@c.us_3EB0"),
        *(f"не писать {SURNAME}", desk.reactivation),
    )
    for number in range(1, 4):
        await salon.booking(desk.client, f"2024-0{number}-10", amount_minor=150_000)
    wamid = f"wamid.{b64encode(PHONE.encode()).decode()}"
    await desk.says(SAID, id=wamid, lid=LID)
    await desk.says("Хочу записаться на завтра", lid=LID)
    await desk.says("Первое время подходит", lid=LID)
    await desk.says(f"Это {NAME} {SURNAME}, мой телефон {PHONE}", lid=LID)
    said = {"sender": "user", "text": SAID, "at": desk.clock(), "kind": "text"}
    await store.add_message(salon.company.company_id, PHONE, **said)
    account = {"account_id": desk.account}
    await sandbox.say(salon.db, salon.company, phone=PHONE, text=SAID, now=desk.clock())
    await salon.insert(
        "reach", "phone", phone=PHONE, channel="sandbox", reachable=True, checked_at=desk.clock()
    )
    await salon.insert(
        "notices",
        "notice_id",
        **account,
        kind="warned",
        details=Jsonb({"says": f"+{PHONE} writes"}),
        created_at=desk.clock(),
    )
    await salon.insert(
        "idempotency_keys",
        "status",
        key_hash=b"k" * 32,
        request_hash=b"r" * 32,
        status=200,
        answer=Jsonb({"client_id": desk.client, "name": NAME}),
        created_at=desk.clock(),
    )
    await salon.insert(
        "imports",
        "import_id",
        file_name=f"{SURNAME}.csv",
        file_sha256="0" * 64,
        kind="visits",
        counts=Jsonb({"file": f"{SURNAME}.csv"}),
    )
    return desk


async def test_nothing_is_left_of_an_erased_client(
    canary: Desk, store, database_url, redis_url, tmp_path, caplog
):
    caplog.set_level(logging.DEBUG)
    salon = canary.salon
    assert canaries_in(dump(database_url)) == CANARIES
    assert canaries_in(await everything_in(redis_url)) != []
    upload = tmp_path / "uploads" / "1"
    upload.mkdir(parents=True)
    (upload / "visits.csv").write_text(f"{NAME};{PHONE}")
    moments = {"created_at": canary.clock(), "changed_at": canary.clock()}
    await salon.insert("uploads", "upload_id", folder="uploads/1", state="done", **moments)

    done = await erase(salon, canary.client, store, canary.clock(), home=tmp_path)

    assert canaries_in(dump(database_url)) == []
    assert canaries_in(await everything_in(redis_url)) == []
    assert canaries_in(caplog.text) == []
    assert not upload.exists()
    assert (done.dialogs, done.reactivations, done.files, done.crm) == (1, 1, 1, None)
    assert done.messages >= 4
    assert done.stops == 2  # the phone and the LID
    hashes = await salon.execute("SELECT phone_hash, source FROM opt_outs")
    assert (hash_phone(PHONE), "erasure") in [(bytes(key), source) for key, source in hashes]
    assert await salon.execute("SELECT action, subject FROM audit_log") == [
        ("client.erased", f"client {canary.client}")
    ]


async def test_what_was_earned_stays(canary: Desk, store):
    salon = canary.salon

    async def figures():
        found = await reporting.report(salon.db, salon.company, now=canary.clock())
        visits = await salon.execute("SELECT count(*), sum(amount_minor) FROM visits")
        return found.to_dict(), visits

    before = await figures()
    await erase(salon, canary.client, store, canary.clock())
    assert await figures() == before


async def test_erasing_again_changes_nothing(canary: Desk, store, database_url):
    await erase(canary.salon, canary.client, store, canary.clock())
    again = await erase(canary.salon, canary.client, store, canary.clock() + timedelta(days=1))
    assert (again.reactivations, again.dialogs, again.messages, again.stops) == (0, 0, 0, 0)
    ((erased_at,),) = await canary.salon.execute("SELECT erased_at FROM clients")
    assert erased_at == canary.clock()


async def test_a_message_told_again_by_its_channel_is_not_taken_in_again(
    canary: Desk, store, database_url
):
    said_at = canary.clock()
    canary.clock.now += timedelta(minutes=5)
    await erase(canary.salon, canary.client, store, canary.clock())
    again = await canary.receives(SAID, lid=LID, received_at=said_at)
    assert again.dialog_id == receiving.NO_DIALOG
    assert canaries_in(dump(database_url)) == []


async def test_whoever_writes_after_the_erasure_is_somebody_new(canary: Desk, store):
    await erase(canary.salon, canary.client, store, canary.clock())
    canary.clock.now += timedelta(minutes=5)
    stored = await canary.receives("Здравствуйте, сколько стоит маникюр?", lid=LID)
    assert stored.is_new
    assert await canary.salon.execute("SELECT client_id, reactivation_id FROM dialogs") == [
        (None, None)
    ]


@pytest.mark.parametrize("state", ["planned", "written"])
async def test_what_has_not_left_is_cancelled_with_a_reason(canary: Desk, store, state):
    id_ = await canary.salon.reactivation(
        canary.client, canary.clock(), state=state, phone=PHONE, attempt=2
    )
    done = await erase(canary.salon, canary.client, store, canary.clock())
    assert done.cancelled == 1
    assert await canary.row("state, reason, message_text", id_) == ("skipped", "opted_out", "")


async def test_a_message_under_way_is_waited_for(canary: Desk, store, database_url):
    await canary.salon.reactivation(
        canary.client,
        canary.clock(),
        state="claimed",
        claimed_at=canary.clock(),
        phone=PHONE,
        attempt=2,
    )
    with pytest.raises(ConflictError, match="wait a minute"):
        await erase(canary.salon, canary.client, store, canary.clock())
    assert canaries_in(dump(database_url)) == CANARIES


async def test_an_unknown_client_is_said(desk: Desk, store):
    with pytest.raises(NotFoundError):
        await erase(desk.salon, 4711, store, desk.clock())


async def test_a_number_that_a_family_shares_stays_the_others(canary: Desk, store):
    sister = await canary.salon.client("Ольга", phone=PHONE)
    done = await erase(canary.salon, canary.client, store, canary.clock())
    assert done.shared_with == 1
    assert await canary.salon.execute(
        "SELECT name, phone FROM clients WHERE client_id = %s", sister
    ) == [("Ольга", PHONE)]


# --- whoever was erased does not come back --------------------------------------------------


async def plan_reasons(salon: Salon, now: datetime) -> dict[str, str]:
    on = now.astimezone(salon.company.zone).date()
    plan = await planning.look(salon.db, salon.company, on=on, now=now, hash_phone=hash_phone)
    return {one.candidate.external_key: one.verdict.reason for one in plan.decisions}


@pytest.mark.parametrize(
    ("key", "visits", "clients"),
    [
        ("phone", "date,client phone,service,amount", None),
        ("code", "date,client code,service,amount", "client code,name,phone"),
    ],
)
async def test_the_same_files_again_bring_back_nobody(
    db, company, store, tmp_path, database_url, key, visits, clients
):
    salon, now = Salon(db, company), datetime(2024, 5, 1, 9, tzinfo=UTC)
    who = f"+{PHONE}" if key == "phone" else "K-12"
    texts = {
        "visits.csv": f"{visits}\n2024-01-10,{who},Маникюр,1500\n2024-02-14,{who},Маникюр,1500\n"
    }
    if clients:
        texts["clients.csv"] = f"{clients}\nK-12,{NAME} {SURNAME},+{PHONE}\n"
    paths = write(tmp_path, texts).values()
    await take_in(db, company, paths, now=now, hash_phone=hash_phone)
    ((client,),) = await salon.execute("SELECT client_id FROM clients")
    await erase(salon, client, store, now)

    await take_in(db, company, paths, now=now, hash_phone=hash_phone)

    assert canaries_in(dump(database_url)) == []
    assert await salon.execute("SELECT count(*) FROM clients") == [(1,)]
    assert await salon.execute("SELECT count(*), sum(amount_minor) FROM bookings") == [(2, 300_000)]


async def test_a_new_card_with_the_number_of_an_erased_client_is_never_written_to(
    canary: Desk, store
):
    salon = canary.salon
    await erase(salon, canary.client, store, canary.clock())
    again = await salon.client(NAME, phone=PHONE, external_key="K-99")
    await canary.is_due(again, date(2024, 2, 1))
    assert (await plan_reasons(salon, canary.clock()))["K-99"] == "opted_out"


async def test_who_takes_the_opt_out_back_may_return(db, company, store, tmp_path):
    salon, now = Salon(db, company), datetime(2024, 5, 1, 9, tzinfo=UTC)
    text = f"date,client phone,service,amount\n2024-01-10,+{PHONE},Маникюр,1500\n"
    paths = write(tmp_path, {"visits.csv": text}).values()
    await take_in(db, company, paths, now=now, hash_phone=hash_phone)
    await erase(salon, 1, store, now)
    await opt_outs.remove(db, company, PHONE, now=now, hash_phone=hash_phone)
    await take_in(db, company, paths, now=now, hash_phone=hash_phone)
    assert (PHONE,) in await salon.execute("SELECT phone FROM clients")


# --- the person's own copy ---------------------------------------------------------------------


async def test_an_export_holds_all_that_erasure_removes(canary: Desk):
    found = await client_export.exported(
        canary.salon.db,
        canary.salon.company,
        canary.client,
        hash_phone=hash_phone,
        now=canary.clock(),
    )
    text = json.dumps(found, ensure_ascii=False)
    assert [one for one in (NAME, SURNAME, PHONE, LID, SAID) if one not in text] == []
    assert len(found["bookings"]) >= 3
    assert found["consent"]["consent"] == "unknown"
    assert found["reactivations"][0]["message_text"] == f"{NAME}, ждём вас!"


# --- a client of a CRM -----------------------------------------------------------------------


async def test_a_crm_that_lists_an_erased_client_again_brings_back_nobody(
    canary: Desk, store, database_url
):
    salon, now = canary.salon, canary.clock()
    await salon.execute("UPDATE clients SET external_key = 'yclients:4711'")
    values = {"crm": "yclients", "external_id": "1", "connected_at": now, "next_sync_at": now}
    await salon.insert("crm_connections", "crm", **values)
    await salon.insert(
        "crm_rejects",
        "reason",
        entity="clients",
        external_id="4711",
        reason=f"phone: {PHONE}00",
        rejected_at=now,
    )

    done = await erase(salon, canary.client, store, now)
    listed = CrmClient(
        external_id="4711",
        name=NAME,
        surname=SURNAME,
        phone_raw=f"+{PHONE}",
        changed_at=now + timedelta(hours=1),
    )
    async with salon.db.tenant(salon.company.company_id) as connection:
        job = Job(connection=connection, company=salon.company, crm="yclients", now=now)
        assert await crm_clients.merge(job, [listed], hash_phone) == 0

    assert done.crm == "yclients"
    assert canaries_in(dump(database_url)) == []


async def test_who_is_deleted_in_the_crm_is_forgotten_the_same_way_and_may_return(
    canary: Desk, database_url
):
    salon, now = canary.salon, canary.clock()
    await salon.execute("UPDATE clients SET external_key = 'yclients:4711'")
    await salon.execute("DELETE FROM bookings WHERE state = 'booked'")
    values = {"crm": "yclients", "external_id": "1", "connected_at": now, "next_sync_at": now}
    await salon.insert("crm_connections", "crm", **values)
    async with salon.db.tenant(salon.company.company_id) as connection:
        job = Job(connection=connection, company=salon.company, crm="yclients", now=now)
        await crm_clients.suspect(job, ["4711"], reason=crm_clients.DELETED)
        assert await crm_clients.erase_deleted(job) == 1
    left = dump(database_url)
    assert canaries_in(left) == []
    assert await salon.execute("SELECT count(*) FROM opt_outs") == [(0,)]

    listed = CrmClient(external_id="4711", name=NAME, phone_raw=f"+{PHONE}", changed_at=now)
    async with salon.db.tenant(salon.company.company_id) as connection:
        job = Job(connection=connection, company=salon.company, crm="yclients", now=now)
        assert await crm_clients.merge(job, [listed], hash_phone) == 1
    assert await salon.execute("SELECT phone FROM clients") == [(PHONE,)]


# --- at the same moment ----------------------------------------------------------------------


async def test_a_plan_that_has_chosen_a_client_who_is_being_erased_leaves_no_row(
    canary: Desk, database_url
):
    salon, now = canary.salon, canary.clock()
    lapsed = await salon.client(NAME, phone="79990007352")
    await canary.is_due(lapsed, date(2024, 2, 1))
    day = {"on": now.astimezone(salon.company.zone).date(), "now": now}
    async with salon.db.tenant(salon.company.company_id) as connection:
        await erasure.forget(connection, salon.company, [lapsed], hash_phone=hash_phone, now=now)
        planning_it = asyncio.create_task(
            planning.store(salon.db, salon.company, **day, hash_phone=hash_phone)
        )
        await waits_for_a_lock(database_url)
    assert [one.candidate.client_id for one in (await planning_it).contacts] == [lapsed]
    assert (
        await salon.execute(
            "SELECT state FROM client_reactivation_history WHERE client_id = %s", lapsed
        )
        == []
    )


async def test_what_arrives_while_a_client_is_erased_is_a_strangers(canary: Desk, database_url):
    salon, now = canary.salon, canary.clock()
    async with salon.db.tenant(salon.company.company_id) as connection:
        who = [canary.client]
        await erasure.forget(connection, salon.company, who, hash_phone=hash_phone, now=now)
        arriving = asyncio.create_task(canary.receives("Я передумала, не нужно", lid=LID))
        await waits_for_a_lock(database_url)
    assert (await arriving).is_new
    assert await canary.row("response_text, phone LIKE '999%%'") == (None, True)


async def waits_for_a_lock(database_url: str) -> None:
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        for _ in range(1000):
            waiting = await connection.execute(
                "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
            if waiting.rowcount:
                return
            await asyncio.sleep(0.01)
    raise AssertionError("Nothing waits for a lock.")
