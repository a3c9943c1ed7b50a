from dataclasses import replace
from datetime import date, time
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from salons import salon

from vernis.decide.hours import allowed
from vernis.decide.settings.company import (
    changed,
    default_currency,
    default_locale,
    default_timezone,
    known_country,
    known_currency,
    known_locale,
    known_timezone,
    shown,
)
from vernis.decide.settings.offers import parse_offer
from vernis.domain import Address, Band, Locale, Offer, Tone, Variant
from vernis.errors import UsageError

COUNTRIES = sorted(
    {
        line.split("\t")[0]
        for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines()
        if not line.startswith("#")
    }
)


# --- where it is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "timezone", "currency", "locale"),
    [
        ("RU", "Europe/Moscow", "RUB", Locale.RU),
        ("BY", "Europe/Minsk", "BYN", Locale.RU),
        ("KZ", "Asia/Almaty", "KZT", Locale.RU),
        ("KG", "Asia/Bishkek", "KGS", Locale.RU),
        ("UZ", "Asia/Tashkent", "UZS", Locale.EN),
        ("UA", "Europe/Kyiv", "UAH", Locale.EN),
        ("GE", "Asia/Tbilisi", "GEL", Locale.EN),
        ("GB", "Europe/London", "GBP", Locale.EN),
        ("DE", "Europe/Berlin", "EUR", Locale.EN),
    ],
)
def test_a_country_says_where_most_of_its_salons_are(country, timezone, currency, locale):
    assert default_timezone(country) == timezone
    assert default_currency(country) == currency
    assert default_locale(country) is locale


@pytest.mark.parametrize("country", ["CA", "US", "AU", "BR", "ZZ"])
def test_a_country_of_many_zones_asks_for_one(country):
    with pytest.raises(UsageError, match="give --timezone, like"):
        default_timezone(country)


def test_a_country_without_money_asks_for_a_currency():
    with pytest.raises(UsageError, match="give --currency"):
        default_currency("AQ")


def test_every_default_is_one_that_could_be_typed():
    asking = set()
    for country in COUNTRIES:
        assert known_country(country.lower()) == country
        for default, known in (
            (default_timezone, known_timezone),
            (default_currency, known_currency),
        ):
            try:
                value = default(country)
            except UsageError:
                asking.add(country)
                continue
            assert known(value) == value

    assert len(asking) < 40


@pytest.mark.parametrize(
    ("known", "typed", "told"),
    [
        (known_timezone, "Moscow", "no time zone"),
        (known_timezone, "", "no time zone"),
        (known_timezone, "Europe", "no time zone"),
        (known_timezone, "../etc/passwd", "no time zone"),
        (known_timezone, "/etc/localtime", "no time zone"),
        (known_timezone, "right/Europe/Moscow", "no time zone"),
        (known_currency, "рубль", "no currency"),
        (known_currency, "", "no currency"),
        (known_country, "Russia", "no country"),
        (known_country, "UK", "no country"),
        (known_locale, "de", "no language"),
    ],
)
def test_what_is_not_known_is_told_in_one_sentence(known, typed, told):
    with pytest.raises(UsageError, match=told) as raised:
        known(typed)

    assert "\n" not in str(raised.value)


