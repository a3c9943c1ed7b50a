"""The export of a small salon of our own, in the shape that salon software really has: receipt
lines with titles, bookings with codes, months first, products and walk-ins, broken phones."""

import csv
import random
from datetime import date, timedelta
from pathlib import Path

SERVICES = [
    ("MCUT", "Men's haircut", "HAIR", 40, 28),
    ("WCUT", "Women's haircut", "HAIR", 85, 45),
    ("COLR", "Full colour", "COLOUR", 120, 50),
    ("GELM", "Gel manicure", "NAILS", 45, 21),
]
STAFF = ["Nina", "Tom", "Ida"]
FIRST_NAMES = [
    "Anna",
    "James",
    "Olivia",
    "Peter",
    "Laura",
    "Mark",
    "Julia",
    "Simon",
    "Clara",
    "Paul",
]


def write_export(folder: Path, *, today: date, clients: int = 60, seed: int = 7) -> None:
    """Files up to the day before `today`; half of the clients are overdue by then."""
    draw = random.Random(seed)
    receipts: list[list[object]] = []
    bookings: list[list[object]] = []
    people: list[list[object]] = []
    number = 0
    for person in range(clients):
        code = f"CL{person:03}"
        name = FIRST_NAMES[person % len(FIRST_NAMES)]
        people.append([code, name, _phone(person)])
        service = SERVICES[person % len(SERVICES)]
        staff = STAFF[person % len(STAFF)]
        away = round(service[4] * draw.choice([0.4, 1.0, 1.3, 1.8]))
        day = today - timedelta(days=max(2, away))
        for visit in range(6):
            number += 1
            receipts.append([number, _us(day), service[1], code, staff, 1, service[3]])
            if visit % 3 == 0:
                receipts.append([number, _us(day), "Shampoo 250ml", code, staff, 1, 18])
            day -= timedelta(days=service[4] + draw.randint(-3, 3))
    for line in range(5):
        day = today - timedelta(days=10 + line)
        receipts.append([9000 + line, _us(day), "Men's haircut", "WALK_IN", "Tom", 1, 40])
    ahead = today + timedelta(days=4)
    bookings.append(["CL001", "Tom", "WCUT", _us(ahead), "2:30:00 PM"])
    for past in range(1, 40):
        day = today - timedelta(days=past)
        bookings.append([f"CL{past:03}", STAFF[past % 3], "MCUT", _us(day), "10:00:00 AM"])
    cancelled = [[_us(today - timedelta(days=2)), "CL005", "COLR", "Ida", _us(today), "IDA"]]
    no_shows = [[_us(today - timedelta(days=40)), "CL007", "GELM", "Nina"]]
    receipt_columns = ["Receipt", "Date", "Description", "Client", "Staff", "Quantity", "Amount"]
    _write(folder / "Receipts.csv", receipt_columns, receipts)
    _write(folder / "Bookings.csv", ["Code", "Staff", "Service", "Date", "Time"], bookings)
    columns = ["Cancel Date", "Code", "Service", "Staff", "Booking Date", "Canceled By"]
    _write(folder / "Cancellations.csv", columns, cancelled)
    _write(folder / "No-shows.csv", ["Date", "Code", "Service", "Staff"], no_shows)
    services = [["TRUE", *service[:4]] for service in SERVICES]
    _write(folder / "Services.csv", ["IsActive", "Code", "Desc", "Category", "Price"], services)
    _write(folder / "Clients.csv", ["Code", "Name", "Phone"], people)


def _phone(person: int) -> str:
    """Fictional; every eleventh is missing and every thirteenth is rubbish."""
    if person % 11 == 10:
        return ""
    if person % 13 == 12:
        return "see notes"
    return f"+1 {(416, 647, 905)[person % 3]} 555 {100 + person:04}"


def _us(day: date) -> str:
    return f"{day:%m/%d/%Y}"


def _write(path: Path, header: list[str], rows: list[list[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
