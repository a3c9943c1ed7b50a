"""The salon's diary: which quarters of an hour of whom are taken."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple

from vernis.simulation.salon import Salon, Staff

QUARTER = timedelta(minutes=15)
_STEP = 2  # appointments begin on the hour and the half
_BEFORE_DAYS, _AHEAD_DAYS = 3, 14  # how far from the wished day a client goes
_WRONG_WEEKDAY = 2.5  # weighs as much as this many days
_NEAR_HOURS = 3


class Place(NamedTuple):
    """Free time: a company-local day, quarters since midnight, and whose."""

    staff: str
    day: date
    quarter: int


class Calendar:
    """Busy quarters as one bit each, by staff and day."""

    def __init__(self, salon: Salon) -> None:
        self._zone = salon.zone
        self._staff = {staff.name: staff for staff in salon.staff}
        self._busy: dict[tuple[str, date], int] = {}

    def place(self, staff: str, starts_at: datetime) -> Place:
        local = starts_at.astimezone(self._zone)
        return Place(staff, local.date(), local.hour * 4 + local.minute // 15)

    def moment(self, place: Place) -> datetime:
        at = time(place.quarter // 4, place.quarter % 4 * 15)
        return datetime.combine(place.day, at, tzinfo=self._zone).astimezone(UTC)

    def take(self, place: Place, quarters: int) -> bool:
        """Mark as busy; False, and nothing is changed, where any quarter is taken."""
        wanted = ((1 << quarters) - 1) << place.quarter
        busy = self._busy.get((place.staff, place.day), 0)
        if busy & wanted:
            return False
        self._busy[place.staff, place.day] = busy | wanted
        return True

    def release(self, place: Place, quarters: int) -> None:
        self._busy[place.staff, place.day] &= ~(((1 << quarters) - 1) << place.quarter)

    def starts(self, staff: str, day: date, quarters: int) -> list[int]:
        """Quarters of a working day at which `quarters` in a row are free."""
        person: Staff = self._staff[staff]
        if day.isoweekday() not in person.weekdays:
            return []
        busy = self._busy.get((staff, day), 0)
        wanted = (1 << quarters) - 1
        first, last = person.opens.hour * 4, person.closes.hour * 4 - quarters
        return [start for start in range(first, last + 1, _STEP) if not busy >> start & wanted]

    def choose(
        self,
        staff: Sequence[str],
        *,
        wish: date,
        hour: float,
        weekdays: tuple[int, ...],
        quarters: int,
        not_before: datetime,
    ) -> Place | None:
        """The free time that a client would take, preferring the first of the staff.

        A day near `wish` and a liked weekday weigh more than the hour; None: two weeks are full.
        """
        earliest = self.place("", not_before)
        wish = max(wish, earliest.day)
        by_liking = (wish + after for after in _days_by_liking(wish.isoweekday(), weekdays))
        days = [day for day in by_liking if day >= earliest.day]
        for names, reach in ((staff[:1], _NEAR_HOURS), (staff, _NEAR_HOURS), (staff, 24)):
            for day in days:
                floor = earliest.quarter if day == earliest.day else 0
                for name in names:
                    near = [
                        (abs(start / 4 - hour), start)
                        for start in self.starts(name, day, quarters)
                        if start > floor
                    ]
                    if near and (best := min(near))[0] <= reach:
                        return Place(name, day, best[1])
        return None


@cache
def _days_by_liking(wished: int, liked: tuple[int, ...]) -> tuple[timedelta, ...]:
    """Days from the wished ISO weekday, the most welcome first."""
    days = range(-_BEFORE_DAYS, _AHEAD_DAYS + 1)

    def cost(day: int) -> float:
        return abs(day) + (0.0 if (wished + day - 1) % 7 + 1 in liked else _WRONG_WEEKDAY)

    return tuple(timedelta(days=day) for day in sorted(days, key=cost))
