"""A client's reply -> what it wants: intent, confidence, day and hour, chosen time.

A decision list over tokens (`reply_rules`), so that each answer can name its rule. Low confidence
is honest: it is where a trained model or a language model is to be asked later, never for
`opt_out`, which is decided here alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

from vernis.decide import first_names, moment_words, moments
from vernis.decide.patterns import FILLERS, POLITE, Match, PhraseBook, Rule, lines
from vernis.decide.reply_rules import REWRITES, RULES, SPELLINGS
from vernis.decide.speech import SENTENCE_ENDS, Lexicon, Token
from vernis.domain import FreeTime, Intent, Reading, Topic, When

UNSURE = 0.2  # confidence where nothing matched
DISTANT_DAYS = 10  # a day so far ahead, said with «может», is "later"
FAR_DAYS = 21  # a day further ahead, or a longer span, said alone is "later", not a booking
_OPEN_TO_CHOICE = {Intent.BOOK, Intent.NEUTRAL}
_NEW_TIMES = {
    Topic.OTHER_TIME,
    Topic.LATER_TIME,
    Topic.EARLIER_TIME,
    Topic.RESCHEDULE,
}
_NOT_NAMES = frozenset(
    [
        "ира",
        "вера",
        "надежда",
        "любовь",
        "роза",
        "лада",
        "мира",
        "слава",
        "рада",
        "воля",
        "ли",
        "май",
    ]
) - {"ира"}
_NEGATIONS = frozenset({"не", "ни", "not", "don't", "нет", "never", "без", "won't", "doesn't"})
_SCOPE_ENDS = SENTENCE_ENDS | {",", "а", "но", "-", "but", "то", "поэтому", "так"}


def read(text: str, *, now: datetime, offered: Sequence[FreeTime] = ()) -> Reading:
    """What a reply wants.

    `now` is aware and company-local; `offered` are the times that the client was last shown, in
    that order. Never raises for any text.
    """
    tokens = _rewritten(_lexicon().read(text))
    located = moments.locate([token.text for token in tokens], now=now)
    words = _marked(tokens, located, now)
    rule, rivals = _decide(words, bool(offered))
    texts = [token.text for token in tokens]
    starts = [free.starts_at.astimezone(now.tzinfo) for free in offered]
    refuses = bool(offered) and not located.refused and _refuses(texts)
    when = _next_week(texts, located.when, starts, now, refuses=refuses)
    asks = "?" in texts or texts[:1] == ["а"]
    if offered and (rule is None or _may_choose(rule)):
        choice = _choice(texts, words, when, starts)
        if choice is not None and not (refuses and not choice.exact):
            open_yet = asks or not (choice.exact or _one_day(when))
            if choice.exact or not asks:
                return Reading(
                    intent=Intent.BOOK,
                    confidence=0.9,
                    when=when,
                    choice=choice.place,
                    evidence="choice",
                    topic=Topic.FREE_TIMES if open_yet else None,
                )
    if rule is None:
        return Reading(
            intent=Intent.NEUTRAL, confidence=UNSURE, when=when, evidence="nothing_matched"
        )
    confidence = rule.confidence * (0.85 if rivals else 1.0)
    topic = rule.topic
    if rule.intent == Intent.BOOK and when is not None and topic in {None, Topic.FREE_TIMES}:
        # What is asked for is offered, never booked at once.
        topic = Topic.OTHER_TIME if refuses else Topic.FREE_TIMES if asks else topic
    return Reading(
        intent=rule.intent,
        confidence=round(confidence, 3),
        when=when,
        evidence=rule.name,
        topic=topic,
        not_on=located.refused_days,
    )


# --- tokens ready for the rules ------------------------------------------------------


@cache
def _book() -> PhraseBook:
    """Phrases of the rules; the key is three times their place, plus 1 and 2 for exceptions."""
    return PhraseBook(
        (3 * place + kind, phrase)
        for place, rule in enumerate(RULES)
        for kind, table in enumerate((rule.phrases, rule.unless, rule.unless_here))
        for phrase in lines(table)
    )


@cache
def _rewrites() -> PhraseBook:
    return PhraseBook(
        (key, phrase) for key, table in enumerate(REWRITES.values()) for phrase in lines(table)
    )


@cache
def _lexicon() -> Lexicon:
    words = (
        _book().words
        | _rewrites().words
        | moment_words.words()
        | FILLERS
        | POLITE
        | _ORDINALS.keys()
        | _BESIDE_A_NUMBER
        | set(SPELLINGS.split())
        | _names()
    )
    return Lexicon(words, _book().stems | _rewrites().stems)


@cache
def _names() -> frozenset[str]:
    tables = (first_names.FEMALE_RU, first_names.MALE_RU, first_names.EITHER_RU)
    latin = (first_names.FEMALE_EN, first_names.MALE_EN, first_names.EITHER_EN)
    return frozenset(" ".join(tables + latin).split()) - _NOT_NAMES


def _rewritten(tokens: list[Token]) -> list[Token]:
    means = tuple(REWRITES)
    found = list(_rewrites().matches([token.text for token in tokens]))
    for match in sorted(_apart(found), key=lambda match: -match.start):
        tokens[match.start : match.end] = [Token(means[match.key])]
    return tokens


def _apart(matches: Iterable[Match]) -> list[Match]:
    """The matches that do not overlap, the longest first."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda match: match.start - match.end):
        if all(match.end <= other.start or match.start >= other.end for other in kept):
            kept.append(match)
    return kept


