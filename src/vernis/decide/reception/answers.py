"""Whether an answer in a model's own words may go out in the place of code's phrase.

What is stated must be given: each time, price and fact stands in the text as code says it, word
for word; what is left is held to a list of words and may hold no figure, day, link or promise. The
question that a yes would answer is code's own.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

from vernis.decide.reception import moves, phrases_en, phrases_ru
from vernis.decide.reception.phrases import Language
from vernis.decide.writing import banned, check_facts, check_form, check_people, russian
from vernis.decide.writing.judged import Judged, judged_as
from vernis.decide.writing.names import say_name
from vernis.decide.writing.prompt_words import PLACEHOLDER
from vernis.decide.writing.titles import say_title
from vernis.decide.writing.wording import companys_own, word
from vernis.decide.writing.wordlist import WordList
from vernis.domain import Address, Appointment, Band, FreeTime, Locale, MessageFacts, Topic

LONGEST = 500  # characters
LEAK = 6  # so many words in a row of what the model was told are a leak
_SMALL = frozenset({"PREP", "CONJ", "PRCL", "NPRO", "INTJ"})  # state nothing (pymorphy's names)
_BLOT = "◦"
_LANGUAGES: dict[Locale, Language] = {Locale.RU: phrases_ru, Locale.EN: phrases_en}

# Moves whose phrase stands: what a person has in hand, what ends a dialog for good, long lists.
_AS_IT_IS = (
    moves.HandOver | moves.OptOut | moves.WrongPerson | moves.AskToWrite | moves.Nothing
    | moves.AskService | moves.AskWhichBooking | moves.NoBookings
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an answer may state. `phrase` is what code says for the move; `told` are the words of
    the model's instructions."""

    locale: Locale
    address: Address
    now: datetime  # company-local
    move: moves.Move
    phrase: str = field(repr=False)
    facts: Mapping[Topic, str] = field(default_factory=dict)
    prices: Sequence[str] = ()  # «маникюр — 2 000 ₽»
    client_name: str | None = field(default=None, repr=False)  # as in the CRM
    company_name: str = ""
    service_title: str | None = None
    staff: tuple[str, ...] = ()  # as in the CRM
    banned_words: tuple[str, ...] = ()
    told: str = field(default="", repr=False)


def may_reword(move: moves.Move) -> bool:
    """Whether a model's words may stand in the place of code's phrase at all."""
    if isinstance(move, _AS_IT_IS) or move == moves.Goodbye(silent=True):
        return False
    return not (isinstance(move, moves.AnswerQuestion) and move.topic is Topic.SERVICES)


def filled(text: str, given: Given) -> str:
    """The text as it would go out: with the client's name, single spaces, no empty lines."""
    lines = (" ".join(line.split()) for line in text.strip().splitlines())
    text = "\n".join(line for line in lines if line)
    name = say_name(given.client_name, given.address, given.locale)
    return text.replace(PLACEHOLDER[given.locale], name) if name else text


def faults(text: str, given: Given) -> list[str]:
    """The names of the checks that a filled text fails, [] where it may go out."""
    if not may_reword(given.move):
        return ["phrase"]
    if len(text) > LONGEST or not text:
        return ["length"]
    must = _musts(given)
    read = _judged(text, given, must)
    beside = _beside(read.lower, given)
    checks: dict[str, Callable[[], bool]] = {
        "missing": lambda: not _in_order(text, must),
        "question": lambda: _asks_wrongly(text, given),
        "no": lambda: (
            _NO.is_in(_folded(given.phrase), given.locale)
            and not _NO.is_in(_folded(text), given.locale)
        ),
        "done": lambda: _claims(read.lower, given),
        "figure": lambda: check_facts.number(read),
        "day": lambda: check_facts.DAYS.is_in(read.lower, given.locale),
        "link": lambda: check_facts.link(read),
        "offer": lambda: check_facts.OFFERS.is_in(beside, given.locale),
        "promise": lambda: check_facts.PROMISES.is_in(beside, given.locale),
        "claim": lambda: check_facts.CLAIMS.is_in(beside, given.locale),
        "service": lambda: check_facts.other_service(read),
        "name": lambda: _names(read) or text.count(_BLOT) > 0,
        "address": lambda: check_people.address(read),
        "gender": lambda: check_people.gender(read),
        "emoji": lambda: check_form.emoji(read),
        "markup": lambda: check_form.markup(read),
        "itself": lambda: check_form.ABOUT_ITSELF.is_in(read.lower, given.locale),
        "language": lambda: any(map(str.isalpha, read.own)) and check_form.language(read),
        "banned": lambda: _is_banned(text, beside, given),
        "leak": lambda: _leaks(text, given.told),
        "vocabulary": lambda: bool(unusual(read.lower, given.locale)),
    }
    return [name for name, is_wrong in checks.items() if is_wrong()]


