"""Is it a message at all: language, length, emoji, marks, nothing around it?"""

import re
import unicodedata
from functools import lru_cache

from vernis.decide.writing import russian
from vernis.decide.writing.judged import Judged
from vernis.decide.writing.wording import companys_own
from vernis.decide.writing.wordlist import WordList
from vernis.domain import Locale, Tone

ALPHABET = {
    Locale.RU: frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяё"),
    Locale.EN: frozenset("abcdefghijklmnopqrstuvwxyz"),
}
# Half the words of an English message are these; of one in another language hardly any.
_COMMON_ENGLISH = """
    a about all am an and any are as at back be been book by can could day do fancy for from get
    glad good had happy have hello here hi hope how i i'd i'll i'm if in is it it's just let like
    look love lovely may me next no of on one or our out see shall so some soon spot suit that the
    then there this time to up us was we we'd we'll we're we've welcome what what's when whenever
    which will with work would you you'd you're you've your again hey help visit appointment come
"""
COMMON_ENGLISH = frozenset(_COMMON_ENGLISH.split())


def language(t: Judged) -> bool:
    """Letters of the right alphabet, and words of the right language."""
    letters = set(filter(str.isalpha, t.own.lower()))
    if not letters or not letters <= ALPHABET[t.facts.locale]:
        return True
    words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", t.lower)
    if t.is_russian:
        strange = [word for word in words if not _is_russian(word)]
        return len(strange) > 1 and len(strange) > len(words) / 4
    common = [word for word in words if word in COMMON_ENGLISH]
    return len(words) > 3 and len(common) < len(words) / 4


def _is_russian(word: str) -> bool:
    return russian.is_known(word) or all(map(russian.is_known, word.split("-")))


def length(t: Judged) -> bool:
    return len(t.raw) > t.wording.limit


def emoji(t: Judged) -> bool:
    """At most two, none where the company speaks briefly."""
    joined = re.sub("\u200d.", "", t.own)
    most = 0 if t.facts.tone is Tone.BRIEF else 2
    smileys = re.findall(r"[:;]-?[)(DP]|\){2,}|\({2,}|<3", joined)
    return sum(map(_is_emoji, joined)) + len(smileys) > most


@lru_cache(maxsize=4096)
def _is_emoji(character: str) -> bool:
    is_other = unicodedata.category(character) == "So" or character in "\u20e3‼⁉〰"
    return is_other and character not in "◦◇◷№"


def spacing(t: Judged) -> bool:
    """Spaces, stops, capitals and pairs as in a printed sentence."""
    return (
        t.raw.splitlines() != [t.raw]  # what any software takes for a new line
        or t.raw != t.raw.strip()
        or re.search(r"[\n\r\t\v\f]|  | [,.;:!?…]|[,;:][,.;:!?]|\.\.(?!\.)|[!?]\.", t.own)
        is not None
        or re.search(r"!!|\?[?!]|!\?|\.{4}|[^\W\d_][,;:!?.][^\W\d_]", t.own) is not None
        or not (t.raw[:1].isupper() or _opens_with_emoji(t.raw))
        or re.search(r"(?<=[.!?…])[»)]? [a-zа-яё]", _marked(t)) is not None
        or t.own.count("(") != t.own.count(")")
        or t.own.count("«") != t.own.count("»")
    )


def _opens_with_emoji(text: str) -> bool:
    return _is_emoji(text[:1] or " ") and text.lstrip("".join(set(text[:3])))[:1].isupper()


def _marked(t: Judged) -> str:
    """The text with what the company wrote shrunk to its first letter: stops inside are its own."""
    text = t.raw
    for given in companys_own(t.wording):
        text = text.replace(given, f"{given[0]}◦")
    return text


PLACEHOLDER = WordList(
    ru=r"""
        \bимя\b|\bимени клиент|название (?:салона|студии|компании|услуги)|%\w+%|\$\w+
        \((?:имя|услуга|мастер|салон|дата|время)\)|\b(?:xxx+|ххх+)\b
    """,
    en=r"""
        \((?:name|date|time|service)\)|%\w+%|\$[a-z]\w+|\bxxx+\b
        \b(?:your|client|customer|first|salon|company|business|service)(?:'s)?[ _-]?name\b
        \b(?:name|insert|placeholder) here\b|\b(?:undefined|nan|null|lorem)\b
    """,
)


def markup(t: Judged) -> bool:
    """Marks of a format, HTML, or a placeholder that nobody filled."""
    return re.search(
        r"[{}\[\]<>*_~`|\\#^=@]|&\w+;|^\s*[-•–—]\s|^\d+[.)]\s", t.own
    ) is not None or PLACEHOLDER.is_in(t.lower, t.facts.locale)


PREAMBLE = WordList(
    ru=r"""
        вот\b|конечно|сообщение|текст|вариант|готово|ответ|тема|клиент|перевод|пример|итог
        хорошо[,!.]|отлично[,!.]|понял|разумеется|черновик|ассистент|заголовок|задание
    """,
    en=r"""
        here(?:'s| is| are)\b|sure\b|certainly|of course|message\b|subject|draft|text\b|output
        assistant|okay\b|ok\b|absolutely|response|translation|option \w+:|great[,!]|got it
        understood|final (?:text|message|version)|re:|to:
    """,
)
# The text speaks of itself, of its orders or of its author.
ABOUT_ITSELF = WordList(
    ru=r"""
        промпт|инструкци|языков\w+ модел|искусственн\w+ интеллект|нейросет|\bии\b|чат-?бот
        это сообщение (?:соотв|напис|созда|сделан|подготов)|данное сообщение|в этом сообщении
        символ(?:ов|а)\b|шаблон|плейсхолдер
        системн\w+ (?:сообщ|промп)|заполнител|без упоминани|по вашей просьбе|примечани
        согласно (?:заданию|требовани|инструкц)|как (?:вы и )?(?:просили|требовалось)
    """,
    en=r"""
        \bprompt|instruction|language model|\ba\.?i\.?\b|assistant|chatbot|this message|\bjson\b
        characters\b|template|placeholder|as requested|as an? (?:ai|llm|model)|note that this
        \bnote:|word count|system message|ignore (?:all|previous|the)
    """,
)


def preamble(t: Judged) -> bool:
    """A word before the message, quotes around it, or a word about it."""
    locale = t.facts.locale
    quoted = t.raw[:1] == "«" and t.raw[-1:] == "»"
    opens = t.raw[:1] in tuple("\"“„`'") or t.raw[-1:] in tuple("\"”`'")
    first = re.sub(r"^\W+", "", t.lower)
    return quoted or opens or PREAMBLE.opens(first, locale) or ABOUT_ITSELF.is_in(t.lower, locale)