def _marked(tokens: Sequence[Token], located: moments.Located, now: datetime) -> list[str]:
    """The words, with each day or hour as one `@when` (`@far`, `@refused`) and names as `@name`."""
    names = _names()
    words: list[str] = []
    position = 0
    mark = "@when"
    days = located.when.days if located.when else None
    if (
        days
        and not _is_date(tokens, located, days)
        and ((days[0] - now.date()).days > FAR_DAYS or (days[1] - days[0]).days > FAR_DAYS)
    ):
        mark = "@far"
    distant = bool(days and (days[0] - now.date()).days >= DISTANT_DAYS)
    for start, end in (*located.covered, (len(tokens), len(tokens))):
        words += [_name_or_word(token, names) for token in tokens[position:start]]
        said = "@refused" if start in located.refused else mark
        if start < len(tokens) and (not words or words[-1] != said):
            words += ["@distant", said] if distant else [said]
        position = end
    return words


def _is_date(tokens: Sequence[Token], located: moments.Located, days: tuple[date, date]) -> bool:
    """«30 августа», «на 15-е»: a day by its date is meant, however far; «через 30 дней» is not."""
    said = [token.text for start, end in located.covered for token in tokens[start:end]]
    numbered = any(text[0].isdigit() for text in said)
    return days[0] == days[1] and numbered and not {"через", "in"} & set(said)


def _name_or_word(token: Token, names: frozenset[str]) -> str:
    text = token.text.removesuffix("'s")
    if text in names:
        return "@name"
    # «Анну», «Анне», «Ивану»: an oblique case of a name, where it was typed as one.
    if token.capital and len(text) > 3:
        stem = text[:-1]
        if {stem + "а", stem + "я", stem, stem + "й"} & names:
            return "@name"
    return token.text


# --- which rule ----------------------------------------------------------------------


def _decide(words: Sequence[str], offered: bool) -> tuple[Rule | None, bool]:
    """The first rule that matches, and whether an opposite one matched too."""
    said: dict[int, list[Match]] = {}
    void: set[int] = set()
    here: dict[int, list[Match]] = {}
    for match in _book().matches(words):
        place, kind = divmod(match.key, 3)
        if kind == 1:
            void.add(place)
        elif kind == 2:
            here.setdefault(place, []).append(match)
        elif RULES[place].only_offered <= offered and not _negated(words, match.start):
            said.setdefault(place, []).append(match)
    places = sorted(
        place
        for place, matches in said.items()
        if place not in void and not all(_overlap(match, here.get(place, ())) for match in matches)
    )
    if not places:
        return None, False
    first = RULES[places[0]]
    rivals = any(_opposite(first, RULES[place]) for place in places[1:])
    return first, rivals


def _overlap(match: Match, others: Iterable[Match]) -> bool:
    return any(match.start < other.end and other.start < match.end for other in others)


def _opposite(first: Rule, second: Rule) -> bool:
    return (
        first.intent != second.intent
        and second.confidence > 0.8
        and second.intent != Intent.NEUTRAL
    )


def _negated(words: Sequence[str], start: int) -> bool:
    first = words[start]
    said_as_it_is = first == "@refused" or not (first[0].isalpha() or first[0] == "@")
    if first in _NEGATIONS or said_as_it_is:
        return False
    for back, text in enumerate(reversed(words[max(0, start - 4) : start])):
        if text in _SCOPE_ENDS:
            return False
        if text in {"не", "not", "don't", "never"} and back < 3:
            return True
    return False


