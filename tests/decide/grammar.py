"""What a teacher of the language would mark in a message, by a dictionary and by eye.

Shares no code with the product's own checks: it reads the finished text alone, beside the facts.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Any

import pymorphy3

from vernis.domain import Address, Band, Locale, MessageFacts, Tone

LIMITS = {Band.GENTLE: 150, Band.OFFER: 200, Band.WIN_BACK: 250}
OPT_OUT = re.compile(r" ?(?:Если писать не нужно, ответ(?:ь|ьте) «стоп»|Reply STOP to opt out)\.")
_MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
MONTHS = _MONTHS.split()
_DAYS = "понедельник вторник среду четверг пятницу субботу воскресенье"
DAYS = _DAYS.split()
DAYS_EN = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_MONTHS_EN = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
MONTHS_EN = _MONTHS_EN.split()

# Which cases may follow.
CASES = {
    "на": {"accs"},
    "к": {"datv"},
    "у": {"gent"},
    "для": {"gent"},
    "до": {"gent"},
    "от": {"gent"},
    "при": {"loct"},
    "о": {"loct"},
    "по": {"datv"},
    "за": {"accs", "ablt"},
    "без": {"gent"},
    "под": {"accs"},
    "среди": {"gent"},
    "с": {"ablt"},
}
# Said as they are: «на связи» is locative, «в чате» too.
SET_PHRASES = ("на связи", "на какой", "на какое", "на дому", "в прошлый раз")


@lru_cache(maxsize=1)
def analyzer() -> Any:
    return pymorphy3.MorphAnalyzer()


@lru_cache(maxsize=20_000)
def readings(word: str) -> list[Any]:
    return list(analyzer().parse(word.lower()))


def is_word_of(word: str, *grammemes: str) -> bool:
    return any(set(grammemes) <= set(p.tag.grammemes) for p in readings(word))


def faults(text: str, facts: MessageFacts) -> list[str]:
    """The names of what is wrong, [] for a clean message."""
    wrong = {name: bool(rule(text, facts)) for name, rule in RULES.items()}
    if facts.locale is Locale.RU:
        wrong |= {name: bool(rule(text, facts)) for name, rule in RUSSIAN.items()}
    else:
        wrong |= {name: bool(rule(text, facts)) for name, rule in ENGLISH.items()}
    return [name for name, is_wrong in wrong.items() if is_wrong]


def sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?…]) +|(?<=[\U0001f300-\U0001faff]) +", text) if s]


# --- of both languages --------------------------------------------------------------------------


def too_long(text: str, facts: MessageFacts) -> bool:
    return len(OPT_OUT.sub("", text)) > LIMITS[facts.band]


def no_way_out(text: str, facts: MessageFacts) -> bool:
    return bool(OPT_OUT.search(text)) != facts.opt_out_line


def stray_marks(text: str, facts: MessageFacts) -> Any:
    return re.search(
        r"  | [,.!?;:]|[,.!;:?][,.!?;:]|[{}\[\]|<>_*^#]|None|null|\n|\t|^ | $|,$|\( | \)", text
    )


def no_question(text: str, facts: MessageFacts) -> bool:
    return not text.endswith("?") or text.count("?") != 1


def small_start(text: str, facts: MessageFacts) -> bool:
    return any(s[0].islower() for s in sentences(text))


def too_many_emoji(text: str, facts: MessageFacts) -> bool:
    count = sum(unicodedata.category(c) == "So" for c in text)
    return count > (0 if facts.tone is Tone.BRIEF else 1)


def unbalanced(text: str, facts: MessageFacts) -> bool:
    return text.count("«") != text.count("»") or text.count("(") != text.count(")")


def doubled_word(text: str, facts: MessageFacts) -> Any:
    return re.search(r"\b(\w+) \1\b", text, re.IGNORECASE)


def same_start_twice(text: str, facts: MessageFacts) -> bool:
    starts = [" ".join(s.lower().split()[:2]) for s in sentences(text)]
    return len(set(starts)) < len(starts)


def raw_fields(text: str, facts: MessageFacts) -> bool:
    """A title or a name as the CRM spells it, where people would not say it so."""
    title = facts.service_title or ""
    shouted = [w for w in re.findall(r"\w{4,}", title) if w.isupper()]
    odd = re.findall(r"//|№\d*|\b\d+ ?мин|\bT33\b", title)
    name = facts.client_name or ""
    unsaid = [name] if re.search(r"\d|[@_<{(/]|клиент|мама|notes", name, re.IGNORECASE) else []
    return any(part in text for part in shouted + odd + unsaid)


def name_not_set_off(text: str, facts: MessageFacts) -> bool:
    """A greeting that names somebody has a comma or a stop on each side of the name."""
    if facts.locale is Locale.EN:
        return re.match(r"(?:Hi|Hello)(?: [A-Z][\w'’-]+)?[,.!]", text) is None
    before = r"^(?:[^\W\d_][\w'’-]*(?: [А-ЯЁ][а-яё]+)?, )?(?:здравствуйте|привет)[.!] "
    after = r"^(?:Здравствуйте|Привет)(?:, [^\W\d_][\w'’-]*(?: [А-ЯЁ][а-яё]+)?)?[.!] "
    return re.match(before, text) is None and re.match(after, text) is None


def unknown_figures(text: str, facts: MessageFacts) -> bool:
    """Every figure is from the offer, its floor and last day, the times or the company's name."""
    offer = facts.offer
    given = {str(at.hour) for at in facts.free_times} | {str(at.day) for at in facts.free_times}
    given |= {f"{at.minute:02}" for at in facts.free_times}
    given |= set(re.findall(r"\d+", f"{facts.company_name} {offer.gift if offer else ''}"))
    if offer is not None:
        given |= set(re.findall(r"\d+", offer.terms or ""))
        given |= {str(offer.percent or "")}
        for minor in (offer.amount_minor, offer.floor_minor):
            given |= set(re.findall(r"\d+", f"{(minor or 0) // 100:,}"))
        if facts.on is not None and offer.valid_days:
            given.add(str(date.fromordinal(facts.on.toordinal() + offer.valid_days).day))
    return not set(re.findall(r"\d+", text)) <= given