# --- settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("name=Салон «Лён» = 2", "name", "Салон «Лён» = 2"),
        ("locale=en", "locale", Locale.EN),
        ("address=ty", "address", Address.TY),
        ("timezone=Asia/Almaty", "timezone", "Asia/Almaty"),
        ("send_from=09:05", "send_from", time(9, 5)),
        (" send_until = 21:00 ", "send_until", time(21)),
        ("send_days=1,2, 3", "send_days", (1, 2, 3)),
        ("send_days=7,1", "send_days", (1, 7)),
        ("plan_at=00:00", "plan_at", time()),
        ("daily_cap=0", "daily_cap", 0),
        ("holdout_percent=50", "holdout_percent", 50),
        ("max_attempts=1", "max_attempts", 1),
        ("cooldown_days=90", "cooldown_days", 90),
        ("gone_too_long_days=30", "gone_too_long_days", 30),
        ("attribution_days=60", "attribution_days", 60),
        ("consent_required=YES", "consent_required", True),
        ("consent_required=no", "consent_required", False),
        ("consent_basis=форма при записи", "consent_basis", "форма при записи"),
        ("public_holidays=no", "public_holidays", False),
        (
            "days_off=2027-01-02..2027-01-03, 2026-12-31,2027-01-02",
            "days_off",
            (date(2026, 12, 31), date(2027, 1, 2), date(2027, 1, 3)),
        ),
        ("days_off=none", "days_off", ()),
        ("tone=brief", "tone", Tone.BRIEF),
        (
            "banned_words=Дешево,  только  сегодня,дешево",
            "banned_words",
            ("дешево", "только сегодня"),
        ),
        ("banned_words=none", "banned_words", ()),
        ("approval=yes", "approval", True),
        ("free_times_in_messages=yes", "free_times_in_messages", True),
        ("model_limit_usd=5", "model_limit_minor", 500),
        ("model_limit_usd=$2.5", "model_limit_minor", 250),
        ("model_limit_usd=0", "model_limit_minor", 0),
        ("model_limit_usd=none", "model_limit_minor", None),
    ],
)
def test_a_setting_is_typed_as_key_and_value(typed, field, value):
    assert changed(salon(), [typed]) == replace(salon(), **{field: value})


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("daily_cap", "is no setting: write key=value"),
        ("cap=3", "There is no setting «cap»"),
        ("company_id=2", "There is no setting «company_id»"),
        ("currency=USD", "There is no setting «currency»"),
        ("name=", "give a name"),
        ("locale=de", "give ru or en"),
        ("address=you", "give vy or ty"),
        ("timezone=Moscow", "no time zone"),
        ("send_from=9:00", "give a time like 10:00"),
        ("send_from=10", "give a time like 10:00"),
        ("send_from=10:00:30", "give a time like 10:00"),
        ("send_from=10:00+03:00", "give a time like 10:00"),
        ("send_until=24:00", "give a time like 10:00"),
        ("send_from=20:00", "earlier than send_until"),
        ("send_days=", "give weekdays"),
        ("send_days=0", "give weekdays"),
        ("send_days=1,1", "give weekdays"),
        ("send_days=1,mon", "give weekdays"),
        ("daily_cap=-1", "from 0 to 10000"),
        ("daily_cap=2.5", "from 0 to 10000"),
        ("daily_cap=10001", "from 0 to 10000"),
        ("holdout_percent=51", "from 0 to 50"),
        ("max_attempts=0", "from 1 to 3"),
        ("max_attempts=4", "from 1 to 3"),
        ("consent_required=maybe", "give yes or no"),
        ("consent_basis=1", "how clients agreed"),
        (f"consent_basis={'форма ' * 40}", "up to 200 letters"),
        ("days_off=31.12.2026", "give days like 2026-12-31"),
        ("days_off=2026-12-31,", "give days like 2026-12-31"),
        ("days_off=2027-01-08..2026-12-30", "from an earlier day to a later one"),
        ("days_off=2026-01-01..2028-01-01", "a year at most"),
        ("tone=rude", "give warm or brief"),
        ("banned_words=дешево,,", "give words with commas"),
        (f"banned_words={'слово' * 11}", "at most 100 words of up to 50 letters"),
        (f"banned_words={','.join(f'слово{n}' for n in range(101))}", "at most 100 words"),
        ("approval=sometimes", "give yes or no"),
        ("model_limit_usd=-1", "give US dollars a month"),
        ("model_limit_usd=5 рублей", "give US dollars a month"),
        ("variants=soft", "needs 2 to 6 variants"),
        ("variants=a,b,c,d,e,f,g", "needs 2 to 6 variants"),
        ("variants=soft,soft", "give each variant another name"),
        ("variants=soft,short:0", "weight from 1 to 100"),
        ("variants=soft,short:101", "weight from 1 to 100"),
        ("variants=soft,very short", "give short names"),
        ("variants=soft,", "give short names"),
        ("variant.soft.tone=brief", "There is no variant for variant.soft.tone: name them first"),
        ("variant.=1", "There is no variant"),
        ("offer.loud=10%", "There is no offer.loud; there are: gentle, offer, win_back"),
        ("offer.gentle=0%", "give 1% to 99%"),
        ("offer.gentle=100%", "give 1% to 99%"),
        ("offer.gentle=0", "give an amount over zero"),
        ("offer.gentle=-500", "give an amount over zero"),
        ("offer.gentle=; по вторникам", "say what it is"),
        ("offer.gentle=10%; 0 дней", "holds from 1 to 365 days"),
        ("offer.gentle=10%; 366 days", "holds from 1 to 365 days"),
        ("offer.gentle=10%; от 0", "give an amount over zero"),
        ("offer.gentle=500; от 300", "at least as high as the discount"),
    ],
)
def test_what_cannot_be_set_is_told_in_one_sentence(typed, told):
    with pytest.raises(UsageError, match=told) as raised:
        changed(salon(), [typed])

    assert "\n" not in str(raised.value)


