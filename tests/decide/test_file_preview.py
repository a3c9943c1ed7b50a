"""What reading files would bring is known before they are read."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from vernis.decide.files import preview as previews
from vernis.decide.files.columns import understand
from vernis.decide.files.preview import Place, preview
from vernis.decide.files.records import Why
from vernis.decide.files.values import Fault
from vernis.errors import DataError

PLACE = Place(today=date(2024, 4, 1), country="RU", currency="RUB", zone=ZoneInfo("Europe/Moscow"))
VISITS = """Дата визита;Клиент;Телефон;Услуга;Сумма
13.01.2024;Анна;79990000001;Стрижка;1500
14.02.2024;Анна;79990000001;Стрижка;1500
31.02.2024;Мария;79990000002;Стрижка;1500
15.02.2024;Ольга;нет;Стрижка;1500
16.02.2024;Гость;;Стрижка;1500
17.02.2024;Вера;79990000003;Шампунь 250 мл;900"""
CLIENTS = """Имя;Телефон;Согласие на рассылку
Анна;79990000001;да
Мария;79990000002;
Ольга;12;"""
SERVICES = """Название услуги;Цена
Стрижка;1500"""


def source(text: str, name: str):
    lines = [line.split(";") for line in text.splitlines()]

    def rows():
        return iter(list(enumerate(lines[1:], start=2)))

    return understand(lines[0], rows(), name=name), rows


def test_rows_faults_days_and_people_are_counted_over_all_files() -> None:
    files = [source(VISITS, "визиты"), source(CLIENTS, "клиенты"), source(SERVICES, "услуги")]
    (visits, clients, services), people = preview(files, PLACE)
    assert (visits.rows, visits.taken) == (6, 3)
    assert visits.rejected == {Fault.BAD_DATE: 1}
    assert visits.left_out == {Why.WALK_IN: 1, Why.PRODUCT: 1}
    assert (visits.first_on, visits.last_on) == (date(2024, 1, 13), date(2024, 2, 15))
    assert (clients.taken, services.taken) == (3, 1)
    assert people.with_phone == {"79990000001", "79990000002"}
    assert people.came == {"79990000001", "ольга"}
    assert people.with_consent == {"79990000001"}


def test_services_that_the_company_has_tell_goods_from_visits() -> None:
    (visits,), _ = preview([source(VISITS, "визиты")], PLACE, known_services=["окрашивание"])
    assert visits.left_out[Why.PRODUCT] == 4


def test_a_large_file_is_looked_at_in_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MOST_ROWS", 2)
    (visits,), _ = preview([source(VISITS, "визиты")], PLACE)
    assert (visits.rows, visits.is_whole) == (2, False)


def test_a_file_that_is_damaged_in_the_middle_says_so_and_the_others_are_counted() -> None:
    understanding, rows = source(VISITS, "визиты")

    def damaged():
        yield next(rows())
        raise DataError("visits.csv is damaged after line 2.")

    (broken, clients), _ = preview([(understanding, damaged), source(CLIENTS, "клиенты")], PLACE)
    assert "damaged" in str(broken.fault)
    assert (clients.fault, clients.taken) == (None, 3)
