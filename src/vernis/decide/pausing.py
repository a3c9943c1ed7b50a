"""When an account rests, for how long, and what ends it.

The thresholds and where they come from: baileys-antiban stops a number that under 10% answer;
evolution#2597 had 74 of 76 messages accepted and never delivered; a restriction came for 24 hours,
then 48, then for life (Baileys#1983), so after the second one a person decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vernis.domain import ConnectionState, PauseReason

ANSWERS_WITHIN = timedelta(hours=48)  # who has not answered by then counts as silent
DELIVERED_WITHIN = timedelta(hours=1)  # a phone may be off for a while
LAST_CHATS = 100  # new chats that are judged, the latest
LAST_TRIES = 50

_LEAST_CHATS, _FEWEST_REPLIES = 30, 0.10
_LEAST_TRIES, _MOST_FAILURES = 10, 0.30
# Half are not there an hour later: a phone that is off does not explain that. A third is worth a
# word: where WhatsApp is reached by VPN only, many are late.
_LEAST_ACCEPTED, _MOST_UNDELIVERED, _ALARMING = 10, 0.50, 0.30

CURED_BY_CONNECTION = frozenset(
    {PauseReason.LOGGED_OUT, PauseReason.UNAUTHORISED, PauseReason.TEMPLATE}
)
# After a rest for one of these the account starts with a clean record.
FORGIVEN = frozenset(
    {
        PauseReason.BY_HAND,
        PauseReason.FEW_REPLIES,
        PauseReason.MANY_FAILURES,
        PauseReason.NOT_DELIVERED,
        PauseReason.RESTRICTED,
        PauseReason.QUALITY,
    }
)
WORKS = frozenset({ConnectionState.UNKNOWN, ConnectionState.CONNECTED})
PASSING = frozenset({ConnectionState.CONNECTING})  # neither good nor bad yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What became of an account's messages since its record was last wiped clean.

    `asked` new chats are older than ANSWERS_WITHIN, `accepted` messages older than
    DELIVERED_WITHIN; each counts the latest only. A try that failed for the client's own sake
    (not on WhatsApp, stopped, capped) is not in `failed`.
    """

    human: bool  # Abilities.human_pace: strangers' silence endangers the number
    reports_delivery: bool
    asked: int = 0
    answered: int = 0
    tried: int = 0
    failed: int = 0
    accepted: int = 0
    undelivered: int = 0


def judge(record: Record) -> PauseReason | None:
    """Why an account with this record has to rest, or None."""
    if record.tried >= _LEAST_TRIES and record.failed > _MOST_FAILURES * record.tried:
        return PauseReason.MANY_FAILURES
    if _undelivered_over(_MOST_UNDELIVERED, record):
        return PauseReason.NOT_DELIVERED
    if (
        record.human
        and record.asked >= _LEAST_CHATS
        and record.answered < _FEWEST_REPLIES * record.asked
    ):
        return PauseReason.FEW_REPLIES
    return None


def alarms(record: Record) -> bool:
    """Whether so many messages are accepted without being delivered that the owner should know."""
    return _undelivered_over(_ALARMING, record)


def rest(
    reason: PauseReason, *, now: datetime, times: int, retry_after: timedelta | None = None
) -> datetime | None:
    """When an account that has rested `times` times for this reason lately goes on by itself.

    None: when somebody resumes it, or when its connection is good again (CURED_BY_CONNECTION).
    `retry_after` is what the channel itself asked for.
    """
    match reason:
        case PauseReason.RATE_LIMITED:
            first = max(retry_after or timedelta(0), timedelta(minutes=30))
            longest = max(first, timedelta(hours=24))
            return now + min(first * (1 << min(times, 10)), longest)
        case PauseReason.RESTRICTED:
            hours = (24, 48)[times] if times < 2 else None
        case PauseReason.QUALITY:
            hours = 24
        case PauseReason.FEW_REPLIES | PauseReason.MANY_FAILURES | PauseReason.NOT_DELIVERED:
            hours = 24 if times == 0 else None
        case _:
            hours = None
    return None if hours is None else now + max(timedelta(hours=hours), retry_after or timedelta(0))


def remembered(reason: PauseReason) -> timedelta:
    """How long an earlier rest for the same reason makes the next one longer."""
    return timedelta(days=1) if reason is PauseReason.RATE_LIMITED else timedelta(days=30)


def prevails(
    new: tuple[PauseReason, datetime | None], over: tuple[PauseReason, datetime | None]
) -> bool:
    """Whether a second pause takes the place of the one that holds (each: reason and end).

    The heavier one does, of two alike the longer one: an account that rests for a day is not woken
    by the login that ends its other trouble.
    """
    (reason, until), (held, held_until) = new, over
    if _WEIGHT[reason] != _WEIGHT[held]:
        return _WEIGHT[reason] > _WEIGHT[held]
    if held_until is None:
        return False
    return until is None or until > held_until


def pause_of(state: ConnectionState) -> PauseReason | None:
    """Why an account rests whose connection is in this state; None where it only waits for it."""
    return {
        ConnectionState.LOGGED_OUT: PauseReason.LOGGED_OUT,
        ConnectionState.RESTRICTED: PauseReason.RESTRICTED,
        ConnectionState.UNAUTHORISED: PauseReason.UNAUTHORISED,
        ConnectionState.TEMPLATE_MISSING: PauseReason.TEMPLATE,
    }.get(state)


def _undelivered_over(share: float, record: Record) -> bool:
    return (
        record.reports_delivery
        and record.accepted >= _LEAST_ACCEPTED
        and record.undelivered > share * record.accepted
    )


_WEIGHT = {
    PauseReason.RATE_LIMITED: 0,
    PauseReason.LOGGED_OUT: 1,
    PauseReason.UNAUTHORISED: 1,
    PauseReason.TEMPLATE: 1,
    PauseReason.FEW_REPLIES: 2,
    PauseReason.MANY_FAILURES: 2,
    PauseReason.NOT_DELIVERED: 2,
    PauseReason.QUALITY: 2,
    PauseReason.RESTRICTED: 3,
    PauseReason.BY_HAND: 4,
}