# --- what must be said ----------------------------------------------------------------------

_Must = list[tuple[str, ...]]  # in this order, each in one of its spellings


def _musts(given: Given) -> _Must:
    match given.move:
        case moves.Offered(times=times):
            return [_time(free, given) for free in times]
        case moves.AskWhich(times=times) if len(times) == 1:
            return [_time(times[0], given)]
        case moves.Book(time=free) | moves.Change(time=FreeTime() as free):
            return [_time(free, given)]
        case moves.Change(booking=booking) | moves.AskCancel(booking=booking):
            return [_visit(booking, given)]
        case moves.Keep(booking=booking):
            return [_visit(booking, given)]
        case moves.TellBookings(bookings=bookings):
            return [_visit(booking, given) for booking in bookings]
        case moves.RemindLater(on=on) if on is not None:
            return [(_LANGUAGES[given.locale].say_day(on, given.now.date()),)]
        case moves.AnswerQuestion(topic=topic):
            return [_spellings(_bare(line), given) for line in given.facts[topic].splitlines()]
    return []


def moment(start: datetime, staff_name: str | None, given_now: datetime, locale: Locale) -> str:
    """«в субботу, 6 апреля, в 10:00 к Анне», with the master's first name alone."""
    master = say_name(staff_name, Address.VY, locale) or ""
    local = start.astimezone(given_now.tzinfo)
    return _LANGUAGES[locale].say_moment(local, master, given_now.date())


def first_names(text: str, staff: Sequence[str], locale: Locale) -> str:
    """A text that names the staff as the CRM does, with no more than their first names."""
    for full in sorted(staff, key=len, reverse=True):
        spoken = " ".join(
            word.capitalize() if word.isupper() and len(word) > 2 else word for word in full.split()
        )
        short = say_name(full, Address.VY, locale)
        for name in {full, spoken}:
            if short and short != name:
                text = text.replace(name, short)
    return text


def _time(free: FreeTime, given: Given) -> tuple[str, ...]:
    return _moments(free.starts_at, free.staff_name, given)


def _visit(booking: Appointment, given: Given) -> tuple[str, ...]:
    if booking.starts_at is not None:
        return _moments(booking.starts_at, booking.staff_name or "", given)
    language, today = _LANGUAGES[given.locale], given.now.date()
    return tuple(language.say_day(booking.on, today, to=to) for to in (False, True))


def _moments(start: datetime, staff: str, given: Given) -> tuple[str, ...]:
    local, today = start.astimezone(given.now.tzinfo), given.now.date()
    language = _LANGUAGES[given.locale]
    names = {staff, " ".join(staff.split()), say_name(staff, Address.VY, given.locale) or ""}
    said = [
        language.say_moment(local, name, today, to=to)
        for name in sorted(names, reverse=True)
        for to in (False, True)
    ]
    return tuple(dict.fromkeys([*said, *map(language.in_a_list, said)]))


def _missed(given: Given) -> list[str]:
    """The day that was wished, which may be said where it is full."""
    if not isinstance(given.move, moves.Offered | moves.NoTimes):
        return []
    days = given.move.wish.days if given.move.wish else None
    return [_LANGUAGES[given.locale].say_day(day, given.now.date()) for day in days or ()]


def _spellings(fact: str, given: Given) -> tuple[str, ...]:
    return fact, first_names(fact, given.staff, given.locale)


def _bare(fact: str) -> str:
    return fact.strip().rstrip(".")


def _in_order(text: str, must: _Must) -> bool:
    """Each once and in its order: «2» means the second."""
    low, at = _folded(text), 0
    for spellings in must:
        places = [(low.find(one, at), -len(one)) for one in map(_folded, spellings)]
        found = min((place for place in places if place[0] >= 0), default=None)
        if found is None:
            return False
        at = found[0] - found[1]
    return True


