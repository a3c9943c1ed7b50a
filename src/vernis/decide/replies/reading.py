"""A client's reply -> what it wants: intent, confidence, day and hour, chosen time.

Rules first (`reply_rules`: a decision list, so that an answer can name its rule), and a small
trained model (`reply_model`) that knows how far each rule can be trusted and decides where they
say little. A demand to stop that a rule recognises is final; the model may only find more of them.
Low confidence is honest: it is where a language model can be asked, never about `opt_out`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from vernis.decide.replies import model as reply_model
from vernis.decide.replies import moment_words
from vernis.decide.replies.choice import choose
from vernis.decide.replies.concepts import about_stopping
from vernis.decide.replies.model import Model
from vernis.decide.replies.patterns import Rule
from vernis.decide.replies.words import Heard, hear
from vernis.domain import FreeTime, Intent, Reading, Topic, When

UNSURE = 0.2  # confidence where nothing matched
KNOWN = 0.3  # the model's probability below which nothing is said to be understood
STOPS = 0.25  # the model's probability from which a reply is a demand to stop
LONGEST_CHOICE = 4  # words of a reply that chooses a time and says nothing else
_NAMES = {"names_a_time", "asks_about_a_time"}  # the rules that see a time and no wish
_OPEN_TO_CHOICE = {Intent.BOOK, Intent.NEUTRAL}
_NEW_TIMES = {
    Topic.OTHER_TIME,
    Topic.LATER_TIME,
    Topic.EARLIER_TIME,
    Topic.RESCHEDULE,
}


def read(text: str, *, now: datetime, offered: Sequence[FreeTime] = ()) -> Reading:
    """What a reply wants.

    `now` is aware and company-local; `offered` are the times that the client was last shown, in
    that order. Never raises for any text.
    """
    heard = hear(text, now=now, offered=bool(offered))
    texts = [token.text for token in heard.tokens]
    starts = [free.starts_at.astimezone(now.tzinfo) for free in offered]
    refuses = bool(offered) and not heard.located.refused and _refuses(texts)
    when = _next_week(texts, heard.located.when, starts, now, refuses=refuses)
    asks = "?" in texts or texts[:1] == ["а"]
    rule = heard.rules[0] if heard.rules else None
    if offered and (rule is None or _may_choose(rule)):
        choice = choose(texts, heard.words, when, starts)
        aside = _says_more(heard, when)
        if (
            choice is not None
            and not (refuses and not choice.exact)
            and not (aside and len(offered) == 1)
        ):
            open_yet = asks or aside or not (choice.exact or _one_day(when))
            if choice.exact or not asks:
                return Reading(
                    intent=Intent.BOOK,
                    confidence=0.9,
                    when=when,
                    choice=choice.place,
                    evidence="choice",
                    topic=Topic.FREE_TIMES if open_yet else None,
                )
    found = decide(heard, reply_model.packaged(), offered=bool(offered))
    topic = found.rule.topic if found.rule else None
    if found.intent == Intent.BOOK and when is not None and topic in {None, Topic.FREE_TIMES}:
        # What is asked for is offered, never booked at once.
        topic = Topic.OTHER_TIME if refuses else Topic.FREE_TIMES if asks else topic
    return Reading(
        intent=found.intent,
        confidence=round(found.confidence, 3),
        when=when,
        evidence=found.evidence,
        topic=topic,
        not_on=heard.located.refused_days,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """`rule` says the same as the decision, or is None; `evidence` names it, or the model."""

    intent: Intent
    confidence: float
    rule: Rule | None = None
    evidence: str = "model"


def decide(heard: Heard, model: Model, *, offered: bool = False) -> Decided:
    """What a reply wants, of what the rules and the model say."""
    found = model.probabilities(reply_model.features(heard.letters, heard.words, heard.rules))
    first = heard.rules[0] if heard.rules else None
    if first and (first.intent == Intent.OPT_OUT or (offered and _after_offer(first))):
        return _by_rule(first, max(first.confidence, found[first.intent]))
    if found[Intent.OPT_OUT] >= STOPS and about_stopping([*heard.letters, *heard.words]):
        return Decided(intent=Intent.OPT_OUT, confidence=found[Intent.OPT_OUT])
    likely = max(found, key=lambda intent: found[intent] if intent != Intent.OPT_OUT else -1.0)
    if first is None and (likely == Intent.NEUTRAL or found[likely] < (0.6 if offered else KNOWN)):
        return Decided(intent=Intent.NEUTRAL, confidence=UNSURE, evidence="nothing_matched")
    for rule in heard.rules:
        if rule.intent == likely:
            return _by_rule(rule, found[likely])
    return Decided(intent=likely, confidence=found[likely])


def _by_rule(rule: Rule, confidence: float) -> Decided:
    return Decided(intent=rule.intent, confidence=confidence, rule=rule, evidence=rule.name)


def _after_offer(rule: Rule) -> bool:
    """After times were offered a rule about them knows more than the model, which never saw any."""
    return rule.only_offered or rule.topic in _NEW_TIMES or rule.confidence >= 0.8


def _refuses(texts: Sequence[str]) -> bool:
    """«Неудобно», «не подходит»: said of what was offered."""
    return "неудобно" in texts or any(
        first in {"не", "not"} and second in moment_words.CANNOT_AFTER_NOT
        for first, second in pairwise(texts)
    )


def _next_week(
    texts: Sequence[str],
    when: When | None,
    offered: Sequence[datetime],
    now: datetime,
    *,
    refuses: bool,
) -> When | None:
    """On a Wednesday «в среду» is the next one where today is refused, or only that was offered."""
    today, next_week = now.date(), now.date() + timedelta(7)
    if when is None or when.days != (today, today):
        return when
    if not any(text in moment_words.WEEKDAYS for text in texts):
        return when
    days = {start.date() for start in offered}
    if (refuses and today in days) or (today not in days and next_week in days):
        return replace(when, days=(next_week, next_week))
    return when


def _says_more(heard: Heard, when: When | None) -> bool:
    """A longer message in which a place or a day is named, and nothing says that it is wished:
    «повтори первое предложение», «сегодня всё бесплатно»."""
    exact = when is not None and when.hours is not None and when.hours[0] == when.hours[1]
    wishes = any(rule.intent == Intent.BOOK and rule.name not in _NAMES for rule in heard.rules)
    words = [word for word in heard.words if word[:1].isalnum()]
    return len(words) > LONGEST_CHOICE and not wishes and not exact


def _one_day(when: When | None) -> bool:
    """A day and no span of hours: «давайте в субботу»."""
    days = when.days if when and when.hours is None else None
    return days is not None and days[0] == days[1]


def _may_choose(rule: Rule) -> bool:
    if rule.topic in _NEW_TIMES:
        return False
    return rule.intent in _OPEN_TO_CHOICE or (
        rule.intent == Intent.QUESTION and rule.confidence < 0.7
    )
