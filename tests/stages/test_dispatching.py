"""Which companies have which work, found in the tables."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from salon_rows import Salon

from vernis.adapters.postgres import Database
from vernis.domain import Company, Locale
from vernis.stages import companies, dispatching
from vernis.stages.dispatching import Kind, Work

NOW = datetime(2024, 4, 10, 9, tzinfo=UTC)  # 12:00 in Moscow
LONG_AGO, JUST_NOW = NOW - timedelta(minutes=5), NOW - timedelta(seconds=20)
AHEAD = NOW + timedelta(hours=1)


@pytest.fixture
async def salon(db: Database, company: Company) -> Salon:
    """Planned today, its due dates fresh: nothing to do."""
    salon = Salon(db, company)
    await _mark(salon, planned_on="2024-04-10", computed_on="2024-04-08")
    return salon


async def _mark(salon: Salon, **values: Any) -> None:
    settings = ", ".join(f"{column} = %s" for column in values)
    await salon.execute(f"UPDATE companies SET {settings}", *values.values())


async def _found(salon: Salon, now: datetime = NOW) -> list[Work]:
    return await dispatching.find(salon.db, now=now, abandoned_before=now - timedelta(minutes=2))


async def _kinds(salon: Salon, now: datetime = NOW) -> list[Kind]:
    return [work.kind for work in await _found(salon, now)]


async def test_a_company_with_everything_done_has_no_work(salon: Salon) -> None:
    assert await _found(salon) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"state": "planned"}, [Kind.DELIVER]),
        ({"state": "written", "send_after": LONG_AGO}, [Kind.DELIVER]),
        ({"state": "written", "send_after": LONG_AGO, "deadline": LONG_AGO}, [Kind.DELIVER]),
        ({"state": "written", "send_after": AHEAD}, []),
        ({"state": "claimed", "claimed_at": LONG_AGO}, [Kind.DELIVER]),
        ({"state": "claimed", "claimed_at": JUST_NOW}, []),
        ({"state": "accepted", "claimed_at": LONG_AGO}, []),
        ({"state": "unknown", "claimed_at": LONG_AGO}, []),
        ({"state": "expired", "send_after": LONG_AGO}, []),
        ({"state": "held_out", "arm": "holdout"}, []),
    ],
)
async def test_campaign_messages_to_write_send_or_recover_are_found(
    salon: Salon, row: dict[str, Any], expected: list[Kind]
) -> None:
    client = await salon.client()
    await salon.reactivation(client, NOW, **row)
    assert await _kinds(salon) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"direction": "in", "state": "received"}, [Kind.HANDLE]),
        ({"direction": "in", "state": "handled"}, []),
        ({"direction": "out", "state": "written"}, [Kind.ANSWER]),
        ({"direction": "out", "state": "claimed", "claimed_at": LONG_AGO}, [Kind.ANSWER]),
        ({"direction": "out", "state": "claimed", "claimed_at": JUST_NOW}, []),
        ({"direction": "out", "state": "accepted"}, []),
    ],
)
async def test_dialogs_to_handle_and_answers_to_send_are_found(
    salon: Salon, row: dict[str, Any], expected: list[Kind]
) -> None:
    await _message(salon, **row)
    assert await _kinds(salon) == expected


async def test_a_dialog_is_found_once_whatever_it_received(salon: Salon) -> None:
    dialog_id = await _message(salon)
    await _message(salon, dialog_id=dialog_id)
    company_id = salon.company.company_id
    assert await _found(salon) == [
        Work(kind=Kind.HANDLE, company_id=company_id, dialog_id=dialog_id)
    ]


@pytest.mark.parametrize(
    ("zone", "planned_on", "expected"),
    [
        ("Europe/Moscow", "2024-04-09", [Kind.MORNING]),  # 12:00
        ("Europe/Moscow", None, [Kind.MORNING]),
        ("Europe/Moscow", "2024-04-10", []),
        ("Europe/Moscow", "2024-04-11", []),
        ("America/Toronto", "2024-04-09", []),  # 05:00
        ("America/Los_Angeles", "2024-04-08", []),  # 02:00
        ("Pacific/Auckland", "2024-04-09", [Kind.MORNING]),  # 21:00
        ("Pacific/Kiritimati", "2024-04-10", []),  # 23:00
        ("Pacific/Honolulu", "2024-04-08", [Kind.MORNING]),  # 23:00 the day before
    ],
)
async def test_the_morning_comes_by_the_companys_own_clock(
    salon: Salon, zone: str, planned_on: str | None, expected: list[Kind]
) -> None:
    await _mark(salon, timezone=zone, planned_on=planned_on, plan_at="09:30")
    assert await _kinds(salon) == expected


async def test_a_time_zone_nobody_knows_does_not_stop_the_others(
    db: Database, salon: Salon
) -> None:
    await _mark(salon, planned_on="2024-04-09")
    lost = await companies.find_or_create(
        db, name="Nowhere", locale=Locale.EN, timezone="Mars/Base", currency="USD", country="US"
    )
    await _mark(Salon(db, lost), computed_on="2024-04-08")
    company_id = salon.company.company_id
    assert await _found(salon) == [Work(kind=Kind.MORNING, company_id=company_id)]


@pytest.mark.parametrize(
    ("computed_on", "expected"),
    [(None, [Kind.INTERVALS]), ("2024-04-02", [Kind.INTERVALS]), ("2024-04-03", [])],
)
async def test_due_dates_that_are_missing_or_a_week_old_are_found(
    salon: Salon, computed_on: str | None, expected: list[Kind]
) -> None:
    await _mark(salon, computed_on=computed_on)
    assert await _kinds(salon) == expected


async def test_clients_who_wait_for_an_answer_come_before_campaigns_and_plans(
    salon: Salon,
) -> None:
    client = await salon.client()
    await salon.reactivation(client, NOW, state="planned")
    await _message(salon)
    await _message(salon, direction="out", state="written", phone="79990000099")
    await _mark(salon, planned_on=None, computed_on=None)
    assert await _kinds(salon) == [
        kind for kind in Kind if kind not in {Kind.WATCH, Kind.SYNC, Kind.TELL}
    ]


async def _message(salon: Salon, **values: Any) -> int:
    """A message in a dialog of its own, or in the one given; its dialog."""
    account_id = (await salon.execute("SELECT account_id FROM accounts"))[0][0]
    dialog_id = values.pop("dialog_id", None) or await salon.insert(
        "dialogs",
        "dialog_id",
        account_id=account_id,
        phone=values.pop("phone", "79990000001"),
    )
    row = {"direction": "in", "state": "received", "body": "да", "said_at": LONG_AGO} | values
    await salon.insert("messages", "message_id", dialog_id=dialog_id, account_id=account_id, **row)
    return int(dialog_id)
