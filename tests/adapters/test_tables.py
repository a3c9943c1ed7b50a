"""Files as salon software, Excel and people leave them."""

import zipfile
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from vernis.adapters.file_kinds import Format
from vernis.adapters.tables import Table, open_table
from vernis.decide.files.columns import understand
from vernis.decide.files.reading import records
from vernis.errors import DataError

RUSSIAN = "Дата визита;Клиент;Услуга;Стоимость, руб.\n12.03.2024;Анна;Маникюр;1 500,00\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.csv"


def opened(file: Path, content: str | bytes, encoding: str = "utf-8") -> Table:
    file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return open_table(file)


def rows(table: Table) -> list[tuple[int, list[str]]]:
    with table:
        return list(table.rows())


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("cp1251", "cp1251"),
        ("koi8-r", "koi8-r"),
        ("cp866", "cp866"),
    ],
)
def test_the_encoding_of_russian_text_is_recognised(file: Path, encoding: str, found: str) -> None:
    table = opened(file, RUSSIAN, encoding)
    assert (table.encoding, table.delimiter) == (found, ";")
    assert table.header == ["Дата визита", "Клиент", "Услуга", "Стоимость, руб."]
    assert rows(table) == [(2, ["12.03.2024", "Анна", "Маникюр", "1 500,00"])]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised(file: Path, encoding: str) -> None:
    assert opened(file, "Date,Client\n2024-03-12,Ann\n", encoding).header == ["Date", "Client"]


def test_accents_and_pounds_among_latin_letters_are_western(file: Path) -> None:
    table = opened(file, "Client,Amount\nJosé,£5\nZoë,£6\n", "cp1252")
    assert rows(table) == [(2, ["José", "£5"]), (3, ["Zoë", "£6"])]


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r"])
def test_one_russian_name_far_down_decides_the_encoding(file: Path, encoding: str) -> None:
    text = "Date,Client\n" + "2024-03-12,Ann\n" * 100_000 + "2024-03-12,Екатерина\n"
    assert opened(file, text, encoding).encoding == encoding


def test_damaged_utf_8_is_not_taken_for_another_encoding(file: Path) -> None:
    with pytest.raises(DataError, match="damaged"):
        opened(file, (RUSSIAN * 5).encode() + b"\xd0;\n")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_recognised(file: Path, delimiter: str) -> None:
    lines = ["Date|Client|Amount", '2024-03-12|"Sample, Ann; (|)"|5', "2024-03-13|Bea|6"]
    text = "\r\n".join([delimiter.join(line.split("|")) for line in lines[::2]])
    assert opened(file, text).delimiter == delimiter


def test_decimal_commas_are_no_delimiters(file: Path) -> None:
    assert opened(file, "Дата;Сумма\n12.03.2024;1500,00\n13.03.2024;20,50\n").delimiter == ";"


def test_a_quoted_line_break_stays_in_its_cell_and_lines_are_counted_as_an_editor_does(
    file: Path,
) -> None:
    table = opened(file, 'Date,Client,Notes\n\n1,Ann,"one\ntwo"\n2,Bea,\n')
    assert rows(table) == [(3, ["1", "Ann", "one\ntwo"]), (5, ["2", "Bea", ""])]


def test_a_title_and_blank_lines_above_the_header_are_passed_over(file: Path) -> None:
    table = opened(
        file,
        "sep=;\nОтчёт по визитам;;\nПериод:;01.03.2024;31.03.2024\n;;\n"
        "Дата;Клиент;Сумма\n12.03.2024;Анна;5\n",
    )
    assert table.header == ["Дата", "Клиент", "Сумма"]
    assert "Отчёт по визитам" in table.title
    assert rows(table) == [(6, ["12.03.2024", "Анна", "5"])]


def test_columns_get_unique_names_and_rows_the_width_of_the_header(file: Path) -> None:
    table = opened(file, "Date,Name,Name,,,\n1,A,B,C\n2\n1,2,3,4,5,6,,\n")
    assert table.header == ["Date", "Name", "Name (2)", "column 4", "column 5", "column 6"]
    assert [len(cells) for _, cells in rows(table)] == [6, 6, 6]


def test_rows_can_be_read_again_and_too_many_cells_are_kept(file: Path) -> None:
    table = opened(file, "Date,Client\n1,A\n2,B,C\n")
    assert rows(table) == rows(table) == [(2, ["1", "A"]), (3, ["2", "B", "C"])]


