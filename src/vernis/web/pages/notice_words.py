"""What notices say, and what cures an account that rests, in an owner's words."""

from collections.abc import Mapping

from vernis.domain import ConnectionState, Locale, PauseReason
from vernis.stages.notices import Kind, Notice
from vernis.web.pages import words
from vernis.web.pages.catalog import N_, texts

CURES: Mapping[str, str] = {
    PauseReason.BY_HAND: N_("Resume it in the settings when it may go on."),
    PauseReason.FEW_REPLIES: N_(
        "Make the messages more personal or fewer a day, then resume it in the settings."
    ),
    PauseReason.MANY_FAILURES: N_("Look whether its phone is online, then resume it."),
    PauseReason.NOT_DELIVERED: N_("Look whether its phone is online, then resume it."),
    PauseReason.RATE_LIMITED: N_("Nothing has to be done: it only needs a rest."),
    PauseReason.RESTRICTED: N_("Let it rest. You can go on from another number meanwhile."),
    PauseReason.LOGGED_OUT: N_("Link it again: scan the QR code in the settings."),
    PauseReason.UNAUTHORISED: N_("Enter a new access token in the settings."),
    PauseReason.QUALITY: N_("Make the messages more personal or fewer a day, and let it rest."),
    PauseReason.TEMPLATE: N_("Have a template approved, or choose another in the settings."),
}
CONNECTION_CURES: Mapping[str, str] = {
    ConnectionState.DISCONNECTED: N_("Look whether its phone and the internet there work."),
    ConnectionState.LOGGED_OUT: CURES[PauseReason.LOGGED_OUT],
    ConnectionState.RESTRICTED: CURES[PauseReason.RESTRICTED],
    ConnectionState.UNAUTHORISED: CURES[PauseReason.UNAUTHORISED],
    ConnectionState.UNREACHABLE: N_("Ask whoever set Vernis up: the bridge has to be started."),
    ConnectionState.TEMPLATE_MISSING: CURES[PauseReason.TEMPLATE],
}


def sentence(notice: Notice, locale: Locale) -> str:
    """A notice in one sentence."""
    catalog = texts(locale)
    say, ngettext = catalog.gettext, catalog.ngettext
    details = notice.details
    known = {"account": notice.account or say(N_("A number"))}
    match notice.kind:
        case Kind.ACCOUNT_PAUSED:
            known["why"] = say(words.PAUSES[details["reason"]])
            return say(N_("%(account)s rests: %(why)s.")) % known
        case Kind.ACCOUNT_RESUMED:
            known["why"] = say(words.PAUSES[details["reason"]])
            return say(N_("%(account)s goes on; it had rested: %(why)s.")) % known
        case Kind.CONNECTION_LOST:
            known["state"] = say(words.CONNECTIONS[details["state"]])
            return say(N_("%(account)s has no connection: %(state)s.")) % known
        case Kind.NOT_DELIVERED:
            said = ngettext(
                "%(account)s: %(num)s of the last %(of)s messages was not delivered within an"
                " hour.",
                "%(account)s: %(num)s of the last %(of)s messages were not delivered within an"
                " hour.",
                details["undelivered"],
            )
            return said % (known | {"num": details["undelivered"], "of": details["accepted"]})
        case Kind.WARNED:
            known["says"] = str(details["says"])
            return say(N_("%(account)s, a word from the messenger: %(says)s")) % known
        case Kind.CRM_DISCONNECTED:
            return say(N_("The CRM is disconnected: connect it again in the settings."))
        case Kind.WEBHOOK_PAUSED:
            return say(N_("Another program does not take our notifications: they are paused."))
    return notice.kind
