"""What a person sets of an account: from what they type to a value, and what it is by default."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from vernis.decide.pacing import FEW_NEW_CHATS
from vernis.domain import Abilities
from vernis.errors import UsageError

LEAST_HUMAN_GAP = 10  # seconds; even gaps of 7 led to bans (Baileys#2131)
_NOTHING = {"none", "no", "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """An account as its owner sets it. None is no limit, or not set.

    `position` is its place in the cascade, None: it is not in it. `template` is what opens a
    conversation where free text may not, NAME:LANGUAGE, with :VARIABLE where that is not {{1}}.
    """

    name: str
    address: str | None = None
    gap: float  # seconds on average between two messages
    daily: int
    hourly: int | None = None
    new_chats: int | None = None  # in 24 hours
    warm_up: bool = False
    position: int | None = None
    template: str | None = None
    business: str | None = None  # Meta's id of the whole WhatsApp Business account


def default(name: str, abilities: Abilities) -> AccountSettings:
    """A careful start: a person's pace and warm-up for a number like a person's, Meta's first tier
    for the Cloud API."""
    if abilities.human_pace:
        return AccountSettings(
            name=name, gap=60, daily=60, hourly=15, new_chats=FEW_NEW_CHATS, warm_up=True
        )
    return AccountSettings(name=name, gap=0, daily=1_000, new_chats=250)


def changed(
    settings: AccountSettings, assignments: Iterable[str], abilities: Abilities
) -> AccountSettings:
    """The settings with these `key=value`; raises UsageError at the first wrong one."""
    for assignment in assignments:
        key, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals:
            raise UsageError(f"«{assignment}» is no setting: write key=value, like daily=40.")
        if key not in _PARSERS:
            raise UsageError(
                f"An account has no setting «{key}»; there are: {', '.join(_PARSERS)}."
            )
        try:
            value = _PARSERS[key](text)
        except ValueError as error:
            raise UsageError(f"{key}={text}: {error}.") from None
        settings = replace(settings, **{key: value})
    _require_sense(settings, abilities)
    return settings


def _require_sense(settings: AccountSettings, abilities: Abilities) -> None:
    if abilities.human_pace and settings.gap < LEAST_HUMAN_GAP:
        raise UsageError(
            f"gap={settings.gap:g}: a number that is logged in like a phone needs at least"
            f" {LEAST_HUMAN_GAP} seconds between two messages, or WhatsApp bans it."
        )
    if settings.template and abilities.free_text_for is None:
        raise UsageError("This channel needs no template: leave it out.")


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
            raise ValueError(f"give a whole number from {least} to {most}")
        return int(text)

    return parse


def _number_or_none(least: int, most: int) -> Callable[[str], int | None]:
    number = _number(least, most)

    def parse(text: str) -> int | None:
        return None if text.lower() in _NOTHING else number(text)

    return parse


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise ValueError("give seconds from 0 to 86400")
    return seconds


def _yes_or_no(text: str) -> bool:
    answers = {"yes": True, "true": True, "no": False, "false": False}
    if text.lower() not in answers:
        raise ValueError("give yes or no")
    return answers[text.lower()]


def _words(text: str) -> str:
    if not 1 <= len(text) <= 100 or not text.isprintable():
        raise ValueError("give 1 to 100 letters")
    return text


def _words_or_none(text: str) -> str | None:
    return None if text.lower() == "none" else _words(text)


def _template(text: str) -> str | None:
    if text.lower() == "none":
        return None
    if not re.fullmatch(r"[a-z0-9_]{1,512}:[a-z]{2,3}(_[A-Z]{2,4})?(:[a-z0-9_]+)?", text):
        raise ValueError("give Meta's name and language of it, like come_back:ru")
    return text


_PARSERS: dict[str, Callable[[str], Any]] = {
    "name": _words,
    "address": _words_or_none,
    "gap": _seconds,
    "daily": _number(0, 100_000),
    "hourly": _number_or_none(0, 100_000),
    "new_chats": _number_or_none(0, 100_000),
    "warm_up": _yes_or_no,
    "position": _number_or_none(1, 1_000),
    "template": _template,
    "business": _words_or_none,
}
assert [*_PARSERS] == [field.name for field in fields(AccountSettings)]
