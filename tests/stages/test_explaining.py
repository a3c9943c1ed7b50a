import json
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from psycopg.types.json import Jsonb
from salon_rows import Salon

from vernis.decide.plan import Verdict
from vernis.domain import Reason
from vernis.errors import NotFoundError, UsageError
from vernis.stages.explaining import explain, find_client, masked

ON = date(2024, 3, 20)
NOW = datetime(2024, 3, 20, 9, tzinfo=UTC)


@pytest.fixture
def salon(db, company):
    return Salon(db, company)


def hash_phone(phone: str) -> bytes:
    return sha256(phone.encode()).digest()


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("79000000067", "+7 900 ***-**-67"),
        ("14165550111", "+1 416 ***-**-11"),
        ("380500000067", "+38 050 ***-**-67"),
        ("4712345678", "+47 ***-**-78"),
    ],
)
def test_a_phone_is_shown_by_its_ends(phone, shown):
    assert masked(phone) == shown


@pytest.mark.parametrize(
    "typed", ["{id}", "kert01", "KERT01", "key:KERT01", "+7 900 000-00-67", "89000000067"]
)
async def test_a_client_is_found_by_id_key_or_phone(salon, typed):
    await salon.client()
    client = await salon.client(external_key="KERT01", phone="79000000067")
    assert await find_client(salon.db, salon.company, typed.format(id=client)) == client


async def test_a_key_that_looks_like_an_id_can_be_named(salon):
    first = await salon.client()
    second = await salon.client(external_key=str(first))
    assert await find_client(salon.db, salon.company, first) == first
    assert await find_client(salon.db, salon.company, f"key:{first}") == second


async def test_an_unknown_client_is_not_repeated_in_the_error(salon):
    with pytest.raises(NotFoundError) as caught:
        await find_client(salon.db, salon.company, "+7 900 000-00-99")
    assert "00-99" not in str(caught.value)


async def test_a_shared_phone_asks_for_an_id(salon):
    first = await salon.client(phone="79000000067")
    second = await salon.client(phone="79000000067")
    with pytest.raises(UsageError, match=f"{first}, {second}"):
        await find_client(salon.db, salon.company, "79000000067")


async def test_everything_known_about_a_client_is_told(salon):
    service = await salon.insert("services", "service_id", title="Стрижка")
    client = await salon.client(name="Мария", phone="79000000067", consent="given")
    for day in ("2023-12-01", "2024-01-10", "2024-04-01"):
        await salon.booking(client, day, service_id=service, amount_minor=150_000)
    await salon.insert(
        "client_due_dates",
        "client_id",
        client_id=client,
        service_id=service,
        last_visit_on=date(2024, 1, 10),
        interval_days=40,
        low_days=30,
        high_days=55,
        due_on=date(2024, 2, 19),
        first_on=date(2024, 2, 19),
        interval_source="personal",
        confidence=0.9,
        visit_count=2,
        shortest_days=40,
        longest_days=40,
        spent_minor=300_000,
    )
    message = await salon.contact(client, "2024-03-05 14:00", phone="79000000067")
    account = await salon.execute("SELECT account_id FROM accounts")
    dialog = await salon.insert(
        "dialogs", "dialog_id", account_id=account[0][0], phone="79000000067", client_id=client
    )
    await salon.insert(
        "messages",
        "message_id",
        dialog_id=dialog,
        account_id=account[0][0],
        direction="in",
        body="Да, в субботу",
        state="handled",
        intent="book",
        said_at=salon.at("2024-03-05 15:00"),
    )
    await salon.execute("UPDATE client_reactivation_history SET claimed_at = message_sent_at")

    told = await explain(salon.db, salon.company, client=client, on=ON, now=NOW)

    assert told.client.phone == "+7 900 ***-**-67"
    assert (told.visits.number, told.visits.spent_minor) == (2, 300_000)
    assert told.visits.last_on == date(2024, 1, 10)
    assert [(row.title, row.visits) for row in told.visits.services] == [("Стрижка", 2)]
    assert told.expected.evidence == {"visits": 2, "shortest": 40, "longest": 40}
    assert told.expected.told["ru"] == (
        "Ждём через 30–55 дней после визита: 2 визита, каждые 40 дней."
    )
    assert told.expected.opens_on == date(2024, 2, 9)
    assert told.expected.closes_on == date(2024, 3, 5)
    assert told.expected.days_late == 30
    assert [(row.id, row.state) for row in told.attempts] == [(message, "accepted")]
    assert [(row.direction, row.text) for row in told.said] == [
        ("out", "Здравствуйте! Записать вас?"),
        ("in", "Да, в субботу"),
    ]
    assert [row.on.month for row in told.bookings] == [4, 1, 12]
    assert json.loads(json.dumps(told.to_dict()))["expected"]["due_on"] == "2024-02-19"


async def test_what_consent_is_there_and_what_each_attempt_relied_on_is_told(salon):
    given = {"consent": "given", "consent_source": "file", "consent_on": date(2023, 4, 30)}
    client = await salon.client(**given)
    ((account,),) = await salon.execute("SELECT account_id FROM accounts")
    relied = {"kind": "given", "source": "file", "on": "2023-04-30"}
    values = {"account_id": account, "tried_at": NOW, "consent": Jsonb(relied)}
    await salon.contact(
        client, "2024-03-05 14:00", state="failed", refusal="not_on_channel", **values
    )

    told = await explain(salon.db, salon.company, client=client, on=ON, now=NOW)

    assert (told.client.consent, told.client.consent_source) == ("given", "file")
    assert told.client.consent_on == date(2023, 4, 30)
    (attempt,) = told.attempts
    assert (attempt.account, attempt.channel, attempt.tried_at) == ("sandbox", "sandbox", NOW)
    assert (attempt.refusal, attempt.relied_on) == ("not_on_channel", relied)
    assert json.loads(json.dumps(told.to_dict()))["attempts"][0]["relied_on"] == relied


async def test_what_the_plan_of_the_day_says_is_told(salon):
    client = await salon.client()
    waits = Verdict(reason=Reason.NOT_DUE, next_on=date(2024, 4, 5))

    told = await explain(salon.db, salon.company, client=client, on=ON, now=NOW, today=waits)

    assert told.today == waits


async def test_a_client_without_visits_or_phone_is_told_too(salon):
    client = await salon.client(phone=None, phone_state="missing")
    told = await explain(salon.db, salon.company, client=client, on=ON, now=NOW)
    assert (told.client.phone, told.visits.number, told.expected, told.said) == (None, 0, None, ())


async def test_an_opted_out_number_says_since_when(salon):
    client = await salon.client(phone="79000000067")
    since = datetime(2024, 3, 1, tzinfo=UTC)
    hashed = hash_phone("79000000067")
    await salon.insert("opt_outs", "source", phone_hash=hashed, source="reply", created_at=since)
    told = await explain(
        salon.db, salon.company, client=client, on=ON, now=NOW, hash_phone=hash_phone
    )
    assert told.client.opted_out_at == since


async def test_texts_and_phones_are_not_in_what_is_printed_by_accident(salon):
    client = await salon.client(phone="79000000067")
    await salon.contact(client, "2024-03-05 14:00")
    told = await explain(salon.db, salon.company, client=client, on=ON, now=NOW)
    assert "Записать" not in repr(told)
    assert "79000000067" not in repr(told)
