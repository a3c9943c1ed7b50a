"""Whatever the writer may write fits every channel, as it stands."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.adapters import channel_bridge
from vernis.adapters.channel_cloud import Cloud
from vernis.adapters.channel_evolution import Evolution
from vernis.adapters.channel_waha import Waha
from vernis.decide.writing.message import Problem, problems, write
from vernis.domain import Abilities, Address, Band, Locale, MessageFacts, Offer

CHANNELS: dict[str, Abilities] = {
    **channel_bridge.ABILITIES,
    "cloud": Cloud.abilities,
    "waha": Waha.abilities,
    "evolution": Evolution.abilities,
    "sandbox": Abilities(),
}
A_TEMPLATES_OWN_WORDS = 250
ROOM = min(abilities.longest_text for abilities in CHANNELS.values()) - A_TEMPLATES_OWN_WORDS
WAY_OUT = {
    (Locale.RU, Address.VY): "Если писать не нужно, ответьте «стоп».",
    (Locale.RU, Address.TY): "Если писать не нужно, ответь «стоп».",
    (Locale.EN, Address.VY): "Reply STOP to opt out.",
    (Locale.EN, Address.TY): "Reply STOP to opt out.",
}


def facts(locale: Locale, band: Band, address: Address) -> MessageFacts:
    return MessageFacts(
        locale=locale,
        band=band,
        address=address,
        company_name="Лак" if locale is Locale.RU else "Lake",
        client_name=None,
        opt_out_line=True,
    )


@pytest.mark.parametrize(("locale", "band", "address"), [*product(Locale, Band, Address)])
def test_the_longest_text_with_its_way_out_is_a_template_s_variable_too(
    locale: Locale, band: Band, address: Address
) -> None:
    known, way_out = facts(locale, band, address), WAY_OUT[locale, address]

    def is_too_long(length: int) -> bool:
        return Problem.LENGTH in problems(way_out.ljust(length, "я"), known)

    longest = next(length for length in range(len(way_out), 5_000) if is_too_long(length + 1))
    assert 150 <= longest <= ROOM


BREAKS = "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029"
WORDS = {
    Locale.RU: "Здравствуйте! Это «Лак».{}Записать вас на визит?",
    Locale.EN: "Hi, it's Lake!{}Shall we book you in for your next visit?",
}


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("line_break", [*BREAKS, "\r\n", " " * 5], ids=repr)
def test_a_text_of_two_lines_is_held_back(locale: Locale, line_break: str) -> None:
    text, known = WORDS[locale], facts(locale, Band.GENTLE, Address.VY)
    assert Problem.SPACING not in problems(text.format(" "), known)
    assert Problem.SPACING in problems(text.format(line_break), known)


ODD = st.text(alphabet=f"{BREAKS} aяЯ«»\"'.1", max_size=300)


@given(st.sampled_from(Locale), st.sampled_from(Band), ODD, ODD, ODD, ODD)
def test_what_a_company_calls_itself_and_gives_breaks_no_line(
    locale: Locale, band: Band, company: str, client: str, gift: str, terms: str
) -> None:
    offer = Offer(gift=gift or "x", terms=terms)
    text = write(
        MessageFacts(
            locale=locale,
            band=band,
            company_name=company,
            client_name=client,
            service_title=terms,
            staff_name=client,
            offer=offer,
            opt_out_line=True,
        )
    ).text
    assert len(text) <= ROOM
    assert text.splitlines() == [text]
    assert "\t" not in text
    assert " " * 5 not in text
