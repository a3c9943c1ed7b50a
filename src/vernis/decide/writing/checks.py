"""The checks that every text passes before it may go out, whoever wrote it.

Each check is one small function of the text and the words that were given; `CHECKS` names them.
What the company itself wrote (its name, its gift, its terms) is blotted out first.
"""

from collections.abc import Callable
from enum import StrEnum

from vernis.decide.writing import banned, check_facts, check_form, check_people
from vernis.decide.writing.judged import Judged, judged
from vernis.decide.writing.repeated import ALIKE, likeness
from vernis.decide.writing.wording import Wording, blot_company, without_facts, word
from vernis.domain import MessageFacts


class Problem(StrEnum):
    """Why a text must not go out."""

    LANGUAGE = "language"
    LENGTH = "length"
    EMOJI = "emoji"
    SPACING = "spacing"
    MARKUP = "markup"
    PREAMBLE = "preamble"
    NAME = "name"
    OTHER_NAME = "other_name"
    SENDER = "sender"
    QUESTION = "question"
    BOOKING = "booking"
    BANNED = "banned"
    NUMBER = "number"
    TIME = "time"
    LINK = "link"
    OFFER_INVENTED = "offer_invented"
    OFFER_MISSING = "offer_missing"
    TERMS_MISSING = "terms_missing"
    PROMISE = "promise"
    CLAIM = "claim"
    OTHER_SERVICE = "other_service"
    ADDRESS = "address"
    GENDER = "gender"
    REPEATED = "repeated"
    OPT_OUT = "opt_out"


def problems(text: str, facts: MessageFacts) -> list[str]:
    """The names of the checks that the text fails, [] where it can go out."""
    return [str(problem) for problem in failed(text, facts, word(facts))]


def failed(text: str, facts: MessageFacts, wording: Wording) -> list[Problem]:
    """`problems` for a caller who already has the words."""
    read = judged(text, facts, wording)
    return [problem for problem, is_wrong in CHECKS.items() if is_wrong(read)]


def passes(text: str, facts: MessageFacts, wording: Wording) -> bool:
    """Does the text fail none? Cheaper than naming them all."""
    if len(text) > wording.limit:
        return False
    read = judged(text, facts, wording)
    return not any(is_wrong(read) for is_wrong in CHECKS.values())


def _banned(t: Judged) -> bool:
    if banned.is_banned(t.lower, t.facts.locale):
        return True
    words = t.facts.banned_words
    return bool(words) and banned.holds(blot_company(t.raw, t.wording), words, t.facts.locale)


def _repeated(t: Judged) -> bool:
    return any(
        likeness(t.own, without_facts(sent, t.facts, t.wording), t.facts.locale) >= ALIKE
        for sent in t.facts.recent_texts
    )


def _opt_out(t: Judged) -> bool:
    return t.wording.opt_out is not None and t.wording.opt_out not in t.raw


CHECKS: dict[Problem, Callable[[Judged], bool]] = {
    Problem.LANGUAGE: check_form.language,
    Problem.LENGTH: check_form.length,
    Problem.EMOJI: check_form.emoji,
    Problem.SPACING: check_form.spacing,
    Problem.MARKUP: check_form.markup,
    Problem.PREAMBLE: check_form.preamble,
    Problem.NAME: check_people.name,
    Problem.OTHER_NAME: check_people.other_name,
    Problem.SENDER: check_people.sender,
    Problem.QUESTION: check_facts.question,
    Problem.BOOKING: check_facts.booking,
    Problem.BANNED: _banned,
    Problem.NUMBER: check_facts.number,
    Problem.TIME: check_facts.time,
    Problem.LINK: check_facts.link,
    Problem.OFFER_INVENTED: check_facts.offer_invented,
    Problem.OFFER_MISSING: check_facts.offer_missing,
    Problem.TERMS_MISSING: check_facts.terms_missing,
    Problem.PROMISE: check_facts.promise,
    Problem.CLAIM: check_facts.claim,
    Problem.OTHER_SERVICE: check_facts.other_service,
    Problem.ADDRESS: check_people.address,
    Problem.GENDER: check_people.gender,
    Problem.REPEATED: _repeated,
    Problem.OPT_OUT: _opt_out,
}
