"""What an assistant is told to answer a client well: a text in the company's language.

It holds what was done about this client and what to do about the reply. The client's own words are
not in it: they are the client's, never an instruction.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from vernis.decide.reception import instructions_en, instructions_ru
from vernis.decide.reception.assisting import Kept, bounds, starts_booking
from vernis.domain import Address, Campaign, Intent, Locale, ResponseType, Topic

UNSURE = 0.6  # below it the assistant is told to ask rather than to guess
LONGEST_TITLE = 80


class Language(Protocol):
    """What a language's module has."""

    MONTHS: tuple[str, ...]
    TYPES: dict[ResponseType, str]
    INTENTS: dict[Intent, str]
    WORDS: dict[str, str]

    def days_word(self, days: int) -> str: ...


_WORDS: dict[Locale, Language] = {Locale.RU: instructions_ru, Locale.EN: instructions_en}
_OWN_BOOKING = {Topic.CANCEL, Topic.RESCHEDULE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """The reactivation that a client answers. Names and titles are said as they are given."""

    locale: Locale
    address: Address
    client_name: str | None
    last_visit_on: date
    service: str | None
    interval_days: int
    campaign: Campaign
    text: str
    sent_at: datetime  # company-local, as all moments here
    offer: str | None  # in words with its terms, while it holds
    offer_is_over: bool = False
    times: tuple[datetime, ...] = ()  # that the message named
    booked: bool = False  # a booking came of it before


def describe(occasion: Occasion, *, now: datetime) -> str:
    """Who answers what: how long away, the last service, the campaign, the message, the offer."""
    words, of = _WORDS[occasion.locale].WORDS, occasion
    lines = [words["head"]]
    if of.client_name:
        lines.append(words["name"].format(name=of.client_name))
    lines.append(words[of.address.value])
    away = (now.date() - of.last_visit_on).days
    lines.append(
        words["away"].format(ago=_days(away, of.locale), day=_day(of.last_visit_on, of.locale))
    )
    if of.service:
        lines.append(words["service"].format(service=of.service[:LONGEST_TITLE]))
    lines.append(words["interval"].format(days=_days(of.interval_days, of.locale)))
    lines.append(words["campaign"].format(campaign=of.campaign, tone=words[of.campaign.value]))
    lines.append(
        words["sent"].format(
            moment=_moment(of.sent_at, of.locale),
            ago=_ago((now.date() - of.sent_at.date()).days, of.locale),
            text=" ".join(of.text.split()),
        )
    )
    if of.offer:
        lines.append(words["offer"].format(offer=of.offer))
    else:
        lines.append(words["offer_over" if of.offer_is_over else "no_offer"])
    if of.times:
        times = "; ".join(_moment(at, of.locale) for at in of.times)
        lines.append(words["times"].format(times=times))
    if of.booked:
        lines.append(words["booked"])
    return "\n".join(lines)


def instruct(occasion: Occasion | None, kept: Kept, *, locale: Locale, now: datetime) -> str:
    """The occasion, how the reply was read, and what to do about it.

    `now` is when it was read. Without an occasion, only what to do.
    """
    words = _WORDS[locale].WORDS
    lines = [describe(occasion, now=now), ""] if occasion else []
    booked = occasion is not None and occasion.booked
    lines.append(
        words["reply"].format(
            type=_WORDS[locale].TYPES[kept.response_type],
            intent=_WORDS[locale].INTENTS[kept.intent],
            percent=round(kept.confidence * 100),
        )
    )
    if kept.when is not None:
        start, end = bounds(kept.when, now)
        span = {"first": _moment(start, locale), "last": _moment(end, locale)}
        lines.append(words["when_at" if start == end else "when"].format(**span))
    lines.append(words["do"].format(do=_to_do(kept, words, booked=booked)))
    if kept.confidence < UNSURE and kept.intent is not Intent.OPT_OUT:
        lines.append(words["unsure"])
    return "\n".join(lines)


def _to_do(kept: Kept, words: dict[str, str], *, booked: bool) -> str:
    if kept.topic in _OWN_BOOKING and kept.intent is not Intent.OPT_OUT:
        return words[f"do_{kept.topic}"]
    if starts_booking(kept, booked=booked):
        return words["do_book_when" if kept.when is not None else "do_book"]
    if kept.intent is Intent.BOOK:
        return words["do_booked"]
    return words[f"do_{kept.intent}"]


def _day(day: date, locale: Locale) -> str:
    return f"{day.day} {_WORDS[locale].MONTHS[day.month - 1]} {day.year}"


def _moment(at: datetime, locale: Locale) -> str:
    return f"{at.day} {_WORDS[locale].MONTHS[at.month - 1]} {at:%H:%M}"


def _ago(days: int, locale: Locale) -> str:
    words = _WORDS[locale].WORDS
    return words["today"] if days <= 0 else words["ago"].format(days=_days(days, locale))


def _days(days: int, locale: Locale) -> str:
    return f"{days} {_WORDS[locale].days_word(days)}"
