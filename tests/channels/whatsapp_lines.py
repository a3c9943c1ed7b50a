"""WhatsApp between the simulated clients' phones and Vernis: every message leaves by HTTP, what
becomes of it and what clients reply come back as signed webhooks to the web application.

    async with over_bridge(settings, absent) as wire:   # or over_cloud
        await rehearse(wire.settings, policy, keep=False, open_line=wire.open, clock=wire.clock)
    wire.crossed

Signatures are fresh for five minutes, and a rehearsal turns its clock by hours. So everybody goes
by that clock: the web application has it anyway, the fake of Meta is given it, and the bridge, a
process of its own, reads it from a file (told_clock.mjs). Nothing is loosened for it.
"""

import asyncio
import logging
import random
import socket
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from crossed import Crossed, look_back
from fake_cloud import (
    APP_SECRET,
    BUSINESS,
    NUMBER,
    TOKEN,
    VERIFY_TOKEN,
    FakeCloud,
    Letter,
    Template,
)
from pydantic import SecretStr
from real_bridge import SECRET, RealBridge, bridge_process
from wire import Asked, Reply

from vernis.adapters.bridge_login import BridgeLogin
from vernis.app import App, PinnedClock
from vernis.config import Settings
from vernis.domain import Company
from vernis.simulation.line import Line, OpenLine
from vernis.stages import accounts
from vernis.stages.receiving import Stored
from vernis.web.server import address, bind, serve

LOGIN = "salon"
TEMPLATE = Template(text="Салон «Лён». {{1}} Ждём вас!")
READING, FAILING = ("accepted", "delivered", "read"), ("accepted", "failed")
PATIENCE = 120.0  # seconds for what is on its way; then something is wrong

STORED = """
SELECT dialog_id, reactivation_id FROM messages
WHERE company_id = %(company_id)s AND direction = 'in' AND provider_message_id = %(message_id)s
"""
ALL_READ = """
SELECT WHERE NOT EXISTS (
    SELECT FROM client_reactivation_history
    WHERE company_id = %(company_id)s AND state IN ('claimed', 'accepted', 'delivered'))
AND NOT EXISTS (
    SELECT FROM messages
    WHERE company_id = %(company_id)s AND direction = 'out'
      AND state IN ('claimed', 'accepted', 'delivered'))
"""
CONNECTED = """
SELECT FROM accounts
WHERE company_id = %(company_id)s AND channel = 'baileys' AND connection = 'connected'
"""


@dataclass(kw_only=True)
class Wire:
    """What a rehearsal needs to go over a channel; `crossed` is there when its line is closed."""

    settings: Settings
    clock: PinnedClock
    open: OpenLine
    webhooks: Counter[int] = field(default_factory=Counter)  # by the status that answered them
    crossed: Crossed | None = None


# --- the Cloud API ------------------------------------------------------------------------------


@asynccontextmanager
async def over_cloud(settings: Settings, absent: frozenset[str]) -> AsyncIterator[Wire]:
    """Meta's side: a number with an approved template. It takes messages to phones that are not on
    WhatsApp (`absent`), and says afterwards that they failed."""
    clock = PinnedClock()
    async with _Meta(clock=clock, templates=[TEMPLATE]) as fake:

        @asynccontextmanager
        async def opened(app: App, company: Company) -> AsyncIterator[Line]:
            about = [f"address={NUMBER}", f"business={BUSINESS}"]
            about.append(f"template={TEMPLATE.name}:{TEMPLATE.language}")
            await accounts.add(app.db, company, app.channels["cloud"], "WhatsApp", about)
            listening = bind("127.0.0.1", 0)
            async with (
                _serving(app, listening, wire),
                httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as http,
            ):
                webhook = f"{address(listening)}/webhooks/cloud"
                yield _Cloud(app, company, fake, absent, http, webhook)
            wire.crossed = await look_back(
                app, company, wire.webhooks, arrived=_at_meta(fake), absent=absent
            )
            wire.crossed.wrong += fake.wrong

        wire = Wire(
            settings=settings.model_copy(
                update={
                    "cloud_base_url": fake.base_url,
                    "cloud_token": SecretStr(TOKEN),
                    "cloud_app_secret": SecretStr(APP_SECRET),
                    "cloud_verify_token": SecretStr(VERIFY_TOKEN),
                }
            ),
            clock=clock,
            open=opened,
        )
        yield wire


