"""What the pages call states and reasons. English here, Russian in `locale/ru/words.po`."""

from collections.abc import Mapping

from vernis.decide.reception.moves import Why
from vernis.domain import (
    Band,
    BookingState,
    ConnectionState,
    Intent,
    PauseReason,
    Reason,
    Source,
    State,
)
from vernis.stages.members import Role
from vernis.web.pages.catalog import N_

REASONS: Mapping[str, str] = {
    Reason.DUE: N_("due about now"),
    Reason.LAPSED: N_("past the expected time"),
    Reason.NOT_DUE: N_("too early to write"),
    Reason.NO_VISITS: N_("never came"),
    Reason.NO_PHONE: N_("no phone number"),
    Reason.INVALID_PHONE: N_("the phone number is wrong"),
    Reason.SHARED_PHONE: N_("somebody with the same number is written to"),
    Reason.BLACKLISTED: N_("on the salon's black list"),
    Reason.OPTED_OUT: N_("asked not to be written to"),
    Reason.NO_CONSENT: N_("no consent to messages"),
    Reason.FUTURE_BOOKING: N_("is booked already"),
    Reason.CONTACTED_RECENTLY: N_("written to recently"),
    Reason.ATTEMPTS_EXHAUSTED: N_("got all messages there are"),
    Reason.HOLDOUT: N_("not written to on purpose, for comparison"),
    Reason.DAILY_CAP: N_("waits: today's number is reached"),
    Reason.OUTSIDE_HOURS: N_("outside the hours for messages"),
    Reason.GONE_TOO_LONG: N_("gone too long"),
    Reason.DECLINED: N_("said no"),
    Reason.ASKED_LATER: N_("asked for a message later"),
    Reason.VISITED_SINCE: N_("came meanwhile"),
    Reason.IN_DIALOG: N_("is in a conversation"),
    Reason.CHANNEL_REFUSED: N_("the messenger refused it"),
    Reason.ACCOUNT_PAUSED: N_("the salon's number is paused"),
    Reason.ACCOUNT_LIMIT: N_("waits: the salon's number may write to no more today"),
    Reason.NOT_WRITABLE: N_("no text fits this client"),
    Reason.REJECTED: N_("somebody of the salon said no"),
    Reason.NOT_ON_CHANNEL: N_("not on this messenger"),
    Reason.CHANNEL_CAPPED: N_("got enough advertising there these days"),
    Reason.NOT_SENT: N_("checked by a person: was not sent"),
}
STATES: Mapping[str, str] = {
    State.HELD_OUT: N_("for comparison"),
    State.PLANNED: N_("planned"),
    State.WRITTEN: N_("ready to be sent"),
    State.CLAIMED: N_("being sent"),
    State.ACCEPTED: N_("sent"),
    State.DELIVERED: N_("delivered"),
    State.READ: N_("read"),
    State.SKIPPED: N_("skipped"),
    State.EXPIRED: N_("not sent in time"),
    State.FAILED: N_("could not be sent"),
    State.UNKNOWN: N_("unclear whether it was sent"),
    "received": N_("received"),
    "handled": N_("read"),
}
INTENTS: Mapping[str, str] = {
    Intent.BOOK: N_("wants to book"),
    Intent.QUESTION: N_("question"),
    Intent.LATER: N_("later"),
    Intent.DECLINE: N_("no, thanks"),
    Intent.OPT_OUT: N_("do not write"),
    Intent.ALREADY_BOOKED: N_("already booked"),
    Intent.COMPLAINT: N_("complaint"),
    Intent.WRONG_PERSON: N_("wrong person"),
    Intent.NEUTRAL: N_("something else"),
}
HANDOVERS: Mapping[str, str] = {
    Why.QUESTION: N_("a question that only you can answer"),
    Why.COMPLAINT: N_("a complaint"),
    Why.WANTS_PERSON: N_("wants to talk to a person"),
    Why.CHANGE: N_("a booking has to be changed by hand"),
    Why.CHECK: N_("says they are booked, but no booking is found"),
    Why.NOTE: N_("something to know about the visit"),
    Why.VOICE: N_("a voice message"),
    Why.PICTURE: N_("a picture"),
    Why.UNCLEAR: N_("it is not clear what they want"),
    Why.TOO_LONG: N_("the conversation goes round in circles"),
    Why.AFTER_OPT_OUT: N_("wrote again after asking for no messages"),
    Why.TAKEN: N_("you wanted to answer"),
}
LEVELS: Mapping[str, str] = {
    Source.PERSONAL: N_("own rhythm"),
    Source.SERVICE_AVERAGE: N_("clients of this service"),
    Source.INDUSTRY_STANDARD: N_("usual in the trade"),
    Source.UNIVERSAL: N_("a general guess"),
    "own": N_("set by you"),
}
BANDS: Mapping[str, str] = {
    Band.GENTLE: N_("away up to 45 days"),
    Band.OFFER: N_("away 45 to 74 days"),
    Band.WIN_BACK: N_("away 75 days and more"),
}
BOOKINGS: Mapping[str, str] = {
    BookingState.BOOKED: N_("booked"),
    BookingState.COMPLETED: N_("came"),
    BookingState.CANCELLED: N_("cancelled"),
    BookingState.NO_SHOW: N_("did not come"),
}
PAUSES: Mapping[str, str] = {
    PauseReason.BY_HAND: N_("paused by hand"),
    PauseReason.FEW_REPLIES: N_("under a tenth of the new clients answer"),
    PauseReason.MANY_FAILURES: N_("many of its messages failed"),
    PauseReason.NOT_DELIVERED: N_("many of its messages are not delivered"),
    PauseReason.RATE_LIMITED: N_("the messenger asked it to slow down"),
    PauseReason.RESTRICTED: N_("WhatsApp lets this number open no new chats"),
    PauseReason.LOGGED_OUT: N_("it is logged out: link it again"),
    PauseReason.UNAUTHORISED: N_("its access token is not accepted"),
    PauseReason.QUALITY: N_("WhatsApp rates its quality low"),
    PauseReason.TEMPLATE: N_("it has no approved template"),
}
CONNECTIONS: Mapping[str, str] = {
    ConnectionState.UNKNOWN: N_("not checked yet"),
    ConnectionState.CONNECTED: N_("connected"),
    ConnectionState.CONNECTING: N_("connecting"),
    ConnectionState.DISCONNECTED: N_("not connected"),
    ConnectionState.LOGGED_OUT: N_("logged out"),
    ConnectionState.RESTRICTED: N_("restricted by WhatsApp"),
    ConnectionState.UNAUTHORISED: N_("access token not accepted"),
    ConnectionState.UNREACHABLE: N_("the bridge does not answer"),
    ConnectionState.TEMPLATE_MISSING: N_("no approved template"),
}
CHANNELS: Mapping[str, str] = {
    "sandbox": N_("Sandbox (nothing leaves)"),
    "baileys": "WhatsApp",
    "ai_admin": "WhatsApp (AI Admin)",
    "cloud": "WhatsApp Cloud API",
    "waha": "WhatsApp (WAHA)",
    "evolution": "WhatsApp (Evolution)",
}
ROLES: Mapping[str, str] = {
    Role.OWNER: N_("Owner"),
    Role.MANAGER: N_("Manager"),
    Role.VIEWER: N_("May look only"),
}
# What a page says after it has done something: `?done=approved`.
DONE: Mapping[str, str] = {
    "saved": N_("Saved."),
    "approved": N_("Approved: it leaves in its hours."),
    "edited": N_("The text is changed."),
    "held": N_("It waits for your decision again."),
    "skipped": N_("It will not be sent."),
    "opted_out": N_("Nothing more will be written to this client."),
    "opted_in": N_("This client may be written to again."),
    "erased": N_("Name, phone and texts of this client are erased."),
    "taken": N_("You are answering now. The assistant keeps quiet."),
    "given_back": N_("The assistant answers again."),
    "written": N_("Sent."),
    "added": N_("Added."),
    "removed": N_("Removed."),
    "paused": N_("Paused."),
    "resumed": N_("It goes on."),
    "password": N_("The new password is set."),
    "logged_out": N_("You are logged out."),
    "seen": N_("Noted."),
    "settled": N_("Noted."),
    "settled_before": N_("This was decided before."),
    "started": N_("It has begun."),
    "revoked": N_("The key is revoked."),
    "checked": N_("Checked: the answer stands at the number."),
    "account_rests": N_(
        "Messages were sent over this number, so it stays in the list; nothing new leaves from it."
    ),
    "still_linked": N_(
        "Removed. The bridge could not log it out: unlink it on the phone, in WhatsApp under"
        " Linked devices."
    ),
    "sync_asked": N_("It is read within a minute."),
    "crm_left": N_("The CRM is disconnected. What was read stays."),
    "pinged": N_("A test is on its way: look below in a moment."),
    "redelivered": N_("It is told once more: look below in a moment."),
}
# What errors say, where a page shows them; the technical sentence stays in English.
FAULTS: Mapping[str, str] = {
    "NotFoundError": N_("This is not there any more."),
    "ConflictError": N_("This contradicts what is already there: load the page again."),
    "UsageError": N_("This cannot be used: look at what you typed."),
    "UnavailableError": N_("A server does not answer: try again in a minute."),
}