_QUESTION = re.compile(r"[^.!?…\n]*\?")
_ENDS = (
    moves.Book | moves.Change | moves.Goodbye | moves.RemindLater | moves.Keep
    | moves.ThankAlreadyBooked | moves.TellBookings
)  # fmt: skip


def _asks_wrongly(text: str, given: Given) -> bool:
    """No question where nothing is asked; the same one where a yes would settle something."""
    asked = [one.strip() for one in _QUESTION.findall(_folded(given.phrase))]
    if isinstance(given.move, _ENDS) or not asked:
        return "?" in text
    if not 1 <= text.count("?") <= given.phrase.count("?"):
        return True
    several = isinstance(given.move, moves.Offered) and len(given.move.times) > 1
    if several or isinstance(given.move, moves.AskDay | moves.NoTimes):
        return False
    return first_names(asked[-1], given.staff, given.locale).lower() not in _folded(text) and (
        asked[-1] not in _folded(text)
    )


# --- what must not ----------------------------------------------------------------------------

_NO = WordList(
    ru=r"\bнет\b|занят|заняли|\bне (?:получ|наш|выход|вид)|не осталось",
    en=r"\bno\b|\bnot\b|n't\b|\btaken\b|\bgone\b|\bnothing\b|\bnone\b|\bfull\b|\bbusy\b",
)
_BOOKED = WordList(
    ru=r"записал|записан|забронир|\bждем\b|\bжду\b|подтвержд",
    en=r"\bbooked\b|\breserved\b|\bconfirmed\b|\bsee you (?:then|there|on)\b|\ball set\b",
)
_MOVED = WordList(
    ru=r"перенес(?:ли|ла|ен)|\bперенес\b", en=r"\bmoved\b|\brescheduled\b|\bchanged\b"
)
_CANCELLED = WordList(ru=r"отмен(?:ил|ен)", en=r"\bcancell?ed\b")


def _claims(lower: str, given: Given) -> bool:
    """Says that something is booked, moved or cancelled where it is not."""
    match given.move:
        case moves.Book() | moves.TellBookings() | moves.Keep():
            wrong = [_MOVED, _CANCELLED]
        case moves.Change(time=None):
            wrong = [_BOOKED, _MOVED]
        case moves.Change():
            wrong = [_CANCELLED]
        case _:
            wrong = [_BOOKED, _MOVED, _CANCELLED]
    return any(words.is_in(lower, given.locale) for words in wrong)


# What an invitation may not say and an answer may, where it is true.
_PRICE = WordList(ru=r"\bцен(?:а|ы|у|е|ой)?\b|стоимост\w*", en=r"\bprices?\b")
_PARKING = WordList(ru=r"парковк\w*", en=r"\bparking\b")
_NO_HURRY = WordList(
    ru=r"\bне (?:тороп|спеш)\w+|(?:выздоравлив|поправля)\w+ (?:по)?скорее",
    en=r"\bno (?:rush|hurry)\b|\bdon't (?:rush|hurry)\b",
)
_FREE = WordList(
    ru=r"(?!)",
    en=r"\b(?:times? (?:is|are)|these are|what's|what is|nothing(?:'s| is)|else is) free\b",
)
_WERE_HERE = WordList(ru=r"вы были у нас|ты был[аи]? у нас", en=r"\byou (?:were|came)\b")
_REMIND = WordList(ru=r"напомн\w+|напишем", en=r"\b(?:we(?:'ll| will) )?remind\b")


def _beside(lower: str, given: Given) -> str:
    """The text without the words that the move or the facts allow."""
    allowed = [_NO_HURRY]
    allowed += [_PRICE] if given.prices or Topic.PRICE in given.facts else []
    allowed += [_PARKING] if Topic.PARKING in given.facts else []
    match given.move:
        case moves.Offered() | moves.NoTimes():
            allowed.append(_FREE)
        case moves.RemindLater():
            allowed.append(_REMIND)
        case moves.ThankAlreadyBooked():
            allowed.append(_WERE_HERE)
        case moves.Book() | moves.Change() | moves.TellBookings() | moves.Keep():
            allowed += [_BOOKED, _MOVED, _CANCELLED]  # `done` judges these
    for words in allowed:
        lower = words.without(lower, given.locale)
    return lower


