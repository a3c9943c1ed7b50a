"""Every error that Vernis raises on purpose.

    VernisError
    ├── UsageError            what the person typed or the file they gave cannot be used
    │   ├── ConfigError       a setting is missing or wrong
    │   └── DataError         a file cannot be read or understood
    ├── NotFoundError         no such company, client, reactivation
    ├── ConflictError         what is asked contradicts what is already there
    ├── UnavailableError      a server we need does not answer or cannot be started
    │   └── CrmBusyError      the CRM may be asked again in a moment
    └── ChannelError          a message did not certainly leave
        ├── RefusedError      it certainly did not leave; says whether a later try may work
        └── OutcomeUnknownError   it may have left: never send it again
    └── CrmError
        ├── TimeTakenError    the wanted time is no longer free
        ├── BookingGoneError  what is to be changed is no longer booked, or not this client's
        ├── BookingUnknownError   the booking may exist: read before repeating
        ├── CrmRefusedError   the CRM does not take what we ask of it, and nothing was done
        └── CrmAccessError    the CRM lets us in no more: a token, a right, a company is gone

The text of an error is one sentence that says what to do; it never holds a phone number,
a surname or a message text. The command line prints it and exits with `exit_code`.
"""

from datetime import timedelta
from enum import StrEnum


class VernisError(Exception):
    """Root of the tree."""

    exit_code = 1


class UsageError(VernisError):
    """What the person typed, or the file they gave, cannot be used."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting is missing or wrong."""


class DataError(UsageError):
    """A file cannot be read or understood."""


class NotFoundError(UsageError):
    """There is no such company, client or reactivation."""


class ConflictError(VernisError):
    """What is asked contradicts what is already there."""


class UnavailableError(VernisError):
    """A server that Vernis needs does not answer or cannot be started."""

    exit_code = 2


class CrmBusyError(UnavailableError):
    """As many requests were made of this company's CRM as it allows: it is asked again shortly."""


class ChannelError(VernisError):
    """A message did not certainly leave."""


class Refusal(StrEnum):
    """What a channel's no means."""

    NOT_ON_CHANNEL = "not_on_channel"  # the phone cannot be reached there
    STOPPED = "stopped"  # the client told the channel to stop our advertising: an opt-out
    CAPPED = "capped"  # a limit over all senders: no opt-out, a matter of days
    WINDOW = "window"  # outside of the time in which free text may be sent
    TEMPLATE = "template"  # paused, not approved, or not there
    RATE_LIMITED = "rate_limited"
    RESTRICTED = "restricted"  # WhatsApp lets this number open no new chats, or nothing at all
    LOGGED_OUT = "logged_out"
    UNAUTHORISED = "unauthorised"  # the token is not accepted
    NOT_CONNECTED = "not_connected"  # nothing was sent: the bridge, gateway or API is away
    INVALID = "invalid"  # it does not take this message
    OTHER = "other"


# Said of the account, whatever the message: it waits, and the message is as new.
OF_THE_ACCOUNT = frozenset(
    {
        Refusal.TEMPLATE,
        Refusal.RATE_LIMITED,
        Refusal.RESTRICTED,
        Refusal.LOGGED_OUT,
        Refusal.UNAUTHORISED,
        Refusal.NOT_CONNECTED,
    }
)


class RefusedError(ChannelError):
    """The channel said no: the message certainly did not leave.

    `temporary` tells whether the same message may be tried again later, `retry_after` when at the
    earliest. `code` is the channel's own word for it.
    """

    def __init__(
        self,
        code: str,
        *,
        refusal: Refusal = Refusal.OTHER,
        temporary: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(f"The channel refused the message: {code}.")
        self.code = code
        self.refusal = refusal
        self.temporary = temporary
        self.retry_after = retry_after


class OutcomeUnknownError(ChannelError):
    """The call ended without an answer: the message may have left and is never sent again."""


class CrmError(VernisError):
    """A booking was not certainly made."""


class TimeTakenError(CrmError):
    """The wanted time is no longer free."""


class BookingGoneError(CrmError):
    """What is to be moved or cancelled is no longer booked, or is not this client's."""


class CrmAccessError(CrmError):
    """The CRM does not let us in: the token is wrong or was taken back, a right is missing, or the
    company is gone there. Says what to do."""

    exit_code = 2


class BookingUnknownError(CrmError):
    """The CRM did not answer: the booking may exist, so read before anything is repeated."""


class CrmRefusedError(CrmError):
    """The CRM understood and said no: nothing was done, and the same again would not help.

    `status` is HTTP's; `words` are the CRM's own, without long numbers, for people to read.
    """

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"The CRM refused this ({status}): {words or 'it does not say why'}.")
        self.status = status
        self.words = words
