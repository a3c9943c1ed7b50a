"""How a language model does: what a request came to, how long to leave it alone, and how to say it.

A circuit breaker's decisions, without its clock: the adapter keeps the failures and the pause.
"""

from collections.abc import Mapping
from enum import StrEnum

# So many failures in a row and a model is left alone.
THRESHOLD = 3
SHORTEST_PAUSE, LONGEST_PAUSE = 60.0, 900.0  # seconds
# A person has to change something first: asking again only costs time.
UNTIL_CHANGED = 600.0
QUOTA_PAUSE = 3600.0  # where the provider does not say when
RATE_PAUSE = 60.0


class Outcome(StrEnum):
    """What a request to a language model came to."""

    WORKS = "works"
    WRONG_KEY = "wrong_key"
    UNKNOWN_MODEL = "unknown_model"
    LOCATION = "location"
    QUOTA = "quota"
    RATE_LIMITED = "rate_limited"
    REJECTED = "rejected"
    PROXY_REFUSED = "proxy_refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    SERVER_ERROR = "server_error"
    NONSENSE = "nonsense"


FOR_A_PERSON = frozenset({Outcome.WRONG_KEY, Outcome.UNKNOWN_MODEL, Outcome.LOCATION})
WORTH_A_RETRY = frozenset({Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.UNREACHABLE})

WORDS: dict[str, str] = {
    Outcome.WORKS: "works",
    Outcome.WRONG_KEY: "refuses the key: check it",
    Outcome.UNKNOWN_MODEL: "is not known there: check the model's name",
    Outcome.LOCATION: "is not offered where this machine is: set a proxy for it",
    Outcome.QUOTA: "says its quota is used up: wait, or raise it with the provider",
    Outcome.RATE_LIMITED: "gets too many requests: lower requests_per_minute",
    Outcome.REJECTED: "rejects what it is asked: check the model's name and its output mode",
    Outcome.PROXY_REFUSED: "cannot be reached, its proxy refuses: check the proxy",
    Outcome.UNREACHABLE: "cannot be reached: check its base_url and the network",
    Outcome.TIMEOUT: "does not answer in time",
    Outcome.SERVER_ERROR: "fails at the provider's",
    Outcome.NONSENSE: "answers something that cannot be used",
}


def counts_as_failure(outcome: Outcome) -> bool:
    """A provider that counts requests as we do is well: it only wants us to wait."""
    return outcome not in {Outcome.WORKS, Outcome.RATE_LIMITED}


def pause_after(outcome: Outcome, failures: int, retry_after: float | None) -> float:
    """Seconds to leave a model alone after this outcome, the last of `failures` in a row; 0: none.

    `retry_after` is what the provider asked for.
    """
    if outcome is Outcome.WORKS:
        return 0.0
    if outcome in FOR_A_PERSON:
        return UNTIL_CHANGED
    if outcome is Outcome.QUOTA:
        return retry_after if retry_after is not None else QUOTA_PAUSE
    if outcome is Outcome.RATE_LIMITED:
        return retry_after if retry_after is not None else RATE_PAUSE
    asked = retry_after or 0.0
    if failures < THRESHOLD:
        return asked
    return max(asked, min(SHORTEST_PAUSE * 2.0 ** (failures - THRESHOLD), LONGEST_PAUSE))


def sentence(name: str, outcome: str) -> str:
    """One sentence about one model, for whoever runs the installation."""
    return f"The model {name} {WORDS.get(outcome, outcome)}."


# Why a template stands where a model was asked, as `Draft.fallback` has it.
BECAUSE = {
    "unavailable": "no model answered",
    "budget": "the requests of the minute or the day were used up",
    "money": "the money of the month was used up",
}


def standing_in(
    fallbacks: Mapping[str, int], asked: int, ill: Mapping[str, str] | None = None
) -> str | None:
    """One sentence where templates stood in for the models, None where they did not.

    `fallbacks` is how many messages there are of each `Draft.fallback`, among `asked` that a model
    was asked for; `ill` the last outcome of each model that does not work, by its name.
    """
    if not fallbacks:
        return None
    whys: dict[str, int] = {}
    for fallback, count in fallbacks.items():
        why = BECAUSE.get(fallback, "its text failed a check")
        if fallback == "unavailable" and ill:
            why = " and ".join(f"{name} {WORDS.get(how, how)}" for name, how in ill.items())
        whys[why] = whys.get(why, 0) + count
    parts = "; ".join(f"{count:,} because {why}" for why, count in whys.items())
    return (
        f"Templates stood in for the language model in {sum(whys.values()):,} of {asked:,}"
        f" messages: {parts}."
    )
