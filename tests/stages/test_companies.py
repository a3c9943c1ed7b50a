"""A company's settings are kept as they were typed."""

from datetime import UTC, date, datetime

import pytest

from vernis.decide.settings.company import shown
from vernis.domain import Locale
from vernis.errors import UsageError
from vernis.stages import companies

NOW = datetime(2024, 4, 1, 9, tzinfo=UTC)


async def test_every_setting_comes_back_as_it_was_set(db, company):
    settings = [
        *("tone=brief", "banned_words=дешево,только сегодня", "approval=yes"),
        *("free_times_in_messages=yes", "model_limit_usd=2.50", "send_days=1,2"),
        *("offer.gentle=маска; одна", "offer.offer=10%; по будням; от 2000; 14 дней"),
        *("variants=soft,short:2", "variant.short.tone=warm", "variant.soft.offers=none"),
        "variant.short.offer.win_back=500; 7 дней",
        *("days_off=2024-05-02..2024-05-08,2024-12-31", "public_holidays=no"),
        *("consent_basis=отметка при записи", "consent_basis_on=2022-10-01"),
    ]
    new = await companies.change(db, company, settings, now=NOW)
    assert await companies.get(db, company.company_id) == new
    texts = shown(new)
    assert all(texts[key] == text for key, _, text in (s.partition("=") for s in settings))
    assert new.variants_since == NOW

    typed = [f"{key}={text}" for key, text in texts.items()]
    assert await companies.change(db, new, typed, now=NOW) == new


async def test_a_wrong_setting_changes_nothing(db, company):
    with pytest.raises(UsageError):
        await companies.change(db, company, ["tone=brief", "variants=one"])
    assert await companies.get(db, company.company_id) == company


@pytest.mark.parametrize("setting", ["model_limit_usd=0", "model_limit_usd=none"])
async def test_no_money_and_no_limit_are_two_things(db, company, setting):
    new = await companies.change(db, company, [setting])
    kept = (await companies.get(db, company.company_id)).model_limit_minor
    assert kept == new.model_limit_minor == (0 if setting.endswith("0") else None)


async def test_a_basis_of_consent_without_a_day_is_as_of_the_companys_today(db, company):
    evening = datetime(2024, 4, 1, 22, tzinfo=UTC)  # already the second in Moscow
    new = await companies.change(db, company, ["consent_basis=a tick at the booking"], now=evening)
    assert new.consent_basis_on == date(2024, 4, 2)
    assert await companies.get(db, company.company_id) == new

    later = await companies.change(db, new, ["tone=brief"])
    assert later.consent_basis_on == date(2024, 4, 2)
    gone = await companies.change(db, later, ["consent_basis=none"])
    assert (gone.consent_basis, gone.consent_basis_on) == (None, None)


@pytest.mark.parametrize(("country", "required"), [("RU", True), ("DE", False), ("US", True)])
async def test_a_new_company_starts_with_its_countrys_rule_of_consent(db, country, required):
    new = await companies.find_or_create(
        db, name="Neu", locale=Locale.EN, timezone="Etc/UTC", currency="EUR", country=country
    )
    assert new.consent_required is required
    assert (new.consent_basis, new.public_holidays, new.days_off) == (None, True, ())
