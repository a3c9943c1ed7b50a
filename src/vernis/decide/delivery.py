"""The life of a message: what may leave now, and what an event means for its state."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from vernis.domain import Company, Reason, State


class Event(StrEnum):
    """What a channel reports of a message that was claimed."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    OUTCOME_UNKNOWN = "outcome_unknown"


# Later states outrank earlier ones. What a channel or the client's phone confirmed (delivered,
# read) is a fact that no late "failed" undoes; `unknown` and a mere `accepted` can be overtaken.
_RANK = {
    State.CLAIMED: 0,
    State.UNKNOWN: 1,
    State.ACCEPTED: 2,
    State.FAILED: 3,
    State.DELIVERED: 4,
    State.READ: 5,
}
_STATE_OF = {
    Event.ACCEPTED: State.ACCEPTED,
    Event.DELIVERED: State.DELIVERED,
    Event.READ: State.READ,
    Event.FAILED: State.FAILED,
    Event.OUTCOME_UNKNOWN: State.UNKNOWN,
}


def after(state: State, event: Event) -> State:
    """The state after an event: it may jump forward, never back.

    Messages that were never claimed do not move by a channel's events.
    """
    if state not in _RANK:
        return state
    reported = _STATE_OF[event]
    return reported if _RANK[reported] > _RANK[state] else state


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLook:
    """What can have changed between the plan and the moment before sending."""

    blacklisted: bool
    opted_out: bool
    consent: str
    phone: str | None  # the client's phone now
    planned_phone: str
    declined_at: datetime | None
    planned_at: datetime
    last_visit_on: date  # that the plan went by
    visited_on: date | None  # the newest visit now
    booked_on: date | None  # the next booking now
    with_person: bool = False  # a person is to answer the client, or has just done so


def objection(look: LastLook, company: Company) -> Reason | None:
    """Why a written message must not leave after all, or None."""
    if look.blacklisted:
        return Reason.BLACKLISTED
    if look.opted_out:
        return Reason.OPTED_OUT
    if look.consent == "refused" or (company.consent_required and look.consent != "given"):
        return Reason.NO_CONSENT
    if look.phone != look.planned_phone:
        return Reason.NO_PHONE
    if look.declined_at is not None and look.declined_at > look.planned_at:
        return Reason.DECLINED
    if look.visited_on is not None and look.visited_on > look.last_visit_on:
        return Reason.VISITED_SINCE
    if look.booked_on is not None:
        return Reason.FUTURE_BOOKING
    if look.with_person:
        return Reason.IN_DIALOG
    return None


# --- hours -----------------------------------------------------------------------------------

_MINUTE = timedelta(minutes=1)


def is_open(company: Company, moment: datetime) -> bool:
    """Whether a campaign message may leave at this moment, in the company's own hours and days."""
    day = moment.astimezone(company.zone).date()
    if day.isoweekday() not in company.send_days:
        return False
    return _at(company, day, company.send_from) <= moment < deadline(company, day)


def next_opening(company: Company, moment: datetime) -> datetime | None:
    """The first moment from this one on at which messages may leave; None if there is no day."""
    if is_open(company, moment):
        return moment
    first = moment.astimezone(company.zone).date()
    return next((opens for opens in _openings(company, first) if opens >= moment), None)


def deadline(company: Company, day: date) -> datetime:
    """When a message planned for a day has missed it: the end of that day's hours."""
    return _at(company, day, company.send_until)


def _openings(company: Company, first: date) -> Iterator[datetime]:
    for ahead in range(8):
        day = first + timedelta(days=ahead)
        if day.isoweekday() in company.send_days:
            yield _at(company, day, company.send_from)


def _at(company: Company, day: date, at: time) -> datetime:
    """A company-local time of a day, in UTC; where it comes twice, the first one.

    One that a clock change skips is the first moment after the gap.
    """
    local = datetime.combine(day, at, tzinfo=company.zone)
    moment = local.astimezone(UTC)
    after = moment.astimezone(company.zone)
    if after.time() != at:
        while (moment - _MINUTE).astimezone(company.zone).utcoffset() == after.utcoffset():
            moment -= _MINUTE
    return moment


# --- pace ------------------------------------------------------------------------------------


def gap(base_seconds: float, draw: float) -> timedelta:
    """The pause after a message: irregular, 0.6 to 1.4 times the account's gap.

    Even gaps are what gets a number noticed (Baileys#2131). `draw` is between 0 and 1.
    """
    return timedelta(seconds=base_seconds * (0.6 + 0.8 * draw))
