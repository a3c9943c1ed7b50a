"""The checks that every text passes before it may go out, whoever wrote it.

Each check is one small function of the text and the words that were given; `CHECKS` names them.
What the company itself wrote (its name, its gift, its terms) is blotted out first.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from vernis.decide import russian
from vernis.decide.names import is_first_name
from vernis.decide.wording import (
    ALWAYS_FITS,
    Wording,
    without_company_and_offer,
    without_facts,
    word,
)
from vernis.domain import Address, Band, Gender, Locale, MessageFacts


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
    ADDRESS = "address"
    GENDER = "gender"
    OPT_OUT = "opt_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    raw: str
    own: str  # without the given facts
    facts: MessageFacts
    wording: Wording

    @property
    def is_russian(self) -> bool:
        return self.facts.locale is Locale.RU

    @property
    def lower(self) -> str:
        return self.own.lower().replace("ё", "е").replace("’", "'")


def problems(text: str, facts: MessageFacts) -> list[str]:
    """The names of the checks that the text fails, [] where it can go out."""
    return [str(problem) for problem in failed(text, facts, word(facts))]


def failed(text: str, facts: MessageFacts, wording: Wording) -> list[Problem]:
    """`problems` for a caller who already has the words."""
    read = _Text(raw=text, own=without_facts(text, wording), facts=facts, wording=wording)
    return [problem for problem, is_wrong in CHECKS.items() if is_wrong(read)]


# --- form -----------------------------------------------------------------------------------


ALPHABET = {
    Locale.RU: frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяё"),
    Locale.EN: frozenset("abcdefghijklmnopqrstuvwxyz"),
}


def _language(t: _Text) -> bool:
    letters = set(filter(str.isalpha, t.own.lower()))
    return not letters or not letters <= ALPHABET[t.facts.locale]


def _length(t: _Text) -> bool:
    return len(t.raw) > t.wording.limit


def _emoji(t: _Text) -> bool:
    return sum(map(_is_emoji, t.own)) > 2


@lru_cache(maxsize=4096)
def _is_emoji(character: str) -> bool:
    return unicodedata.category(character) == "So" and character not in "◦№"


def _spacing(t: _Text) -> bool:
    return (
        t.raw != " ".join(t.raw.split(" "))
        or t.raw != t.raw.strip()
        or re.search(r"[\n\r\t]|  | [,.;:!?…]|[,;:][,.;:!?]|\.\.(?!\.)|[!?]\.", t.own) is not None
        or not t.raw[:1].isupper()
        or re.search(r"[.!…] [a-zа-яё]", t.own) is not None
    )


def _markup(t: _Text) -> bool:
    return re.search(r"[{}\[\]<>*_~`|\\#^=@]|&\w+;", t.own) is not None


PREAMBLE = re.compile(
    r"^\W*(?:вот\b|конечно|сообщение|текст|вариант|готово|ответ|тема|клиент|"
    r"here(?:'s| is)\b|sure\b|certainly|of course|message|subject|draft|text:|output|assistant)"
)


def _preamble(t: _Text) -> bool:
    quoted = t.raw[:1] in "\"'«“„`" and t.raw[-1:] in "\"'»”`"
    return quoted or PREAMBLE.match(t.lower) is not None


# --- who ------------------------------------------------------------------------------------


def _name(t: _Text) -> bool:
    """Once, as it is said; never at all where it cannot be."""
    text = without_company_and_offer(t.raw, t.wording)
    if t.wording.name is None:
        raw = (t.facts.client_name or "").strip().lower()
        return len(raw) > 2 and not raw.isalpha() and raw in t.lower
    return len(re.findall(rf"(?<!\w){re.escape(t.wording.name)}(?!\w)", text)) != 1


POLITE = frozenset({"вы", "вас", "вам", "вами", "ваш", "ваша", "ваше", "вашу", "ваши", "вашего"})
ENGLISH_CAPITALS = frozenset({"I", "I'm", "I'd", "I'll", "I've"})


def _other_name(t: _Text) -> bool:
    """A name at the start of a sentence, any other capital inside one."""
    own = t.own.replace("’", "'")
    for match in re.finditer(r"(?<!\w)[A-ZА-ЯЁ][\w'-]*", own):
        found = match[0]
        if found in ENGLISH_CAPITALS or found.lower() in POLITE:
            continue
        before = own[: match.start()].rstrip()
        if not _starts_sentence(before) or _is_name(found):
            return True
    return False


def _starts_sentence(before: str) -> bool:
    last = before[-1:]
    return last in {"", ".", "!", "?", "…"} or (unicodedata.category(last) == "So" and last != "◦")


def _is_name(found: str) -> bool:
    if found.isascii():
        return is_first_name(found) and found.lower() not in {"may", "will", "hope", "joy"}
    best = russian.parses(found.lower())[:1]
    return any(
        "Name" in p.tag.grammemes
        and (russian.is_known(found.lower()) or is_first_name(p.normal_form))
        for p in best
    )


def _sender(t: _Text) -> bool:
    company = t.wording.company
    return company is not None and company.lower() not in t.raw.lower()


VY_WORDS = re.compile(r"\b(?:вы|вас|вам|вами|ваш\w*|здравствуйте)\b")
TY_WORDS = re.compile(r"\b(?:ты|тебя|тебе|тобой|тво[йяеиюё]\w*|привет)\b")


def _address(t: _Text) -> bool:
    if not t.is_russian:
        return False
    wrong = TY_WORDS if t.facts.address is Address.VY else VY_WORDS
    return wrong.search(t.lower) is not None


def _gender(t: _Text) -> bool:
    """«ждал(а)», «рад/а», and after «ты» a form of the other or of an unknown gender."""
    if re.search(r"\w\((?:а|я|ла|ась|на|ая)\)|\w/(?:а|я|ла|ась|на|ая)\b", t.lower):
        return True
    if not t.is_russian:
        return False
    right = {Gender.FEMALE: "femn", Gender.MALE: "masc", None: None}[t.wording.gender]
    for after in re.findall(r"\bты\b((?: [а-я-]+){1,3})", t.lower):
        for found in after.split():
            parse = (russian.parses(found) or (None,))[0]
            if parse is None or parse.tag.number != "sing":
                continue
            is_gendered = parse.tag.tense == "past" or parse.tag.POS == "ADJS"
            if is_gendered and parse.tag.gender in {"femn", "masc"} and parse.tag.gender != right:
                return True
    return False


# --- what -----------------------------------------------------------------------------------


def _question(t: _Text) -> bool:
    """Exactly one, and the text ends with it."""
    return t.own.count("?") != 1 or not t.raw.endswith("?")


BOOKING = {
    Locale.RU: re.compile(
        r"запи[сш]|запись|брон|визит|прийти|прид[еу]|приех|загля|время|окошк|ждать вас|в гости"
    ),
    Locale.EN: re.compile(
        r"\b(?:book|appointment|visit|time|spot|slot|come in|schedule|stop by|drop in)"
    ),
}


def _booking(t: _Text) -> bool:
    question = re.split(r"[.!…\U0001f300-\U0001faff\u2600-\u27bf]\s", t.lower)[-1]
    return BOOKING[t.facts.locale].search(question) is None


BANNED = {
    Locale.RU: re.compile(
        r"скуча|соскуч|реактивац|уважаем\w+ (?:клиент|гост)|дорог(?:ой|ая|ие) (?:клиент|друг|гост)|"
        r"последний шанс|спешите|успейте|успей\b|торопи|поторопи|только (?:сегодня|сейчас|для вас)|"
        r"не упусти|ограничен|скорее\b|давно не|не виделись|не были у нас|вас не было|тебя не было|"
        r"пропал|потеряли вас|потеряли тебя|забыли (?:нас|о нас|про нас)|заметили|"
        r"прошло (?:уже )?\w+|(?:недел|месяц|дн|год)\w* назад|гарантир|самы[ей] лучш|"
        r"уникальн|эксклюзив|искренне ваш|неповторим|целую вечность|сердц|обиде|обидно|вернитесь"
    ),
    Locale.EN: re.compile(
        r"\bmiss(?:ed)? you|we(?:'ve)? missed|last chance|hurry|only today|today only|act now|"
        r"don't miss|limited|valued (?:customer|client)|dear (?:customer|client)|reactivat|"
        r"(?:haven't|have not) (?:seen|been|visited)|we(?:'ve)? noticed|been a while|long time|"
        r"(?:days|weeks|months|years?) (?:ago|since)|where have you been|guarantee|forgot|"
        r"exclusive|once in a lifetime"
    ),
}


def _banned(t: _Text) -> bool:
    return BANNED[t.facts.locale].search(t.lower) is not None


def _number(t: _Text) -> bool:
    """Any figure that was not given: a price, a per cent, a date, a time, a phone."""
    return any(map(_is_figure, set(t.own)))


@lru_cache(maxsize=4096)
def _is_figure(character: str) -> bool:
    return unicodedata.category(character)[0] == "N" or character in "%‰№₽€£¥₸₴₾$"


TIME = {
    Locale.RU: re.compile(
        r"\b(?:сегодня|завтра|послезавтра|вчера|понедельник|вторник|сред[уыа]\b|четверг|пятниц|"
        r"суббот|воскресень|январ|феврал|март[аеу]?\b|апрел|ма[яе]\b|июн|июл|август|сентябр|"
        r"октябр|ноябр|декабр|утром|вечером|днем|выходн|полдень|час(?:а|ов)\b|"
        r"недел|месяц|до конца)"
    ),
    Locale.EN: re.compile(
        r"\b(?:today|tomorrow|tonight|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
        r"january|february|april|june|july|august|september|october|november|december|"
        r"this (?:week|weekend|month)|next (?:week|weekend|month)|morning|afternoon|evening|"
        r"noon|[ap]\.?m\.?\b|o'clock|until|expires?)"
    ),
}


def _time(t: _Text) -> bool:
    return TIME[t.facts.locale].search(t.lower) is not None


def _link(t: _Text) -> bool:
    return (
        re.search(r"https?:|www\.|\w\.(?:ru|com|рф|me|net|org|app|su|by|kz|io|link)\b|@\w", t.lower)
        is not None
    )


OFFERS = {
    Locale.RU: re.compile(
        r"скидк|скидоч|подар(?:ок|к)|дарим|бесплатн|акци[яиюй]|бонус|промокод|сертификат|кэшбек|"
        r"рубл|процент|выгод|дешевл|цен[аыуе]\b|в два раза|вполовину|половин"
    ),
    Locale.EN: re.compile(
        r"discount|\boff\b|gift|free\b|complimentary|bonus|voucher|coupon|promo|deal\b|"
        r"per ?cent|half[- ]price|price|cheaper|on us\b|on the house"
    ),
}


def _offer_invented(t: _Text) -> bool:
    return t.wording.offer is None and OFFERS[t.facts.locale].search(t.lower) is not None


def _offer_missing(t: _Text) -> bool:
    offer = t.wording.offer
    if offer is None or t.facts.band is Band.GENTLE or len(offer.called) > ALWAYS_FITS:
        return False
    return offer.value.lower() not in t.raw.lower()


def _terms_missing(t: _Text) -> bool:
    offer = t.wording.offer
    if offer is None or offer.terms is None:
        return False
    mentions = OFFERS[t.facts.locale].search(t.lower) or offer.value.lower() in t.raw.lower()
    return bool(mentions) and offer.terms.lower() not in t.raw.lower()


def _opt_out(t: _Text) -> bool:
    return t.wording.opt_out is not None and t.wording.opt_out not in t.raw


CHECKS: dict[Problem, Callable[[_Text], bool]] = {
    Problem.LANGUAGE: _language,
    Problem.LENGTH: _length,
    Problem.EMOJI: _emoji,
    Problem.SPACING: _spacing,
    Problem.MARKUP: _markup,
    Problem.PREAMBLE: _preamble,
    Problem.NAME: _name,
    Problem.OTHER_NAME: _other_name,
    Problem.SENDER: _sender,
    Problem.QUESTION: _question,
    Problem.BOOKING: _booking,
    Problem.BANNED: _banned,
    Problem.NUMBER: _number,
    Problem.TIME: _time,
    Problem.LINK: _link,
    Problem.OFFER_INVENTED: _offer_invented,
    Problem.OFFER_MISSING: _offer_missing,
    Problem.TERMS_MISSING: _terms_missing,
    Problem.ADDRESS: _address,
    Problem.GENDER: _gender,
    Problem.OPT_OUT: _opt_out,
}
