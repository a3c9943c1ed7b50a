"""What the plan says of a text that fails a check, and what could be done about a reason."""

from collections.abc import Mapping
from typing import Any

from vernis.decide.writing.checks import Problem
from vernis.domain import Company, Reason
from vernis.stages.outlook import LATE
from vernis.web.pages import words
from vernis.web.pages.catalog import N_

PROBLEMS: Mapping[str, str] = {
    Problem.LANGUAGE: N_("Many words are not in the salon's language."),
    Problem.LENGTH: N_("It is too long: short messages are answered more often."),
    Problem.EMOJI: N_("There are too many emoji."),
    Problem.SPACING: N_("Spaces, line breaks or quotation marks look careless."),
    Problem.MARKUP: N_("There are marks that a messenger shows as they are: *, #, <, {."),
    Problem.PREAMBLE: N_("It does not begin as a message to a client does."),
    Problem.NAME: N_("The client's name is missing or written in another way."),
    Problem.OTHER_NAME: N_("It names somebody else."),
    Problem.SENDER: N_("The client cannot see that it is from your salon."),
    Problem.QUESTION: N_("There is no question, or more than one: it is not clear what to answer."),
    Problem.BOOKING: N_("It does not offer to book a visit."),
    Problem.BANNED: N_("There is a word that should not be in a message: pressure or reproach."),
    Problem.NUMBER: N_("There is a number that nobody gave: a price, a discount or a date."),
    Problem.TIME: N_("It offers a time that is not known to be free."),
    Problem.LINK: N_("There is a link or a phone number."),
    Problem.OFFER_INVENTED: N_("It promises an offer that is not set for this client."),
    Problem.OFFER_MISSING: N_("The offer that is set for this client is missing."),
    Problem.TERMS_MISSING: N_("The terms of the offer are missing."),
    Problem.PROMISE: N_("It promises something for which the salon cannot answer."),
    Problem.CLAIM: N_("It states something that is not known of the client or the salon."),
    Problem.OTHER_SERVICE: N_("It speaks of another service than the client's."),
    Problem.ADDRESS: N_("The form of address is not the one that you have chosen."),
    Problem.GENDER: N_("A word has the wrong gender for this client."),
    Problem.REPEATED: N_("The client got nearly the same message before."),
    Problem.OPT_OUT: N_("The line about how to stop the messages is missing or changed."),
}

# What somebody of the salon can do, and the page where they can, where there is one.
HINTS: Mapping[str, tuple[str, str]] = {
    Reason.NO_CONSENT: (
        N_("Say how your clients agreed to messages: then they are written to."),
        "/settings#consent_basis",
    ),
    Reason.NO_PHONE: (N_("Add the number where you keep your clients: it comes here."), ""),
    Reason.INVALID_PHONE: (
        N_("Correct the number where you keep your clients: it comes here."),
        "",
    ),
    Reason.SHARED_PHONE: (N_("One message a day for one number: a family, for instance."), ""),
    Reason.HOLDOUT: (N_("They show how many come back without a message."), ""),
    Reason.DAILY_CAP: (
        N_("First come those with whom waiting costs most. You can raise the day's number."),
        "/settings#daily_cap",
    ),
    Reason.ACCOUNT_LIMIT: (
        N_("A new number writes to few people at first, so that it is not blocked."),
        "/settings",
    ),
    Reason.OUTSIDE_HOURS: (N_("Days off and hours are in the settings."), "/settings#send_from"),
    Reason.NOT_ON_CHANNEL: (N_("Another messenger can be connected."), "/settings"),
    Reason.GONE_TOO_LONG: (
        N_("After how long that is can be set."),
        "/settings#gone_too_long_days",
    ),
    Reason.NO_VISITS: (N_("Whoever never came cannot be expected back."), ""),
    Reason.ATTEMPTS_EXHAUSTED: (N_("Nobody gets more messages in one absence."), ""),
    Reason.IN_DIALOG: (N_("Whoever writes with you gets no advertising meanwhile."), "/dialogs"),
    LATE: (N_("They are looked at again tomorrow."), ""),
}
REFUSED = N_(
    "They have said no to messages, or their consent is missing where you keep your clients."
)
REASONS: Mapping[str, str] = {**words.REASONS, LATE: N_("due since today's plan was made")}

# Before a message is not sent, somebody says why; these are suggestions.
EXCUSES = (
    N_("we have already called"),
    N_("the visit is agreed in person"),
    N_("this client moved away"),
    N_("not the right moment"),
)
FAULTS: Mapping[str, str] = {
    "decided": N_("This message was decided on meanwhile, or its hours are over."),
    "empty": N_("A message needs a text, of up to 4,000 characters."),
    "why": N_("Say why: you will see it in the plan later."),
    "nobody": N_("Today's plan does not have this client any more."),
}
# What the templates of the plan say.
SAID: Mapping[str, Any] = {
    "words_of": REASONS,
    "problems": PROBLEMS,
    "done_words": words.DONE,
}


def hints(company: Company) -> Mapping[str, tuple[str, str]]:
    """What can be done about each reason; where the salon has said how its clients agreed, only
    they themselves can change theirs."""
    if company.consent_basis is None:
        return HINTS
    return {**HINTS, Reason.NO_CONSENT: (REFUSED, "")}