def offer_without_its_terms(text: str, facts: MessageFacts) -> bool:
    offer = facts.offer
    value = None
    if offer is not None:
        value = f"{offer.percent}%" if offer.percent else offer.gift
        if offer.amount_minor:
            value = f"{offer.amount_minor // 100:,}".replace(",", "\u00a0")
    stems = (value or "").lower().split()[-1:]
    if not re.search(r"скидк|подар|%|₽|₸|\boff\b|\bgift\b|[$£]", text, re.IGNORECASE):
        return False
    if offer is None or not all(stem in text.lower() for stem in stems):
        return True
    if offer.terms and offer.terms.lower().rstrip(".") not in text.lower():
        return True
    if offer.valid_days and not re.search(r"\bдо \d|\buntil \d", text):
        return True
    return bool(offer.floor_minor) and not re.search(r"при чеке от|on bills of", text)


def wrong_weekday(text: str, facts: MessageFacts) -> bool:
    """The weekday and the date of a time belong together, and both to a given time."""
    given = {at.date() for at in facts.free_times}
    if facts.locale is Locale.RU:
        found = re.findall(rf"({'|'.join(DAYS)}), (\d+) ({'|'.join(MONTHS)}),", text)
        said = {(DAYS.index(w), int(d), MONTHS.index(m) + 1) for w, d, m in found}
    else:
        found = re.findall(rf"({'|'.join(DAYS_EN)}) (\d+) ({'|'.join(MONTHS_EN)})", text)
        said = {(DAYS_EN.index(w), int(d), MONTHS_EN.index(m) + 1) for w, d, m in found}
    return not said <= {(day.weekday(), day.day, day.month) for day in given}


RULES = {
    "too long": too_long,
    "no way out": no_way_out,
    "stray marks": stray_marks,
    "no question": no_question,
    "a sentence starts small": small_start,
    "emoji": too_many_emoji,
    "unbalanced": unbalanced,
    "a word twice": doubled_word,
    "two sentences begin alike": same_start_twice,
    "a raw field": raw_fields,
    "the name is not set off": name_not_set_off,
    "a figure from nowhere": unknown_figures,
    "an offer without its terms": offer_without_its_terms,
    "a weekday of another date": wrong_weekday,
}


# --- Russian ------------------------------------------------------------------------------------


def _plain(text: str, facts: MessageFacts) -> str:
    """Without what the company wrote itself: its terms may be in any form."""
    for own in (facts.offer.terms, facts.offer.gift) if facts.offer else ():
        text = re.sub(re.escape((own or "").rstrip(".")) or r"(?!)", "…", text, flags=re.IGNORECASE)
    return OPT_OUT.sub("", text)


def wrong_case(text: str, facts: MessageFacts) -> bool:
    """The noun group after a preposition is in a case that the preposition takes."""
    plain = _plain(text, facts).lower()
    for found in re.finditer(r"\b([а-яё]+) ((?:[а-яё-]+ ?){1,4})", plain):
        preposition, rest = found[1], found[2].split()
        if preposition not in CASES or found[0].startswith(SET_PHRASES):
            continue
        group = _noun_group(rest)
        if not group:
            continue
        if not any(_all_in(group, case) for case in CASES[preposition]):
            return True
    return False


def _noun_group(words: list[str]) -> list[str]:
    """The adjectives and the noun, or the one pronoun, that stand first."""
    group: list[str] = []
    for word in words:
        tags = [p.tag for p in readings(word.split("-")[-1])]
        group.append(word)
        if any(t.POS in {"NOUN", "NPRO"} for t in tags) and tags[0].POS != "ADJF":
            return group
        if not any(t.POS in {"ADJF", "PRTF"} for t in tags):
            return []
    return []


