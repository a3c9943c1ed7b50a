"""The pace of an account: how much may leave now, and how long it then waits.

Why a number must not hurry: 15 to 20 messages a day to people who had never written to it led to
bans of 24 hours, 48 hours, then for life (Baileys#1983), and so did even gaps of 7 seconds
(Baileys#2131). baileys-antiban warms a number up for 7 days and lets it write to at most 5
strangers on a day. Meta lets a new business open 250 conversations in 24 hours, then 2,000,
10,000 and 100,000.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log

WARM_UP_DAYS = 10
FIRST_NEW_CHATS = 5  # on the first day of a warm-up
FIRST_MESSAGES = 20  # on the first day, to people who wrote before as well
FEW_NEW_CHATS = 14  # in 24 hours, for a number like a person's: fewer than led to bans

_LONG_PAUSES = 0.05  # so many of a person's gaps are long ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What an account may do, and what it has done.

    A new chat is a message to somebody who does not expect one: see `opens_chat`. "Today" is the
    company-local day. None is no limit.
    """

    gap_seconds: float  # on average, between two messages
    daily_limit: int
    hourly_limit: int | None = None
    new_chats_limit: int | None = None  # in 24 hours
    warm_up: bool = False
    began_on: date | None = None  # the first day of the warm-up; None: it begins today
    human: bool = False  # Abilities.human_pace
    sent_today: int = 0
    sent_last_hour: int = 0
    new_chats_today: int = 0
    new_chats_24h: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What may leave at this moment: `messages` in all, of which `new_chats` to strangers."""

    messages: int
    new_chats: int


def allowance(pace: Pace, *, on: date) -> Allowance:
    """How many messages may leave in one go on this company-local day; neither is below 0.

    One at a time where the account has a gap or paces itself like a person.
    """
    day = of_day(pace, on=on)
    most = [day.messages - pace.sent_today]
    if pace.hourly_limit is not None:
        most.append(pace.hourly_limit - pace.sent_last_hour)
    if pace.human or pace.gap_seconds > 0:
        most.append(1)
    messages = max(0, min(most))
    new_chats = [messages, day.new_chats - pace.new_chats_today]
    if pace.new_chats_limit is not None:
        new_chats.append(pace.new_chats_limit - pace.new_chats_24h)
    return Allowance(messages=messages, new_chats=max(0, min(new_chats)))


def of_day(pace: Pace, *, on: date) -> Allowance:
    """How many messages may leave on a whole company-local day, whatever has left already."""
    messages = _ramped(FIRST_MESSAGES, pace.daily_limit, pace, on)
    ceiling = pace.daily_limit
    if pace.new_chats_limit is not None:
        ceiling = min(ceiling, pace.new_chats_limit)
    return Allowance(
        messages=messages, new_chats=min(messages, _ramped(FIRST_NEW_CHATS, ceiling, pace, on))
    )


def gap(pace: Pace, draw: float) -> timedelta:
    """The pause after a message; `draw` is between 0 and 1.

    0.6 to 1.4 times the account's gap. Where it paces itself like a person: never under 0.6 times,
    mostly about once, up to 3 times, and now and then (one in 20) 4 to 10 times.
    """
    if not pace.human:
        return timedelta(seconds=pace.gap_seconds * (0.6 + 0.8 * draw))
    if draw < _LONG_PAUSES:
        times = 4 + 6 * draw / _LONG_PAUSES
    else:
        rest = (1 - draw) / (1 - _LONG_PAUSES)
        times = min(3.0, 0.6 - 0.4 * log(rest)) if rest > 0 else 3.0
    return timedelta(seconds=pace.gap_seconds * times)


def opens_chat(
    *, heard_at: datetime | None, now: datetime, free_text_for: timedelta | None = None
) -> bool:
    """Whether a message to a client counts as a new chat.

    Anybody who never wrote to this account. On a channel that limits free text (`free_text_for`,
    the Cloud API) everybody who has not written within that time: Meta counts those.
    """
    if heard_at is None:
        return True
    return free_text_for is not None and now - heard_at >= free_text_for


def _ramped(first: int, limit: int, pace: Pace, on: date) -> int:
    """A limit during the warm-up: `first` on its first day, by the same factor more each day."""
    if not pace.warm_up or limit <= first:
        return limit
    day = 0 if pace.began_on is None else max(0, (on - pace.began_on).days)
    if day >= WARM_UP_DAYS:
        return limit
    return int(first * (limit / first) ** (day / WARM_UP_DAYS))