@dataclass(kw_only=True)
class _Meta(FakeCloud):
    """Meta's clock is the rehearsal's: it says which windows are open."""

    clock: PinnedClock

    def reply(self, asked: Asked) -> Reply:
        self.now = self.clock()
        return super().reply(asked)


def _at_meta(fake: FakeCloud) -> list[dict[str, Any]]:
    """Every message that was accepted, as its client reads it, with our key and its type."""
    sends = [
        asked.body["type"]
        for asked, answered in zip(fake.asked, fake.answered, strict=True)
        if asked.path == fake.sends and answered.status == 200
    ]
    return [
        {
            "key": fake.keys[one.message_id],
            "message_id": one.message_id,
            "phone": one.phone,
            "text": one.text,
            "type": type_,
        }
        for one, type_ in zip(fake.reached, sends, strict=True)
    ]


class _Cloud:
    """The clients' phones behind Meta. Statuses of one message come all at once, in any order, and
    now and then twice; so do replies."""

    def __init__(
        self,
        app: App,
        company: Company,
        fake: FakeCloud,
        absent: frozenset[str],
        http: httpx2.AsyncClient,
        webhook: str,
    ) -> None:
        self._app, self._company, self._fake, self._absent = app, company, fake, absent
        self._http, self._webhook = http, webhook
        self._told = self._said = 0
        self._rng = random.Random(1)

    async def say(self, *, phone: str, text: str, now: datetime) -> Stored:
        self._said += 1
        self._fake.now = now
        message_id = f"wamid.IN{self._said}"
        letter = self._fake.wrote(phone, text, message_id=message_id)
        await self._post([letter] * self._rng.choice((1, 1, 1, 2)))
        return await _stored(self._app, self._company, message_id)

    async def settle(self) -> None:
        fresh, self._told = self._fake.reached[self._told :], len(self._fake.reached)
        self._fake.now = self._app.clock()
        letters = [
            self._fake.told(one.message_id, event)
            for one in fresh
            for event in (FAILING if one.phone in self._absent else READING)
            for _ in range(self._rng.choice((1, 1, 1, 2)))
        ]
        self._rng.shuffle(letters)
        await self._post(letters)

    async def _post(self, letters: list[Letter]) -> None:
        posts = (
            self._http.post(self._webhook, content=one.content, headers=one.headers)
            for one in letters
        )
        for answer in await asyncio.gather(*posts):
            assert answer.status_code == 200, answer.text


# --- the bridge ---------------------------------------------------------------------------------


@asynccontextmanager
async def over_bridge(settings: Settings, absent: frozenset[str]) -> AsyncIterator[Wire]:
    """The bridge's process, before a WhatsApp that is not there; `absent` phones are not on it."""
    listening = bind("127.0.0.1", 0)
    with tempfile.TemporaryDirectory(prefix="vernis-bridge-") as name:
        folder = Path(name)
        clock = _ToldClock(folder / "clock")
        with bridge_process(
            folder,
            f"{address(listening)}/webhooks/bridge",
            environment={
                "FAKE_WAY": "usual",
                "FAKE_ABSENT": ",".join(absent),
                "TOLD_CLOCK": str(folder / "clock"),
            },
            before=["--import", str(Path(__file__).with_name("told_clock.mjs"))],
        ) as bridge:

            @asynccontextmanager
            async def opened(app: App, company: Company) -> AsyncIterator[Line]:
                channel = app.channels["baileys"]
                await accounts.add(app.db, company, channel, "WhatsApp", [f"address={LOGIN}"])
                async with _serving(app, listening, wire):
                    await _log_in(app, company, bridge)
                    yield _Bridge(app, company, bridge)
                arrived = [
                    {
                        "message_id": one.message_id,
                        "phone": one.phone,
                        "text": one.text,
                        "type": "text",
                    }
                    for one in bridge.delivered(LOGIN)
                ]
                wire.crossed = await look_back(
                    app, company, wire.webhooks, arrived=arrived, absent=absent
                )

            wire = Wire(
                settings=settings.model_copy(
                    update={"bridge_url": bridge.url, "bridge_secret": SecretStr(SECRET)}
                ),
                clock=clock,
                open=opened,
            )
            yield wire