def _judged(text: str, given: Given, must: _Must) -> Judged:
    """The text with all that is given blotted out."""
    facts = MessageFacts(
        locale=given.locale,
        band=Band.GENTLE,
        company_name=given.company_name,
        client_name=given.client_name,
        address=given.address,
        service_title=given.service_title,
        banned_words=given.banned_words,
    )
    wording = word(facts)
    own = _unnumbered(text, len(must))
    asked = [one.strip() for one in _QUESTION.findall(given.phrase)]
    stated = [_spellings(_bare(one), given) for one in given.facts.values()]
    parts = [one for spellings in (*must, *stated) for one in spellings]
    parts += [*given.prices, *asked, *companys_own(wording), *_missed(given)]
    parts += [first_names(one, given.staff, given.locale) for one in asked]
    if wording.name:
        parts.append(wording.name)
    service = say_title(given.service_title, given.locale)
    if service:
        parts += [service.called, service.wanted]
    for part in sorted({one for one in parts if one}, key=len, reverse=True):
        own = _without(own, part, once=part == wording.name)
    return judged_as(text, own.replace("\u00a0", " "), facts, wording)


def _without(text: str, part: str, *, once: bool = False) -> str:
    pattern = r"[\s\u00a0]".join(re.escape(piece) for piece in part.split())
    found = re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])", re.IGNORECASE)
    blot = f"{_BLOT}?" if part.endswith("?") else _BLOT
    return found.sub(blot, text, count=1 if once else 0)


def _unnumbered(text: str, count: int) -> str:
    """Without the numbers of a list that is numbered as it should be."""
    numbers = re.findall(r"(?m)^(\d+)[.)] ", text)
    if count > 1 and numbers == [str(place) for place in range(1, count + 1)]:
        return re.sub(r"(?m)^\d+[.)] ", "", text)
    return text


def _names(read: Judged) -> bool:
    """A capital inside a sentence, or a first name at its start."""
    return check_people.other_name(_one_line(read))


def _one_line(read: Judged) -> Judged:
    return replace(read, own=re.sub(r"[:,]?\n", ". ", read.own))


def _is_banned(text: str, lower: str, given: Given) -> bool:
    if banned.is_banned(lower, given.locale):
        return True
    return bool(given.banned_words) and banned.holds(text, given.banned_words, given.locale)


def _leaks(text: str, told: str) -> bool:
    said = re.findall(r"\w+", _folded(text))
    known = " ".join(re.findall(r"\w+", _folded(told)))
    return any(
        f" {' '.join(said[at : at + LEAK])} " in f" {known} " for at in range(len(said) - LEAK + 1)
    )


def _folded(text: str) -> str:
    return text.lower().replace("ё", "е").replace("\u00a0", " ")


# --- the words ------------------------------------------------------------------------------


def unusual(lower: str, locale: Locale) -> list[str]:
    """The words that a receptionist does not need; `lower` without what was given."""
    letters = r"[а-я]+(?:-[а-я]+)*" if locale is Locale.RU else r"[a-z]+(?:'[a-z]+)?"
    return [one for one in re.findall(letters, lower) if not _is_usual(one, locale)]


@lru_cache(maxsize=20_000)
def _is_usual(found: str, locale: Locale) -> bool:
    listed = _listed(locale)
    if found in listed:
        return True
    if locale is Locale.EN:
        return False
    parses = russian.parses(found)
    if any(parse.normal_form.replace("ё", "е") in listed for parse in parses):
        return True
    return bool(parses) and parses[0].tag.POS in _SMALL


@lru_cache(maxsize=2)
def _listed(locale: Locale) -> frozenset[str]:
    """The two packaged lists, and every word of code's own phrases."""
    lines: list[str] = []
    for package, name in (("writing", "vocabulary"), ("reception", "answers")):
        listed = files(f"vernis.decide.{package}").joinpath(f"{name}_{locale}.txt")
        source = listed.read_text("utf-8")
        lines += [line for line in source.splitlines() if not line.startswith("#")]
    said = [text for texts in _LANGUAGES[locale].PHRASES.values() for text in texts]
    spoken = re.sub(r"\{\w+\}", " ", " ".join(said)).lower()
    return frozenset(" ".join(lines).replace("ё", "е").split()) | frozenset(
        re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", spoken.replace("ё", "е").replace("’", "'"))
    )
