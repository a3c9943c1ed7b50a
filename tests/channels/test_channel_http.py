"""What certainly did not leave, and what may have."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from wire import Asked, FakeServer, Reply

from vernis.adapters.channel_http import Answer, Http, judged
from vernis.errors import OutcomeUnknownError, Refusal, RefusedError


class Scripted(FakeServer):
    """Answers as the test says."""

    says = Reply(body={})

    def reply(self, asked: Asked) -> Reply:
        return self.says


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    async with Scripted() as server:
        yield server


async def answer_of(server: Scripted, reply: Reply, *, seconds: float = 5) -> Answer:
    server.says = reply
    http = Http(server.url, seconds=seconds)
    try:
        return await http.call("POST", "/send", body={"text": "Привет 👍"})
    finally:
        await http.aclose()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "gopher://127.0.0.1", "http://[", ""])
async def test_where_nobody_listens_nothing_has_left(url: str):
    http = Http(url)
    with pytest.raises(RefusedError) as refused:
        await http.call("GET", "/")
    assert (refused.value.refusal, refused.value.temporary) == (Refusal.NOT_CONNECTED, True)
    await http.aclose()


async def test_a_connection_that_breaks_is_a_doubt(server: Scripted):
    with pytest.raises(OutcomeUnknownError):
        await answer_of(server, Reply(breaks=True))
    assert len(server.asked) == 1


async def test_an_answer_that_does_not_come_whole_in_time_is_a_doubt(server: Scripted):
    with pytest.raises(OutcomeUnknownError):
        await answer_of(server, Reply(body={}, headers={"content-length": "99"}), seconds=0.2)
    assert len(server.asked) <= 1


async def test_what_is_sent_arrives_as_utf_8(server: Scripted):
    answer = await answer_of(server, Reply(status=201, body={"id": "3EB0"}))
    assert (answer.status, answer.fields) == (201, {"id": "3EB0"})
    assert server.asked[0].content == '{"text": "Привет 👍"}'.encode()
    assert server.asked[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(text="<html>"),
        Reply(text=""),
        Reply(text="[" * 100_000),
        Reply(text='"' + "a" * 1_100_000 + '"'),
        Reply(text="1" * 5000),
    ],
    ids=["page", "nothing", "deep", "long", "huge number"],
)
async def test_an_answer_that_cannot_be_read_has_no_body(server: Scripted, reply: Reply):
    answer = await answer_of(server, reply)
    assert (answer.body, answer.fields) == (None, {})


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({}, None),
        ({"retry-after": "17"}, timedelta(seconds=17)),
        ({"retry-after": "9" * 30}, timedelta(days=1)),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "Mon, 01 Apr 2024 09:00:30 GMT"}, None),
        (
            {
                "date": "Mon, 01 Apr 2024 09:00:00 GMT",
                "retry-after": "Mon, 01 Apr 2024 09:00:30 GMT",
            },
            timedelta(seconds=30),
        ),
        (
            {
                "date": "Mon, 01 Apr 2024 09:00:00 GMT",
                "retry-after": "Mon, 01 Apr 2024 08:00:30 GMT",
            },
            timedelta(0),
        ),
    ],
    ids=str,
)
async def test_when_to_go_on_is_read_however_it_is_written(server, headers, wanted):
    answer = await answer_of(server, Reply(status=429, body={}, headers=headers))
    assert answer.retry_after == wanted


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (301, Refusal.NOT_CONNECTED),
        (400, Refusal.INVALID),
        (401, Refusal.UNAUTHORISED),
        (403, Refusal.UNAUTHORISED),
        (404, Refusal.NOT_CONNECTED),
        (405, Refusal.NOT_CONNECTED),
        (413, Refusal.INVALID),
        (429, Refusal.RATE_LIMITED),
        (408, None),
        (500, None),
        (502, None),
        (504, None),
    ],
)
def test_a_status_without_words_is_a_refusal_or_a_doubt(status, refusal):
    error = judged(Answer(status=status))
    assert isinstance(error, OutcomeUnknownError if refusal is None else RefusedError)
    assert getattr(error, "refusal", None) is refusal


async def test_a_server_is_not_asked_twice_over_a_connection_that_it_closed(server: Scripted):
    http = Http(server.url)
    await http.call("GET", "/")
    for task in list(server._tasks):  # it closes its idle connection
        task.cancel()
    await asyncio.sleep(0.05)
    assert (await http.call("GET", "/")).is_success
    assert len(server.asked) == 2
    await http.aclose()
