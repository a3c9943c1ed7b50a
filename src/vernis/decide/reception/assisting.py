"""What another assistant is told of a reply: how it was read, kept so that it is told alike
whenever it is asked for; and which of our own moves stand where that assistant answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vernis.decide.reception import moves
from vernis.decide.reception.dialog_state import Dialog, advance, when_in, when_out
from vernis.decide.reception.moves import Move, Why
from vernis.domain import RESPONSE_TYPE, Intent, Reading, ResponseType, Topic, When

_CHANGES = {Topic.CANCEL, Topic.RESCHEDULE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How a message was read, and when. `service_id` is what it is about, as far as is known."""

    at: datetime
    intent: Intent
    confidence: float
    topic: Topic | None = None
    when: When | None = None
    service_id: int | None = None

    @property
    def response_type(self) -> ResponseType:
        return RESPONSE_TYPE[self.intent]

    @classmethod
    def of(cls, reading: Reading, *, service_id: int | None, at: datetime) -> "Kept":
        return cls(
            at=at,
            intent=reading.intent,
            confidence=reading.confidence,
            topic=reading.topic,
            when=reading.when,
            service_id=service_id,
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values; nothing of what the client wrote."""
        return {
            "at": self.at.isoformat(),
            "intent": self.intent.value,
            "confidence": self.confidence,
            "topic": self.topic and self.topic.value,
            "when": self.when and when_out(self.when),
            "service_id": self.service_id,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Kept":
        """The reverse."""
        return cls(
            at=datetime.fromisoformat(plain["at"]),
            intent=Intent(plain["intent"]),
            confidence=plain["confidence"],
            topic=Topic(plain["topic"]) if plain["topic"] else None,
            when=when_in(plain["when"]) if plain["when"] else None,
            service_id=plain["service_id"],
        )


def starts_booking(kept: Kept, *, booked: bool) -> bool:
    """Whether to look for a time now. `booked`: a booking came of this reactivation before; then a
    bare yes is about that one."""
    asks = kept.intent is Intent.LATER and kept.topic is Topic.FREE_TIMES
    if not (asks or kept.intent is Intent.BOOK) or kept.topic in _CHANGES:
        return False
    return not booked or (kept.topic is not Topic.ASSENT and kept.when is not None)


def bounds(when: When, now: datetime) -> tuple[datetime, datetime]:
    """First and last moment. Hours without a day are the next ones to come. `now` is local."""
    first, last = when.days or (now.date(), now.date())
    begins, ends = when.hours or (datetime.min.time(), datetime.max.time().replace(microsecond=0))
    if when.days is None and ends < now.time():
        first, last = first + timedelta(1), last + timedelta(1)
    start = datetime.combine(first, begins, now.tzinfo)
    return start, datetime.combine(last, ends, now.tzinfo)


def left_to_another(dialog: Dialog, move: Move) -> tuple[Dialog, Move]:
    """The move and the dialog where the company's own assistant answers: a stop is obeyed, a no
    and a later day are noted, everything else is that assistant's."""
    match move:
        case moves.OptOut() | moves.WrongPerson():
            return advance(dialog, move), move
        case moves.Goodbye() | moves.RemindLater():
            return dialog, move
        case moves.HandOver(why=Why.COMPLAINT):  # no sales talk after it
            return dialog, moves.Goodbye(silent=True)
        case _:
            return dialog, moves.Nothing()
