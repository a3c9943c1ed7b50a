"""The life of a message: whether it may still leave, and what an event means for its state."""

from dataclasses import dataclass
from datetime import date, datetime

from vernis.decide import consent
from vernis.decide.consent import Evidence
from vernis.domain import Company, Event, Reason, State

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
    consent_source: str | None = None
    consent_on: date | None = None
    on: date | None = None  # company-local today; None: the day of the plan


def objection(look: LastLook, company: Company) -> Reason | None:
    """Why a written message must not leave after all, or None."""
    if look.blacklisted:
        return Reason.BLACKLISTED
    if look.opted_out:
        return Reason.OPTED_OUT
    if evidence(look, company) is None:
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


def evidence(look: LastLook, company: Company) -> Evidence | None:
    """What the message relies on as things are now; None where nothing allows it any more."""
    return consent.evidence(
        company,
        consent=look.consent,
        consent_source=look.consent_source,
        consent_on=look.consent_on,
        last_visit_on=look.visited_on or look.last_visit_on,
        on=look.on or look.planned_at.astimezone(company.zone).date(),
    )
