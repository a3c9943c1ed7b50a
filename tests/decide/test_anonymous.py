"""What a language model sees of a client's words."""

import pytest

from vernis.decide.reception.anonymous import anonymous


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("мой номер +7 900 000-00-12, звоните", "мой номер […], звоните"),
        ("89000000012", "[…]"),
        ("+1 (212) 555-01-23", "[…]"),
        ("пишите на maria@example.com или @maria_p", "пишите на […] или […]"),
        ("вот https://example.com/me", "вот […]"),
        ("это Мария, запишите Марию", "это {имя}, запишите {имя}"),
        ("я Зелёнкина Мария", "я […] {имя}"),
        ("передайте Марии Зелёнкиной", "передайте {имя} […]"),
        ("это Петрова", "это […]"),
        ("давайте в субботу в 10:30, 25 апреля", "давайте в субботу в 10:30, 25 апреля"),
        ("в 10, 11, 12 или 13 часов", "в 10, 11, 12 или 13 часов"),
        ("к Анне можно?", "к Анне можно?"),
    ],
)
def test_phones_addresses_and_names_are_hidden(text, seen):
    found = anonymous(
        text, name="Мария Зелёнкина", surname=None, said_as="Мария", placeholder="{имя}"
    )
    assert found == seen


def test_a_client_without_a_name_that_can_be_said_is_hidden_all_the_same():
    found = anonymous(
        "это клиент Фёклина", name="Фёклина VIP", surname=None, said_as=None, placeholder="{имя}"
    )
    assert "Фёклин" not in found
