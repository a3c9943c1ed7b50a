"""The encoding of a text file, decided from all its bytes.

A byte order mark decides. Without one, what is valid UTF-8 is UTF-8: Russian text of another
encoding almost never is. Otherwise it is one of the single-byte encodings below. Western text
(cp1252) is told by its letters standing alone among Latin ones («José»). Between the Cyrillic
ones decides how often the most frequent Russian letters come, and that capitals do not follow
small letters; cp1251 read as koi8-r has nearly all its capitals swapped.
"""

import codecs
import re
from pathlib import Path

from vernis.errors import DataError

_CHUNK = 1 << 20
_KEPT = 1 << 15
_CYRILLIC = ("cp1251", "koi8-r", "cp866")
# The eleven most frequent letters of Russian are three quarters of its text (National Corpus).
_FREQUENT = frozenset("оеаинтсрвлк")
_RUSSIAN = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
_SIGNS = frozenset("«»№–—…“”„’‘•€£°§©®\u00a0₽")
_HIGH_RUN = re.compile(rb"[A-Za-z]?[\x80-\xff]+[A-Za-z]?")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NOT_WESTERN = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")  # not assigned in cp1252
_ENOUGH = 0.2


def detect_encoding(path: Path) -> str:
    """Name of the encoding for `open`; raises DataError for binary, damaged or unknown text."""
    with path.open("rb") as file:
        head = file.read(_CHUNK)
        if encoding := _by_mark(head) or _utf_16_without_mark(head):
            return encoding
        decoder = codecs.getincrementaldecoder("utf-8")()
        utf8, high = True, bytearray()
        chunk = head
        while chunk:
            if _CONTROL.search(chunk):
                raise DataError(
                    f"{path.name} is not text (it holds binary data): export it as CSV or XLSX."
                )
            try:
                if utf8:
                    decoder.decode(chunk)
            except UnicodeDecodeError:
                utf8 = False
            if len(high) < _KEPT and not chunk.isascii():
                high += b" ".join(_HIGH_RUN.findall(chunk)) + b" "
            chunk = file.read(_CHUNK)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = False
    return "utf-8" if utf8 else _single_byte(bytes(high[:_KEPT]), path)


def _by_mark(head: bytes) -> str | None:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return None


def _utf_16_without_mark(head: bytes) -> str | None:
    """Latin letters and separators of UTF-16 have a zero in the same half of each pair."""
    sample = head[:4096]
    half = max(len(sample) // 2, 1)
    zeros = (sample[0::2].count(0) / half, sample[1::2].count(0) / half)
    if max(zeros) < 0.1 or min(zeros) > 0.02:
        return None
    return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"


def _single_byte(high: bytes, path: Path) -> str:
    decoded = high.decode("utf-8", errors="replace")
    broken = decoded.count("\ufffd")
    whole = sum(1 for char in decoded if ord(char) > 127) - broken
    if whole > 10 * broken:
        raise DataError(
            f"{path.name} is UTF-8 text with some damaged bytes: export it once more, as UTF-8."
        )
    if _is_western(high):
        return "cp1252"
    scores = {name: _russian(high.decode(name, errors="replace")) for name in _CYRILLIC}
    second, best = sorted(_CYRILLIC, key=lambda name: scores[name])[-2:]
    if scores[best] < _ENOUGH or scores[best] - scores[second] < _ENOUGH:
        raise DataError(
            f"The encoding of {path.name} could not be recognised: save it as UTF-8 "
            '(in Excel: "CSV UTF-8") or as XLSX.'
        )
    return best


def _is_western(high: bytes) -> bool:
    """Do most of the letters stand alone beside a Latin letter, as in no Cyrillic text?

    A run of signs only (£, ©, a no-break space) says nothing.
    """
    if _NOT_WESTERN.search(high):
        return False
    runs = high.split()
    alone = sum(1 for run in runs if len(run) > 1 and sum(byte > 127 for byte in run) == 1)
    letters = sum(1 for run in runs if sum(byte >= 0xC0 for byte in run) >= 2)
    return alone > 2 * letters or (letters == 0 and all(byte < 0xC0 for byte in high if byte > 127))


def _russian(text: str) -> float:
    """How Russian the text is: about 0.7 for Russian, below 0.4 when decoded wrongly.

    Capitals inside a word cost a little: whole words of them are rarer than small ones.
    """
    score = count = 0.0
    for word in text.split():
        previous = ""
        for char in word:
            if char.isascii() or char in _SIGNS:
                previous = ""
                continue
            count += 1
            lower = char.lower()
            if lower not in _RUSSIAN:
                score -= 1
            elif char != lower and previous and previous == previous.lower():
                score -= 1  # a capital after a small letter
            else:
                score += (lower in _FREQUENT) - (char != lower and previous != "") * 0.15
            previous = char
    return score / count if count else 0.0
