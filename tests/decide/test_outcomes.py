"""What comes of a call: the table that decides whether a message may ever leave again."""

from datetime import timedelta

import pytest

from vernis.decide.outcomes import (
    MAX_SAFE_TRIES,
    MAX_TRIES,
    RETRY_AFTER,
    failed,
    outcome,
    pause_for,
)
from vernis.domain import PauseReason, Reason, State
from vernis.errors import OF_THE_ACCOUNT, OutcomeUnknownError, Refusal, RefusedError


def after(error, *, safe=False, tries=1, doubtful=False):
    return outcome(error, repeats_are_safe=safe, tries=tries, doubtful=doubtful)


def refused(refusal, **how):
    return RefusedError("no", refusal=refusal, **how)


def test_what_the_channel_took_is_accepted():
    assert after(None).state is State.ACCEPTED


@pytest.mark.parametrize(
    ("safe", "tries", "state"),
    [
        (False, 1, State.UNKNOWN),
        (True, 1, State.WRITTEN),
        (True, MAX_SAFE_TRIES, State.UNKNOWN),
    ],
)
def test_a_call_without_an_answer_is_repeated_only_where_that_is_safe(safe, tries, state):
    come = after(OutcomeUnknownError("lost"), safe=safe, tries=tries)
    assert come.state is state
    assert not come.as_new


@pytest.mark.parametrize("refusal", sorted(OF_THE_ACCOUNT))
def test_what_is_said_of_the_account_leaves_the_message_as_new(refusal):
    come = after(refused(refusal), tries=MAX_TRIES + 5)
    assert (come.state, come.as_new, come.uncounted) == (State.WRITTEN, True, True)


@pytest.mark.parametrize(
    ("refusal", "state", "reason"),
    [
        (Refusal.NOT_ON_CHANNEL, State.FAILED, Reason.NOT_ON_CHANNEL),
        (Refusal.STOPPED, State.FAILED, Reason.OPTED_OUT),
        (Refusal.CAPPED, State.SKIPPED, Reason.CHANNEL_CAPPED),
        (Refusal.WINDOW, State.FAILED, Reason.CHANNEL_REFUSED),
        (Refusal.INVALID, State.FAILED, Reason.CHANNEL_REFUSED),
        (Refusal.OTHER, State.FAILED, Reason.CHANNEL_REFUSED),
    ],
)
def test_what_is_said_of_the_message_ends_it_with_a_reason(refusal, state, reason):
    come = after(refused(refusal))
    assert (come.state, come.reason, come.refusal) == (state, reason, refusal)


def test_only_a_phone_that_is_not_there_is_looked_for_elsewhere():
    elsewhere = {refusal for refusal in Refusal if after(refused(refusal)).elsewhere}
    assert elsewhere == {Refusal.NOT_ON_CHANNEL}


def test_a_temporary_refusal_is_tried_once_more_after_a_while():
    first = after(refused(Refusal.OTHER, temporary=True))
    assert (first.state, first.as_new, first.uncounted) == (State.WRITTEN, True, False)
    assert first.retry_after == RETRY_AFTER
    last = after(refused(Refusal.OTHER, temporary=True), tries=MAX_TRIES)
    assert (last.state, last.reason) == (State.FAILED, Reason.CHANNEL_REFUSED)


def test_a_channel_that_says_when_is_asked_then():
    come = after(refused(Refusal.RATE_LIMITED, retry_after=timedelta(hours=2)))
    assert come.retry_after == timedelta(hours=2)


@pytest.mark.parametrize("refusal", sorted(Refusal))
@pytest.mark.parametrize("temporary", [False, True])
def test_a_refusal_never_unsays_an_earlier_doubt(refusal, temporary):
    once = after(refused(refusal, temporary=temporary), doubtful=True)
    assert (once.state, once.as_new, once.elsewhere) == (State.UNKNOWN, False, False)
    safe = after(refused(refusal, temporary=temporary), doubtful=True, safe=True)
    again = temporary or refusal in OF_THE_ACCOUNT
    assert safe.state is (State.WRITTEN if again else State.UNKNOWN)
    assert not safe.as_new


def test_a_reported_failure_has_the_reason_of_its_refusal():
    assert failed(None) is Reason.CHANNEL_REFUSED
    assert failed(Refusal.STOPPED) is Reason.OPTED_OUT
    assert failed(Refusal.RATE_LIMITED) is Reason.CHANNEL_REFUSED


def test_every_refusal_of_the_account_rests_it_but_a_lost_connection():
    assert {refusal for refusal in Refusal if pause_for(refusal)} == OF_THE_ACCOUNT - {
        Refusal.NOT_CONNECTED
    }
    assert pause_for(Refusal.RESTRICTED) is PauseReason.RESTRICTED
