"""`vernis import`, `match-service` and `set` as a person types them."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from vernis.cli import main
from vernis.config import load

VISITS = (
    "Дата визита;Клиент;Телефон;Услуга;Мастер;Сумма\n"
    "13.01.2024;Анна;+7 900 000-00-01;Маникюр;Вера;2 500,00\n"
    "31.02.2024;Анна;+7 900 000-00-01;Маникюр;Вера;2 500,00\n"
    "14.02.2024;Мария;+7 900 000-00-02;Стрижка;Нина;много\n"
)
AMBIGUOUS = "Visit date,Client,Phone,Service,Amount\n01/02/2024,Ann,416 555 0101,Cut,60\n"


@dataclass
class Typed:
    code: int
    out: str
    error: str

    @property
    def sentence(self) -> str:
        """What is said to somebody who typed something wrong: one line, no traceback."""
        assert self.code == 2, self
        (line,) = self.error.splitlines()
        assert line.startswith("vernis: ")
        assert line.endswith((".", ")", "?"))
        return line.removeprefix("vernis: ")


@dataclass
class Shell:
    """A folder with files, and `vernis` run in it on an empty database."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *words: str, stdin: bytes = b"") -> Typed:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("vernis")), *words],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            check=False,
        )
        return Typed(done.returncode, done.stdout.decode(), done.stderr.decode())

    def write(self, name: str, text: str | bytes) -> str:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(query).fetchall()

    def count(self, *tables: str) -> list[int]:
        return [self.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables]


