"""Erasing and exporting a client by hand."""

import asyncio
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from command_line import Typed, Vernis
from small_salon import write_export

from leftovers import dump, everything_in
from vernis.adapters.embedded import running


@pytest.fixture
def salon(typed: Typed, tmp_path: Path) -> Typed:
    """A small salon, imported."""
    write_export(tmp_path / "files", today=date(2026, 3, 31), clients=12)
    place = ("--timezone", "America/Toronto", "--currency", "CAD", "--country", "CA")
    typed("import", str(tmp_path / "files"), "--company", "Nook", *place)
    return typed


def test_a_client_is_exported_then_erased(salon: Typed, tmp_path: Path) -> None:
    out = tmp_path / "laura.json"
    assert "client" in salon("export-client", "CL004", "--out", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    found = json.loads(out.read_text())
    assert found["client"]["name"] == "Laura"
    assert found["client"]["phone"] == "16475550104"
    assert len(found["bookings"]) >= 6

    said = salon("erase", "CL004", "--yes")
    assert "1  numbers are never written to again" in said
    assert "Laura" not in said
    assert "0104" not in said
    assert salon.json("explain", "CL004")["client"]["name"] is None
    assert salon.json("erase", "CL004", "--yes")["stops"] == 0


def test_erasing_asks_first(salon: Typed) -> None:
    salon("erase", "CL003", stdin="n\n", code=2)
    assert salon.json("explain", "CL003")["client"]["name"] == "Peter"


def test_somebody_unknown_is_said(salon: Typed) -> None:
    assert "has no such client" in salon("erase", "CL999", "--yes", code=2)


CANARY = ("Josephine", "Quillfeather", "16475550177", "6475550177", "5550177", "wisteria")


def test_who_went_through_everything_is_nowhere_after_the_erasure(
    vernis: Vernis, type_at: Callable[[Vernis], Typed], tmp_path: Path
) -> None:
    """Imported, planned, written to, answered, booked, handed to a person, erased: with an own
    data folder, whose logs are looked through as well."""
    typed, folder, said = type_at(vernis), tmp_path / "files", []
    write_export(folder, today=date(2026, 3, 31), clients=12)
    with (folder / "Clients.csv").open("a") as clients:
        clients.write("CL900,Josephine Quillfeather,+1 647 555 0177\n")
    with (folder / "Receipts.csv").open("a") as receipts:
        for number, day in enumerate(("11/03/2025", "12/15/2025", "01/26/2026")):
            receipts.write(f"{7000 + number},{day},Women's haircut,CL900,Nina,1,85\n")
    place = ("--timezone", "America/Toronto", "--currency", "CAD", "--country", "CA")
    said.append(typed("import", str(folder), "--company", "Nook", *place))
    typed("set", "consent_basis=a form", "consent_basis_on=2024-01-01", "holdout_percent=0")
    said.append(typed("run", "--on", "2026-03-31"))
    assert "Josephine" in typed("sandbox", "6475550177", "--json")
    for minute, text in enumerate(
        ("Hi, yes! Tomorrow?", "the first one please", "I want wisteria")
    ):
        at = f"2026-03-31T12:0{minute}"
        typed("reply", "+1 647 555 0177", text, "--at", at)
    assert typed.json("explain", "CL900")["attempts"][0]["response_at"] is not None

    with running(typed.home) as servers:
        before = dump(servers.database_url) + asyncio.run(everything_in(servers.redis_url))
        assert [one for one in CANARY if one not in before] == []
        said.append(typed("erase", "CL900", "--yes"))
        said.append(typed("plan", "--on", "2026-06-01"))
        after = dump(servers.database_url) + asyncio.run(everything_in(servers.redis_url))
        logs = "".join(path.read_text() for path in (typed.home / "logs").iterdir())
    for text in (after, logs, said[-2], said[-1]):
        assert [one for one in CANARY if one in text] == []

    typed("import", str(folder))
    after = typed.json("explain", "CL900")
    assert (after["client"]["name"], after["client"]["phone"]) == (None, None)