def test_hours_are_checked_after_all_settings_are_in():
    later = changed(salon(), ["send_from=20:00", "send_until=23:00"])

    assert (later.send_from, later.send_until) == (time(20), time(23))


def test_hours_of_which_the_country_leaves_nothing_are_refused():
    with pytest.raises(UsageError, match=r"before 08:00 or from 21:00 on"):
        changed(salon(), ["send_from=21:00", "send_until=23:00"])


def test_a_basis_of_consent_has_a_day_of_its_own():
    stated = changed(salon(), ["consent_basis_on=2024-01-01", "consent_basis=a signed form"])
    assert (stated.consent_basis, stated.consent_basis_on) == ("a signed form", date(2024, 1, 1))

    same = changed(stated, ["consent_basis=a  signed form"])
    assert same == stated
    another = changed(stated, ["consent_basis=a tick at the online booking"])
    assert another.consent_basis_on is None  # as of today, says whoever stores it
    none = changed(stated, ["consent_basis=none"])
    assert (none.consent_basis, none.consent_basis_on) == (None, None)
    with pytest.raises(UsageError, match="give that as well"):
        changed(salon(), ["consent_basis_on=2024-01-01"])


def test_one_wrong_setting_changes_nothing():
    before = salon()

    with pytest.raises(UsageError):
        changed(before, ["daily_cap=5", "daily_cap=x"])

    assert before == salon()


# --- offers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "offer"),
    [
        ("10%", Offer(percent=10)),
        ("10 %; по будням", Offer(percent=10, terms="по будням")),
        ("500", Offer(amount_minor=50_000, currency="RUB")),
        ("1 500,50 ₽", Offer(amount_minor=150_050, currency="RUB")),
        ("маска для волос", Offer(gift="маска для волос")),
        ("маска; до 1 мая; одна", Offer(gift="маска", terms="до 1 мая; одна")),
        (
            "10%; по будням; от 2000; 14 дней",
            Offer(
                percent=10,
                terms="по будням",
                floor_minor=200_000,
                currency="RUB",
                valid_days=14,
            ),
        ),
        (
            "500; 1 день; От 1 500 ₽",
            Offer(amount_minor=50_000, currency="RUB", floor_minor=150_000, valid_days=1),
        ),
        (
            "10%; from 20.50; 2 days",
            Offer(percent=10, floor_minor=2050, currency="RUB", valid_days=2),
        ),
        (
            "10%; от двух процедур; 7 дней в неделю",
            Offer(percent=10, terms="от двух процедур; 7 дней в неделю"),
        ),
    ],
)
def test_an_offer_is_a_percentage_an_amount_or_a_gift(typed, offer):
    assert parse_offer(typed, "RUB") == offer


def test_an_amount_has_the_minor_units_of_the_currency():
    assert parse_offer("500", "JPY").amount_minor == 500
    assert parse_offer("5", "KWD").amount_minor == 5000


@pytest.mark.parametrize("nothing", ["", "no", "None", "НЕТ"])
def test_an_offer_can_be_taken_back(nothing):
    with_offer = changed(salon(), ["offer.offer=10%", "offer.win_back=20%"])

    without = changed(with_offer, [f"offer.offer={nothing}"])

    assert without.offers == {Band.WIN_BACK: Offer(percent=20)}
    assert with_offer.offers.keys() == {Band.OFFER, Band.WIN_BACK}  # the old one is as it was


# --- variants ----------------------------------------------------------------------------------


def test_variants_take_what_they_do_not_say_from_the_company():
    company = changed(salon(), ["variants=soft,short:2", "variant.short.tone=brief"])

    assert company.variants == (
        Variant(name="soft"),
        Variant(name="short", weight=2, tone=Tone.BRIEF),
    )


def test_one_offer_of_a_variant_leaves_the_others_as_the_companys():
    company = changed(salon(), ["offer.offer=10%", "offer.win_back=20%", "variants=a,b"])

    company = changed(company, ["variant.a.offer.win_back=30%", "variant.b.offers=none"])

    a, b = company.variants
    assert a.offers == {Band.OFFER: Offer(percent=10), Band.WIN_BACK: Offer(percent=30)}
    assert b.offers == {}
    back = changed(company, ["variant.a.offers=company", "variant.b.tone=company"])
    assert back.variants[0].offers is None


