"""What a country asks of whoever writes advertising: consent, a way out, hours and days.

The packs in policies.toml are a starting point and no legal advice: docs/consent.md.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any


class WayOut(StrEnum):
    """Which messages must say how to stop them."""

    FIRST = "first"  # until one has left for this client
    EVERY = "every"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One country's rules. Hours are local, the latest one is no longer in them."""

    prior_consent: bool  # before any advertising
    soft_opt_in_days: int | None  # so long after a visit none is needed; None: always
    way_out: WayOut
    earliest: time
    latest: time
    source: str  # law and article
    hours_source: str | None = None  # None: no law says so, it is what people expect
    closed_weekdays: tuple[int, ...] = ()  # ISO
    closed_on_holidays: bool = False  # whatever the company sets

    @property
    def consent_required(self) -> bool:
        """Whether nothing but consent will do: what a new company starts with."""
        return self.prior_consent and self.soft_opt_in_days is None


@lru_cache(maxsize=512)
def policy_of(country: str) -> Policy:
    """The pack of a country (ISO 3166), the default one where there is none of its own."""
    packs = _packs()
    return packs.get(country) or packs[DEFAULT]


def countries() -> tuple[str, ...]:
    """Those with a pack of their own."""
    return tuple(sorted(set(_packs()) - {DEFAULT}))


DEFAULT = "default"


@cache
def _packs() -> dict[str, Policy]:
    text = files("vernis.decide").joinpath("policies.toml").read_text(encoding="utf-8")
    stored = tomllib.loads(text)
    packs = {DEFAULT: _policy(stored["default"])}
    for row in stored["pack"]:
        countries = row["countries"]
        assert not packs.keys() & set(countries), countries
        packs |= dict.fromkeys(countries, _policy(row))
    return packs


def _policy(row: Mapping[str, Any]) -> Policy:
    return Policy(
        prior_consent=row["prior_consent"],
        soft_opt_in_days=row.get("soft_opt_in_days"),
        way_out=WayOut(row["way_out"]),
        earliest=row["earliest"],
        latest=row["latest"],
        source=row["source"],
        hours_source=row.get("hours_source"),
        closed_weekdays=tuple(row.get("closed_weekdays", ())),
        closed_on_holidays=row.get("closed_on_holidays", False),
    )
