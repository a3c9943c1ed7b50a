"""Small exports of two salons, as their software writes them, and what an import made of them."""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outbox import hash_phone

from vernis.adapters.tables import open_table
from vernis.domain import Company
from vernis.exports import understood
from vernis.ports import Database
from vernis.stages.importing import Outcome, import_files

NOW = datetime(2024, 3, 15, 14, tzinfo=UTC)

SERVICES = "Service Listing.csv"
CLIENTS = "Clients.csv"
RECEIPTS = "Receipt Transactions.csv"
BOOKINGS = "Future Bookings.csv"
CANCELLATIONS = "Client Cancellations.csv"
NO_SHOWS = "No-Show Report.csv"

# Codes in three of the files, titles on the receipts, both in the list of services.
TORONTO = {
    SERVICES: """\
IsActive,Code,Desc,Cate,Price,Cost
TRUE,WCUT,Women's haircut,CUTS,60,10
TRUE,MCUT,Men's haircut,CUTS,35,5
TRUE,ROOT,Root touch up,COLOR,80,20
FALSE,PERM,Perm,COLOR,120,30
""",
    CLIENTS: """\
Code,Name,Phone
BROA01,Alice,+1 416 555 0101
GRED01,Dora,416-555-0102
LEEM01,Mia,
WILT01,Tom,call the shop
""",
    RECEIPTS: """\
Receipt,Date,Description,Client,Staff,Quantity,Amount,GST,PST
1,01/15/2024,Women's haircut,BROA01,KATE,1,60,3,4.8
1,01/15/2024,Root touch up,BROA01,KATE,1,80,4,6.4
1,01/15/2024,Argan shampoo 250ml,BROA01,KATE,1,24,1.2,1.92
2,01/16/2024,Men's haircut,WALK_IN,JOE,1,35,1.75,2.8
3,02/13/2024,Women's haircut,GRED01,KATE,1,60,3,4.8
4,02/14/2024,Men's haircut,WILT01,JOE,1,35,1.75,2.8
5,02/15/2024,Women's haircut,GRED01,KATE,1,-60,-3,-4.8
6,03/05/2024,Women's haircut,NEWB01,JOE,1,55.50,2.78,4.44
7,02/30/2024,Women's haircut,BROA01,KATE,1,60,3,4.8
8,02/28/2024,Women's haircut,LEEM01,KATE,1,sixty,3,4.8
,,,,,,254.5,,
""",
    BOOKINGS: """\
Code,Staff,Service,Date,Time,TimeInt
BROA01,KATE,WCUT,03/19/2024,4:00:00 PM,960
GRED01,KATE,WCUT,03/26/2024,10:10:00 AM,610
LEEM01,KATE,ROOT,04/02/2024,1:30:00 PM,810
WILT01,JOE,MCUT,02/14/2024,9:00:00 AM,540
""",
    CANCELLATIONS: """\
Cancel Date,Code,Service,Staff,Booking Date,Canceled By,Days
03/01/2024,LEEM01,WCUT,KATE,03/04/2024,MAUD,3
02/27/2024,LEEM01,ROOT,KATE,04/02/2024,MAUD,35
""",
    NO_SHOWS: """\
Date,Code,Service,Staff
02/20/2024,WILT01,MCUT,JOE
""",
}

