"""The salon's past as files, the way a Russian CRM exports them: nothing hidden is in them."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from vernis.domain import BookingState
from vernis.simulation.world import Appointment, Line, World

_STATUS = {
    BookingState.BOOKED: "Ожидание клиента",
    BookingState.CANCELLED: "Отменена",
    BookingState.NO_SHOW: "Не пришёл",
}
_VISITS = ("Дата визита", "Время", "ID клиента", "Клиент", "Телефон", "Услуга", "Сотрудник",
           "Стоимость")  # fmt: skip
_BOOKINGS = ("Дата создания", "Дата визита", "Время", "ID клиента", "Клиент", "Телефон", "Услуга",
             "Сотрудник", "Статус")  # fmt: skip


def write_export(world: World, folder: Path) -> list[Path]:
    """Write services.csv, clients.csv, visits.csv and bookings.csv; return their paths.

    UTF-8 with a mark, semicolons, days as 31.12.2025, company-local times. bookings.csv holds
    what is to come, what was called off and the no-shows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [(one, line) for one in world.appointments for line in one.lines]
    done = [pair for pair in lines if pair[0].state is BookingState.COMPLETED]
    return [
        _write(
            folder / "services.csv",
            ("Код услуги", "Название", "Категория", "Цена", "Длительность, мин"),
            (
                (s.code, s.title, s.category, s.price_minor // 100, s.minutes)
                for s in world.salon.services
            ),
        ),
        _write(
            folder / "clients.csv",
            ("ID клиента", "Имя", "Телефон"),
            ((client.key, client.name, client.phone) for client in world.clients),
        ),
        _write(folder / "visits.csv", _VISITS, _visits(world, done)),
        _write(folder / "bookings.csv", _BOOKINGS, _bookings(world, lines)),
    ]


def _visits(world: World, lines: Iterable[tuple[Appointment, Line]]) -> Iterable[Sequence[object]]:
    people = {client.key: client for client in world.clients}
    for appointment, line in sorted(lines, key=lambda pair: (pair[1].starts_at, pair[1].key)):
        client = people[appointment.client_key]
        yield (
            *_day_and_time(world, line.starts_at),
            client.key,
            client.name,
            client.phone,
            line.service.title,
            appointment.staff,
            line.amount_minor // 100,
        )


def _bookings(
    world: World, lines: Sequence[tuple[Appointment, Line]]
) -> Iterable[Sequence[object]]:
    """A CRM keeps one row per client, day and service: a booking made anew replaces the old."""
    people = {client.key: client for client in world.clients}
    latest = {
        (one.client_key, _day_and_time(world, line.starts_at)[0], line.service.code): (one, line)
        for one, line in lines
    }
    open_lines = (pair for pair in latest.values() if pair[0].state in _STATUS)
    for appointment, line in sorted(open_lines, key=lambda pair: (pair[0].booked_at, pair[1].key)):
        client = people[appointment.client_key]
        yield (
            _day_and_time(world, appointment.booked_at)[0],
            *_day_and_time(world, line.starts_at),
            client.key,
            client.name,
            client.phone,
            line.service.title,
            appointment.staff,
            _STATUS[appointment.state],
        )


def _day_and_time(world: World, at: datetime) -> tuple[str, str]:
    local = at.astimezone(world.salon.zone)
    return f"{local:%d.%m.%Y}", f"{local:%H:%M}"


def _write(path: Path, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(heading)
        writer.writerows(rows)
    return path