def test_a_variant_that_is_named_again_keeps_what_it_has():
    company = changed(salon(), ["variants=a,b", "variant.a.tone=brief"])

    assert changed(company, ["variants=c,a:3"]).variants == (
        Variant(name="c"),
        Variant(name="a", weight=3, tone=Tone.BRIEF),
    )
    assert changed(company, ["variants=none"]).variants == ()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("variant.c.tone=brief", "name them first, like variants=a,b"),
        ("variant.a=2", "a variant has tone, offers and offer.gentle, offer.offer, offer.win_back"),
        ("variant.a.name=x", "a variant has tone"),
        ("variant.a.tone=rude", "give warm, brief or company"),
        ("variant.a.offers=10%", "give none or company; one band's offer is"),
        ("variant.a.offer.loud=10%", "There is no offer.loud"),
        ("variant.a.offer.gentle=0%", "give 1% to 99%"),
    ],
)
def test_what_a_variant_cannot_have_is_told_in_one_sentence(typed, told):
    company = changed(salon(), ["variants=a,b"])

    with pytest.raises(UsageError, match=told) as raised:
        changed(company, [typed])

    assert "\n" not in str(raised.value)


# --- shown as typed ----------------------------------------------------------------------------

terms = st.none() | st.sampled_from(["по будням", "до 1 мая; одна", "от двух услуг"])
days = st.none() | st.integers(1, 365)
floors = st.none() | st.integers(10**6, 10**9)
offers = st.one_of(
    st.none(),
    st.builds(Offer, percent=st.integers(1, 99), terms=terms, valid_days=days),
    st.builds(
        Offer,
        percent=st.integers(1, 99),
        currency=st.just("RUB"),
        floor_minor=st.integers(1, 10**9),
        valid_days=days,
    ),
    st.builds(
        Offer,
        amount_minor=st.integers(1, 10**6),
        currency=st.just("RUB"),
        terms=terms,
        floor_minor=floors,
    ),
    st.builds(Offer, gift=st.sampled_from(["маска", "кофе и торт"]), terms=terms, valid_days=days),
)
by_band = st.dictionaries(st.sampled_from(Band), offers.filter(bool))
variants = st.lists(
    st.builds(
        Variant,
        name=st.sampled_from(["soft", "brief-1", "смелый", "a_b", "7"]),
        weight=st.integers(1, 100),
        tone=st.none() | st.sampled_from(Tone),
        offers=st.none() | by_band,
    ),
    min_size=2,
    max_size=5,
    unique_by=lambda variant: variant.name,
)


@given(
    hours=st.lists(st.times(), min_size=2, max_size=2, unique=True),
    days=st.sets(st.integers(1, 7), min_size=1),
    numbers=st.tuples(st.integers(0, 10_000), st.integers(0, 50), st.integers(1, 3)),
    yes_or_no=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    tone=st.sampled_from(Tone),
    banned=st.lists(st.sampled_from(["дешево", "только сегодня", "no. 1"]), unique=True),
    limit=st.none() | st.integers(0, 10**6),
    off=st.sets(st.dates(date(2026, 12, 1), date(2026, 12, 31)), max_size=12),
    basis=st.none() | st.just(("a form, signed = agreed", date(2024, 1, 1))),
    offers=by_band,
    variants=st.just([]) | variants,
    locale=st.sampled_from(Locale),
)
def test_what_is_shown_can_be_typed_again(
    hours, days, numbers, yes_or_no, tone, banned, limit, off, basis, offers, variants, locale
):
    opens, closes = sorted(time(at.hour, at.minute) for at in hours)
    cap, holdout, attempts = numbers
    consent, approval, free_times = yes_or_no
    company = salon(
        locale=locale,
        send_from=opens,
        send_until=closes if closes > opens else time(23, 59),
        send_days=tuple(sorted(days)),
        daily_cap=cap,
        holdout_percent=holdout,
        max_attempts=attempts,
        consent_required=consent,
        offers=offers,
        tone=tone,
        banned_words=tuple(banned),
        approval=approval,
        free_times_in_messages=free_times,
        model_limit_minor=limit,
        days_off=tuple(sorted(off)),
        consent_basis=basis and basis[0],
        consent_basis_on=basis and basis[1],
        variants=tuple(variants),
    )
    begins, ends = allowed(company)
    if begins >= ends:
        return

    typed = [f"{key}={text}" for key, text in shown(company).items()]

    assert changed(salon(), typed) == company
    old = salon(variants=(Variant(name="7", tone=Tone.WARM, offers={}), Variant(name="old")))
    assert changed(old, typed) == company
