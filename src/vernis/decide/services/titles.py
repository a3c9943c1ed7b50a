"""Reads a service title into concepts: what its words mean, and which of them count.

A title is a list of parts («Маникюр + педикюр»), a part a list of clauses («Стрижка, борода»).
Words that a title only mentions («снятие гель-лака», «без покрытия», «массаж к маникюру»)
leave no concept behind.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from vernis.decide.services.words import WORDS

Clause = tuple[str, ...]
Part = tuple[Clause, ...]
_Pairs = list[tuple[str, str]]


def concepts(text: str) -> frozenset[str]:
    """A set of concepts, written with spaces between them."""
    return frozenset(text.split())


ACTS = concepts(
    "cut manicure pedicure color highlight balayage ombre camouflage extend botox clean facial"
    " massage peel epil laser shave"
)
_TURNS = frozenset(("removal", "before"))
_NOMINATIVE = {"gel_of": "gel", "manicure_of": "manicure"}
_REMOVED = concepts(
    "gel gel_of gel_word coat lacquer acrylic extend extended nail lash hair strand design"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """What counts in a title: its parts in order, and whether a typo was forgiven."""

    parts: tuple[Part, ...]
    concepts: frozenset[str]
    guessed: bool


# Spellings that are one word to a person and several to a computer, and the other way round:
# a mark that the text must hold (searching for it is cheap), a pattern, what it becomes.
_SPELLINGS = (
    ("s", r"['’`´](?=s\b)", ""),
    ("лак", r"\bгел(?:ь|ем|я|евы[а-я]+)?[\s\-/.]{0,3}лак", "гельлак"),
    ("г/", r"\bг/+л(?:ак)?(?=[а-я]{0,2}\b)", "гельлак"),
    ("gel", r"\bgel[\s-]?(?:polish|lak|lac)", "gelpolish"),
    ("тач", r"\b(?:эйр|аир|айр)[\s-]?тач", "airtouch"),
    ("air", r"\bair[\s-]?touch", "airtouch"),
    ("мыш", r"\bпод\s+мыш", "подмыш"),
    ("под", r"\bпод\s+(?:ноль|нуль|0)\b", "наголо"),
    ("cut", r"\bhair[\s-]cut", "haircut"),
    ("cut", r"\bcrew[\s-]cut", "crewcut"),
    ("blow", r"\bblow[\s-]*(dry|out)", r"blow\1"),
    ("touch", r"\btouch[\s-]*up", "touchup"),
    ("removal", r"\bhair\s+removal", "эпиляция"),
    ("удален", r"\bудалени[ея]\s+волос", "эпиляция"),
    ("снят", r"\bсняти[ея]\s*-", "снятие, "),
    ("снят", r"\bсняти[ея]\s*\(", "снятие "),
    ("без", r"(\bбез\s+[а-я]+)\s+и\s+(?=покр|снят|лак|гель|диз|шлиф|обраб)", r"\1 без "),
    ("бло", r"\b(?:total|тотал[а-я]*)\s+блонд[а-я]*", "окрашивание волос"),
    ("blo", r"\b(?:total|тотал[а-я]*)\s+blond[a-z]*", "окрашивание волос"),
    ("correction", r"\bcolou?r\s+correction", "hair color"),
    ("класс", r"\bмастер[\s-]*класс", "мастеркласс"),
    ("лет", r"\bдо\s*\d+\s*лет\b", " детская "),
    ("under", r"\bunder\s*\d+\b", " детская "),
    ("лет", r"\b\d+\s*-\s*\d+\s*лет\b", " детская "),
    ("d", r"\b\d(?:[.,]\d)?\s*d\b", " lash "),
    ("д", r"\b\d(?:[.,]\d)?\s*д\b", " lash "),
    ("1", r"\b1(?:-го|\s*шт\.?)?\s+(?:ног(?:тя|оть)|nail)\b", " ремонт "),
    ("- ", r"\s-+\s", " , "),
)
_TOKEN = re.compile(r"[a-zа-я]+|[+&]|[,;:/|()\[\]•\\]")
_JOINING = frozenset(("и", "с", "со", "c", "and", "with", "&"))
_MIXED = re.compile(r"(?:[a-z]+[а-я]|[а-я]+[a-z])[a-zа-я]*")
_PLAIN = str.maketrans("ё–—", "е--")
_LOOKALIKES = str.maketrans("aceopxykmhtb", "асеорхукмнтв")


@lru_cache(maxsize=8192)
def read(text: str) -> Title:
    """Read a title or a category. Any text is accepted; without a known word it has no parts."""
    pieces, guessed = _pieces(text)
    parts = tuple(part for part in map(_scoped, _without_asides(pieces)) if part)
    known = frozenset(concept for part in parts for clause in part for concept in clause)
    return Title(parts=parts, concepts=known, guessed=guessed)


def _pieces(text: str) -> tuple[list[str], bool]:
    """Concepts and marks: `+` and `&` part what is done, `,` and `/` part clauses."""
    text = unicodedata.normalize("NFKC", text).lower().translate(_PLAIN)
    text = _MIXED.sub(lambda word: word[0].translate(_LOOKALIKES), text)
    for mark, pattern, replacement in _SPELLINGS:
        if mark in text:
            text = re.sub(pattern, replacement, text)
    pieces: list[str] = []
    guessed = False
    for token in _TOKEN.findall(text):
        if token in {"+", "plus", "плюс"}:
            pieces.append("+")
        elif token in _JOINING:
            pieces.append("&")
        elif not token[0].isalpha():
            pieces.append("/" if token in {"/", ":"} else ",")
        else:
            concept, typo = _concept(token)
            guessed = guessed or typo
            if concept:
                pieces.append(concept)
    return pieces, guessed


def _without_asides(pieces: list[str]) -> Iterator[list[str]]:
    """Split into parts; what stands with a surcharge or a consultation is not done."""
    for joined in _split(pieces, "+"):
        if "aside" not in joined:
            yield from _split(joined, "&")


def _split(pieces: Iterable[str], mark: str) -> Iterator[list[str]]:
    part: list[str] = []
    for piece in pieces:
        if piece == mark:
            yield part
            part = []
        else:
            part.append(piece)
    yield part


def _scoped(part: list[str]) -> Part:
    """The clauses of a part without what is removed, absent or only referred to."""
    clauses: list[list[str]] = [[]]
    scope = ""
    for piece in part:
        if piece in {",", "/"}:
            clauses.append([])
            scope = "removal" if (piece, scope) == ("/", "removal") else ""
        elif piece == "without" or (piece in _TURNS and scope not in {"without", "ignored"}):
            scope = piece
            clauses[-1] += ["removal"] if piece == "removal" else []
        else:
            counted, scope = _counted(piece, scope, clauses)
            clauses[-1] += [counted] if counted else []
    return tuple(_settled(clause) for clause in clauses if clause)


def _counted(piece: str, scope: str, clauses: list[list[str]]) -> tuple[str, str]:
    """What a piece counts as in a scope, "" for nothing, and the scope after it."""
    act = _NOMINATIVE.get(piece, piece) in ACTS
    if scope == "without":
        if piece == "removal":
            return "", "ignored"
        return (piece if piece == "later" else "bare"), scope
    if scope == "ignored" or (scope == "removal" and _is_removed(piece, clauses)):
        return "", scope
    if scope == "before":
        counted = {"pedicure": "foot"}.get(piece, "") if act else piece
        return counted, scope if piece == "series" else ""
    return piece, "" if act else scope


def _is_removed(piece: str, clauses: list[list[str]]) -> bool:
    if piece == "manicure_of":
        return clauses[-1][-1:] == ["removal"]
    done = any("manicure" in clause for clause in clauses)
    # «маникюр снятие гель-лак» lists three things, «снятие гель-лака» is one
    return piece in _REMOVED and not (piece == "gel" and done)


def _settled(clause: list[str]) -> Clause:
    if clause[-1] == "removal" and "manicure" not in clause:
        clause = [piece for piece in clause if piece not in _REMOVED]
    return tuple(_NOMINATIVE.get(piece, piece) for piece in clause)


@lru_cache(maxsize=65536)
def _concept(word: str) -> tuple[str, bool]:
    """The concept of one lower-case word, "" when none, and whether a typo was forgiven."""
    whole, stems, endings, _ = _vocabulary()
    if word in whole:
        return whole[word], False
    for length in range(len(word), 1, -1):
        if concept := stems.get(word[:length]):
            return concept, False
    for ending, concept in endings:
        if ending in word:
            return concept, False
    concept = _misspelt(word) if len(word) >= 5 else ""
    return concept, bool(concept)


def _misspelt(word: str) -> str:
    """The concept of the nearest stem: one edit off, two where the stem has 8 letters or more."""
    from rapidfuzz.distance import OSA

    nearest, concept = 3, ""
    for stem, meaning in _vocabulary()[3]:
        if stem[0] not in word[:2]:
            continue
        allowed = 1 if len(stem) < 8 else 2
        for length in range(len(stem) - 1, len(stem) + 2):
            distance = OSA.distance(stem, word[:length], score_cutoff=allowed)
            if distance <= allowed and distance < nearest:
                nearest, concept = distance, meaning
    return concept


@cache
def _vocabulary() -> tuple[dict[str, str], dict[str, str], _Pairs, _Pairs]:
    """Whole words, stems, ends of compounds, and stems that forgive typos, with their concepts."""
    whole: dict[str, str] = {}
    stems: dict[str, str] = {}
    endings: _Pairs = []
    forgiving: _Pairs = []
    for concept, patterns in WORDS.items():
        for pattern in patterns.split():
            text = pattern.strip("~*")
            if pattern.startswith("*"):
                endings.append((text, concept))
            else:
                (stems if pattern.endswith("*") else whole)[text] = concept
            if pattern.startswith("~"):
                forgiving.append((text, concept))
    return whole, stems, endings, forgiving
