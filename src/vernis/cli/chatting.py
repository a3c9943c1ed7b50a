"""A person plays a client: lines are messages, lines with a slash whatever else a phone sends."""

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from vernis.app import PinnedClock
from vernis.cli.options import Session
from vernis.cli.reception import answered
from vernis.domain import Inbound, MessageKind
from vernis.errors import UsageError
from vernis.render import chat as render
from vernis.stages import clients, explaining, receiving, sandbox, settling

BETWEEN = timedelta(minutes=1)  # two messages, where the clock stands still
_WAIT = re.compile(r"(\d+)\s*([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SHOWN = {
    MessageKind.VOICE: "🎤 0:07",
    MessageKind.PHOTO: "📷",
    MessageKind.STICKER: "🖼 sticker",
    MessageKind.DELETED: "🗑 deleted",
}
HELP = """\
Write as the client would. A line that ends with \\ goes on: the next one is of the same burst.
/voice  /photo [CAPTION]  /sticker  /reaction 👍   what is no text
/edit TEXT  /delete                               of the message before
/staff TEXT                                       one of the salon answers from its own phone
/wait 30m | 5h | 2d                               time goes by
/quit                                             or Ctrl-D"""


@dataclass(slots=True, kw_only=True)
class Chat:
    """A client's phone on the table."""

    session: Session
    name: str | None
    phone: str
    clock: PinnedClock
    _last_id: str | None = None
    _seen: int = 0  # bubbles on the screen

    @classmethod
    async def begin(cls, session: Session, typed: str) -> "Chat":
        app, of = session.app, session.company
        client_id = await explaining.find_client(app.db, of, typed)
        contact = await clients.contact(app.db, of, client_id)
        if contact.phone is None:
            raise UsageError("This client has no phone to chat with.")
        assert isinstance(app.clock, PinnedClock)
        return cls(session=session, name=contact.name, phone=contact.phone, clock=app.clock)

    async def play(self) -> None:
        """Until the lines end."""
        render.show_opening(self.name, self.session.company)
        await self._show_new()
        burst: list[Inbound] = []
        for line in self._lines():
            if line == "/quit":
                return
            try:
                burst = await self._play_line(line, burst)
            except UsageError as error:
                render.note(str(error))

    async def _play_line(self, line: str, burst: list[Inbound]) -> list[Inbound]:
        """One line; the burst that goes on after it."""
        if line == "/help":
            render.note(HELP)
            return burst
        if line.startswith("/wait"):
            self._wait(line)
            return burst
        inbound = await self._said(line.removesuffix("\\").rstrip())
        if inbound is None:
            return burst
        if line.endswith("\\"):
            return [*burst, inbound]
        await self._answer([*burst, inbound])
        return []

    def _lines(self) -> Iterator[str]:
        typed = sys.stdin.isatty()
        with suppress(EOFError):
            while line := input("> ") if typed else sys.stdin.readline():
                if text := line.strip():
                    yield text

    async def _said(self, line: str) -> Inbound | None:
        """What arrives; None for what a person of the salon writes."""
        command, _, rest = line.partition(" ")
        self._go_on()
        if command == "/staff":
            await self._staff(rest)
            return None
        kind = MessageKind.TEXT
        if command.startswith("/"):
            kind, rest = self._kind(command), rest.strip()
        text = line if kind is MessageKind.TEXT else rest
        shown = " ".join(part for part in (_SHOWN.get(kind), text) if part)
        app, of = self.session.app, self.session.company
        inbound = await sandbox.say(
            app.db, of, phone=self.phone, text=shown or str(kind), now=self.clock()
        )
        quoted = self._last_id if kind in {MessageKind.EDITED, MessageKind.DELETED} else None
        self._last_id = self._last_id if quoted else inbound.provider_message_id
        return replace(inbound, kind=kind, text=text or None, quoted_message_id=quoted)

    def _kind(self, command: str) -> MessageKind:
        kinds = {"/edit": MessageKind.EDITED, "/delete": MessageKind.DELETED}
        with suppress(ValueError):
            return kinds.get(command) or MessageKind(command.removeprefix("/"))
        raise UsageError(f"«{command}» is nothing that a phone sends: /help shows what there is.")

    async def _staff(self, text: str) -> None:
        app, of = self.session.app, self.session.company
        said = await sandbox.say_as_staff(app.db, of, phone=self.phone, text=text, now=self.clock())
        await receiving.receive(app.db, of, said, now=self.clock(), hash_phone=app.hash_phone)
        await self._show_new()

    async def _answer(self, burst: list[Inbound]) -> None:
        app, of = self.session.app, self.session.company
        for inbound in burst[:-1]:
            await receiving.receive(
                app.db, of, inbound, now=self.clock(), hash_phone=app.hash_phone
            )
        turn = await answered(app, of, burst[-1])
        await settling.recover(app.db, of, channels=app.channels, now=self.clock())
        await self._show_new()
        if turn is not None:
            render.show_outcome(turn)

    async def _show_new(self) -> None:
        app, of = self.session.app, self.session.company
        said = await sandbox.chat(app.db, of, phone=self.phone)
        typed = sys.stdin.isatty() and self._seen  # what was typed stands on the screen already
        new = [m for m in said[self._seen :] if not typed or m["direction"] == "out"]
        render.show_chat(new, of)
        self._seen = len(said)

    def _wait(self, line: str) -> None:
        found = _WAIT.search(line)
        if found is None:
            raise UsageError("How long? Write /wait 30m, /wait 5h or /wait 2d.")
        self.clock.pin(self.clock() + timedelta(**{_UNITS[found[2]]: int(found[1])}))

    def _go_on(self) -> None:
        """Where the clock stands still, a minute passes with each message."""
        if self.clock.stands_still:
            self.clock.pin(self.clock() + BETWEEN)
