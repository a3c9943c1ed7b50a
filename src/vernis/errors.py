"""Every error that Vernis raises on purpose.

    VernisError
    ├── UsageError            what the person typed or the file they gave cannot be used
    │   ├── ConfigError       a setting is missing or wrong
    │   └── DataError         a file cannot be read or understood
    ├── NotFoundError         no such company, client, reactivation
    ├── ConflictError         what is asked contradicts what is already there
    ├── UnavailableError      a server we need does not answer or cannot be started
    └── ChannelError          a message did not certainly leave
        ├── RefusedError      it certainly did not leave; says whether a later try may work
        └── OutcomeUnknownError   it may have left: never send it again
    └── CrmError
        ├── TimeTakenError    the wanted time is no longer free
        ├── BookingGoneError  what is to be changed is no longer booked, or not this client's
        └── BookingUnknownError   the booking may exist: read before repeating

The text of an error is one sentence that says what to do; it never holds a phone number,
a surname or a message text. The command line prints it and exits with `exit_code`.
"""


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


class ChannelError(VernisError):
    """A message did not certainly leave."""


class RefusedError(ChannelError):
    """The channel said no: the message certainly did not leave.

    `temporary` tells whether the same message may be tried again later.
    """

    def __init__(self, code: str, *, temporary: bool = False) -> None:
        super().__init__(f"The channel refused the message: {code}.")
        self.code = code
        self.temporary = temporary


class OutcomeUnknownError(ChannelError):
    """The call ended without an answer: the message may have left and is never sent again."""


class CrmError(VernisError):
    """A booking was not certainly made."""


class TimeTakenError(CrmError):
    """The wanted time is no longer free."""


class BookingGoneError(CrmError):
    """What is to be moved or cancelled is no longer booked, or is not this client's."""


class BookingUnknownError(CrmError):
    """The CRM did not answer: the booking may exist, so read before anything is repeated."""
