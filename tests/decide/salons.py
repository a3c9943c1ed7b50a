"""A company as it is created, for decisions that need its settings."""

from dataclasses import replace
from datetime import time
from typing import Any

from vernis.domain import Address, Company, Locale

_CREATED = Company(
    company_id=1,
    name="Лён",
    locale=Locale.RU,
    address=Address.VY,
    timezone="Europe/Moscow",
    currency="RUB",
    country="RU",
    send_from=time(10),
    send_until=time(20),
    send_days=(1, 2, 3, 4, 5, 6, 7),
    plan_at=time(9, 30),
    daily_cap=20,
    holdout_percent=10,
    max_attempts=3,
    cooldown_days=7,
    gone_too_long_days=365,
    attribution_days=7,
    consent_required=False,
    offers={},
)


def salon(**changes: Any) -> Company:
    return replace(_CREATED, **changes)
