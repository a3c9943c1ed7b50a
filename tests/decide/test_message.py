"""Every message by template can go out, and reads as a person would write it."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_words import (
    ENGLISH_TITLES,
    ENGLISH_UNCERTAIN,
    NOT_NAMES,
    RUSSIAN_TITLES,
    RUSSIAN_UNCERTAIN,
)
from odd_words import NAMES as ODD_NAMES

from vernis.decide.writing import russian
from vernis.decide.writing.message import band_for, campaign_for, problems, write
from vernis.decide.writing.templates import templates
from vernis.domain import Address, Band, Campaign, Gender, Locale, MessageFacts, Offer, Tone

EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
LIMITS = {Band.GENTLE: 150, Band.OFFER: 200, Band.WIN_BACK: 250}
IDS = [
    (locale, band, tone, template.id)
    for locale in Locale
    for (band, tone), found in templates(locale).items()
    for template in found
]
OFFERS = {
    Locale.RU: (
        None,
        Offer(percent=10),
        Offer(amount_minor=50000, currency="RUB", terms="Только по будням."),
        Offer(gift="Маска для волос"),
        Offer(gift="кофе и печенье в подарок", terms="при записи до 30 июня"),
    ),
    Locale.EN: (
        None,
        Offer(percent=15),
        Offer(amount_minor=2000, currency="USD", terms="Weekdays only"),
        Offer(gift="hair mask", terms="until June 30"),
    ),
}
NAMES = {
    Locale.RU: ("анна иванова", "Иван Петрович", "Саша", "Клиент 123", None),
    Locale.EN: ("ANNA SMITH", "Kelly", "see notes", None),
}
SERVICES = {
    Locale.RU: ("МУЖСКАЯ СТРИЖКА // ТОП-МАСТЕР", "Маникюр + педикюр", "Комплекс №3", None),
    Locale.EN: ("Women's hair cut", "Highlights full", "SHCW", None),
}
STAFF = {Locale.RU: ("Ольга К.", "Мастер 1", None), Locale.EN: ("KELLY", "JJ", None)}
COMPANIES = {Locale.RU: 'Салон красоты "Лилия"', Locale.EN: "The Hair Room"}


def a_client(locale: Locale = Locale.RU, **changes: object) -> MessageFacts:
    known: dict[str, object] = {
        "locale": locale,
        "band": Band.GENTLE,
        "company_name": COMPANIES[locale],
        "client_name": NAMES[locale][0],
        "service_title": SERVICES[locale][0],
    }
    return MessageFacts(**(known | changes))  # type: ignore[arg-type]


def of_all_kinds(locale: Locale, band: Band, tone: Tone, only: str) -> Iterator[MessageFacts]:
    """Clients for whom `only` is the one template not used yet."""
    others = tuple(t.id for t in templates(locale)[band, tone] if t.id != only)
    addresses = tuple(Address) if locale is Locale.RU else (Address.VY,)
    combinations = product(
        addresses, NAMES[locale], SERVICES[locale], STAFF[locale], OFFERS[locale], (False, True)
    )
    for address, name, service, staff, offer, opt_out in combinations:
        yield MessageFacts(
            locale=locale,
            band=band,
            company_name=COMPANIES[locale],
            client_name=name,
            address=address,
            service_title=service,
            staff_name=staff,
            offer=offer,
            opt_out_line=opt_out,
            tone=tone,
            used_templates=others,
        )


def oddities(text: str, facts: MessageFacts) -> list[str]:
    """What a reader would stumble over; written without the checks of the product."""
    opt_out = re.search(
        r"Если писать не нужно, ответ(?:ь|ьте) «стоп»\. |Reply STOP to opt out\. ", text
    )
    length = len(text) - (len(opt_out[0]) if opt_out else 0)
    sentences = re.split(r"(?<=[.!?]) |(?<=[\U0001f300-\U0001faff\u2600-\u27bf]) ", text)
    wrong = {
        "too long": length > LIMITS[facts.band],
        "starts small": not text[0].isupper(),
        "a sentence starts small": any(s[:1].islower() for s in sentences),
        "double space": "  " in text or text != text.strip() or "\n" in text,
        "stray mark": re.search(r" [,.!?;:]|[,.!;:][,.!?;:]|\[|\]|\{|\}|\||None", text) is not None,
        "question": text.count("?") != 1 or text[-1] != "?",
        "emoji": len(EMOJI.findall(text)) > 2,
        "quotes": text.count("«") != text.count("»"),
        "opt-out": bool(opt_out) != facts.opt_out_line,
        "company": "Лилия" not in text and "The Hair Room" not in text,
        "gender": "(а)" in text or "/а" in text,
        "raw title": any(w in text for w in ("СТРИЖКА", "ТОП", "№", "SHCW", "hair cut", "//")),
        "raw name": any(w in text for w in ("Клиент", "123", "notes", "Мастер 1", "JJ", "иванова")),
    }
    if facts.locale is Locale.RU:
        wrong |= {
            "vy and ty": bool(re.search(r"\b[Вв](?:ы|ас|ам)\b|йте\b", text))
            == bool(re.search(r"\b[Тт](?:ы|ебя|ебе)\b", text)),
            "latin": re.search(r"[a-zA-Z]", text) is not None,
            "accusative": any(
                not _in_case(w, "accs") for w in re.findall(r"\bна ([а-яё-]+)", text)
            ),
            "dative": any(
                not _in_case(w, "datv") for w in re.findall(r"\bк ([А-ЯЁ][а-яё]+)", text)
            ),
            "genitive": any(
                not _in_case(w, "gent") for w in re.findall(r"\bу ([А-ЯЁа-яё]+)", text)
            ),
        }
    else:
        wrong["cyrillic"] = re.search(r"[а-яё]", text) is not None
        wrong["article"] = re.search(r"\ba [aeio]|\ba a\b|\byour a\b", text) is not None
    return [name for name, is_wrong in wrong.items() if is_wrong]


def _in_case(word: str, case: str) -> bool:
    # «на связи» is no service
    return word == "связи" or any(
        case in p.tag.grammemes for p in russian.parses(word.lower().split("-")[-1])
    )


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("band", Band)
@pytest.mark.parametrize("tone", Tone)
def test_there_are_at_least_eight_templates(locale: Locale, band: Band, tone: Tone) -> None:
    assert len({t.id for t in templates(locale)[band, tone]}) >= 8


def test_no_two_templates_share_an_id() -> None:
    assert len({only for _, _, _, only in IDS}) == len(IDS)


@pytest.mark.parametrize(("locale", "band", "tone", "only"), IDS)
def test_every_template_can_go_out_to_every_client(
    locale: Locale, band: Band, tone: Tone, only: str
) -> None:
    every = 13 if locale is Locale.RU else 7  # no divisor of any list's length: all pairs are there
    for facts in islice(of_all_kinds(locale, band, tone, only), hash_of(only) % every, None, every):
        draft = write(facts)
        assert problems(draft.text, facts) == [], draft.text
        assert oddities(draft.text, facts) == [], draft.text
        if not facts.opt_out_line:
            assert draft.template == only, draft.text


def hash_of(text: str) -> int:
    return sum(map(ord, text))


Marked = list[tuple[list[str], str]]


def faulty(clients: Iterable[MessageFacts], *more: Callable[..., list[str]]) -> Marked:
    """The messages that do not pass the checks (and `more`), each with what is wrong."""
    written = [(facts, write(facts).text) for facts in clients]
    marks = [
        ([mark for check in (problems, *more) for mark in check(text, facts)], text)
        for facts, text in written
    ]
    return [one for one in marks if one[0]]


@pytest.mark.parametrize("band", Band)
def test_odd_names_break_nothing(band: Band) -> None:
    names = [raw for raw, _ in ODD_NAMES] + NOT_NAMES
    clients = [
        a_client(client_name=raw, band=band, address=address, seed=seed)
        for raw, seed, address in product(names, range(4), Address)
    ]
    assert faulty(clients) == []


@pytest.mark.parametrize("band", Band)
def test_odd_russian_titles_break_nothing(band: Band) -> None:
    titles = [raw for raw, _ in RUSSIAN_TITLES] + RUSSIAN_UNCERTAIN
    clients = [
        a_client(service_title=raw, band=band, seed=seed, staff_name="Ольга")
        for raw, seed in product(titles, range(3))
    ]
    assert faulty(clients, oddities) == []


@pytest.mark.parametrize("band", Band)
def test_odd_english_titles_break_nothing(band: Band) -> None:
    titles = [raw for raw, _ in ENGLISH_TITLES] + ENGLISH_UNCERTAIN
    clients = [
        a_client(Locale.EN, service_title=raw, band=band, seed=seed)
        for raw, seed in product(titles, range(3))
    ]
    assert faulty(clients, oddities) == []


@pytest.mark.parametrize(
    "company",
    [
        "Барбершоп «Борода»",
        'ООО "Лилия"',
        "Nail Bar 24",
        "Куда? К нам!",
        "Салон красоты имени очень длинного названия, которое никто не выговорит до конца",
        "Анна",
        "скидка 50% каждый день",
        "www.salon.ru",
        "{company} [x] | <b>",
        "💅",
        "",
        "is it",
        "Скучаем.ру",
    ],
)
@pytest.mark.parametrize("band", Band)
def test_odd_company_names_break_nothing(company: str, band: Band) -> None:
    for seed, locale in product(range(5), Locale):
        facts = a_client(locale, company_name=company, band=band, seed=seed)
        text = write(facts).text
        assert problems(text, facts) == [], text


@pytest.mark.parametrize("band", [Band.OFFER, Band.WIN_BACK])
@pytest.mark.parametrize("locale", Locale)
def test_an_offer_is_said_with_its_terms(band: Band, locale: Locale) -> None:
    for seed, offer in product(range(12), OFFERS[locale][1:]):
        text = write(a_client(locale, band=band, offer=offer, seed=seed)).text.lower()
        said = {10: "10%", 15: "15%"}.get(offer.percent or 0) if offer else None
        said = said or {50000: "500\u00a0₽", 2000: "$20"}.get(offer.amount_minor or 0)  # type: ignore[union-attr]
        said = said or {"Маска для волос": "маск[ау] для волос"}.get(offer.gift, offer.gift)  # type: ignore[union-attr,arg-type]
        assert said is not None
        assert re.search(said.lower().replace("$", r"\$"), text)
        assert (offer.terms or "").lower().rstrip(".") in text  # type: ignore[union-attr]


def test_without_an_offer_none_is_mentioned() -> None:
    for band, locale, seed in product(Band, Locale, range(12)):
        text = write(a_client(locale, band=band, seed=seed)).text
        assert not re.search(r"скидк|подар|%|₽|\boff\b|gift|\$", text, re.IGNORECASE)


def test_the_same_facts_give_the_same_text() -> None:
    assert write(a_client(seed=7)) == write(a_client(seed=7))


def test_seeds_spread_over_the_templates() -> None:
    assert len({write(a_client(seed=seed)).template for seed in range(100)}) >= 8


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("band", Band)
def test_no_template_comes_twice_before_all_were_used(locale: Locale, band: Band) -> None:
    used: tuple[str, ...] = ()
    count = len(templates(locale)[band, Tone.WARM])
    for _ in range(2 * count):
        used += (write(a_client(locale, band=band, seed=5, used_templates=used)).template,)
    assert len(set(used[:count])) == len(set(used[count:])) == count


def test_a_client_who_shares_the_masters_name_is_not_sent_to_a_namesake() -> None:
    for seed in range(20):
        facts = a_client(client_name="Ольга", staff_name="Ольга", seed=seed)
        assert write(facts).text.count("Ольг") == 1


def test_gendered_forms_only_where_the_gender_is_certain() -> None:
    used = tuple(
        t.id for t in templates(Locale.RU)[Band.GENTLE, Tone.WARM] if t.id != "ru-gentle-6"
    )

    def text(name: str, gender: Gender | None = None) -> str:
        facts = a_client(client_name=name, gender=gender, address=Address.TY, used_templates=used)
        return write(facts).text

    assert "хотела" in text("Анна")
    assert "хотел " in text("Иван")
    assert "хотел" not in text("Саша")
    assert "хотела" in text("Саша", Gender.FEMALE)


@pytest.mark.parametrize(
    ("days", "band", "campaign"),
    [
        (0, Band.GENTLE, Campaign.DORMANT_30),
        (44, Band.GENTLE, Campaign.DORMANT_30),
        (45, Band.OFFER, Campaign.DORMANT_60),
        (74, Band.OFFER, Campaign.DORMANT_60),
        (75, Band.WIN_BACK, Campaign.DORMANT_90),
        (4000, Band.WIN_BACK, Campaign.DORMANT_90),
    ],
)
def test_the_band_goes_by_the_days_away(days: int, band: Band, campaign: Campaign) -> None:
    assert (band_for(days), campaign_for(days)) == (band, campaign)


ANY = st.one_of(st.none(), st.text(max_size=50))


@given(
    locale=st.sampled_from(Locale),
    band=st.sampled_from(Band),
    address=st.sampled_from(Address),
    company=st.text(max_size=60),
    name=st.one_of(ANY, st.sampled_from([raw for raw, _ in ODD_NAMES])),
    service=st.one_of(ANY, st.sampled_from([raw for raw, _ in RUSSIAN_TITLES + ENGLISH_TITLES])),
    staff=ANY,
    gift=st.text(min_size=1, max_size=40),
    terms=ANY,
    opt_out=st.booleans(),
    seed=st.integers(),
)
def test_whatever_the_facts_the_message_can_go_out(
    locale: Locale,
    band: Band,
    address: Address,
    company: str,
    name: str | None,
    service: str | None,
    staff: str | None,
    gift: str,
    terms: str | None,
    opt_out: bool,
    seed: int,
) -> None:
    facts = MessageFacts(
        locale=locale,
        band=band,
        company_name=company,
        client_name=name,
        address=address,
        service_title=service,
        staff_name=staff,
        offer=Offer(gift=gift, terms=terms),
        opt_out_line=opt_out,
        seed=seed,
    )
    text = write(facts).text
    assert problems(text, facts) == [], text
