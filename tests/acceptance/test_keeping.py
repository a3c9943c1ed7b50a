"""Erasing and exporting a client by hand."""

import json
from datetime import date
from pathlib import Path

import pytest
from command_line import Typed
from small_salon import write_export


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
