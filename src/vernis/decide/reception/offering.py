"""Which of the free times are offered: nearest to the wish, spread, the usual master first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from vernis.decide.reception.dialog_state import Dialog, DialogState, advance
from vernis.decide.reception.moves import Book, Change, NoTimes, Offered, OfferTimes
from vernis.domain import FreeTime, Topic, When

MOST_OFFERED = 3
LOOK_AHEAD_DAYS = 7  # where no day was named
USUAL_MINUTES = 90  # so near to the client's usual hour is as good as it


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What comes of free times: a move to say or to carry out, and the dialog after it."""

    move: Offered | NoTimes | Book | Change
    dialog: Dialog


def look_up(
    dialog: Dialog,
    when: When | None,
    now: datetime,
    *,
    definite: bool = False,
    asked: Topic | None = None,
) -> OfferTimes:
    """Where to look for times: on the wished days and their neighbours, or in the next week."""
    today = now.date()
    if when is not None and when.days is not None and when.days[1] >= today:
        first, last = max(when.days[0], today), when.days[1]
        # One day may be full: look at its neighbours as well.
        last = max(last, first + timedelta(2))
    else:
        first, last = today, today + timedelta(LOOK_AHEAD_DAYS)
    if asked in {Topic.LATER_TIME, Topic.EARLIER_TIME}:
        first, last = max(today, first - timedelta(2)), last + timedelta(4)
    if dialog.offered and when is None:
        last += timedelta(LOOK_AHEAD_DAYS)
    return OfferTimes(when=when, first_day=first, last_day=last, definite=definite, asked=asked)


def offer(
    dialog: Dialog,
    when: When | None,
    times: Sequence[FreeTime],
    *,
    now: datetime,
    definite: bool = False,
    asked: Topic | None = None,
    not_on: tuple[date, date] | None = None,
    taken: bool = False,
) -> Turn:
    """Up to three of the free times: nearest to the wish, spread, the usual master first.

    With `definite`, a wish for one moment at which the usual master (or, without one, anybody)
    is free is settled at once. `asked` and `not_on` are as in `OfferTimes`. Times of the past are
    left out.
    """
    ahead = [free for free in times if free.starts_at > now]
    if not_on is not None:
        ahead = [free for free in ahead if not not_on[0] <= day_of(free, now) <= not_on[1]]
    if asked == Topic.MASTER:
        ahead = [free for free in ahead if free.staff_id == dialog.staff_id] or ahead
    if not ahead:
        return Turn(
            move=NoTimes(taken=taken, wish=when),
            dialog=replace(
                dialog,
                offered=(),
                wish=when,
                state=DialogState.OFFERED,
                turns=dialog.turns + 1,
                asked_again=0,
            ),
        )
    fitting = [free for free in ahead if fits(free, when, now)]
    if asked == Topic.EARLIER_TIME:
        fitting = [free for free in fitting if _earlier(free, dialog.offered, now)]
    named = _named(dialog, when, fitting) if definite and not taken else None
    if named is not None:
        return Turn(move=settle(dialog, named), dialog=replace(dialog, wish=when))
    shown = {_shown(free, now) for free in dialog.offered}
    refused = asked == Topic.OTHER_TIME
    if refused or when is None or when == dialog.wish or when.days is None:
        fresh = [free for free in fitting if _shown(free, now) not in shown] or fitting
    else:
        fresh = fitting  # for another day the same hours are news
    if not fitting and asked in {Topic.LATER_TIME, Topic.EARLIER_TIME}:
        days = {day_of(free, now) for free in dialog.offered}
        fresh = [free for free in ahead if day_of(free, now) not in days]
    # Where only a day was missed, another hour of it is nearer than another day.
    chosen = _spread(dialog, fresh or ahead, when, now)
    move = Offered(
        times=chosen,
        fits=bool(fitting),
        taken=taken,
        wish=when,
        asked=asked,
        moving=dialog.moving is not None,
    )
    return Turn(move=move, dialog=advance(replace(dialog, wish=when), move))


def settle(dialog: Dialog, free: FreeTime) -> Book | Change:
    """A time that the client said yes to: booked, or what is to be moved goes there."""
    return Change(booking=dialog.moving, time=free) if dialog.moving else Book(time=free)


def _shown(free: FreeTime, now: datetime) -> tuple[datetime, int]:
    return free.starts_at.astimezone(now.tzinfo), free.staff_id


def fits(free: FreeTime, when: When | None, now: datetime) -> bool:
    """Whether a time is on the days and at the hours that are wished."""
    if when is None:
        return True
    start = free.starts_at.astimezone(now.tzinfo)
    if when.days is not None and not when.days[0] <= start.date() <= when.days[1]:
        return False
    return when.hours is None or when.hours[0] <= start.time() <= when.hours[1]


def _earlier(free: FreeTime, offered: Sequence[FreeTime], now: datetime) -> bool:
    """Before everything that was offered on its day."""
    return all(
        free.starts_at < other.starts_at
        for other in offered
        if day_of(other, now) == day_of(free, now)
    )


def _named(dialog: Dialog, when: When | None, fitting: Sequence[FreeTime]) -> FreeTime | None:
    if when is None or when.days is None or when.hours is None:
        return None
    if when.days[0] != when.days[1] or when.hours[0] != when.hours[1] or not fitting:
        return None
    usual = [free for free in fitting if free.staff_id == dialog.staff_id]
    if dialog.staff_id is not None and not usual:
        return None  # another master only with the client's yes
    return (usual or list(fitting))[0]


def _spread(
    dialog: Dialog, times: Sequence[FreeTime], when: When | None, now: datetime
) -> tuple[FreeTime, ...]:
    """Three by rank, then the least alike: other days first, hours apart."""
    ranked = sorted(times, key=lambda free: _rank(dialog, free, when, now))
    chosen: list[FreeTime] = []
    for gap in (None, timedelta(hours=2), timedelta(hours=1), timedelta(minutes=1)):
        for free in ranked:
            if len(chosen) < MOST_OFFERED and all(_apart(free, one, gap, now) for one in chosen):
                chosen.append(free)
    return tuple(sorted(chosen, key=lambda free: free.starts_at))


def _rank(
    dialog: Dialog, free: FreeTime, when: When | None, now: datetime
) -> tuple[int, float, bool, bool, date, int, datetime]:
    """The least is the best: as wished, with the usual master, at about the usual hour, soon."""
    start = free.starts_at.astimezone(now.tzinfo)
    days_off = 0
    hours_off = 0.0
    minute = start.hour * 60 + start.minute
    if when is not None and when.days is not None:
        days_off = max((when.days[0] - start.date()).days, (start.date() - when.days[1]).days, 0)
    if when is not None and when.hours is not None:
        first, last = (moment.hour * 60 + moment.minute for moment in when.hours)
        hours_off = max(first - minute, minute - last, 0) / 60
    usual = dialog.usual_at
    away = abs(minute - usual.hour * 60 - usual.minute) if usual is not None else 0
    return (
        days_off,
        hours_off,
        free.staff_id != dialog.staff_id,
        away > USUAL_MINUTES,
        start.date(),
        away,
        free.starts_at,
    )


def _apart(free: FreeTime, other: FreeTime, gap: timedelta | None, now: datetime) -> bool:
    """On different days, or with a `gap` at least so far from each other."""
    if gap is None:
        return day_of(free, now) != day_of(other, now)
    return abs(free.starts_at - other.starts_at) >= gap


def day_of(free: FreeTime, now: datetime) -> date:
    """The company-local day of a time."""
    return free.starts_at.astimezone(now.tzinfo).date()