class _ToldClock(PinnedClock):
    """A clock that another process reads: milliseconds in a file, written in one go."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        path.write_bytes(_milliseconds(datetime.now(UTC)))
        self._path = path

    def pin(self, moment: datetime) -> None:
        super().pin(moment)
        with self._path.open("r+b") as file:
            file.write(_milliseconds(moment))


def _milliseconds(moment: datetime) -> bytes:
    return b"%013d" % int(moment.timestamp() * 1000)


async def _log_in(app: App, company: Company, bridge: RealBridge) -> None:
    """Link the salon's phone; the bridge tells by itself once it is connected."""
    linking = BridgeLogin(bridge.url, SECRET, app.clock)
    await linking.begin(LOGIN)
    await linking.aclose()
    await _until(app, company, CONNECTED, "the bridge never told that it is connected")


class _Bridge:
    """The clients' phones behind WhatsApp. A third of them write as WhatsApp lets them more and
    more often: from a LID, with no phone beside it; a third from both."""

    def __init__(self, app: App, company: Company, bridge: RealBridge) -> None:
        self._app, self._company, self._bridge = app, company, bridge
        self._said = 0

    async def say(self, *, phone: str, text: str, now: datetime) -> Stored:
        self._said += 1
        message_id = f"3AIN{self._said:06}"
        ways = ({"from": phone}, {"lid": f"900{phone}"}, {"from": phone, "lid": f"900{phone}"})
        self._bridge.hears(
            account=LOGIN,
            id=message_id,
            text=text,
            timestamp=int(now.timestamp()),
            **ways[int(phone[-3:]) % 3],
        )
        return await _stored(self._app, self._company, message_id)

    async def settle(self) -> None:
        """The fake says delivered and read of everything; the bridge posts it by itself."""
        await _until(self._app, self._company, ALL_READ, "some messages were never read")


# --- both -----------------------------------------------------------------------------------------


async def _stored(app: App, company: Company, message_id: str) -> Stored:
    """Where an inbound message went, once it is there."""
    row = await _until(app, company, STORED, "a reply never came", message_id=message_id)
    return Stored(dialog_id=row[0], is_new=True, reactivation_id=row[1])


async def _until(
    app: App, company: Company, query: str, otherwise: str, **values: Any
) -> tuple[Any, ...]:
    """The row that a query finds, as soon as it finds one."""
    values |= {"company_id": company.company_id}
    gives_up_at = time.monotonic() + PATIENCE
    while True:
        async with app.db.tenant(company.company_id) as connection:
            row = await (await connection.execute(query, values)).fetchone()
        if row is not None:
            return row
        assert time.monotonic() < gives_up_at, otherwise
        await asyncio.sleep(0.005)


@asynccontextmanager
async def _serving(app: App, listening: socket.socket, wire: Wire) -> AsyncIterator[None]:
    """The web application, with its own log counted."""
    over = asyncio.Event()
    serving = asyncio.create_task(serve(app, over.wait, listening=listening))
    with _counted(wire.webhooks):
        try:
            yield
        finally:
            over.set()
            await serving


@contextmanager
def _counted(webhooks: Counter[int]) -> Iterator[None]:
    """The web's own line about each request."""

    class Counting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if isinstance(record.args, tuple) and "/webhooks/{channel}" in record.args:
                webhooks[record.args[3]] += 1

    log, handler = logging.getLogger("vernis.web.app"), Counting()
    before = log.level
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
