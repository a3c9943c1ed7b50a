import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from salon_rows import Salon

from vernis.domain import Arm, Company, Locale, Reason
from vernis.stages import companies, planning
from vernis.stages.companies import change

ON = date(2024, 4, 1)


def ago(days: int) -> date:
    return ON - timedelta(days=days)


def hash_phone(phone: str) -> bytes:
    return sha256(phone.encode()).digest()


def morning(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 6, 30, tzinfo=UTC)


class Planned(Salon):
    """A salon whose intervals are known: tests say how long its clients are away."""

    async def visitor(
        self, name: str = "Анна", *, away: int = 30, interval: int = 30, spent: int = 0, **known
    ) -> int:
        """A client who was here `away` days before ON and comes every `interval` days."""
        client_id = await self.client(name, **known)
        await self.was_here(client_id, away=away, interval=interval, spent=spent)
        return client_id

    async def was_here(
        self, client_id: int, *, away: int = 30, interval: int = 30, spent: int = 0
    ) -> None:
        await self.execute("DELETE FROM client_due_dates WHERE client_id = %s", client_id)
        await self.insert(
            "client_due_dates",
            "client_id",
            client_id=client_id,
            last_visit_on=ago(away),
            interval_days=interval,
            low_days=interval - 5,
            high_days=interval + 5,
            due_on=ago(away) + timedelta(days=interval),
            first_on=ago(away) + timedelta(days=interval - min(5, interval // 10)),
            opens_on=ago(away) + timedelta(days=interval - min(5, interval // 10)),
            interval_source="service_average",
            confidence=0.85,
            returning_chance=0.6,
            falling_chance=0.1,
            visit_count=2,
            spent_minor=spent,
        )

    async def phone_of(self, client_id: int) -> str:
        return (await self.execute("SELECT phone FROM clients WHERE client_id = %s", client_id))[0][
            0
        ]

    async def look(
        self, on: date = ON, company: Company | None = None, *, everybody: bool = False
    ) -> planning.Plan:
        return await planning.look(
            self.db,
            company or self.company,
            on=on,
            now=morning(on),
            hash_phone=hash_phone,
            everybody=everybody,
        )

    async def store(self, on: date = ON, company: Company | None = None) -> planning.Plan:
        return await planning.store(
            self.db, company or self.company, on=on, now=morning(on), hash_phone=hash_phone
        )

    async def reasons(self, on: date = ON) -> dict[str, Reason]:
        """By the clients' names."""
        plan = await self.look(on, everybody=True)
        return {d.candidate.name: d.verdict.reason for d in plan.decisions}

    async def rows(self) -> list[tuple]:
        return await self.execute(
            "SELECT client_id, attempt, arm, state, reason, plan_on"
            " FROM client_reactivation_history ORDER BY id"
        )

    async def counts(self, on: date = ON) -> dict[str, int]:
        return (await self.execute("SELECT counts FROM plans WHERE plan_on = %s", on))[0][0]

    async def move(self, client_id: int, state: str) -> None:
        """What became of a client's open reactivation."""
        text = "coalesce(message_text, 'Записать вас?')"
        await self.execute(
            f"UPDATE client_reactivation_history SET state = %s, message_text = {text}"
            " WHERE client_id = %s AND state IN ('planned', 'written')",
            state,
            client_id,
        )


@pytest.fixture
async def salon(db, company) -> Planned:
    """Nobody is held out, unless a test wants it."""
    return Planned(db, await change(db, company, ["holdout_percent=0"]))


# --- a reason for everybody --------------------------------------------------------------------


async def test_everybody_with_a_visit_gets_the_reason_that_is_theirs(salon):
    named = salon.visitor
    await named("due")
    await named("lapsed", away=36)
    await named("not_due", away=20)
    await named("no_phone", phone=None, phone_state="missing")
    await named("invalid_phone", phone=None, phone_state="invalid")
    await named("shared_phone", away=29, phone="79990009001")
    await named("lapsed, the phone's owner", away=90, phone="79990009001")
    await named("blacklisted", blacklisted=True)
    await named("no_consent", consent="refused")
    await named("gone_too_long", away=366)
    await named("declined", declined_at=morning(ago(10)))
    later = await named("asked_later", away=60, remind_on=ON + timedelta(days=1))
    sent = {"last_visit": str(ago(60)), "phone": await salon.phone_of(later)}
    await salon.contact(later, "2024-03-05 12:00", **sent)
    await named("due, asked for later before the last visit", remind_on=ON + timedelta(days=1))
    opted_out = await named("opted_out")
    await salon.insert(
        "opt_outs", "source", phone_hash=hash_phone(await salon.phone_of(opted_out)), source="reply"
    )
    booked = await named("future_booking")
    await salon.booking(booked, "2024-04-01", "booked")
    recently = await named("contacted_recently", away=36)
    await salon.contact(
        recently,
        "2024-03-26 12:00",
        last_visit=str(ago(36)),
        phone=await salon.phone_of(recently),
    )
    exhausted = await named("attempts_exhausted", away=120)
    for attempt, day in ((1, "2024-01-02"), (2, "2024-02-01"), (3, "2024-03-02")):
        await salon.contact(
            exhausted,
            f"{day} 12:00",
            attempt=attempt,
            last_visit=str(ago(120)),
            phone=await salon.phone_of(exhausted),
        )
    talking = await named("in_dialog")
    account = (await salon.execute("SELECT account_id FROM accounts"))[0][0]
    dialog = await salon.insert(
        "dialogs",
        "dialog_id",
        account_id=account,
        phone=await salon.phone_of(talking),
        client_id=talking,
    )
    await salon.insert(
        "messages",
        "message_id",
        dialog_id=dialog,
        account_id=account,
        direction="in",
        state="handled",
        body="Добрый день",
        said_at=salon.at("2024-03-31 21:00"),
    )
    waiting = await named("a person is to answer")
    await salon.insert(
        "dialogs",
        "dialog_id",
        account_id=account,
        phone=await salon.phone_of(waiting),
        client_id=waiting,
        waiting_since=salon.at("2024-03-20 12:00"),
        waiting_why="question",
    )
    erased = await named("erased", phone=None, phone_state="missing")
    await salon.execute("UPDATE clients SET erased_at = now() WHERE client_id = %s", erased)
    await salon.client("no visit at all")

    reasons = await salon.reasons()

    assert reasons.pop("lapsed, the phone's owner") is Reason.LAPSED
    assert reasons.pop("a person is to answer") is Reason.IN_DIALOG
    assert reasons.pop("due, asked for later before the last visit") is Reason.DUE
    assert {name: reason.value for name, reason in reasons.items()} == {
        reason: reason
        for reason in (
            *("due", "lapsed", "not_due", "no_phone", "invalid_phone", "shared_phone"),
            *("blacklisted", "no_consent", "gone_too_long", "declined", "asked_later"),
            *("opted_out", "future_booking", "contacted_recently", "attempts_exhausted"),
            "in_dialog",
        )
    }


async def test_the_stored_plan_counts_the_reasons_and_the_clients_without_visits(salon):
    await salon.visitor("due")
    await salon.visitor("not due", away=10)
    await salon.client("no visit")

    await salon.store()

    assert await salon.counts() == {"due": 1, "not_due": 1, "no_visits": 1}


async def test_looking_stores_nothing(salon):
    await salon.visitor()

    assert len((await salon.look()).contacts) == 1
    assert await salon.rows() == []
    assert await salon.execute("SELECT FROM plans") == []


async def test_what_was_booked_or_cancelled_before_the_day_is_no_future_booking(salon):
    anna = await salon.visitor()
    await salon.booking(anna, "2024-03-31", "booked")
    await salon.booking(anna, "2024-04-05", "cancelled")

    assert await salon.reasons() == {"Анна": Reason.DUE}


# --- what a run leaves -------------------------------------------------------------------------


async def test_a_planned_reactivation_says_what_it_was_decided_by(salon):
    service = await salon.insert("services", "service_id", title="Стрижка")
    anna = await salon.visitor(away=50, interval=40, spent=5)
    await salon.execute("UPDATE client_due_dates SET service_id = %s", service)

    await salon.store()

    (row,) = await salon.execute(
        "SELECT client_id, state, arm, reason, attempt, campaign, last_service_name,"
        " last_visit_date, inactive_days, interval_days, interval_source, due_on,"
        " confidence_score::float, planned_at FROM client_reactivation_history"
    )
    assert row == (
        *(anna, "planned", "contact", "lapsed", 1, "dormant_60", "Стрижка"),
        *(ago(50), 50, 40, "service_average", ago(10), 0.85, morning(ON)),
    )


async def test_a_second_run_of_a_day_changes_nothing(salon):
    for away in (30, 36, 10):
        await salon.visitor(away=away)
    await salon.store()
    everything = "SELECT * FROM client_reactivation_history ORDER BY id"
    before, counted = await salon.execute(everything), await salon.counts()

    second = await salon.store()

    assert second.contacts == []
    assert await salon.execute(everything) == before
    assert await salon.counts() == counted == {
        "due": 1, "lapsed": 1, "not_due": 1
    }  # fmt: skip


async def test_the_most_valuable_are_written_to_first(salon):
    poor, rich = await salon.visitor(spent=100), await salon.visitor(spent=900)

    await salon.store()

    assert [client_id for client_id, *_ in await salon.rows()] == [rich, poor]


async def test_the_cap_holds_over_all_runs_of_a_day_and_the_rest_comes_the_next_day(salon):
    company = replace(salon.company, daily_cap=2)
    for _ in range(3):
        await salon.visitor()
    first = await salon.store(company=company)
    for _ in range(2):
        await salon.visitor(spent=900)

    second = await salon.store(company=company)
    third = await salon.store(ON + timedelta(days=1), company=company)

    assert [len(plan.contacts) for plan in (first, second, third)] == [2, 0, 2]
    assert second.counts[Reason.DAILY_CAP] == 3


async def test_runs_at_the_same_moment_do_not_exceed_the_cap(salon):
    company = replace(salon.company, daily_cap=3)
    for _ in range(8):
        await salon.visitor()

    plans = await asyncio.gather(*(salon.store(company=company) for _ in range(4)))

    assert sorted(len(plan.contacts) for plan in plans) == [0, 0, 0, 3]
    assert len(await salon.rows()) == 3


async def test_what_refers_to_the_company_does_not_wait_for_its_plan(db, salon):
    """Who answers or is imported while a plan is made must get in."""
    company = {"company_id": salon.company.company_id}
    async with db.tenant(**company) as plan, db.tenant(**company) as reference:
        await plan.execute(planning.sql.lock_day.sql, company)
        await reference.execute("SELECT FROM companies FOR KEY SHARE NOWAIT")


async def test_a_place_under_the_cap_is_free_again_when_a_message_was_skipped(salon):
    company = replace(salon.company, daily_cap=1)
    first = await salon.visitor(spent=900)
    await salon.visitor()
    await salon.store(company=company)
    await salon.execute("UPDATE clients SET blacklisted = true WHERE client_id = %s", first)
    await salon.move(first, "skipped")

    again = await salon.store(company=company)

    assert len(again.contacts) == 1


async def test_companies_plan_for_themselves(db, salon):
    other = await companies.find_or_create(
        db, name="Другой", locale=Locale.RU, timezone="Asia/Almaty", currency="KZT", country="KZ"
    )
    settings = ["holdout_percent=0", "daily_cap=1", "consent_basis=a signed form"]
    there = Planned(db, await change(db, other, settings))
    here = await salon.visitor(phone="79990009001")
    await salon.store()
    theirs = [await there.visitor(phone="79990009001"), await there.visitor(phone="79990009002")]

    plan = await there.store()

    assert plan.counts == {Reason.DUE: 1, Reason.DAILY_CAP: 1}
    assert [row[0] for row in await salon.rows()] == [here]
    assert [row[0] for row in await there.rows()] == theirs[:1]
    assert (await salon.execute("SELECT count(*) FROM plans")) == [(1,)]


# --- waves -------------------------------------------------------------------------------------


async def test_a_lapse_is_met_at_one_two_and_three_intervals_and_then_let_be(salon):
    anna = await salon.visitor(away=0, interval=40)
    met = []
    for day in range(125):
        on = ON + timedelta(days=day)
        if (await salon.look(on)).contacts:
            await salon.store(on)
            await salon.move(anna, "delivered")
            met.append(day)

    assert met == [36, 80, 120]
    assert [row[1] for row in await salon.rows()] == [1, 2, 3]
    assert await salon.reasons(ON + timedelta(days=300)) == {"Анна": Reason.ATTEMPTS_EXHAUSTED}


async def test_after_a_visit_the_attempts_begin_anew(salon):
    anna = await salon.visitor(away=60)
    await salon.store(ago(30))
    await salon.move(anna, "read")
    await salon.was_here(anna, away=30)

    await salon.store()

    assert [(attempt, on) for _, attempt, *_, on in await salon.rows()] == [(1, ago(30)), (1, ON)]


@pytest.mark.parametrize(
    ("state", "first_try"), [("skipped", True), ("expired", True), ("failed", False)]
)
async def test_an_attempt_that_never_left_is_used_again(salon, state, first_try):
    anna = await salon.visitor(away=60)
    await salon.store(ago(30))
    await salon.move(anna, state)

    await salon.store()

    attempts = [attempt for _, attempt, *_ in await salon.rows()]
    assert attempts == ([1] if first_try else [1, 2])


async def test_an_attempt_that_is_used_again_forgets_its_first_message(salon):
    anna = await salon.visitor(away=40)
    await salon.store(ago(5))
    await salon.execute(
        "UPDATE client_reactivation_history SET state = 'expired', message_text = 'Весна!',"
        " message_template = 'ru-1', deadline = now(), send_after = now(), send_tries = 1"
    )
    await salon.was_here(anna, away=40, interval=38)

    await salon.store()

    (row,) = await salon.execute(
        "SELECT state, reason, plan_on, planned_at, inactive_days, interval_days, due_on,"
        " message_text, message_template, deadline, send_after, send_tries"
        " FROM client_reactivation_history"
    )
    kept = morning(ago(5))  # the experiment counts from the first plan
    assert row == (
        *("planned", "due", ON, kept, 40, 38, ago(2)),
        *(None, None, None, None, 0),
    )


async def test_a_reactivation_on_its_way_is_not_doubled_though_the_phone_has_changed(salon):
    anna = await salon.visitor(away=60)
    await salon.store(ago(30))
    await salon.execute("UPDATE clients SET phone = '79990009009' WHERE client_id = %s", anna)

    plan = await salon.store()

    assert plan.counts == {Reason.CONTACTED_RECENTLY: 1}


async def test_nobody_is_written_to_over_a_phone_that_a_message_is_on_its_way_to(salon):
    await salon.visitor("Мать", phone="79990009001", away=300, interval=160)
    await salon.store(ago(140))
    await salon.visitor("Дочь", phone="79990009001")

    plan = await salon.store()

    assert plan.counts == {Reason.CONTACTED_RECENTLY: 2}


# --- the experiment ----------------------------------------------------------------------------


@pytest.fixture
async def half(db, company) -> Planned:
    """Every second lapse is held out."""
    return Planned(db, await change(db, company, ["holdout_percent=50", "daily_cap=100"]))


async def test_held_out_clients_leave_a_row_that_is_never_sent(half):
    for _ in range(40):
        await half.visitor()

    plan = await half.store()

    states = Counter((arm, state, reason) for _, _, arm, state, reason, _ in await half.rows())
    assert states == {
        ("holdout", "held_out", "holdout"): len(plan.held_out),
        ("contact", "planned", "due"): len(plan.contacts),
    }
    assert 8 <= len(plan.held_out) <= 32


async def test_a_held_out_lapse_stays_held_out_in_all_its_waves(half):
    for _ in range(10):
        await half.visitor(away=0)
    arms: dict[int, set[str]] = {}
    for wave in (31, 60, 90, 120):  # after 30 days it is the first of May
        await half.store(ON + timedelta(days=wave))
        await half.execute(
            "UPDATE client_reactivation_history SET state = 'read', message_text = 'Записать вас?'"
            " WHERE state = 'planned'"
        )
    for client_id, _, arm, *_ in await half.rows():
        arms.setdefault(client_id, set()).add(arm)

    assert {len(of_client) for of_client in arms.values()} == {1}
    assert len(await half.rows()) == 30


async def test_an_unsent_attempt_keeps_the_arm_of_its_lapse_when_the_share_changes(half):
    everybody = [await half.visitor() for _ in range(20)]
    await half.store()
    held_out = {client_id for client_id, _, arm, *_ in await half.rows() if arm == Arm.HOLDOUT}
    await half.execute(
        "UPDATE client_reactivation_history SET state = 'skipped' WHERE state = 'planned'"
    )

    for percent in (0, 50):
        company = replace(half.company, holdout_percent=percent)
        await half.store(ON + timedelta(days=1), company=company)

    rows = {client_id: (arm, state) for client_id, _, arm, state, *_ in await half.rows()}
    assert held_out
    assert {c for c, (arm, _) in rows.items() if arm == Arm.HOLDOUT} == held_out
    assert {rows[c] for c in everybody if c not in held_out} == {("contact", "planned")}


async def test_raising_the_share_does_not_hold_back_who_was_to_be_written_to(salon):
    clients = [await salon.visitor() for _ in range(10)]
    await salon.store()
    await salon.execute("UPDATE client_reactivation_history SET state = 'expired'")

    plan = await salon.store(
        ON + timedelta(days=1), company=replace(salon.company, holdout_percent=50)
    )

    assert len(plan.contacts) == len(clients)
    assert {row[3] for row in await salon.rows()} == {"planned"}


# --- whom the plan reads -------------------------------------------------------------------------


async def test_only_the_due_are_read_the_others_are_counted(salon):
    due = await salon.visitor()
    await salon.visitor(away=10)
    await salon.visitor(away=400)
    after_the_last_wave = await salon.visitor(away=300)
    await salon.execute(
        "UPDATE client_due_dates SET opens_on = NULL WHERE client_id = %s", after_the_last_wave
    )
    await salon.client("never came")

    plan = await salon.look()

    assert [d.candidate.client_id for d in plan.decisions] == [due]
    assert plan.counts == {
        Reason.DUE: 1,
        Reason.NOT_DUE: 1,
        Reason.GONE_TOO_LONG: 1,
        Reason.ATTEMPTS_EXHAUSTED: 1,
        Reason.NO_VISITS: 1,
    }


async def test_once_the_day_is_full_nobody_else_is_read(salon, monkeypatch):
    monkeypatch.setattr(planning, "BLOCK", 3)
    for spent in range(10):
        await salon.visitor(spent=spent)
    company = await change(salon.db, salon.company, ["daily_cap=2"])

    stored = await salon.store(company=company)

    assert [d.candidate.spent_minor for d in stored.contacts] == [9, 8]
    assert len(stored.decisions) == 3
    assert stored.counts == {Reason.DUE: 2, Reason.DAILY_CAP: 8}
    assert (await salon.counts()) == {"due": 2, "daily_cap": 8}


async def test_the_next_are_read_until_the_day_is_full(salon, monkeypatch):
    monkeypatch.setattr(planning, "BLOCK", 2)
    for spent in range(1, 11):
        await salon.visitor(spent=spent, blacklisted=spent > 5)

    plan = await salon.store()

    assert [d.candidate.spent_minor for d in plan.contacts] == [5, 4, 3, 2, 1]
    assert plan.counts == {Reason.DUE: 5, Reason.BLACKLISTED: 5}


async def test_one_clients_verdict_needs_no_plan(salon):
    due, early = await salon.visitor(), await salon.visitor(away=5)

    async def reason(client_id: int) -> Reason:
        found = await planning.verdict(
            salon.db, salon.company, client_id, on=ON, now=morning(ON), hash_phone=hash_phone
        )
        return found.reason

    assert [await reason(client) for client in (due, early, early + 1)] == [
        Reason.DUE, Reason.NOT_DUE, Reason.NO_VISITS
    ]  # fmt: skip


async def test_a_plan_holds_no_more_strangers_than_the_number_may_write_to(salon):
    for _ in range(4):
        await salon.visitor()
    known = await salon.visitor()
    account = (await salon.execute("SELECT account_id FROM accounts"))[0][0]
    phone = await salon.phone_of(known)
    await salon.insert("dialogs", "dialog_id", account_id=account, phone=phone, client_id=known)
    await salon.execute("UPDATE accounts SET new_chats_limit = 2")

    first, again = await salon.store(), await salon.store()

    assert len(first.contacts) == 3
    assert known in [d.candidate.client_id for d in first.contacts]
    assert first.counts[Reason.ACCOUNT_LIMIT] == 2
    assert again.contacts == []


async def test_who_is_known_to_be_on_no_channel_takes_nobodys_room(salon):
    gone, here = await salon.visitor(spent=100), await salon.visitor(spent=1)
    phone = await salon.phone_of(gone)
    await salon.insert(
        "reach", "phone", phone=phone, channel="sandbox", reachable=False, checked_at=morning(ON)
    )
    await salon.execute("UPDATE accounts SET new_chats_limit = 1")

    plan = await salon.store()

    assert [d.candidate.client_id for d in plan.contacts] == [here]
    assert plan.counts[Reason.NOT_ON_CHANNEL] == 1