# --- which of the offered times ------------------------------------------------------

_ORDINALS = {
    form: place
    for place, forms in {
        1: "первый первое первую первая первого первому first любое любой любую any whichever "
        "раннее ранний раннюю ближайшее ближайший ближайшую earliest soonest",
        2: "второй второе вторую вторая второго второму second средний среднее",
        3: "третий третье третью третья третьего third",
        -1: "последний последнее последнюю последняя последнего last поздний позднюю latest",
    }.items()
    for form in forms.split()
}
_NO_MATTER = (
    ("без", "разницы"),
    ("все", "равно"),
    ("на", "ваше"),
    ("doesn't", "matter"),
    ("don't", "care"),
)
_ASKS = frozenset(
    [
        "есть",
        "еще",
        "другое",
        "другой",
        "другие",
        "кроме",
        "попозже",
        "пораньше",
        "свободно",
        "else",
        "other",
    ]
)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A place in what was offered; `exact` where it was named, or its very hour."""

    place: int
    exact: bool


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


def _choice(
    texts: Sequence[str],
    words: Sequence[str],
    when: When | None,
    offered: Sequence[datetime],
) -> _Choice | None:
    if _ASKS & set(texts):
        return None
    place = _named_place(texts, words)
    if place is not None:
        return _Choice(place, exact=True) if place <= len(offered) else None
    number = _lone_number(texts)
    if number is not None and 1 <= number <= len(offered):
        return _Choice(number, exact=True)
    found = _by_time(when, number, offered)
    hours = when.hours if when else None
    exact = number is not None or (hours is not None and hours[0] == hours[1])
    return None if found is None else _Choice(found, exact=exact)


def _named_place(texts: Sequence[str], words: Sequence[str]) -> int | None:
    said = list(dict.fromkeys(_ORDINALS[text] for text in words if text in _ORDINALS))
    if len(said) == 1 and not _negated_place(words):
        return said[0]
    pairs = list(pairwise(texts))
    if ("самое", "позднее") in pairs:
        return -1
    if any(pair in pairs for pair in _NO_MATTER) or "неважно" in texts:
        return 1
    for first, second in pairs:
        if first in {"вариант", "номер", "option", "number"} and second in {"1", "2", "3"}:
            return int(second)
        if second in {"вариант", "й", "option"} and first in {"1", "2", "3"}:
            return int(first)
    return None


def _negated_place(words: Sequence[str]) -> bool:
    place = next(index for index, text in enumerate(words) if text in _ORDINALS)
    return bool({"не", "нет", "not"} & set(words[max(0, place - 2) : place + 3]))


_BESIDE_A_NUMBER = frozenset(
    [
        "давайте",
        "давай",
        "да",
        "ок",
        "👍",
        "тогда",
        "лучше",
        "можно",
        "на",
        "под",
        "цифра",
        "цифру",
        "номер",
        "номером",
        "вариант",
        "а",
    ]
)
_NUMBERS = {"один": "1", "два": "2", "три": "3", "one": "1", "two": "2", "three": "3"}


def _lone_number(texts: Sequence[str]) -> int | None:
    """The number of a reply that says nothing else: «2», «давайте 2», «2 пожалуйста»."""
    allowed = POLITE | SENTENCE_ENDS | _BESIDE_A_NUMBER
    rest = [_NUMBERS.get(text, text.removesuffix("-го")) for text in texts if text not in allowed]
    if len(rest) == 1 and rest[0].isascii() and rest[0].isdigit() and len(rest[0]) <= 2:
        return int(rest[0])
    return None


def _by_time(when: When | None, number: int | None, offered: Sequence[datetime]) -> int | None:
    if when is None:
        if number is None or number > 23:
            return None
        when = When(hours=(time(number), time(number)))
    for half_day in (0, 12):
        fitting = [place for place, start in enumerate(offered, 1) if _fits(start, when, half_day)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


def _fits(start: datetime, when: When, half_day: int) -> bool:
    """Whether a free time is the one meant; with `half_day` 12 also by a twelve-hour clock."""
    if when.days is not None and not when.days[0] <= start.date() <= when.days[1]:
        return False
    if when.hours is None:
        return half_day == 0
    if half_day == 0:
        return when.hours[0] <= start.time() <= when.hours[1]
    wanted = when.hours[0]
    return when.hours[0] == when.hours[1] and (wanted.hour % 12, wanted.minute) == (
        start.hour % 12,
        start.minute,
    )
