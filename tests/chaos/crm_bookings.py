"""Bookings in YClients while it fails in every way: each is made once, or told as not made.

    python tests/chaos/crm_bookings.py [BOOKINGS] [SEED]

Some are asked for twice at the same time, some are cut off as by a killed worker and asked for
again, some want a time that somebody else wants as well. Exit code 1 where anything did not hold.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parents[2]))

from tests.crm import connected as simulated
from tests.crm.connected import MONDAY, Connected
from tests.crm.yclients_server import Fault, How, YClients

from vernis.domain import Company, FreeTime, Locale
from vernis.errors import BookingUnknownError, CrmError, TimeTakenError, UnavailableError
from vernis.ports import Database
from vernis.stages import booking, companies
from vernis.stages.booking import Wanted

RATE = 0.035  # of each of the ten ways: about a third of all requests fail
AT_ONCE = 8
TWICE, CUT_OFF, WANTED_BY_TWO = 0.1, 0.15, 0.1  # shares
PATIENCE_SECONDS = 0.25


@dataclass(kw_only=True)
class Booked:
    """What came of it; `failed` counts the ways in which requests to write were answered."""

    bookings: int
    seconds: float = 0.0
    requests: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    read_failed: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{count} {what}" for what, count in sorted(self.outcomes.items()))
        ways = ", ".join(f"{count} {how}" for how, count in sorted(self.failed.items()))
        return (
            f"{self.bookings} bookings in {self.seconds:.0f} s, {self.requests} requests: {told};"
            f" of the writing ones failed {ways or 'none'}; {self.read_failed} reading ones failed"
        )


class Unreliable(YClients):
    """Fails by chance, and counts how."""

    found: Booked

    def _fault(self, method: str, path: str) -> Fault | None:
        fault = super()._fault(method, path)
        if fault is None:
            return None
        if method == "GET":
            self.found.read_failed += 1
        else:
            self.found.failed[fault.how.value] += 1
        waits = 2 * PATIENCE_SECONDS if fault.how is How.SLOW else 0
        return replace(fault, seconds=waits)


async def run(db: Database, company: Company, *, bookings: int, seed: int = 1) -> Booked:
    """On a database of one's own."""
    found, chance, began = Booked(bookings=bookings), random.Random(seed), time.monotonic()
    async with simulated.connected(
        db,
        company,
        lambda: MONDAY,
        clients=min(bookings, 40),
        tries=8,
        patience=PATIENCE_SECONDS,
        opens=Unreliable,
    ) as salon:
        salon.server.found = found  # type: ignore[attr-defined]
        dialog = await _dialog(salon)
        wishes = await _wishes(salon, chance, dialog, bookings)
        salon.server.be_unreliable(seed, dict.fromkeys(How, RATE))
        asking = asyncio.Semaphore(AT_ONCE)

        async def ask(wish: Wanted) -> tuple[Wanted, str, int | None]:
            async with asking:
                return wish, *await _asked(salon, wish, random.Random(f"{seed}/{wish.key}"))

        told = await asyncio.gather(*(ask(wish) for wish in wishes))
        salon.server.be_reliable()
        for wish, outcome, booking_id in told:
            if outcome == "unknown":
                outcome, booking_id = await _read_back(salon, wish)  # noqa: PLW2901
            found.outcomes[outcome] += 1
            _check(salon, wish, booking_id, found.faults)
        await _check_all(salon, found)
        found.requests = len(salon.server.seen)
    found.seconds = time.monotonic() - began
    return found


async def _asked(salon: Connected, wish: Wanted, chance: random.Random) -> tuple[str, int | None]:
    """As the receptionist does it, cut off and repeated as a killed worker's turn is."""
    kind = chance.random()
    if kind < CUT_OFF:
        cut = asyncio.create_task(_carried_out(salon, wish))
        await asyncio.sleep(chance.uniform(0, 0.1))
        cut.cancel()
        await asyncio.gather(cut, return_exceptions=True)
    elif kind < CUT_OFF + TWICE:
        both = await asyncio.gather(_carried_out(salon, wish), _carried_out(salon, wish))
        return min(both, key=lambda one: ("booked", "unknown").index(one[0]) if one[1] else 2)
    return await _carried_out(salon, wish)