# No codes at all: a client is a phone. Semicolons, decimal commas, days first.
MOSCOW = {
    "Услуги.csv": """\
Название;Категория;Цена;Длительность
Маникюр с покрытием;Ногти;2 500,00;1 ч 30 мин
Женская стрижка;Волосы;3 000,00;60
""",
    "Клиенты.csv": """\
Имя;Телефон;Согласие на рассылку;Чёрный список
Иванова Анна Петровна;+7 (900) 000-00-01;да;
Мария;8 900 000-00-02;нет;
Ольга;нет;;
Светлана;+7 900 000 00 04;;да
""",
    "Визиты.csv": """\
Дата визита;Клиент;Телефон;Услуга;Мастер;Сумма
13.01.2024;Анна;89000000001;Маникюр с покрытием;Вера;2 500,00
14.02.2024;Анна;+79000000001;маникюр с покрытием;Вера;2 400,50
15.02.2024;Мария;79000000002;Женская стрижка;Нина;3 000,00
20.02.2024;Новая клиентка;8 (900) 000-00-09;Женская стрижка;Нина;3 000,00
21.02.2024;;1234;Женская стрижка;Нина;3 000,00
22.02.2024;Гость;;Женская стрижка;Нина;3 000,00
""",
    "Записи.csv": """\
Номер записи;Дата записи;Время;Клиент;Телефон;Услуга;Мастер;Статус
501;20.03.2024;14:00;Анна;+7 900 000-00-01;Маникюр с покрытием;Вера;Ожидание клиента
502;21.03.2024;11:00;Мария;+7 900 000-00-02;Женская стрижка;Нина;Отменен
503;15.02.2024;12:30;Мария;+7 900 000-00-02;Женская стрижка;Нина;Пришел
""",
}


def write(folder: Path, texts: dict[str, str], *, encoding: str = "utf-8") -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding=encoding)
    return {name: folder / name for name in texts}


def write_rows(path: Path, header: str, rows: Iterable[Sequence[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return path


async def take_in(
    db: Database, company: Company, paths: Iterable[Path], *, now: datetime = NOW, **hooks: Any
) -> dict[str, Outcome]:
    sources = [understood(open_table(path)) for path in paths]
    outcomes = await import_files(
        db, company, sources, now=now, **{"hash_phone": hash_phone} | hooks
    )
    return {outcome.name: outcome for outcome in outcomes}


_TABLES = {
    "clients": """
        SELECT external_key, name, surname, phone, phone_state, gender, consent, blacklisted
        FROM clients""",
    "services": """
        SELECT title, category, price_minor, duration_minutes, is_active, standard_key,
               (SELECT array_agg(folded ORDER BY folded) FROM service_names n
                WHERE n.service_id = s.service_id)
        FROM services s""",
    "staff": """
        SELECT name, is_active,
               (SELECT array_agg((weekday, opens, closes)::text ORDER BY weekday)
                FROM staff_hours h WHERE h.staff_id = s.staff_id)
        FROM staff s""",
    "bookings": """
        SELECT c.external_key, b.on_date, s.title, t.name, b.state, b.amount_minor, b.starts_at,
               b.ends_at, b.booked_at, b.cancelled_at, b.external_key, b.origin
        FROM bookings b JOIN clients c USING (client_id) LEFT JOIN services s USING (service_id)
        LEFT JOIN staff t USING (staff_id)""",
    "busy_quarters": """
        SELECT t.name, q.starts_at, c.external_key
        FROM busy_quarters q JOIN staff t USING (staff_id) JOIN bookings b USING (booking_id)
        JOIN clients c USING (client_id)""",
}


def _as_text(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(map(str, row))


async def dump(db: Database, company: Company) -> dict[str, list[tuple[Any, ...]]]:
    """What the tables say, by names instead of ids: independent of the order of arrival."""
    async with db.tenant(company.company_id) as connection:
        return {
            table: sorted(await (await connection.execute(query)).fetchall(), key=_as_text)
            for table, query in _TABLES.items()
        }


async def whole_rows(db: Database, company: Company) -> dict[str, list[str]]:
    """Every column of every row, ids included; all but when it was last touched."""
    tables = (*_TABLES, "staff_hours", "service_names")
    async with db.tenant(company.company_id) as connection:
        return {
            table: [
                row[0]
                for row in await (
                    await connection.execute(
                        f"SELECT (to_jsonb(t) - 'updated_at')::text FROM {table} t ORDER BY 1"
                    )
                ).fetchall()
            ]
            for table in tables
        }


async def bookings(db: Database, company: Company) -> set[tuple[str, str, str | None, str]]:
    """Client, day, service and state of each booking."""
    rows = (await dump(db, company))["bookings"]
    return {(row[0], row[1].isoformat(), row[2], row[4]) for row in rows}