@pytest.fixture
def vernis(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, database_url: str, redis_url: str
) -> Shell:
    """On the servers of the whole test run: starting some for each test would take minutes."""
    home = tmp_path_factory.getbasetemp() / "vernis-home"
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VERNIS_", "PYTHON"))
    }
    ours = {"VERNIS_HOME": str(home), "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    return Shell(tmp_path, inherited | ours | {"COLUMNS": "200", "LANG": "C.UTF-8"})


@pytest.fixture
def typed(
    vernis: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Typed]]:
    """The same command line without a process of its own, where many lines are typed."""
    for name in ("VERNIS_HOME", "DATABASE_URL", "REDIS_URL", "COLUMNS"):
        monkeypatch.setenv(name, vernis.environment[name])
    monkeypatch.chdir(vernis.folder)
    load.cache_clear()

    def run(*words: str) -> Typed:
        monkeypatch.setattr(sys, "argv", ["vernis", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Typed(int(ended.value.code or 0), said.out, said.err)

    yield run
    load.cache_clear()


# --- what cannot be imported ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words", "says"),
    [
        ("Visits.csv", b"", (), "is empty"),
        ("Visits.csv", b"\xef\xbb\xbf\r\n \r\n", (), "is empty"),
        ("Visits.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", (), "is a PDF document"),
        ("Visits.csv", "Visit date,Service\n13.01.2024,Cut\n", (), "No column for client_code"),
        ("Visits.csv", AMBIGUOUS, (), "--date-format"),
        ("Visits.csv", AMBIGUOUS, ("--map", "Amount=money"), 'a field "money" that does not exist'),
        ("Visits.csv", AMBIGUOUS, ("--map", "Price=amount"), 'a column "Price"'),
        ("Visits.csv", AMBIGUOUS, ("--map", "Amount"), '--map takes "column=field"'),
        ("Visits.csv", AMBIGUOUS, ("--kind", "sales"), "--kind is one of"),
        ("Visits.csv", AMBIGUOUS, ("--date-format", "ymd"), "--date-format dmy or mdy"),
        ("Визиты.csv", VISITS, ("--timezone", "Europe/Atlantis"), "is no time zone"),
        ("Визиты.csv", VISITS, ("--timezone", "../etc/passwd"), "is no time zone"),
        ("Визиты.csv", VISITS, ("--country", "CA"), "give --timezone"),
        ("Визиты.csv", VISITS, ("--country", "XX"), "is no country"),
        ("Визиты.csv", VISITS, ("--currency", "RUR?"), "is no currency"),
        ("Визиты.csv", VISITS, ("--locale", "fr"), "give ru or en"),
        ("Визиты.csv", VISITS, ("--company", "77"), "no company «77»"),
        ("Визиты.csv", VISITS, ("--rejects", "Визиты.csv/rejects"), "--rejects"),
        ("Визиты.csv", VISITS + '"незакрытая' + "\nx" * 300, (), "quotation mark"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_imported(
    vernis: Shell,
    typed: Callable[..., Typed],
    name: str,
    content: str | bytes,
    words: tuple[str, ...],
    says: str,
) -> None:
    assert says in typed("import", vernis.write(name, content), *words).sentence
    assert vernis.count("companies", "clients", "services", "bookings") == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        (b"", (), "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", (), "is a PDF document"),
        (VISITS.encode(), ("--timezone", "Europe/Atlantis"), "is no time zone"),
    ],
)
def test_a_process_with_bad_input_ends_with_code_2(
    vernis: Shell, content: bytes, words: tuple[str, ...], says: str
) -> None:
    assert says in vernis("import", vernis.write("Визиты.csv", content), *words).sentence
    assert vernis.count("clients", "bookings", "imports") == [0, 0, 0]


def test_a_file_that_is_not_there_is_named(vernis: Shell, typed: Callable[..., Typed]) -> None:
    assert "Nowhere.csv" in typed("import", "Nowhere.csv").sentence
    (vernis.folder / "empty").mkdir()
    assert "no CSV or XLSX file in empty" in typed("import", "empty").sentence


def test_one_bad_file_keeps_the_good_ones_out(vernis: Shell, typed: Callable[..., Typed]) -> None:
    good, bad = vernis.write("Визиты.csv", VISITS), vernis.write("Клиенты.csv", b"\x00\x01")
    assert "Клиенты.csv" in typed("import", good, bad).sentence
    assert vernis.count("clients", "bookings") == [0, 0]


# --- what can -------------------------------------------------------------------------------------


def test_an_export_is_imported_and_its_rejects_are_written(vernis: Shell) -> None:
    name = vernis.write("Визиты.csv", VISITS)

    done = vernis("import", name, "--company", "Лён", "--json")

    assert done.code == 0, done.error
    assert json.loads(done.out) == {
        "company": "Лён",
        "files": [
            {
                "file": "Визиты.csv",
                "kind": "visits",
                "taken": 1,
                "left_out": {},
                "rejected": {"bad_date": 1, "bad_amount": 1},
            }
        ],
    }
    with (vernis.folder / "Визиты.rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[:3] == ["line", "reason", "detail"]
    assert [row[:3] for row in rows] == [
        ["3", "bad_date", "Дата визита: 31.02.2024"],
        ["4", "bad_amount", "Сумма: много"],
    ]
    assert rows[0][3:] == VISITS.splitlines()[2].split(";")
    assert vernis.rows("SELECT timezone, currency, country, locale FROM companies") == [
        ("Europe/Moscow", "RUB", "RU", "ru")
    ]


def test_a_folder_is_imported_twice_in_another_encoding_without_a_change(
    vernis: Shell, typed: Callable[..., Typed]
) -> None:
    vernis.write("export/Визиты.csv", VISITS.encode("cp1251"))
    for _ in range(2):  # the second time the rejects of the first lie in the folder
        done = typed("import", "export", "--rejects", "export")
        assert done.code == 0, done.error
        assert vernis.count("clients", "services", "bookings") == [1, 1, 1]
    assert vernis.rows("SELECT name FROM clients") == [("Анна",)]


def test_files_of_one_name_have_rejects_of_their_own(
    vernis: Shell, typed: Callable[..., Typed]
) -> None:
    paths = [vernis.write(f"{folder}/Визиты.csv", VISITS) for folder in ("one", "two")]
    assert typed("import", *paths).code == 0
    written = sorted(path.name for path in vernis.folder.glob("*.rejects.csv"))
    assert len(written) == 2
    for name in written:
        assert len((vernis.folder / name).read_text().splitlines()) == 3


def test_what_is_understood_can_be_seen_first_and_corrected(
    vernis: Shell, typed: Callable[..., Typed]
) -> None:
    name = vernis.write("Visits.csv", AMBIGUOUS)
    place = ("--country", "CA", "--timezone", "America/Toronto", "--date-format", "dmy")
    shown = typed("import", name, *place, "--dry-run", "--map", "Service=ignore")
    assert (shown.code, vernis.count("companies")) == (0, [0])
    assert "dates day first" in shown.out

    assert typed("import", name, *place, "--company", "Juniper").code == 0
    assert vernis.rows("SELECT on_date::text, amount_minor FROM bookings") == [("2024-02-01", 6000)]
    assert vernis.rows("SELECT phone FROM clients") == [("14165550101",)]


def test_a_company_that_exists_is_not_silently_left_where_it_is(
    vernis: Shell, typed: Callable[..., Typed]
) -> None:
    name = vernis.write("Визиты.csv", VISITS)
    assert typed("import", name).code == 0
    assert typed("import", name, "--timezone", "Europe/Moscow").code == 0
    said = typed("import", name, "--timezone", "Asia/Omsk").sentence
    assert "Europe/Moscow" in said
    assert "vernis set" in said
    assert "RUB" in typed("import", name, "--currency", "KZT").sentence


# --- match-service ------------------------------------------------------------------------------

TITLES = "Женская стрижка\n\nНаращивание ногтей\r\nКонсультация по судам\n"


@pytest.mark.parametrize("source", ["stdin", "dash", "file"])
def test_titles_become_json_lines(vernis: Shell, source: str) -> None:
    words = {"stdin": (), "dash": ("-",), "file": (vernis.write("titles.txt", TITLES),)}[source]
    done = vernis("match-service", *words, stdin=b"" if source == "file" else TITLES.encode())

    assert done.code == 0, done.error
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [answer["title"] for answer in answers] == [
        "Женская стрижка",
        "Наращивание ногтей",
        "Консультация по судам",
    ]
    assert all(
        answer.keys() == {"title", "category_key", "interval_days", "confidence"}
        for answer in answers
    )
    assert answers[0]["interval_days"] > 0
    nothing = {"category_key": None, "interval_days": None, "confidence": None}
    assert answers[2] == {"title": "Консультация по судам"} | nothing


def test_titles_in_another_encoding_are_refused(vernis: Shell, typed: Callable[..., Typed]) -> None:
    titles = TITLES.encode("cp1251")
    assert "UTF-8" in typed("match-service", vernis.write("titles.txt", titles)).sentence
    assert "UTF-8" in vernis("match-service", stdin=titles).sentence
    assert "Nowhere.txt" in typed("match-service", "Nowhere.txt").sentence


# --- set ------------------------------------------------------------------------------------------


@pytest.fixture
def salon(vernis: Shell, typed: Callable[..., Typed]) -> Shell:
    done = typed("import", vernis.write("Визиты.csv", VISITS))
    assert done.code == 0, done.error
    return vernis


def test_settings_are_shown_and_changed(salon: Shell, typed: Callable[..., Typed]) -> None:
    words = (
        "daily_cap=30",
        "send_days=1,2,3",
        "offer.win_back=15%; до мая",
        "consent_required=yes",
    )
    changed = salon("set", *words)
    assert changed.code == 0, changed.error
    shown = typed("set").out.splitlines()
    assert set(words) <= set(shown)
    assert shown == changed.out.splitlines()


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("daily_cap=many", "whole number"),
        ("holdout_percent=80", "from 0 to 50"),
        ("send_from=25:00", "time like 10:00"),
        ("send_until=09:00", "earlier than send_until"),
        ("send_days=8", "weekdays like"),
        ("colour=red", "no setting «colour»"),
        ("daily_cap", "write key=value"),
        ("offer.gentle=150%", "1% to 99%"),
    ],
)
def test_one_bad_setting_changes_none(
    salon: Shell, typed: Callable[..., Typed], word: str, says: str
) -> None:
    assert says in typed("set", "max_attempts=2", word).sentence
    assert salon.rows("SELECT max_attempts FROM companies") == [(3,)]


# --- consent --------------------------------------------------------------------------------------


def test_a_salon_without_consents_is_told_what_to_do(
    vernis: Shell, typed: Callable[..., Typed]
) -> None:
    clients = "ID клиента;Имя;Телефон;Согласие на рассылку\n1;Анна;+7 900 000-00-01;\n"
    came = "Дата визита;ID клиента;Услуга;Сумма\n13.01.2024;1;Маникюр;2500\n"
    files = [vernis.write("Клиенты.csv", clients), vernis.write("Визиты.csv", came)]
    basis = 'vernis set consent_basis="a form signed at the first visit"'

    assert "1 clients have no consent on record" in (imported := typed("import", *files).out)
    assert basis in imported.replace("\n", " ")
    for command in ("plan", "run"):
        said = typed(command, "--on", "2024-03-20").out.replace("\n", " ")
        assert "1 clients who are due have no consent on record, and in RU advertising" in said
        assert basis in said

    assert typed("set", "consent_basis=анкета при записи", "consent_basis_on=2022-10-01").code == 0
    assert "no consent" not in (said := typed("plan", "--on", "2024-03-20").out)
    assert "1 clients to write to" in said or "1 held out" in said
