"""What comes of a call to a channel: where the message stands then, and who learns from it."""

from dataclasses import dataclass
from datetime import timedelta

from vernis.domain import PauseReason, Reason, State
from vernis.errors import OF_THE_ACCOUNT, ChannelError, Refusal, RefusedError

RETRY_AFTER = timedelta(minutes=10)  # after a definite, temporary refusal
MAX_TRIES = 2  # of a message that is refused for the time being: tried again once
MAX_SAFE_TRIES = 4  # where repeats are safe


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The state after a call.

    `as_new`: certainly no call has left anything, the message waits as if none had been made;
    `uncounted`: nor does the try count, for it was the account that could not. `elsewhere`: the
    phone is not on this channel, and another of the company's may do.
    """

    state: State
    reason: Reason | None = None
    refusal: Refusal | None = None
    as_new: bool = False
    uncounted: bool = False
    elsewhere: bool = False
    retry_after: timedelta | None = None


ACCEPTED = Outcome(state=State.ACCEPTED)


def outcome(
    error: ChannelError | None, *, repeats_are_safe: bool, tries: int, doubtful: bool
) -> Outcome:
    """What comes of call number `tries`. `error` None: the channel took it.

    A refusal speaks for its own call only: where an earlier one is in doubt (`doubtful`), so is
    the message, whatever this one said.
    """
    if error is None:
        return ACCEPTED
    if not isinstance(error, RefusedError):
        return Outcome(state=after_doubt(repeats_are_safe=repeats_are_safe, tries=tries))
    if doubtful:
        again = (error.temporary or error.refusal in OF_THE_ACCOUNT) and tries < MAX_SAFE_TRIES
        state = State.WRITTEN if again and repeats_are_safe else State.UNKNOWN
        return Outcome(state=state, refusal=error.refusal, retry_after=_pause(error))
    return _refused(error, tries)


def after_doubt(*, repeats_are_safe: bool, tries: int) -> State:
    """Where a message stands that may have left."""
    safe = repeats_are_safe and tries < MAX_SAFE_TRIES
    return State.WRITTEN if safe else State.UNKNOWN


def failed(refusal: Refusal | None) -> Reason:
    """Why a message that a channel reports as failed has failed."""
    return _REASONS.get(refusal, Reason.CHANNEL_REFUSED) if refusal else Reason.CHANNEL_REFUSED


def pause_for(refusal: Refusal) -> PauseReason | None:
    """Why an account rests after a refusal that is said of it; None where it only waits."""
    return _PAUSES.get(refusal)


def _refused(error: RefusedError, tries: int) -> Outcome:
    refusal = error.refusal
    if refusal in OF_THE_ACCOUNT:
        return Outcome(
            state=State.WRITTEN,
            refusal=refusal,
            as_new=True,
            uncounted=True,
            retry_after=_pause(error),
        )
    if refusal is Refusal.NOT_ON_CHANNEL:
        return Outcome(
            state=State.FAILED, reason=Reason.NOT_ON_CHANNEL, refusal=refusal, elsewhere=True
        )
    if refusal is Refusal.CAPPED:  # a matter of days: a later plan takes the attempt up again
        return Outcome(
            state=State.SKIPPED, reason=Reason.CHANNEL_CAPPED, refusal=refusal, as_new=True
        )
    if error.temporary and tries < MAX_TRIES:
        return Outcome(state=State.WRITTEN, refusal=refusal, as_new=True, retry_after=_pause(error))
    return Outcome(state=State.FAILED, reason=failed(refusal), refusal=refusal)


def _pause(error: RefusedError) -> timedelta:
    return error.retry_after or RETRY_AFTER


_REASONS = {
    Refusal.NOT_ON_CHANNEL: Reason.NOT_ON_CHANNEL,
    Refusal.STOPPED: Reason.OPTED_OUT,
    Refusal.CAPPED: Reason.CHANNEL_CAPPED,
}
_PAUSES = {
    Refusal.TEMPLATE: PauseReason.TEMPLATE,
    Refusal.RATE_LIMITED: PauseReason.RATE_LIMITED,
    Refusal.RESTRICTED: PauseReason.RESTRICTED,
    Refusal.LOGGED_OUT: PauseReason.LOGGED_OUT,
    Refusal.UNAUTHORISED: PauseReason.UNAUTHORISED,
}
