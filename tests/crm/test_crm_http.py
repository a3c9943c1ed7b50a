"""What is repeated, what is told as a doubt, and what a no means."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from wire import LOST, UNREADABLE, Asked, FakeServer, Reply

from vernis.adapters.channel_http import Http
from vernis.adapters.crm_http import CrmHttp, client
from vernis.adapters.crm_pace import NoPace
from vernis.errors import (
    BookingUnknownError,
    CrmAccessError,
    CrmRefusedError,
    NotFoundError,
    UnavailableError,
)

GOOD = Reply(body={"success": True, "data": [{"id": 7}], "meta": {"total_count": 812}})
FAULT = Reply(status=503, text="<html>somebody in between</html>")
BUSY = Reply(status=429, body={}, headers={"retry-after": "0"})


def no(status: int, words: str = "Так нельзя.") -> Reply:
    return Reply(status=status, body={"success": False, "data": None, "meta": {"message": words}})


@dataclass(kw_only=True)
class Scripted(FakeServer):
    """Gives these answers in turn, the last one for ever."""

    script: list[Reply] = field(default_factory=list)

    def reply(self, asked: Asked) -> Reply:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


class Counted(NoPace):
    """No limits, but remembers what was asked of it."""

    def __init__(self) -> None:
        self.taken = self.over = 0
        self.pauses: list[float] = []

    async def take(self) -> datetime | None:
        self.taken += 1
        return None

    async def ended(self, taken: datetime | None) -> None:
        self.over += 1

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    async with Scripted() as server:
        yield server


@pytest.fixture
def pace() -> Counted:
    return Counted()


@pytest.fixture
async def http(server: Scripted, pace: Counted) -> AsyncIterator[CrmHttp]:
    http = CrmHttp(
        server.url,
        partner_token="partner-x",
        user_token="user-x",
        pace=pace,
        tries=3,
        first_wait=0.001,
    )
    yield http
    await http.aclose()


async def test_both_tokens_and_the_version_go_with_every_request(server, http):
    server.script = [GOOD]
    assert await http.get("/records/1", {"page": 2, "ids[]": ["4", "5"]}) == [{"id": 7}]
    asked = server.asked[0]
    assert asked.headers["authorization"] == "Bearer partner-x, User user-x"
    assert asked.headers["accept"] == "application/vnd.yclients.v2+json"
    assert asked.target == "/records/1?page=2&ids%5B%5D=4&ids%5B%5D=5"


async def test_without_a_user_only_the_partner_is_told(server, pace):
    server.script = [GOOD]
    http = CrmHttp(server.url, partner_token="partner-x", user_token=None, pace=pace)
    await http.get("/company/1")
    await http.aclose()
    assert server.asked[0].headers["authorization"] == "Bearer partner-x"


async def test_a_list_says_how_many_there_are(server, http):
    server.script = [GOOD]
    assert (await http.ask("GET", "/records/1", repeatable=True)).total == 812


@pytest.mark.parametrize("meta", [[], None, {}, {"total_count": None}, {"total_count": "3"}])
async def test_a_list_need_not_say_how_many_there_are(server, http, meta):
    server.script = [Reply(body={"success": True, "data": [], "meta": meta})]
    assert (await http.ask("GET", "/records/1", repeatable=True)).total is None


async def test_what_was_deleted_has_no_data(server, http):
    server.script = [Reply(status=204, text="")]
    assert await http.delete("/record/1/2", repeatable=False) is None


BAD = [FAULT, LOST, UNREADABLE, Reply(status=500, body={"success": False}), Reply(text="[1, 2")]
BAD_NAMES = ["fault", "lost", "page", "500", "broken"]


@pytest.mark.parametrize("bad", BAD, ids=BAD_NAMES)
async def test_what_may_be_repeated_is_asked_again(server, http, pace, bad):
    server.script = [bad, bad, GOOD]
    assert await http.get("/records/1") == [{"id": 7}]
    assert (len(server.asked), pace.taken, pace.over) == (3, 3, 3)


@pytest.mark.parametrize("bad", BAD, ids=BAD_NAMES)
async def test_a_crm_that_stays_away_is_told_so_in_the_end(server, http, bad):
    server.script = [bad]
    with pytest.raises(UnavailableError, match="asked again later"):
        await http.post("/company/1/clients/search", {}, repeatable=True)
    assert len(server.asked) == 3


@pytest.mark.parametrize("bad", BAD, ids=BAD_NAMES)
async def test_a_booking_that_may_have_been_made_is_never_repeated(server, http, pace, bad):
    server.script = [bad, GOOD]
    with pytest.raises(BookingUnknownError):
        await http.post("/records/1", {"staff_id": 1}, repeatable=False)
    assert (len(server.asked), pace.over) == (1, 1)


async def test_an_answer_that_does_not_come_in_time_is_a_doubt(server, pace):
    server.script = [Reply(body={}, headers={"content-length": "99"})]
    slow = Http(server.url, seconds=0.1)
    http = CrmHttp(server.url, partner_token="p", user_token="u", pace=pace, http=slow)
    with pytest.raises(BookingUnknownError):
        await http.post("/records/1", {}, repeatable=False)
    await slow.aclose()


async def test_a_booking_is_asked_for_again_where_it_certainly_was_not_made(server, http, pace):
    server.script = [BUSY, GOOD]
    assert await http.post("/records/1", {}, repeatable=False) == [{"id": 7}]
    assert (len(server.asked), pace.pauses) == (2, [0.0])


async def test_where_nobody_listens_a_booking_was_not_made(pace):
    http = CrmHttp(
        "http://127.0.0.1:9",
        partner_token="p",
        user_token="u",
        pace=pace,
        tries=2,
        first_wait=0.001,
    )
    with pytest.raises(UnavailableError):
        await http.post("/records/1", {}, repeatable=False)
    assert (pace.taken, pace.over) == (2, 2)
    await http.aclose()


async def test_the_crms_own_time_is_waited_for_by_everybody(server, http, pace):
    server.script = [Reply(status=429, body={}, headers={"retry-after": "1"}), GOOD]
    began = time.monotonic()
    await http.get("/records/1")
    assert time.monotonic() - began >= 1
    assert pace.pauses == [1.0]


async def test_nobody_waits_for_a_pause_of_hours(server, http, pace):
    server.script = [Reply(status=429, body={}, headers={"retry-after": "7200"})]
    with pytest.raises(UnavailableError, match="pause"):
        await http.get("/records/1")
    assert (len(server.asked), pace.pauses) == (1, [7200.0])


async def test_a_fault_may_say_as_well_when_to_go_on(server, http, pace):
    server.script = [Reply(status=503, text="", headers={"retry-after": "0"}), GOOD]
    await http.get("/records/1")
    assert pace.pauses == [0.0]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, CrmRefusedError),
        (401, CrmAccessError),
        (402, CrmAccessError),
        (403, CrmAccessError),
        (404, NotFoundError),
        (409, CrmRefusedError),
        (422, CrmRefusedError),
        (200, CrmRefusedError),  # it says so in the body alone
    ],
)
async def test_a_no_is_final_and_has_the_crms_own_words(server, http, status, error):
    server.script = [no(status, "Выбранное время уже занято.")]
    with pytest.raises(error, match="Выбранное время уже занято"):
        await http.post("/records/1", {}, repeatable=False)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [301, 401, 403, 404, 400])
async def test_a_no_of_somebody_in_between_proves_nothing(server, http, status):
    server.script = [Reply(status=status, text="<html>blocked</html>"), GOOD]
    assert await http.get("/records/1") == [{"id": 7}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Клиент +7 (999) 000-12-34 уже есть", "Клиент … уже есть"),
        ("Клиент 79990001234 уже есть", "Клиент … уже есть"),
        ("Нельзя записаться на 30 сентября 2015 в 16:00.", "Нельзя записаться на 30 сентября"),
        ("а" * 500, "а" * 200),
    ],
)
async def test_no_phone_is_in_an_error(server, http, words, said):
    server.script = [no(422, words)]
    with pytest.raises(CrmRefusedError) as refused:
        await http.get("/records/1")
    assert refused.value.status == 422
    assert refused.value.words.startswith(said)
    assert str(refused.value).count("а" * 201) == 0


@pytest.mark.parametrize("meta", [None, [], {}, {"message": None}, {"message": ["a"]}])
async def test_a_no_need_not_say_why(server, http, meta):
    server.script = [Reply(status=422, body={"success": False, "meta": meta})]
    with pytest.raises(CrmRefusedError, match="does not say why"):
        await http.get("/records/1")


async def test_a_long_list_is_read_whole(server, http):
    many: list[Any] = [{"id": i, "comment": "длинно " * 20} for i in range(8000)]
    server.script = [Reply(body={"success": True, "data": many, "meta": {}})]
    assert len(await http.get("/records/1")) == 8000


async def test_an_answer_without_end_is_not_read(server, pace):
    server.script = [Reply(body={"success": True, "data": "а" * 5000, "meta": {}})]
    short = Http(server.url, most_bytes=4096)
    http = CrmHttp(server.url, partner_token="p", user_token="u", pace=pace, http=short, tries=1)
    with pytest.raises(UnavailableError):
        await http.get("/records/1")
    await short.aclose()


async def test_companies_may_share_connections(server, pace):
    server.script = [GOOD]
    shared = client(server.url)
    for token in ("a", "b"):
        http = CrmHttp(server.url, partner_token="p", user_token=token, pace=pace, http=shared)
        await http.get("/company/1")
        await http.aclose()
    assert [asked.headers["authorization"][-1] for asked in server.asked] == ["a", "b"]
    assert len(server._tasks) == 1
    await shared.aclose()


async def test_a_request_that_is_cancelled_is_over(server, http, pace):
    server.script = [Reply(body={}, headers={"content-length": "99"})]
    task = asyncio.create_task(http.get("/records/1"))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (pace.taken, pace.over) == (1, 1)
