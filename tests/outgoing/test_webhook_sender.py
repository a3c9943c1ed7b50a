"""Calling a receiver: to the address that was judged, and no further."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from tests.channels.wire import LOST, Reply
from tests.outgoing.certificates import Authority
from tests.outgoing.receiver import Receiver

from vernis.adapters.webhook_sender import WebhookSender
from vernis.errors import UsageError

BODY, HEADERS = b'{"type":"ping"}', {"content-type": "application/json", "webhook-id": "msg_1"}
NAME = "hooks.example.test"


class Names:
    """A resolver that gives its answers one after the other, the last one for good."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not found:
            raise OSError("no such name")
        return found


# --- what is sent -------------------------------------------------------------------------------


async def test_a_body_arrives_as_it_was_given(sender: WebhookSender, receiver: Receiver) -> None:
    answered = await sender.send(f"{receiver.url}/hook?a=b", BODY, HEADERS)
    assert (answered.status, answered.fault) == (204, None)
    (asked,) = receiver.asked
    assert (asked.method, asked.target, asked.content) == ("POST", "/hook?a=b", BODY)
    assert asked.headers["webhook-id"] == "msg_1"
    assert asked.headers["host"] == receiver.url.removeprefix("http://")


async def test_a_name_is_asked_for_by_its_name(receiver: Receiver) -> None:
    sender = WebhookSender(private=True, resolve=Names(["127.0.0.1"]))
    await sender.send(f"http://{NAME}:{receiver.port}/", BODY, HEADERS)
    assert receiver.asked[0].headers["host"] == f"{NAME}:{receiver.port}"
    await sender.aclose()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(
    sender: WebhookSender, receiver: Receiver, status: int
) -> None:
    there = {"location": "http://169.254.169.254/latest/meta-data/"}
    receiver.says = [Reply(status=status, headers=there, text="")]
    assert (await sender.send(receiver.url, BODY, HEADERS)).status == status
    assert len(receiver.asked) == 1


async def test_a_retry_after_is_read_and_a_cookie_is_not_kept(
    sender: WebhookSender, receiver: Receiver
) -> None:
    receiver.says = [Reply(status=429, headers={"retry-after": "17", "set-cookie": "a=b"})]
    assert (await sender.send(receiver.url, BODY, HEADERS)).retry_after == timedelta(seconds=17)
    await sender.send(receiver.url, BODY, HEADERS)
    assert "cookie" not in receiver.asked[1].headers


async def test_an_answer_is_not_read(sender: WebhookSender, receiver: Receiver) -> None:
    endless = {"content-length": str(1 << 40)}
    receiver.says = [Reply(text="x" * 100_000, headers=endless)]
    assert (await sender.send(receiver.url, BODY, HEADERS)).status == 200


async def test_no_connection_is_kept(sender: WebhookSender, receiver: Receiver) -> None:
    for _ in range(3):
        await sender.send(receiver.url, BODY, HEADERS)
    assert receiver.connections == 3


async def test_no_proxy_of_the_environment_is_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Receiver() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        sender = WebhookSender(private=True)
        assert (await sender.send(receiver.url, BODY, HEADERS)).status == 204
        await sender.aclose()
        assert proxy.asked == []


# --- what goes wrong ----------------------------------------------------------------------------


async def test_a_receiver_that_says_nothing_is_given_up() -> None:
    sender = WebhookSender(private=True, seconds=0.1)
    async with Receiver(silent=True) as receiver:
        assert (await sender.send(receiver.url, BODY, HEADERS)).fault == "timed_out"
    await sender.aclose()


async def test_a_name_server_that_says_nothing_is_given_up() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    sender = WebhookSender(resolve=never, seconds=0.05)
    assert (await sender.send(f"https://{NAME}/", BODY, HEADERS)).fault == "timed_out"
    with pytest.raises(UsageError, match="is not found"):
        await sender.check(f"https://{NAME}/")


