"""One rig for each channel."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import fake_bridge
import fake_cloud
import fake_evolution
import fake_waha
from contract import Rig
from fake_bridge import FakeAiAdmin, FakeBridge
from fake_cloud import FakeCloud
from fake_evolution import FakeEvolution
from fake_waha import FakeWaha
from wire import Delivered, FakeServer, How, Letter

from vernis.adapters.channel_bridge import Bridge
from vernis.adapters.channel_cloud import Cloud
from vernis.adapters.channel_evolution import Evolution
from vernis.adapters.channel_sandbox import Sandbox
from vernis.adapters.channel_waha import Waha
from vernis.adapters.postgres import Database
from vernis.decide.channels import (
    bridge,
    bridge_signature,
    cloud,
    cloud_signature,
    evolution,
    gateway_signature,
    waha,
)
from vernis.domain import Account, Company
from vernis.ports import Channel

NOON = datetime(2024, 4, 1, 9, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:9"  # discard: nobody listens
BAD_STATES = ("connecting", "disconnected", "logged_out")


def clock() -> datetime:
    return NOON


def _account(channel: str, address: str | None) -> Account:
    return Account(company_id=1, account_id=1, channel=channel, address=address)


@asynccontextmanager
async def _closing(rig: Rig, fake: FakeServer) -> AsyncIterator[Rig]:
    """What was asked of a server must have been as its description says."""
    yield rig
    await rig.channel.aclose()
    if rig.away is not None:
        await rig.away.aclose()
    assert fake.wrong == []


def _set(fake: FakeServer, name: str) -> Callable[[str], None]:
    return lambda value: setattr(fake, name, value)


@asynccontextmanager
async def baileys_rig() -> AsyncIterator[Rig]:
    def channel(url: str) -> Channel:
        return Bridge(url, fake_bridge.SECRET, clock)

    async with FakeBridge() as fake:
        rig = Rig(
            channel=channel(fake.url),
            account=_account("baileys", fake.login),
            fake=fake,
            clock=clock,
            misbehaves=frozenset(How),
            states=(*BAD_STATES, "restricted"),
            become=_set(fake, "state"),
            change_key=lambda: setattr(fake, "secret", "another-secret-of-it"),
            away=channel(NOWHERE),
            webhooks=fake,
            news=("connected", *BAD_STATES, "restricted"),
            is_genuine=_of_bridge,
            read=lambda body, now: bridge.read(body, now=now),
        )
        async with _closing(rig, fake):
            yield rig


@asynccontextmanager
async def ai_admin_rig() -> AsyncIterator[Rig]:
    def channel(url: str) -> Channel:
        return Bridge(url, fake_bridge.SECRET, clock, name="ai_admin")

    async with FakeAiAdmin() as fake:
        rig = Rig(
            channel=channel(fake.url),
            account=_account("ai_admin", fake.login),
            fake=fake,
            clock=clock,
            misbehaves=frozenset({How.LOST, How.UNREADABLE, How.FAULT}),
            states=("disconnected",),
            become=_set(fake, "state"),
            has_accounts=False,
            away=channel(NOWHERE),
            takes_lids=False,
            webhooks=fake,
            tells=(),
            is_genuine=_of_bridge,
            read=lambda body, now: bridge.read(body, now=now),
        )
        async with _closing(rig, fake):
            yield rig


def _of_bridge(letter: Letter) -> bool:
    return bridge_signature.is_of_webhook(
        fake_bridge.SECRET, letter.headers, letter.content, now=NOON
    )


@asynccontextmanager
async def waha_rig() -> AsyncIterator[Rig]:
    def channel(url: str) -> Channel:
        return Waha(url, fake_waha.API_KEY, clock)

    async with FakeWaha() as fake:
        rig = Rig(
            channel=channel(fake.url),
            account=_account("waha", fake.login),
            fake=fake,
            clock=clock,
            misbehaves=frozenset(How),
            states=BAD_STATES,
            become=_set(fake, "state"),
            change_key=lambda: setattr(fake, "key", "another"),
            away=channel(NOWHERE),
            webhooks=fake,
            news=("connected", *BAD_STATES),
            is_genuine=lambda letter: gateway_signature.is_waha(
                fake_waha.SECRET, letter.headers, letter.content
            ),
            read=lambda body, now: waha.read(body, now=now),
        )
        async with _closing(rig, fake):
            yield rig


@asynccontextmanager
async def evolution_rig() -> AsyncIterator[Rig]:
    def channel(url: str) -> Channel:
        return Evolution(url, fake_evolution.API_KEY, clock)

    async with FakeEvolution() as fake:
        rig = Rig(
            channel=channel(fake.url),
            account=_account("evolution", fake.login),
            fake=fake,
            clock=clock,
            misbehaves=frozenset(How) - {How.LOGGED_OUT, How.RESTRICTED},
            states=("connecting", "disconnected"),
            become=_set(fake, "state"),
            change_key=lambda: setattr(fake, "key", "another"),
            away=channel(NOWHERE),
            webhooks=fake,
            news=("connected", *BAD_STATES),
            is_genuine=lambda letter: gateway_signature.is_evolution(
                fake_evolution.SECRET, letter.headers
            ),
            read=lambda body, now: evolution.read(body, now=now),
        )
        async with _closing(rig, fake):
            yield rig


@asynccontextmanager
async def cloud_rig() -> AsyncIterator[Rig]:
    """To a client who has not written: the text is the variable of a template."""
    async with _cloud() as rig:
        rig.longest = 1024 - len(fake_cloud.BODY_RU)
        rig.shown = lambda text: fake_cloud.BODY_RU.replace(
            "{{1}}", re.sub(r"\s*\n\s*", " ", text.strip())
        )
        yield rig


@asynccontextmanager
async def cloud_conversation_rig() -> AsyncIterator[Rig]:
    """To a client who has just written: free text."""
    async with _cloud() as rig:
        rig.in_a_conversation = True
        assert isinstance(rig.fake, FakeCloud)
        rig.fake.heard = {f"7999000{number:04}": NOON for number in range(300)}
        yield rig


@asynccontextmanager
async def _cloud() -> AsyncIterator[Rig]:
    def channel(url: str) -> Channel:
        return Cloud(clock=clock, unseal=_unsealed, token=fake_cloud.TOKEN, base_url=f"{url}/v23.0")

    account = Account(
        company_id=1,
        account_id=1,
        channel="cloud",
        address=fake_cloud.NUMBER,
        settings={"template": {"name": "come_back", "language": "ru"}},
        business=fake_cloud.BUSINESS,
    )
    async with FakeCloud() as fake:
        rig = Rig(
            channel=channel(fake.url),
            account=account,
            fake=fake,
            clock=clock,
            misbehaves=frozenset(How),
            states=tuple(_OF_NUMBER),
            become=lambda state: fake.number.update(status=_OF_NUMBER[state]),
            change_key=lambda: setattr(fake, "token", "another"),
            away=channel(NOWHERE),
            takes_lids=False,
            webhooks=fake,
            news=("connected", "restricted", "logged_out", "unauthorised"),
            is_genuine=lambda letter: cloud_signature.is_signed(
                letter.content, letter.headers.get("x-hub-signature-256"), fake_cloud.APP_SECRET
            ),
            read=lambda body, now: cloud.read(body, now=now),
        )
        async with _closing(rig, fake):
            yield rig


_OF_NUMBER = {"connecting": "PENDING", "restricted": "BANNED", "logged_out": "DISCONNECTED"}


def _unsealed(sealed: bytes, *, company_id: int, account_id: int) -> str:
    raise AssertionError("no account here has a token of its own")


# --- the sandbox ------------------------------------------------------------------------------


@dataclass(kw_only=True)
class SandboxTable:
    """The sandbox's table in place of a fake: it can only lose answers."""

    db: Database
    company: Company
    account_id: int
    sent: list[Delivered] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return len(self.sent)

    def behave(self, phone: str, how: How) -> None:
        raise AssertionError("its account's settings make it misbehave")

    async def delivered(self) -> list[Delivered]:
        async with self.db.tenant(self.company.company_id) as connection:
            rows = await connection.execute(
                "SELECT key, body, phone FROM sandbox_messages WHERE company_id = %s ORDER BY id",
                (self.company.company_id,),
            )
            found = await rows.fetchall()
        return [
            Delivered(
                message_id=f"sandbox-{key}",
                text=body,
                phone=None if phone.startswith("lid:") else phone,
                lid=phone.removeprefix("lid:") if phone.startswith("lid:") else None,
            )
            for key, body, phone in found
        ]


@asynccontextmanager
async def sandbox_rig(db: Database, company: Company) -> AsyncIterator[Rig]:
    async with db.tenant(company.company_id) as connection:
        found = await connection.execute(
            "SELECT account_id FROM accounts WHERE company_id = %s AND channel = 'sandbox'",
            (company.company_id,),
        )
        row = await found.fetchone()
    assert row is not None
    account = Account(
        company_id=company.company_id, account_id=row[0], channel="sandbox", address=None
    )
    fake = SandboxTable(db=db, company=company, account_id=row[0])
    yield Rig(
        channel=Sandbox(db, clock), account=account, fake=fake, clock=clock, has_accounts=False
    )


WIRED: dict[str, Callable[[], AbstractAsyncContextManager[Rig]]] = {
    "baileys": baileys_rig,
    "ai_admin": ai_admin_rig,
    "waha": waha_rig,
    "evolution": evolution_rig,
    "cloud": cloud_rig,
}
