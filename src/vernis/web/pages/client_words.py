"""What pages say of clients' single facts. English here, Russian in `locale/ru/clients.po`."""

from collections.abc import Mapping

from vernis.decide.plan import ASKED
from vernis.domain import Reason
from vernis.web.pages.catalog import N_

# What was found of somebody who passed a check of the plan.
PASSED: Mapping[str, str] = {
    Reason.BLACKLISTED: N_("not on the salon's black list"),
    Reason.OPTED_OUT: N_("did not ask for no messages"),
    Reason.NO_CONSENT: N_("may be written to: there is a basis for it"),
    Reason.NO_PHONE: N_("the phone number is known"),
    Reason.INVALID_PHONE: N_("the phone number is right"),
    Reason.NOT_ON_CHANNEL: N_("can be reached by messenger"),
    Reason.GONE_TOO_LONG: N_("was here not too long ago"),
    Reason.VISITED_SINCE: N_("did not come since"),
    Reason.FUTURE_BOOKING: N_("has no booking ahead"),
    Reason.DECLINED: N_("did not say no since the last visit"),
    Reason.ASKED_LATER: N_("did not ask for a later day"),
    Reason.ATTEMPTS_EXHAUSTED: N_("not all messages of this absence were sent"),
    Reason.CONTACTED_RECENTLY: N_("was not written to recently"),
    Reason.IN_DIALOG: N_("no conversation is going on"),
    Reason.NOT_DUE: N_("the day for a message has come"),
    Reason.HOLDOUT: N_("not in the comparison group"),
}
# What is asked about clients, for the filter of the list; the plan gives no other reason there.
REASONS = (Reason.DUE, Reason.LAPSED, *ASKED, Reason.NO_VISITS)

CONSENT: Mapping[str, str] = {
    "given": N_("agreed to messages"),
    "refused": N_("does not agree to messages"),
    "unknown": N_("nothing is known of their own consent"),
}
SOURCES: Mapping[str, str] = {
    "file": N_("from your file"),
    "crm": N_("from the CRM"),
    "erasure": N_("after the data was erased"),
}
ANSWERS: Mapping[str, str] = {
    "positive": N_("wanted to come"),
    "negative": N_("said no"),
    "neutral": N_("answered"),
}
CRMS: Mapping[str, str] = {"yclients": "YClients", "ai_admin": "AI Admin"}
FAULTS: Mapping[str, str] = {
    "how": N_("Say how the client agreed: it must be possible to prove it."),
    "since": N_("Give the day of the consent; it cannot be in the future."),
    "sure": N_("Tick the box: this cannot be undone."),
    "no_phone": N_("This client has no phone: nothing is sent to them anyway."),
    "under_way": N_("A message to this client is being sent right now: try again in a minute."),
    "days": N_("An interval has 1 to 730 days; leave it empty to learn it from visits."),
}


def passed(reason: Reason) -> list[str]:
    """The checks before the one that gave a reason, as words; all of them for who is written to."""
    if reason is Reason.NO_VISITS:
        return []
    before = ASKED if reason not in ASKED else ASKED[: ASKED.index(reason)]
    asked = [one for one in before if one is not Reason.INVALID_PHONE]
    return [PASSED[one] for one in asked if one is not Reason.VISITED_SINCE]
