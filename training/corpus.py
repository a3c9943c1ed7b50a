"""The labelled replies: `corpus/*.tsv`, one file a way of writing, each `intent<TAB>text` a line.

All lines are written by hand. `varied` makes more of them out of those: how people type, not what
they say.
"""

import random
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from vernis.domain import Intent

FOLDER = Path(__file__).parent / "corpus"
KNOWN = "known"  # the file that the rules were mended by
Line = tuple[Intent, str]

_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "h",
            "c",
            "ch",
            "sh",
            "sch",
            "",
            "y",
            "",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)


def files() -> dict[str, list[Line]]:
    """The lines of each file by its name, files in order."""
    return {path.stem: lines(path) for path in sorted(FOLDER.glob("*.tsv"))}


def lines(path: Path) -> list[Line]:
    rows = path.read_text(encoding="utf-8").splitlines()
    split = (row.split("\t", 1) for row in rows if row.strip() and not row.startswith("#"))
    return [(Intent(intent), text) for intent, text in split]


def fingerprint() -> str:
    """A hash of all lines, which the weights carry: of what corpus they are."""
    digest = sha256()
    for name, found in files().items():
        digest.update(repr((name, [(str(intent), text) for intent, text in found])).encode())
    return digest.hexdigest()


def varied(found: list[Line], seed: int) -> Iterator[Line]:
    """A second way to type about half of the lines: a slip of a finger, or Latin letters."""
    chance = random.Random(seed)  # noqa: S311
    for intent, text in found:
        drawn = chance.random()
        if drawn < 0.3 and len(text) > 8:
            yield intent, _slip(text, chance)
        elif drawn < 0.5:
            yield intent, "".join(_LATIN.get(letter, letter) for letter in text.lower())


def _slip(text: str, chance: random.Random) -> str:
    """One letter left out, doubled, or changed with the next one."""
    at = chance.randrange(1, len(text) - 2)
    return chance.choice(
        [
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        ]
    )
