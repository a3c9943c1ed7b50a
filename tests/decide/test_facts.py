"""What the receptionist may state, and whom a client names."""

import pytest

from vernis.decide.facts import named, names_somebody

MASTERS = ["Марина", "Ольга Ивановна", "Тимур", "Вера", "Андрей"]


@pytest.mark.parametrize(
    ("text", "master"),
    [
        ("а Тимур работает?", "Тимур"),
        ("запишите к Тимуру", "Тимур"),
        ("лучше к марине", "Марина"),
        ("с Ольгой можно?", "Ольга Ивановна"),
        ("к Андрею на субботу", "Андрей"),
        ("только не к Тимуру, к Марине", "Марина"),
        ("к Марине или к Тимуру", None),
        ("верно, запишите", None),
        ("не к Тимуру", None),
        ("запишите меня", None),
    ],
)
def test_a_master_is_known_in_any_case(text: str, master: str | None) -> None:
    assert named(text, MASTERS) == master


def test_a_name_that_is_nobody_s_here_is_noticed() -> None:
    assert names_somebody("а Виктор работает?")
    assert not names_somebody("а мой мастер работает?")
