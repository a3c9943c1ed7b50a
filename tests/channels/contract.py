"""What every channel promises. A channel joins by a Rig (rigs.py); what it cannot do by its own
nature is skipped by what the rig and the abilities say, never by its name."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest
from wire import RETRY_AFTER, Delivered, How, Letter

from vernis.domain import Account, ConnectionState, Delivery, Event, Outgoing, Receipt
from vernis.errors import OF_THE_ACCOUNT, OutcomeUnknownError, Refusal, RefusedError
from vernis.ports import Channel, Clock

ANNA, BORIS, VERA = "79990000001", "79990000002", "79990000003"
LID = "123456789012345"

REFUSALS = {
    How.NOT_ON_WHATSAPP: Refusal.NOT_ON_CHANNEL,
    How.RATE_LIMITED: Refusal.RATE_LIMITED,
    How.LOGGED_OUT: Refusal.LOGGED_OUT,
    How.UNAUTHORISED: Refusal.UNAUTHORISED,
    How.RESTRICTED: Refusal.RESTRICTED,
    How.NOT_CONNECTED: Refusal.NOT_CONNECTED,
    How.INVALID: Refusal.INVALID,
}
TEMPORARY = {Refusal.RATE_LIMITED, Refusal.NOT_CONNECTED}
DOUBTS = (How.LOST, How.UNREADABLE, How.FAULT)

TEXTS = {
    "plain": "Анна, давно не виделись! Записать вас на стрижку в субботу?",
    "lines": "Анна, здравствуйте!\n\nЕсть время в субботу:\n— 12:00\n— 15:30\n\nЗаписать?",
    "emoji": 'Ждём вас 💇‍♀️✨ 👩🏽‍🦱 🇷🇺 — «Лён» & Co <3 "кавычки" 100 % \\n \u202fконец',
    "long": "Очень ждём вас. " * 250,
}


class Fake(Protocol):
    """The few verbs that every fake has."""

    @property
    def requests(self) -> int: ...

    def behave(self, phone: str, how: How) -> None: ...

    async def delivered(self) -> list[Delivered]: ...


class Webhooks(Protocol):
    """A fake that writes webhooks as the real one does."""

    def wrote(self, phone: str, text: str, *, message_id: str = ...) -> Letter: ...

    def told(self, message_id: str, event: str) -> Letter: ...

    def became(self, state: str) -> Letter: ...


@dataclass(kw_only=True)
class Rig:
    """A channel before its fake, and what of the contract applies to it."""

    channel: Channel
    account: Account
    fake: Fake
    clock: Clock
    misbehaves: frozenset[How] = frozenset()  # what the fake can play
    states: tuple[str, ...] = ()  # that `become` can put the account into
    become: Callable[[str], None] | None = None
    has_accounts: bool = True  # more than one, by their addresses
    others_go_on: bool = True  # after a refusal that is said of the account
    change_key: Callable[[], None] | None = None  # the server's, so that ours is wrong
    away: Channel | None = None  # the same channel where nobody listens
    takes_lids: bool = True
    says_when: bool = True  # Retry-After
    in_a_conversation: bool = False  # the client has just written: free text may go
    longest: int = 4096
    shown: Callable[[str], str] = str  # what a client reads of a text, where a template is around
    webhooks: Webhooks | None = None
    tells: tuple[str, ...] = ("accepted", "delivered", "read", "failed")
    news: tuple[str, ...] = ()
    is_genuine: Callable[[Letter], bool] | None = None
    read: Callable[[Any, datetime], tuple[Delivery, ...]] | None = None

    def make(self, how: How) -> str:
        """A phone that is treated so."""
        self.fake.behave(ANNA, how)
        return ANNA

    def message(self, phone: str | None = ANNA, *, text: str = "", **more: Any) -> Outgoing:
        values: dict[str, Any] = {
            "company_id": self.account.company_id,
            "account_id": self.account.account_id,
            "key": "r1-1",
            "phone": phone,
            "text": text or TEXTS["plain"],
            "last_heard_at": self.clock() if self.in_a_conversation else None,
        }
        return Outgoing(**values | more)

    async def send(self, phone: str | None = ANNA, **more: Any) -> Receipt:
        return await self.channel.send(self.account, self.message(phone, **more))


def needs(condition: object, why: str) -> None:
    if not condition:
        pytest.skip(why)


class Sending:
    """What is said arrives, once. Inherit, and give a fixture `rig`."""

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
    async def test_a_message_arrives_as_it_was_written(self, rig: Rig, text: str):
        abilities = rig.channel.abilities
        text = text[: rig.longest].strip()
        await rig.send(text=text)
        (arrived,) = await rig.fake.delivered()
        assert (arrived.phone, arrived.text) == (ANNA, rig.shown(text))
        assert "\n" not in arrived.text or rig.in_a_conversation or not abilities.single_line

    async def test_the_receipt_names_the_message_as_the_channel_does(self, rig: Rig):
        receipt = await rig.send()
        (arrived,) = await rig.fake.delivered()
        assert receipt == Receipt(provider_message_id=arrived.message_id, accepted_at=rig.clock())

    async def test_an_id_known_before_the_call_is_the_one_it_gets(self, rig: Rig):
        known = rig.channel.message_id(rig.account, rig.message())
        needs(known, "the channel chooses the id")
        assert (await rig.send()).provider_message_id == known
        other = rig.channel.message_id(rig.account, rig.message(key="r1-2"))
        assert other != known

    async def test_a_person_known_by_lid_only_is_reached(self, rig: Rig):
        if not rig.takes_lids:
            with pytest.raises(RefusedError) as refused:
                await rig.send(None, lid=LID)
            assert refused.value.refusal is Refusal.INVALID
            assert rig.fake.requests == 0
            return
        await rig.send(None, lid=LID)
        (arrived,) = await rig.fake.delivered()
        assert (arrived.phone, arrived.lid) == (None, LID)

    async def test_a_repeat_arrives_once_where_repeats_are_safe(self, rig: Rig):
        needs(rig.channel.abilities.repeats_are_safe, "repeats are not safe")
        first, again = await rig.send(), await rig.send()
        assert first.provider_message_id == again.provider_message_id
        await rig.send(key="r1-2")
        assert len(await rig.fake.delivered()) == 2

    async def test_twenty_at_once_arrive_once_each(self, rig: Rig):
        phones = [f"7999000{number:04}" for number in range(100, 120)]
        receipts = await asyncio.gather(*(rig.send(phone, key=f"r1-{phone}") for phone in phones))
        assert sorted(str(arrived.phone) for arrived in await rig.fake.delivered()) == phones
        assert len({receipt.provider_message_id for receipt in receipts}) == 20


class Refusing:
    """No, and perhaps."""

    @pytest.mark.parametrize("how", REFUSALS)
    async def test_a_refusal_is_understood_and_nothing_arrives(self, rig: Rig, how: How):
        needs(how in rig.misbehaves, "this channel has no word for it")
        phone = rig.make(how)
        with pytest.raises(RefusedError) as refused:
            await rig.send(phone)
        error = refused.value
        assert error.refusal is REFUSALS[how]
        if error.refusal in TEMPORARY or error.refusal not in OF_THE_ACCOUNT:
            assert error.temporary is (error.refusal in TEMPORARY)
        assert await rig.fake.delivered() == []
        if not rig.others_go_on and error.refusal in OF_THE_ACCOUNT:
            return
        await rig.send(BORIS, key="r1-2")
        assert [arrived.phone for arrived in await rig.fake.delivered()] == [BORIS]

    async def test_too_fast_says_when_to_go_on(self, rig: Rig):
        needs(How.RATE_LIMITED in rig.misbehaves and rig.says_when, "it does not say")
        phone = rig.make(How.RATE_LIMITED)
        with pytest.raises(RefusedError) as refused:
            await rig.send(phone)
        assert refused.value.retry_after == timedelta(seconds=RETRY_AFTER)

    @pytest.mark.parametrize("how", DOUBTS)
    async def test_a_doubtful_answer_is_a_doubt_and_one_request(self, rig: Rig, how: How):
        needs(how in rig.misbehaves, "cannot happen on this channel")
        phone = rig.make(how)
        with pytest.raises(OutcomeUnknownError):
            await rig.send(phone)
        assert rig.fake.requests == 1
        assert len(await rig.fake.delivered()) <= 1

    async def test_nobody_there_is_a_refusal_that_may_be_tried_again(self, rig: Rig):
        needs(rig.away, "it is always there")
        with pytest.raises(RefusedError) as refused:
            await rig.away.send(rig.account, rig.message())
        assert refused.value.refusal is Refusal.NOT_CONNECTED
        assert refused.value.temporary

    async def test_a_wrong_key_is_said_of_the_account(self, rig: Rig):
        needs(rig.change_key, "it has no key")
        rig.change_key()
        with pytest.raises(RefusedError) as refused:
            await rig.send()
        assert refused.value.refusal is Refusal.UNAUTHORISED
        connected = await rig.channel.connection(rig.account)
        assert connected.state is ConnectionState.UNAUTHORISED
        is_a_sentence(connected.says)

    async def test_an_account_that_is_not_there_is_no_fault_of_the_message(self, rig: Rig):
        needs(rig.has_accounts, "it has but one account")
        rig.account = Account(
            company_id=rig.account.company_id,
            account_id=rig.account.account_id,
            channel=rig.account.channel,
            address="999999999999",
            settings=rig.account.settings,
        )
        connected = await rig.channel.connection(rig.account)
        assert connected.state is not ConnectionState.CONNECTED
        is_a_sentence(connected.says)
        with pytest.raises(RefusedError) as refused:
            await rig.send()
        assert refused.value.refusal in OF_THE_ACCOUNT

    async def test_no_error_and_no_log_line_names_the_client(self, rig: Rig, caplog: Any):
        said: list[str] = []
        phones = {ANNA}
        with caplog.at_level(logging.DEBUG):
            for number, how in enumerate([None, *sorted(rig.misbehaves)]):
                phone = ANNA if how is None else rig.make(how)
                phones.add(phone)
                try:
                    await rig.send(phone, key=f"r1-{number}")
                except (RefusedError, OutcomeUnknownError) as error:
                    said.append(str(error))
            await rig.channel.look_up(rig.account, [ANNA])
        heard = "\n".join([*said, *(record.getMessage() for record in caplog.records)])
        assert not [phone for phone in phones if phone in heard]
        assert "Анна" not in heard


class Standing:
    """Who can be reached, and whether we can send."""

    async def test_look_up_tells_who_can_be_reached_as_far_as_it_can(self, rig: Rig):
        others = [f"7999000{number:04}" for number in range(200, 255)]
        told = await rig.channel.look_up(rig.account, [ANNA, BORIS, *others])
        if not rig.channel.abilities.looks_up:
            assert told == {}
            return
        assert told == dict.fromkeys([ANNA, BORIS, *others], True)
        nobody = rig.make(How.NOT_ON_WHATSAPP)
        told = await rig.channel.look_up(rig.account, [nobody, BORIS])
        assert told == {nobody: False, BORIS: True}
        assert await rig.channel.look_up(rig.account, []) == {}

    async def test_look_up_where_nobody_answers_tells_nothing(self, rig: Rig):
        needs(rig.away, "it is always there")
        assert await rig.away.look_up(rig.account, [ANNA]) == {}

    async def test_a_connected_account_needs_no_words(self, rig: Rig):
        connected = await rig.channel.connection(rig.account)
        assert (connected.state, connected.says) == (ConnectionState.CONNECTED, None)

    async def test_every_bad_state_is_one_sentence(self, rig: Rig):
        needs(rig.become, "it is always connected")
        for state in rig.states:
            rig.become(state)
            connected = await rig.channel.connection(rig.account)
            assert connected.state == state
            is_a_sentence(connected.says)

    async def test_a_server_that_does_not_answer_is_one_sentence(self, rig: Rig):
        needs(rig.away, "it is always there")
        connected = await rig.away.connection(rig.account)
        assert connected.state is ConnectionState.UNREACHABLE
        is_a_sentence(connected.says)


class Telling:
    """Webhooks."""

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
    async def test_what_a_client_writes_is_read(self, rig: Rig, text: str):
        (delivery,) = taken_in(rig, lambda post: post.wrote(VERA, text, message_id="3AIN7"))
        assert (delivery.channel, delivery.address) == (rig.channel.name, rig.account.address)
        (inbound,) = delivery.messages
        assert (inbound.phone, inbound.text, inbound.kind) == (VERA, text, "text")
        assert inbound.provider_message_id == "3AIN7"
        assert inbound.received_at == rig.clock()
        assert inbound.account_id == 0

    @pytest.mark.parametrize("event", ["accepted", "delivered", "read", "failed"])
    async def test_what_became_of_a_message_is_read(self, rig: Rig, event: str):
        needs(rig.webhooks and event in rig.tells, "it does not tell")
        receipt = await rig.send()
        (delivery,) = taken_in(rig, lambda post: post.told(receipt.provider_message_id, event))
        assert (delivery.channel, delivery.address) == (rig.channel.name, rig.account.address)
        (status,) = delivery.statuses
        assert status.event is Event(event)
        assert status.provider_message_id == receipt.provider_message_id
        assert (status.refusal is None) is (event != "failed")
        assert status.at == rig.clock()

    async def test_a_change_of_state_is_read(self, rig: Rig):
        needs(rig.webhooks and rig.news, "it does not tell")
        for state in rig.news:
            (delivery,) = taken_in(rig, lambda post, state=state: post.became(state))
            (news,) = delivery.news
            assert news.connected is not None
            assert news.connected.state == state
            assert (news.pause is None) is (state in {"connected", "connecting", "disconnected"})
            if state != "connected":
                is_a_sentence(news.connected.says)

    async def test_a_changed_webhook_is_not_genuine(self, rig: Rig):
        needs(rig.webhooks, "it has no webhooks")
        assert rig.webhooks is not None
        assert rig.is_genuine is not None
        letter = rig.webhooks.wrote(VERA, TEXTS["emoji"])
        for name in [name for name in letter.headers if name.startswith("x-")]:
            if "timestamp" in name or "id" in name or "algorithm" in name:
                continue
            without = {key: value for key, value in letter.headers.items() if key != name}
            assert not rig.is_genuine(Letter(content=letter.content, headers=without))
            worse = letter.headers | {name: letter.headers[name][:-1]}
            assert not rig.is_genuine(Letter(content=letter.content, headers=worse))


class ChannelContract(Sending, Refusing, Standing, Telling):
    """All of it."""


def taken_in(rig: Rig, write: Callable[[Webhooks], Letter]) -> tuple[Delivery, ...]:
    """A webhook whose signature holds, through the parser."""
    needs(rig.webhooks, "it has no webhooks")
    assert rig.webhooks is not None
    assert rig.is_genuine is not None
    assert rig.read is not None
    letter = write(rig.webhooks)
    assert rig.is_genuine(letter)
    return rig.read(letter.body, rig.clock())


def is_a_sentence(says: str | None) -> None:
    assert says
    assert says.endswith(".")
    assert not says.startswith(" ")
    assert says[0].isupper()
    assert ANNA not in says
    assert "{" not in says
