"""An interval's window and evidence as one sentence, in Russian and in English."""

from vernis.decide.rhythms import YEAR
from vernis.domain import Interval, Locale, Source


def told(interval: Interval) -> dict[str, str]:
    """The sentence in each language."""
    return {locale.value: sentence(interval, locale) for locale in Locale}


def sentence(interval: Interval, locale: Locale) -> str:
    """«Ждём через 24–29 дней после визита: 4 визита, каждые 24–29 дней.»"""
    low, high = interval.low, interval.high
    days = str(low) if low == high else f"{low}–{high}"
    if locale is Locale.RU:
        word = _ru(high, "день", "дня", "дней")
        return f"Ждём через {days} {word} после визита: {_why_ru(interval)}."
    return f"Expected {days} {_en(high, 'day')} after the visit: {_why_en(interval)}."


def _why_ru(interval: Interval) -> str:
    own = _own(interval)
    if own:
        visits, short, long = own
        every = f"каждые {short}–{long}" if short != long else f"каждые {long}"
        times, word = _ru(visits, "визит", "визита", "визитов"), _ru(long, "день", "дня", "дней")
        seen = f"{visits} {times}, {every} {word}"
    else:
        seen = "пока один визит"
    if interval.source is Source.PERSONAL:
        return seen
    returns = int(interval.evidence.get("returns", 0))
    if interval.source is Source.SERVICE_AVERAGE and returns:
        came = _ru(returns, "возвращение", "возвращения", "возвращений")
        return f"{seen}; так возвращаются клиенты на эту услугу ({returns} {came})"
    if interval.source is Source.SERVICE_AVERAGE:
        return f"{seen}; так возвращаются ваши клиенты"
    if interval.source is Source.INDUSTRY_STANDARD:
        return f"{seen}; так принято для этой услуги"
    if interval.source is Source.OWN:
        days = _ru(interval.days, "день", "дня", "дней")
        return f"{seen}; срок для этой услуги задали вы: {interval.days} {days}"
    return f"{seen}; обычный срок, пока данных мало"


def _why_en(interval: Interval) -> str:
    own = _own(interval)
    if own:
        visits, short, long = own
        every = f"every {short} to {long}" if short != long else f"every {long}"
        seen = f"{visits} visits, {every} {_en(long, 'day')}"
    else:
        seen = "one visit so far"
    if interval.source is Source.PERSONAL:
        return seen
    returns = int(interval.evidence.get("returns", 0))
    if interval.source is Source.SERVICE_AVERAGE and returns:
        return f"{seen}; as clients of this service return ({returns} {_en(returns, 'return')})"
    if interval.source is Source.SERVICE_AVERAGE:
        return f"{seen}; as your clients return"
    if interval.source is Source.INDUSTRY_STANDARD:
        return f"{seen}; as is usual for this service"
    if interval.source is Source.OWN:
        return f"{seen}; you set {interval.days} {_en(interval.days, 'day')} for this service"
    return f"{seen}; the usual time while there is little data"


def _own(interval: Interval) -> tuple[int, int, int] | None:
    """Visits, shortest and longest gap, in whole days; gaps of years are shown as a year."""
    evidence = interval.evidence
    if "shortest" not in evidence:
        return None
    return (
        int(evidence["visits"]),
        int(evidence["shortest"]),
        max(int(evidence["shortest"]), min(int(evidence["longest"]), YEAR)),
    )


def _ru(number: int, one: str, few: str, many: str) -> str:
    if number % 10 == 1 and number % 100 != 11:
        return one
    if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        return few
    return many


def _en(number: int, word: str) -> str:
    return word if number == 1 else f"{word}s"