def _all_in(group: list[str], case: str) -> bool:
    """One case, and one gender and number of the adjectives and the noun."""
    noun = readings(group[-1].split("-")[-1])
    fits = [p.tag for p in noun if p.tag.case == case or (case == "loct" and p.tag.case == "loc2")]
    if not readings(group[-1].split("-")[-1])[0].is_known:
        return True  # a word that the dictionary lacks: «балаяж»
    return any(all(_agrees(word, tag) for word in group[:-1]) for tag in fits)


def _agrees(word: str, noun: Any) -> bool:
    for parse in readings(word):
        tag = parse.tag
        if tag.POS not in {"ADJF", "PRTF"} or tag.case != noun.case or tag.number != noun.number:
            continue
        if noun.number == "plur" or tag.gender == noun.gender:
            if tag.case == "accs" and tag.animacy == "anim" and noun.gender == "masc":
                continue
            return True
    return False


def visits_without_sense(text: str, facts: MessageFacts) -> Any:
    return re.search(r"\bна к нам|\bна на\b|\bк к\b|\bк нам к\b|\bу у\b", text)


def mixed_address(text: str, facts: MessageFacts) -> bool:
    """Pronouns and verbs speak to one person in one way."""
    words = re.findall(r"[а-яё]+", text.lower())
    vy = {"вы", "вас", "вам", "вами", "ваш", "вашему", "вашего", "здравствуйте"} & set(words)
    ty = {"ты", "тебя", "тебе", "тобой", "твой", "твоему", "твоего", "привет"} & set(words)
    for word in words:
        best = readings(word)[0]
        if best.tag.POS == "VERB" and (best.tag.person == "2per" or best.tag.mood == "impr"):
            (vy if best.tag.number == "plur" else ty).add(word)
    return bool(ty if facts.address is Address.VY else vy)


def uncertain_gender(text: str, facts: MessageFacts) -> bool:
    """No «(а)», and no singular past of the reader but where the facts or the name tell."""
    if re.search(r"\(а\)|/а\b|\(ла\)", text):
        return True
    after = re.findall(r"\b[Тт]ы (?:как раз )?(\w+)", text)
    for word in after:
        tag = readings(word)[0].tag
        if tag.tense == "past" and tag.number == "sing" and facts.gender is not None:
            return bool(tag.gender == ("masc" if facts.gender == "female" else "femn"))
    return bool(re.search(r"\b[Вв]ы \w+(?:ла|л)\b", text))


def unknown_words(text: str, facts: MessageFacts) -> list[str]:
    """Words that no dictionary has, beside names, titles and what the company wrote."""
    given = f"{facts.client_name} {facts.company_name} {facts.staff_name} {facts.service_title}"
    if facts.offer is not None:
        given += f" {facts.offer.gift} {facts.offer.terms}"
    allowed = set(re.findall(r"[а-яё]+", given.lower().replace("ё", "е")))
    missing = []
    for word in re.findall(r"[а-яё]+", text.lower()):
        stem = word.replace("ё", "е")[:4]
        if not analyzer().word_is_known(word) and not any(a.startswith(stem) for a in allowed):
            missing.append(word)
    return [word for word in missing if word not in {"спа", "маникюр"}]


def latin(text: str, facts: MessageFacts) -> bool:
    given = f"{facts.client_name} {facts.company_name}".lower()
    return any(word.lower() not in given for word in re.findall(r"[A-Za-z]{2,}", text))


def crowded(text: str, facts: MessageFacts) -> bool:
    """«вас … вас … вам … вас»: more pronouns than anybody would say."""
    body = OPT_OUT.sub("", text)
    return len(re.findall(r"\b(?:вас|вам|вами|тебя|тебе|тобой)\b", body, re.IGNORECASE)) > 4


RUSSIAN = {
    "case": wrong_case,
    "no sense": visits_without_sense,
    "вы and ты": mixed_address,
    "gender": uncertain_gender,
    "unknown words": unknown_words,
    "latin": latin,
    "too many pronouns": crowded,
}


# --- English ------------------------------------------------------------------------------------


def cyrillic(text: str, facts: MessageFacts) -> Any:
    return re.search(r"[а-яё]", text, re.IGNORECASE)


def article(text: str, facts: MessageFacts) -> Any:
    return re.search(
        r"\ba [aeio]|\ban [^aeiouh ]|\b(?:a|an|the|your) (?:a|an|the|your)\b|"
        r"\ba (?:\w+ )?(?:highlights|nails|extensions)\b",
        text,
    )


def preposition(text: str, facts: MessageFacts) -> Any:
    return re.search(
        r"\b(?:for|with|at|on|to) (?:for|with|at|on|to)\b|\bin (?:with|at|to|in) (?:for|in)\b", text
    )


ENGLISH = {"cyrillic": cyrillic, "article": article, "preposition": preposition}
