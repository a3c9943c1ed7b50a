"""The bridge itself keeps the contract, before a WhatsApp that is not there; and what happens on
the salon's phone comes back."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from contract import ANNA, BORIS, LID, Refusing, Rig, Sending, Standing
from real_bridge import PHONES, SECRET, RealBridge, running_bridge, until
from wire import Delivered, How

from vernis.adapters.bridge_login import BridgeLogin
from vernis.adapters.channel_bridge import Bridge
from vernis.decide.channels import bridge, bridge_signature
from vernis.domain import Account, Delivery, Event

logins = (f"salon-{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBridge]:
    with running_bridge(tmp_path_factory.mktemp("bridge")) as running:
        yield running


@dataclass(kw_only=True)
class Login:
    """One login of the bridge, in the place of a fake."""

    bridge: RealBridge
    name: str

    @property
    def requests(self) -> int:
        return len(self.bridge.sent(self.name))

    def behave(self, phone: str, how: How) -> None:
        raise AssertionError("fake-socket.js goes by the phone")

    async def delivered(self) -> list[Delivered]:
        return self.bridge.delivered(self.name)

    def deliveries(self) -> list[Delivery]:
        """What it has posted about this login, through the signature and the parser."""
        found = []
        for letter in list(self.bridge.letters):
            now = datetime.now(UTC)
            assert bridge_signature.is_of_webhook(SECRET, letter.headers, letter.content, now=now)
            found += [d for d in bridge.read(letter.body, now=now) if d.address == self.name]
        return found


class RealRig(Rig):
    def make(self, how: How) -> str:
        return PHONES[how]


@pytest.fixture
async def rig(running: RealBridge) -> AsyncIterator[Rig]:
    """A login of its own in the one bridge."""
    now, login = datetime.now(UTC), next(logins)

    def clock() -> datetime:
        return now

    def channel(url: str, secret: str = SECRET) -> Bridge:
        return Bridge(url, secret, clock)

    linking = BridgeLogin(running.url, SECRET, clock)
    await linking.begin(login)
    while not (await linking.look(login)).is_linked:  # noqa: ASYNC110 (it does not say by itself)
        await asyncio.sleep(0.01)
    await linking.aclose()
    rig = RealRig(
        channel=channel(running.url),
        account=Account(company_id=1, account_id=1, channel="baileys", address=login),
        fake=Login(bridge=running, name=login),
        clock=clock,
        misbehaves=frozenset(PHONES),
        others_go_on=False,
        change_key=lambda: setattr(rig, "channel", channel(running.url, "another secret of it")),
        away=channel("http://127.0.0.1:9"),
        says_when=False,
    )
    yield rig
    await rig.channel.aclose()
    assert rig.away is not None
    await rig.away.aclose()


class TestTheBridge(Sending, Refusing, Standing):
    """Its webhooks are below: they come by themselves."""


def of_fake(rig: Rig) -> Login:
    assert isinstance(rig.fake, Login)
    return rig.fake


async def test_what_a_client_writes_comes_signed_and_whole(rig: Rig):
    login = of_fake(rig)
    text = "Да 👍\nв субботу? «ё»"
    login.bridge.hears(account=login.name, **{"from": ANNA}, text=text, id="3AIN1", pushName="Ира")
    (delivery,) = until(lambda: [d for d in login.deliveries() if d.messages])
    (message,) = delivery.messages
    assert (message.phone, message.text, message.kind) == (ANNA, text, "text")
    assert message.provider_message_id == "3AIN1"


async def test_a_client_known_by_lid_only_is_named_by_it(rig: Rig):
    login = of_fake(rig)
    login.bridge.hears(account=login.name, lid=LID, text="Здравствуйте", id="3AIN2")
    (delivery,) = until(lambda: [d for d in login.deliveries() if d.messages])
    assert (delivery.messages[0].phone, delivery.messages[0].lid) == (None, LID)


async def test_what_staff_write_from_the_phone_names_the_client(rig: Rig):
    login = of_fake(rig)
    login.bridge.hears(
        account=login.name, **{"from": BORIS}, text="Записала вас", id="3ASTAFF", staff=True
    )
    (delivery,) = until(lambda: [d for d in login.deliveries() if d.messages])
    (message,) = delivery.messages
    assert (message.phone, message.kind) == (BORIS, "staff")


async def test_delivered_and_read_come_back_under_the_id_known_before(rig: Rig):
    login = of_fake(rig)
    known = rig.channel.message_id(rig.account, rig.message())
    await rig.send()

    def told() -> list[Event]:
        statuses = [status for d in login.deliveries() for status in d.statuses]
        assert {status.provider_message_id for status in statuses} <= {known}
        return [status.event for status in statuses]

    until(lambda: Event.READ in told())
    assert [event for event in told() if event is not Event.ACCEPTED] == [
        Event.DELIVERED,
        Event.READ,
    ]


async def test_a_phone_that_unlinks_the_device_is_told_of(rig: Rig):
    login = of_fake(rig)
    login.bridge.hears(account=login.name, close=401)
    told = until(
        lambda: [
            news
            for d in login.deliveries()
            for news in d.news
            if news.connected and news.connected.state == "logged_out"
        ]
    )
    assert told[0].pause == "logged_out"
    connected = await rig.channel.connection(rig.account)
    assert connected.state == "logged_out"
