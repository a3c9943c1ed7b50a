"""Lists of people who must not be written to."""

import pytest

from vernis.decide.reception.stop_lists import read_stop_list
from vernis.errors import DataError


def test_one_phone_a_line_in_any_form_each_once():
    rows = [(2, ["8 (999) 000 00 02"]), (3, ["no phone"]), (4, ["79990000001"])]
    found = read_stop_list(["+7 999 000-00-01"], rows, country="RU")
    assert found.phones == ("79990000001", "79990000002")
    assert found.faults == (3,)


def test_the_column_with_the_most_phones_is_it_and_a_heading_is_no_fault():
    rows = [(2, ["Анна", "8 999 000-00-01", "просила"]), (3, ["Олег", "12", ""]), (4, ["Ия"])]
    found = read_stop_list(["Имя", "Телефон", "Причина"], rows, country="RU")
    assert found.phones == ("79990000001",)
    assert found.faults == (3, 4)


def test_a_list_without_a_phone_is_refused():
    with pytest.raises(DataError, match="no phone in this list"):
        read_stop_list(["Имя"], [(2, ["Анна"])], country="RU")