async def test_nobody_there_a_lost_answer_and_an_unknown_name_have_their_words(
    sender: WebhookSender, receiver: Receiver
) -> None:
    receiver.says = [LOST]
    assert (await sender.send(receiver.url, BODY, HEADERS)).fault == "lost"
    assert (await sender.send("http://127.0.0.1:1/", BODY, HEADERS)).fault == "not_connected"
    assert (await sender.send("https://user@example.com/", BODY, HEADERS)).fault == "url_refused"
    lost = WebhookSender(resolve=Names([]))
    assert (await lost.send(f"https://{NAME}/", BODY, HEADERS)).fault == "name_unknown"


async def test_the_next_address_of_a_name_is_tried_where_nobody_is_at_the_first(
    receiver: Receiver,
) -> None:
    sender = WebhookSender(private=True, resolve=Names(["127.0.0.2", "127.0.0.1"]))
    answered = await sender.send(f"http://{NAME}:{receiver.port}/", BODY, HEADERS)
    assert answered.status == 204
    await sender.aclose()


# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["10.0.0.1"],
        ["::1"],
        ["fd00:ec2::254"],
        ["8.8.8.8", "127.0.0.1"],  # one of them is enough
        ["::ffff:127.0.0.1"],
        ["fe80::1%eth0"],
    ],
)
async def test_a_name_that_leads_into_a_private_network_is_refused(answer: list[str]) -> None:
    sender = WebhookSender(resolve=Names(answer))
    with pytest.raises(UsageError, match="cannot lead to"):
        await sender.check(f"https://{NAME}/")
    assert (await sender.send(f"https://{NAME}/", BODY, HEADERS)).fault == "address_refused"


async def test_a_name_on_the_internet_may_be_called() -> None:
    await WebhookSender(resolve=Names(["8.8.8.8", "2606:4700:4700::1111"])).check(
        f"https://{NAME}/"
    )


async def test_a_name_that_changes_its_mind_after_it_was_checked_is_refused() -> None:
    names = Names(["8.8.8.8"], ["127.0.0.1"])
    sender = WebhookSender(resolve=names)
    await sender.check(f"https://{NAME}:8443/")
    assert (await sender.send(f"https://{NAME}:8443/", BODY, HEADERS)).fault == "address_refused"


async def test_the_connection_goes_to_the_address_that_was_judged(receiver: Receiver) -> None:
    """Between the judgement and the connection nobody is asked once more."""
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    sender = WebhookSender(private=True, resolve=names)
    assert (await sender.send(f"http://{NAME}:{receiver.port}/", BODY, HEADERS)).status == 204
    assert names.asked == 1
    await sender.aclose()


# --- certificates -------------------------------------------------------------------------------


async def test_the_certificate_must_be_the_names_although_the_connection_is_by_number(
    tmp_path: Path,
) -> None:
    authority, names = Authority(), Names(["127.0.0.1"])
    sender = WebhookSender(private=True, resolve=names, tls=authority.trusted())
    stranger = WebhookSender(private=True, resolve=names)
    async with Receiver(tls=authority.server(NAME, tmp_path)) as receiver:
        at = f"https://{NAME}:{receiver.port}/"
        assert (await sender.send(at, BODY, HEADERS)).status == 204
        other = f"https://other.example.test:{receiver.port}/"
        assert (await sender.send(other, BODY, HEADERS)).fault == "certificate"
        by_number = f"https://127.0.0.1:{receiver.port}/"
        assert (await sender.send(by_number, BODY, HEADERS)).fault == "certificate"
        assert (await stranger.send(at, BODY, HEADERS)).fault == "certificate"
        assert len(receiver.asked) == 1
    await sender.aclose()
    await stranger.aclose()


async def test_a_real_name_is_resolved(sender: WebhookSender, receiver: Receiver) -> None:
    url = f"http://localhost:{receiver.port}/"
    assert (await sender.send(url, BODY, HEADERS)).status == 204
    with pytest.raises(UsageError, match="private network"):
        await WebhookSender().check("https://localhost/")
