"""Which service a client names."""

import pytest

from vernis.decide.reception.named_services import Listed, named_services

TITLES = [
    "Мужская стрижка",
    "Женская стрижка",
    "Окрашивание в один тон",
    "Сложное окрашивание",
    "Маникюр",
    "Маникюр с покрытием гель-лак",
    "Педикюр",
    "Наращивание ресниц",
    "Women's hair cut",
    "Blowdry",
    "Color touch up",
]
LISTED = [Listed(service_id=number, title=title) for number, title in enumerate(TITLES)]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("запишите на стрижку", ["Мужская стрижка", "Женская стрижка"]),
        ("мужскую стрижку, пожалуйста", ["Мужская стрижка"]),
        ("хочу подстричься", ["Мужская стрижка", "Женская стрижка"]),
        ("сколько стоит маникюр?", ["Маникюр"]),
        ("с покрытием", ["Маникюр с покрытием гель-лак"]),
        ("мне бы ногти сделать", ["Маникюр"]),
        ("хочу покраситься", ["Окрашивание в один тон", "Сложное окрашивание"]),
        ("ресницы делаете?", ["Наращивание ресниц"]),
        ("how much is a women's cut?", ["Women's hair cut"]),
        ("a blow-dry or blowdry", ["Blowdry"]),
        ("давайте в субботу вечером", []),
        ("в один день", []),
        ("да, хочу", []),
        ("", []),
    ],
)
def test_the_services_that_are_meant_are_found(text, titles):
    assert [one.title for one in named_services(text, LISTED)] == titles
