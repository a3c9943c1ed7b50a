"""From which likeness on a text says the same again: every template against every other."""

from itertools import combinations

import pytest
from writing_clients import COMPANIES, STAFF, TODAY, at

from vernis.decide.writing.checks import problems
from vernis.decide.writing.message import write
from vernis.decide.writing.repeated import ALIKE, likeness
from vernis.decide.writing.templates import templates
from vernis.decide.writing.wording import without_facts, word
from vernis.domain import Address, Band, Locale, MessageFacts, Offer, Tone

SERVICES = {Locale.RU: ("Стрижка", "Маникюр + педикюр"), Locale.EN: ("Haircut", "Gel manicure")}


def by_each_template(locale: Locale, **changes: object) -> dict[str, tuple[str, MessageFacts]]:
    """The text of each template, with its facts blotted out, and the facts."""
    found = {}
    for (band, tone), group in templates(locale).items():
        for template in group:
            others = tuple(t.id for t in group if t is not template)
            known: dict[str, object] = {
                "locale": locale,
                "band": band,
                "tone": tone,
                "company_name": COMPANIES[locale][0],
                "client_name": "Анна" if locale is Locale.RU else "Anna",
                "service_title": SERVICES[locale][0],
                "staff_name": STAFF[locale][0],
                "used_templates": others,
            }
            facts = MessageFacts(**(known | changes))  # type: ignore[arg-type]
            draft = write(facts)
            assert draft.template == template.id
            found[template.id] = without_facts(draft.text, facts, word(facts)), facts
    return found


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("address", Address)
def test_other_templates_are_less_alike(locale: Locale, address: Address) -> None:
    texts = [text for text, _ in by_each_template(locale, address=address).values()]
    found = [likeness(one, other, locale) for one, other in combinations(texts, 2)]
    assert sum(score >= ALIKE for score in found) / len(found) < 0.01
    assert sorted(found)[len(found) // 2] < 60


@pytest.mark.parametrize("locale", Locale)
def test_the_same_template_for_another_service_and_master_is_alike(locale: Locale) -> None:
    once = by_each_template(locale)
    again = by_each_template(
        locale, service_title=SERVICES[locale][1], staff_name=None, offer=Offer(percent=10)
    )
    found = {only: likeness(once[only][0], again[only][0], locale) for only in once}
    assert sum(score >= ALIKE for score in found.values()) / len(found) > 0.75


def a_client(**changes: object) -> MessageFacts:
    known: dict[str, object] = {
        "locale": Locale.RU,
        "band": Band.WIN_BACK,
        "company_name": "Студия Лак",
        "client_name": "Анна",
        "service_title": "Стрижка",
    }
    return MessageFacts(**(known | changes))  # type: ignore[arg-type]


def test_the_same_words_do_not_go_out_twice_in_whatever_template() -> None:
    sent: tuple[str, ...] = ()
    for _ in range(6):
        facts = a_client(recent_texts=sent)  # the ids were not kept
        text = write(facts).text
        assert problems(text, facts) == []
        sent += (text,)
    assert len(set(sent)) == 6


def test_other_facts_do_not_make_it_another_text() -> None:
    first = write(a_client(offer=Offer(percent=10, valid_days=5), on=TODAY)).text
    facts = a_client(
        recent_texts=(first,),
        service_title="Маникюр",
        client_name="Мария",
        free_times=(at(2, 12),),
    )
    changed = first.replace("Анна", "Мария").replace("стрижку", "маникюр")
    changed = changed.replace("скидка 10% до 28 ноября", "скидка 15% до 29 ноября")
    assert "repeated" in problems(changed, facts)


def test_a_tone_does_not_hide_a_repetition() -> None:
    warm = write(a_client()).text
    assert "repeated" in problems(warm, a_client(tone=Tone.BRIEF, recent_texts=(warm,)))
