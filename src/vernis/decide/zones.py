"""Time zones: those of a country, and the one that a client lives in."""

from functools import cache, lru_cache
from importlib.resources import files


@cache
def zones_of(country: str) -> tuple[str, ...]:
    """The zones of a country (ISO 3166), () where there is no such country."""
    return _zones().get(country, ())


@cache
def is_zone(name: str) -> bool:
    """Whether the time zone database has it: what a machine has besides, PostgreSQL may not."""
    return name in files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()


def zone_of(phone: str | None, country: str, stated: str | None) -> str | None:
    """A client's own zone, None where it is not known and the company's must do.

    What was `stated` about them counts first. Otherwise the number says it: a number of another
    country than the company's (`country`) that has one zone only, or one whose numbering plan
    (Google's libphonenumber) names exactly one. `phone` is E.164 digits without a plus.
    """
    if stated and is_zone(stated):
        return stated
    return _zone_of_number(phone, country) if phone else None


@lru_cache(maxsize=1 << 16)
def _zone_of_number(phone: str, country: str) -> str | None:
    import phonenumbers
    from phonenumbers.timezone import time_zones_for_number

    try:
        number = phonenumbers.parse(f"+{phone}")
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    if region and region != country and len(zones := zones_of(region)) == 1:
        return zones[0]
    named = time_zones_for_number(number)
    return named[0] if len(named) == 1 and is_zone(named[0]) else None


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """Country -> its zones, from the time zone database."""
    zones: dict[str, tuple[str, ...]] = {}
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), zone)
    return zones