def test_the_size_hint_is_about_the_number_of_rows(file: Path) -> None:
    table = opened(file, "Date,Client\n" + "2024-03-12,Ann\n" * 5000)
    assert 4500 < table.size_hint < 5500


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old .xls"),
        (b"<!DOCTYPE html><table>", "a web page"),
        (b'{"clients": []}', "JSON"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04" * 50, "not text"),
        (b"Date,Client\n1," + b"\xb1\x98\xc5\xc1" * 50, "encoding"),
        (b'Date,Client\n1,"Ann\n' + b"2,Bea\n" * 500, "not closed"),
        (b'Date,Client\n1,"' + b"x" * 200_000, "quotation mark"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(
    file: Path, content: bytes, words: str
) -> None:
    with pytest.raises(DataError, match=words) as caught:
        rows(opened(file, content))
    assert str(caught.value).count("\n") == 0


def test_an_archive_a_folder_and_a_missing_file_are_refused(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("visits.csv", "a,b")
    for path, words in [(file, "ZIP"), (file.parent, "folder"), (file / "no", "cannot be opened")]:
        with pytest.raises(DataError, match=words):
            open_table(path)


# --- XLSX ---------------------------------------------------------------------------------------


def workbook(file: Path, *lines: list[object], title: str = "Лист1") -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for line in lines:
        sheet.append(line)
    book.save(file)
    return file


def test_cells_of_a_workbook_become_text_that_reads_back(file: Path) -> None:
    path = workbook(
        file,
        ["Отчёт за март"],
        [],
        ["Дата", "Время", "Клиент", "Телефон", "Сумма", "Активна"],
        [datetime(2024, 3, 12, 14, 30), time(14, 30), "Анна ", 79990000001, 1500.5, True],  # noqa: DTZ001
        [],
        [date(2024, 3, 13), None, "#N/A", 79990000002.0, 2000.0, False],
        title="Визиты",
    )
    table = open_table(path)
    assert table.format is Format.XLSX
    assert table.header == ["Дата", "Время", "Клиент", "Телефон", "Сумма", "Активна"]
    assert table.title == "Визиты Отчёт за март"
    assert rows(table) == [
        (4, ["2024-03-12 14:30:00", "14:30:00", "Анна", "79990000001", "1500.5", "TRUE"]),
        (6, ["2024-03-13", "", "", "79990000002", "2000", "FALSE"]),
    ]


def test_the_sheet_with_a_known_header_is_taken(file: Path) -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.append(["Содержание", "стр."])
    second = book.create_sheet("Записи")
    second.append(["Дата", "Клиент"])
    second.append(["12.03.2024", "Анна"])
    book.save(file)
    with open_table(file) as table:
        assert table.header == ["Дата", "Клиент"]
        assert list(table.rows()) == list(table.rows()) == [(2, ["12.03.2024", "Анна"])]


def test_a_workbook_without_data_or_with_broken_parts_is_refused(file: Path) -> None:
    with pytest.raises(DataError, match="no sheet with data"):
        open_table(workbook(file, []))
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    with pytest.raises(DataError, match="damaged or unusual"):
        open_table(file)


# --- any file at all ----------------------------------------------------------------------------


def use(path: Path) -> None:
    with open_table(path) as table:
        found = understand(table.header, table.rows(), name=path.stem)
        for _ in records(table.rows(), found, today=date(2024, 7, 1), currency="RUB"):
            pass


_CELLS = st.sampled_from(['"', "Дата", "Клиент", "1.2.2024", "5", "\x85", "Ё", "a\nb"])
_TEXTS = st.lists(st.lists(_CELLS, max_size=5), max_size=6).map(
    lambda table: "\n".join(";".join(row) for row in table)
)
_ENCODED = st.tuples(_TEXTS, st.sampled_from(["utf-8", "utf-16", "cp1251", "koi8-r"])).map(
    lambda given: given[0].encode(given[1], errors="replace")
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.binary(), st.binary().map(lambda end: b"PK\x03\x04" + end), _ENCODED))
def test_any_bytes_are_a_table_or_a_data_error(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with suppress(DataError):
        use(file)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(st.integers(min_value=0), st.binary(min_size=1, max_size=40))
def test_a_workbook_with_damaged_bytes_is_a_table_or_a_data_error(
    file: Path, at: int, damage: bytes
) -> None:
    workbook(file, ["Дата", "Клиент"], [date(2024, 3, 12), "Анна"])
    content = bytearray(file.read_bytes())
    at %= len(content)
    content[at : at + len(damage)] = damage
    file.write_bytes(content)
    with suppress(DataError):
        use(file)
