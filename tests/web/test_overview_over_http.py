"""The report and the overview over HTTP, and what is kept of it for a moment."""

import asyncio

import pytest
from rest import Rest

from vernis.web.recent import Recent


async def test_the_overview_says_of_when_it_is(rest: Rest) -> None:
    found = await rest.get("/overview")
    assert (found["on"], len(found["series"])) == ("2024-04-01", 28)
    assert found["as_of"].startswith("2024-04-01T09:00:00")
    assert len((await rest.get("/overview", days=7))["series"]) == 7
    assert await rest.refused("GET", "/overview", params={"days": 0}) == (422, "invalid")


async def test_the_report_is_of_some_days(rest: Rest) -> None:
    client = await rest.salon.client()
    await rest.salon.contact(client, "2024-03-20 12:00")

    async def sent(**days: str) -> int:
        report = await rest.get("/report", **days)
        return sum(group["sent"] for group in report["totals"])

    assert await sent() == 1
    assert await sent(**{"from": "2024-03-21"}) == 0
    days = {"from": "2024-03-21", "to": "2024-03-20"}
    assert await rest.refused("GET", "/report", params=days) == (422, "invalid")


class Counted:
    """Computes 1, 2, 3, ... when it is let."""

    def __init__(self) -> None:
        self.times = 0
        self.may = asyncio.Event()
        self.may.set()

    async def __call__(self) -> int:
        await self.may.wait()
        self.times += 1
        return self.times


async def test_however_many_ask_it_is_computed_once() -> None:
    counted, recent = Counted(), Recent[int](fresh=3, stale=10, clock=lambda: 0)
    asked = await asyncio.gather(*(recent.get("a", counted) for _ in range(50)))
    assert set(asked) == {1}
    assert await recent.get("b", counted) == 2


async def test_what_is_a_little_old_is_answered_at_once_and_renewed() -> None:
    now, counted = 0.0, Counted()
    recent = Recent[int](fresh=3, stale=10, clock=lambda: now)
    assert await recent.get("a", counted) == 1
    now, _ = 4.0, counted.may.clear()
    assert await recent.get("a", counted) == 1
    counted.may.set()
    await asyncio.sleep(0.01)
    assert await recent.get("a", counted) == 2
    now = 20.0
    assert await recent.get("a", counted) == 3


async def test_a_failure_is_told_to_all_who_wait_and_not_kept() -> None:
    async def broken() -> int:
        await asyncio.sleep(0)
        raise OSError

    recent, counted = Recent[int](fresh=3, stale=10, clock=lambda: 0), Counted()
    told = await asyncio.gather(
        *(recent.get("a", broken) for _ in range(3)), return_exceptions=True
    )
    assert all(isinstance(one, OSError) for one in told)
    assert await recent.get("a", counted) == 1
    with pytest.raises(OSError):  # noqa: PT011
        await recent.get("b", broken)
