"""What a client typed -> clean lower-case tokens: one spelling for what people write in ten.

A token is a word, a number, a clock time or date as written, a sentence mark, «+», or one of
five signs that stand for all emoji.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

LONGEST = 2000  # characters that are read; nobody says more about a visit
LONGEST_MENDED = 24  # letters of a word whose typos are mended
YES_SIGN, NO_SIGN, ANGRY_SIGN, STOP_SIGN, OTHER_SIGN = "👍", "👎", "😡", "🛑", "🙂"
SENTENCE_ENDS = frozenset(".!?;\n")

_SIGNS = (
    dict.fromkeys("👍👌✅🆗💯🙆🤝✔☑🫡", YES_SIGN)
    | dict.fromkeys("👎🙅❌🚫⛔✖", NO_SIGN)
    | dict.fromkeys("😡🤬😠🤮💩🖕😤", ANGRY_SIGN)
    | {"🛑": STOP_SIGN}
)
_TOKEN = re.compile(
    r"[0-9]{1,2}:[0-9]{2}(?![0-9])"
    r"|[0-9]{1,2}[./][0-9]{1,2}(?:[./][0-9]{2,4})?(?![0-9])"
    r"|[0-9]{1,2}-[0-9]{1,2}(?![0-9])"
    r"|[0-9]+-?(?:го|ого|ое|ой|ый|ий|ая|ую|му|ому|е|й|я|ю|th|st|nd|rd)(?![^\W_])"
    r"|[0-9]+"
    r"|[^\W\d_]+(?:[-'][^\W\d_]+)*"
    r"|[+.,!?;\n%-]"
    r"|[^\w\s]",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"([0-9]+)-?[^\W\d_]+")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLED = re.compile(r"(.)\1")
_HEARD = str.maketrans(dict.fromkeys("еяэй", "и") | {"о": "а", "ь": None, "ъ": None})
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | dict.fromkeys("’‘`´ʼ", "'") | {"…": "."})
_LOOKALIKES = str.maketrans("aceopxyktmhb", "асеорхукттнв")

# Forms that no typo distance explains.
_SPOKEN = {
    form: word
    for word, forms in {
        "да": "даа дя даю-да агась",
        "нет": "неет неа не-а нее нетъ нит неть нету-нет ноуп",
        "ну": "нуу",
        "ок": "ok okay okey окей оке окк оки океюшки okie k",
        "спасибо": "спс пасиб спасиб спасибки спасибочки сенкс сяп благодарю благодарствую",
        "пожалуйста": "пж пжлс пжл пжлст пжлста пжста пож плиз плз пожалуста пожайлуста пожалуйсто",
        "здравствуйте": "здрасте здрасьте здравствуй здрасти дратути драсте здраствуйте",
        "привет": "приветик приветики приветствую хай салют хеллоу",
        "что": "чо че чё шо чего",
        "щас": "счас ща щяс сча",
        "сколько": "скока скоко скок сколка",
        "может": "мож",
        "надо": "нада",
        "хочу": "хачу хоч",
        "можно": "можна мона мошна",
        "сегодня": "седня сення сегодни сегоня севодня",
        "завтра": "завтро зватра",
        "вечером": "вечерком веч вечерочком",
        "утром": "утречком",
        "конечно": "канешн канешно кнш конешно конечн",
        "нормально": "норм нормас",
        "не": "ни-не",
        "you": "u ya",
        "your": "ur",
        "please": "pls plz",
        "thanks": "thx ty tnx",
        "tomorrow": "tmrw tmr tomorow tommorow tomorrow's",
        "don't": "dont",
        "can't": "cant cannot",
        "won't": "wont",
        "doesn't": "doesnt",
        "i'm": "im",
        "i'll": "ill",
        "i've": "ive",
        "want": "wanna",
        "yes": "yeah yep yup yea yas ye",
        "no": "nope nah naw",
        "hello": "hi hey hiya helo",
        "tonight": "tonite",
    }.items()
    for form in forms.split()
}

_LATIN = {
    "tst": "тст",
    "shch": "щ", "sch": "щ", "tsya": "ться", "tsja": "ться", "zh": "ж", "kh": "х", "ts": "ц",
    "ch": "ч", "sh": "ш", "yu": "ю", "ju": "ю", "iu": "ю", "ya": "я", "ja": "я", "ia": "я",
    "yo": "е", "jo": "е", "ye": "е", "je": "е", "iy": "ий", "ij": "ий", "yj": "ый",
    "a": "а", "b": "б", "c": "ц", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и",
    "j": "й", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р",
    "s": "с", "t": "т", "u": "у", "v": "в", "w": "в", "x": "х", "z": "з", "'": "ь",
}  # fmt: skip
_SYLLABLE = re.compile("|".join(sorted(_LATIN, key=len, reverse=True)) + "|y")


_VERB_ENDS = ("те", "ти", "ть", "чу", "гу", "ду", "рую")


class Token(NamedTuple):
    """`text` is normalised; `capital` tells that it was typed with a capital first letter."""

    text: str
    capital: bool = False


def tokenise(text: str) -> list[Token]:
    """Split, fold case, ё, repeats, dashes, look-alike letters and spoken forms."""
    # A long message is cut before NFKC, which can make one character eighteen, and after it.
    whole = text[:LONGEST].replace("№", " номер ")  # NFKC makes a «No» of it
    clean = unicodedata.normalize("NFKC", whole)[:LONGEST].translate(_DASHES)
    return [token for raw in _TOKEN.findall(clean) for token in _token(raw)]


def to_cyrillic(word: str) -> str:
    """Transliterated Russian back to Cyrillic: «davajte» -> «давайте», «pyatnicu» -> «пятницу»."""

    def letter(match: re.Match[str]) -> str:
        part = match.group()
        if part != "y":
            return _LATIN[part]
        before = word[match.start() - 1 : match.start()]
        return "й" if before in tuple("aeiouy") else "ы"

    return _SYLLABLE.sub(letter, word)


class Lexicon:
    """The words that the rules know: repairs typos in long words and reads transliteration."""

    def __init__(self, words: Iterable[str], stems: Collection[str] = ()) -> None:
        self._words = frozenset(words)
        self._stems = tuple(stem for stem in stems if len(stem) > 3)
        long = sorted(word for word in self._words if len(word) >= 5)
        self._about_as_long = {
            length: tuple(word for word in long if abs(len(word) - length) <= _slips(length))
            for length in range(5, LONGEST_MENDED + 1)
        }
        self._by_sound = {_sound(word): word for word in sorted(self._words) if len(word) > 4}
        self._repair = lru_cache(maxsize=20_000)(self._nearest)
        self._mended = lru_cache(maxsize=20_000)(self._known)

    def read(self, text: str) -> list[Token]:
        """Tokens of a text in the spelling that the rules use."""
        return self.repaired(self.spoken(text))

    def spoken(self, text: str) -> list[Token]:
        """Tokens of a text as typed; transliterated Russian becomes Cyrillic."""
        tokens = tokenise(text)
        latin = [token.text for token in tokens if _is_latin(token.text)]
        if latin and len(latin) * 2 < len(tokens):
            # One Latin letter among Russian words is a Cyrillic one from the wrong keyboard.
            tokens = [
                Token(t.text.translate(_LOOKALIKES), t.capital) if len(t.text) == 1 else t
                for t in tokens
            ]
        elif latin:
            russian = sum(self._repair(to_cyrillic(word)) in self._words for word in latin)
            english = sum(word in self._words for word in latin)
            if russian > english:
                tokens = [
                    Token(to_cyrillic(t.text), t.capital) if _is_latin(t.text) else t
                    for t in tokens
                ]
        return tokens

    def repaired(self, tokens: Iterable[Token]) -> list[Token]:
        """The tokens with the typos of known words mended."""
        return [part for token in tokens for part in self._mended(token)]

    def _known(self, token: Token) -> list[Token]:
        """Repaired; «непишите», «нипишите» as the two words that they are."""
        text = token.text
        if text[:2] in {"не", "ни"} and text not in self._words and text.endswith(_VERB_ENDS):
            verb = self._repair(text[2:])
            if len(verb) > 3 and verb in self._words:
                return [Token("не", token.capital), Token(verb)]
        return [Token(self._repair(text), token.capital)]

    def _nearest(self, word: str) -> str:
        word = _SPOKEN.get(word, word)
        if (
            len(word) < 5
            or len(word) > LONGEST_MENDED
            or word in self._words
            or not word[0].isalpha()
        ):
            return word
        heard = self._by_sound.get(_sound(word))
        if heard is not None and heard.startswith("не") == word.startswith("не"):
            return heard
        if word.startswith(self._stems):
            return word
        found = extractOne(
            word,
            self._about_as_long[len(word)],
            scorer=OSA.distance,
            score_cutoff=_slips(len(word)),
        )
        if found is None:
            return word
        near: str = found[0]
        # «неудобно» is not a misspelt «удобно», and a short word keeps its first letter.
        if near.startswith("не") != word.startswith("не"):
            return word
        if len(word) < 6 and near[0] != word[0]:
            return word
        return near


def _slips(length: int) -> int:
    """How many letters of a word may be wrong."""
    return 1 if length < 9 else 2


def _sound(word: str) -> str:
    """A key that words share which are heard alike: «пешите», «пишите»; «болше», «больше»."""
    return _DOUBLED.sub(r"\1", word.translate(_HEARD).replace("тс", "ц"))


def _is_latin(text: str) -> bool:
    return text.isascii() and text[0].isalpha()


@lru_cache(maxsize=20_000)
def _token(raw: str) -> tuple[Token, ...]:
    first = raw[0]
    if first.isalpha():
        return (_word(raw),)
    if first.isdigit():
        ordinal = _ORDINAL.fullmatch(raw)
        return (Token(f"{ordinal[1]}-го" if ordinal else raw),)
    if first in "+.,!?;\n%-":
        return (Token(first),)
    if first in _SIGNS:
        return (Token(_SIGNS[first]),)
    # Brackets and quotes carry nothing, pictures at least say that somebody smiled.
    return (Token(OTHER_SIGN),) if unicodedata.category(first) == "So" else ()


def _word(raw: str) -> Token:
    word = _REPEATED.sub(r"\1", raw.lower().replace("ё", "е"))
    if not word.isascii() and any("a" <= letter <= "z" for letter in word):
        word = word.translate(_LOOKALIKES)
    if "-" in word:
        parts = word.split("-")
        if len(set(parts)) == 1 or parts[-1] in {"ка", "то", "с"}:
            word = parts[0]
    return Token(_SPOKEN.get(word, word), raw[:1].isupper())