async def _carried_out(salon: Connected, wish: Wanted) -> tuple[str, int | None]:
    try:
        return "booked", await booking.carry_out(salon.db, salon.company, salon.crm, wish)
    except TimeTakenError:
        return "told as taken", None
    except BookingUnknownError:
        return "unknown", None
    except (CrmError, UnavailableError):
        return "told as not made", None


async def _read_back(salon: Connected, wish: Wanted) -> tuple[str, int | None]:
    """What the salon sees once its CRM answers again."""
    assert wish.time is not None
    booking_id = await salon.find(wish.time, wish.key, client=wish.client_id)
    return ("found when read back" if booking_id else "not made when read back"), booking_id


def _check(salon: Connected, wish: Wanted, booking_id: int | None, faults: list[str]) -> None:
    made = [one for one in salon.records() if one.api_id == f"vernis-{wish.key}"]
    if len(made) != (booking_id is not None):
        faults.append(f"{wish.key}: {len(made)} records, and it was told {booking_id}")


async def _check_all(salon: Connected, found: Booked) -> None:
    rows = await salon.execute(
        "SELECT external_key, count(*) FROM bookings WHERE state = 'booked' GROUP BY 1"
    )
    records = {str(one.id) for one in salon.records()}
    if dict(rows) != dict.fromkeys(records, 1):
        found.faults.append(f"{len(rows)} of our bookings for {len(records)} records")
    places = Counter((one.staff_id, one.starts_at) for one in salon.records())
    found.faults += [f"two records at one time: {at}" for at, count in places.items() if count > 1]
    phones = Counter(one.phone[-10:] for one in salon.world.clients.values())
    found.faults += [f"a client was made twice: {n}" for n in phones.values() if n > 1]
    if sum(found.outcomes.values()) != found.bookings:
        found.faults.append("an outcome is missing")
    refused = Counter(one.status for one in salon.server.refused if one.status != 422)
    if refused:
        found.faults.append(f"the CRM refused what it was asked: {dict(refused)}")


async def _wishes(
    salon: Connected, chance: random.Random, dialog: int, bookings: int
) -> list[Wanted]:
    days = 2 + bookings // 20
    times = _apart(await salon.free(days=days))
    chance.shuffle(times)
    two = round(bookings * WANTED_BY_TWO)
    chosen = times[: bookings - two] + times[:two]
    assert len(chosen) == bookings, f"only {len(times)} free times"
    clients = list(salon.clients.values())
    strangers = [
        await salon.new_client("Зоя", f"7999000{9000 + place}", f"C{place}")
        for place in range(max(2, bookings // 20))
    ]
    return [
        Wanted(
            key=f"d{dialog}-{place}",
            dialog_id=dialog,
            client_id=chance.choice(clients + strangers),
            reactivation_id=None,
            time=free,
        )
        for place, free in enumerate(chosen)
    ]


def _apart(times: Sequence[FreeTime]) -> list[FreeTime]:
    """Of each master, times that do not overlap."""
    until: dict[int, datetime] = {}
    apart = []
    for free in times:
        if free.starts_at >= until.get(free.staff_id, datetime.min.replace(tzinfo=UTC)):
            until[free.staff_id] = free.ends_at + timedelta(minutes=1)
            apart.append(free)
    return apart


async def _dialog(salon: Connected) -> int:
    rows: list[Any] = await salon.execute(
        "INSERT INTO dialogs (company_id, account_id, phone)"
        " SELECT company_id, account_id, '79990000001' FROM accounts RETURNING dialog_id"
    )
    return int(rows[0][0])


async def on(database_url: str, *, bookings: int, seed: int) -> Booked:
    """In a salon of its own there."""
    from vernis.adapters.postgres import Database as Postgres

    async with Postgres(database_url, size=AT_ONCE) as db:
        company = await companies.find_or_create(
            db, name="Лён", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB", country="RU"
        )
        return await run(db, company, bookings=bookings, seed=seed)


def main(bookings: int, seed: int) -> int:
    from vernis.adapters import schema
    from vernis.adapters.embedded import running

    with (
        tempfile.TemporaryDirectory(prefix="vernis-chaos-") as folder,
        running(Path(folder), durable=False) as servers,
    ):
        schema.ensure(servers.database_url)
        found = asyncio.run(on(servers.database_url, bookings=bookings, seed=seed))
    print(found)
    for fault in found.faults:
        print("      ", fault)
    return int(bool(found.faults))


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    sys.exit(main(*(given + [300, 1][len(given) :])))
