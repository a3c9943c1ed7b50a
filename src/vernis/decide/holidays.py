"""Public holidays of a country, from the package `holidays`: those of the whole country."""

from datetime import date
from functools import lru_cache


def is_public_holiday(country: str, day: date) -> bool:
    """Whether `day` is a public holiday, or a day off in its place, all over the country.

    A country (ISO 3166) that is not known has none.
    """
    return day in _of_year(country, day.year)


@lru_cache(maxsize=512)
def _of_year(country: str, year: int) -> frozenset[date]:
    from holidays import country_holidays

    try:
        return frozenset(country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
