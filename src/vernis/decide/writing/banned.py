"""Words that no message holds: guilt, pressure, office talk, and what the company forbids."""

import re
from functools import lru_cache

from vernis.decide.writing import russian
from vernis.decide.writing.wordlist import WordList
from vernis.domain import Locale

DEFAULTS = WordList(
    ru=r"""
        скуча|соскуч|тоску[ею]|давно не|не виделись|не видели(?: вас| тебя)|не были у нас
        вас не было|тебя не было|не заходил|не заглядывал|куда (?:вы|ты|же)|пропал
        потеряли (?:вас|тебя)|(?:вас|тебя) потеряли|забыли? (?:нас|о нас|про нас)|заметили
        не ответили|не отвеча|не первый раз|последнее сообщение|нет в расписании
        обратили внимание|обиде|обидно|целую вечность|сто лет|прошло (?:уже )?\w+
        (?:недел|месяц|дн|год)\w* назад|вернитесь|вернись|вернуть вас|вернуть тебя
        не хватает (?:вас|тебя)|(?:вас|тебя) не хватает|без (?:вас|тебя) (?:пусто|грустн)
        грустим|грустно|последн\w+ (?:шанс|мест|день|дни|час|окош|окн|возможн|раз\b)
        спешите|спеши\b|спешим
        успе(?:й|ть|ете|ешь)|торопи|поторопи|срочн|поскорее|скорее\b|не упусти|не пропусти
        не проспи|не откладыва
        только (?:сегодня|сейчас|завтра|для вас|для тебя|на этой|в этом|до конца|\w+ дн)
        ограничен|прямо сейчас|сейчас или никогда|пока (?:не поздно|есть|не разобрали|остал)
        осталось (?:всего|мало|пара|несколько|одно|совсем|лишь|только|немного)|разбирают
        заканчива|почти не остал|быстро (?:разл|заполн|закан)|количество мест|реактивац
        реанимац|лояльн\w+ (?:клиент|программ)|ушедш|потерянн\w+ клиент|рассылк
        уважаем\w+ (?:клиент|гост|друз|дам)|дорог(?:ой|ая|ие|ому) (?:клиент|друг|друз|гост)
        искренне ваш|самы[ей] лучш|уникальн|эксклюзив|неповторим|сердц|преобраз|позабыл|поздно|богин
        королев[аоу]\b|красотк|красавиц|зайк|солнышк|дорогуш|милая\b|лапочк
    """,
    en=r"""
        \bmiss(?:ed|ing)? (?:you|your)|we(?:'ve)? missed|haven't (?:seen|heard)
        (?:haven't|have not|hasn't) (?:seen|been|visited|come|stopped)|we(?:'ve)? noticed
        did not reply|didn't reply|not answered|our last message|ignored
        been a while|been ages|long time|it's been|where have you|forgot|without you
        feel empty|(?:days|weeks|months|years?) (?:ago|since)|since (?:your|you) last
        come back to us|win you back|last (?:chance|spots?|few|day|minute|call)|hurry
        (?:only|just) today|today only|act (?:now|fast)|don't (?:miss|wait|delay)|limited
        while (?:it|they|spots|supplies) last|before it's too late|selling out
        filling (?:up )?fast|going fast|urgent|asap|right now|now or never
        only (?:a )?(?:few|one|two|three|\d+) (?:spots?|slots?|places?|left)
        (?:few|spots?) left|valued (?:customer|client|guest)
        dear (?:customer|client|guest|friend)|reactivat|lapsed|win-?back|churn|guarantee
        exclusive|once in a lifetime|one of a kind|gorgeous|\bhun\b|\bbabe\b|sweetie|darling
        transform
    """,
)


def is_banned(text: str, locale: Locale) -> bool:
    """By the defaults; `text` in lower case without «ё»."""
    return DEFAULTS.is_in(text, locale)


def holds(text: str, words: tuple[str, ...], locale: Locale) -> bool:
    """Does the text hold one of the company's words or phrases, in any form of it?"""
    own = _stems(text, locale)
    return any(_within(word, text, own, locale) for word in words if word.strip())


def _within(word: str, text: str, own: list[frozenset[str]], locale: Locale) -> bool:
    wanted = _stems(word, locale)
    if not wanted:
        return word.strip() in text
    size = len(wanted)
    return any(
        all(one & other for one, other in zip(wanted, own[at : at + size], strict=True))
        for at in range(len(own) - size + 1)
    )


def _stems(text: str, locale: Locale) -> list[frozenset[str]]:
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text.lower().replace("ё", "е"))
    return [_stem(word, locale) for word in words]


@lru_cache(maxsize=20_000)
def _stem(word: str, locale: Locale) -> frozenset[str]:
    """What the forms of a word have in common: lemmas in Russian, the stem in English."""
    if locale is Locale.RU and not word.isascii():
        lemmas = {parse.normal_form.replace("ё", "е") for parse in russian.parses(word)}
        return frozenset(lemmas | {word})
    stem = re.sub(r"['’]s?$", "", word)
    for ending in ("ing", "ed", "es", "s", "e"):
        if len(stem) - len(ending) >= 3 and stem.endswith(ending):
            stem = stem.removesuffix(ending)
            break
    return frozenset({stem, re.sub(r"(.)\1$", r"\1", stem)})
