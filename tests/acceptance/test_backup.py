"""A backup is everything: what is restored from it plans and reports the same."""

import json
import tarfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psycopg
import pytest
from command_line import Typed, Vernis
from small_salon import write_export

from vernis.adapters.embedded import running

TODAY = "2026-03-31"
PLACE = ("--timezone", "America/Toronto", "--currency", "CAD", "--country", "CA")


@pytest.fixture
def salon(vernis: Vernis, type_at: Callable[[Vernis], Typed], tmp_path: Path) -> Typed:
    """A small salon with a plan of its first day, on servers of its own."""
    typed = type_at(vernis)
    write_export(tmp_path / "files", today=date.fromisoformat(TODAY), clients=20)
    typed("import", str(tmp_path / "files"), "--company", "Nook", *PLACE)
    typed("set", "consent_basis=a form", "consent_basis_on=2024-01-01")
    typed("run", "--on", TODAY)
    return typed


def test_a_restored_salon_plans_and_reports_the_same(
    salon: Typed, type_at: Callable[[Vernis], Typed], tmp_path: Path
) -> None:
    (salon.home / "bridge" / "nook").mkdir(parents=True)
    (salon.home / "bridge" / "nook" / "creds.json").write_text('{"fake": "session"}')
    file = tmp_path / "nook.backup"
    said = salon("backup", str(file))
    assert "confidential" in said
    assert file.stat().st_mode & 0o777 == 0o600

    other = tmp_path / "other"
    with running(other, durable=False) as servers:
        restored = type_at(Vernis(other))
        assert "1 company is here" in restored("restore", str(file))
        for words in (("plan", "--on", "2026-04-01"), ("report",), ("explain", "CL004")):
            assert _figures(restored.json(*words)) == _figures(salon.json(*words))
        assert (other / "secret.key").read_text() == (salon.home / "secret.key").read_text()
        assert (other / "bridge" / "nook" / "creds.json").read_text() == '{"fake": "session"}'
        with psycopg.connect(servers.database_url) as connection:
            connection.execute("SET ROLE vernis_app")
            assert connection.execute("SELECT count(*) FROM clients").fetchone() == (0,)
            connection.execute("SELECT set_config('vernis.company_id', '1', false)")
            assert connection.execute("SELECT count(*) FROM clients").fetchone() == (40,)
            forced = (
                "SELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                " AND a.attname = 'company_id' WHERE c.relkind = 'r'"
                " AND c.relnamespace = 'public'::regnamespace AND NOT c.relforcerowsecurity"
            )
            assert connection.execute(forced).fetchone() == (0,)
        salon_again = "This database holds 1 company"
        assert salon_again in restored("restore", str(file), code=1)


def test_an_older_backup_brings_back_neither_who_said_stop_nor_who_was_erased(
    salon: Typed, tmp_path: Path
) -> None:
    file = tmp_path / "nook.backup"
    salon("backup", str(file))
    salon("optout", "CL002")
    salon("erase", "CL004", "--yes")

    found = salon.json("restore", str(file), "--replace")

    assert (found["opt_outs"], found["erased"]) == (2, 1)
    assert salon.json("explain", "CL002")["client"]["opted_out_at"] is not None
    assert salon.json("explain", "CL004")["client"]["name"] is None
    assert salon.json("explain", "CL003")["client"]["name"] == "Peter"


def test_a_damaged_file_changes_nothing(salon: Typed, tmp_path: Path) -> None:
    file = tmp_path / "nook.backup"
    salon("backup", str(file))
    whole, before = file.read_bytes(), salon.json("companies")
    with tarfile.open(file) as tar:
        at = {one.name: one.offset_data for one in tar}
    damaged = {
        "dump": whole[: at["database.dump"] + 500] + b"?" + whole[at["database.dump"] + 501 :],
        "short": whole[: len(whole) // 2],
        "manifest": whole[: at["manifest.json"]] + b"?" + whole[at["manifest.json"] + 1 :],
        "text": b"a text\n" * 1000,
        "nothing": b"",
    }
    for name, content in damaged.items():
        file.write_bytes(content)
        said = salon("restore", str(file), "--replace", code=2)
        assert "damaged" in said, name
        assert said.count("\n") == 1
    assert salon.json("companies") == before
    assert "cannot be read" in salon("restore", str(tmp_path / "none"), "--replace", code=2)


def test_a_backup_of_a_newer_vernis_is_refused(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "empty.backup"
    typed("backup", str(file))
    newer = tmp_path / "newer.backup"
    with tarfile.open(file) as old, tarfile.open(newer, "w") as new:
        for entry in old:
            content = old.extractfile(entry)
            assert content is not None
            if entry.name == "manifest.json":
                manifest = json.load(content) | {"schema": "9999"}
                (tmp_path / "manifest.json").write_text(json.dumps(manifest))
                new.add(tmp_path / "manifest.json", "manifest.json")
            else:
                new.addfile(entry, content)
    assert "upgrade Vernis first" in typed("restore", str(newer), "--replace", code=2)


def test_a_restore_waits_until_nobody_uses_the_database(salon: Typed, tmp_path: Path) -> None:
    file = tmp_path / "nook.backup"
    salon("backup", str(file))
    with running(salon.home) as servers, psycopg.connect(servers.database_url) as connection:
        connection.execute("SELECT 1")
        said = salon("restore", str(file), "--replace", code=1)
    assert "stop `vernis up`" in said
    assert [one["name"] for one in salon.json("companies")] == ["Nook"]
    with running(salon.home) as servers, psycopg.connect(servers.database_url) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")
        assert sorted(name for (name,) in names.fetchall()) == ["postgres", "vernis"]


def test_another_secret_that_is_set_is_refused(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "empty.backup"
    typed("backup", str(file))
    typed.environment["VERNIS_SECRET"] = "another one, and not the backup's"
    assert "VERNIS_SECRET" in typed("restore", str(file), code=2)


def test_a_backup_that_cannot_be_written_is_one_sentence(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "empty.backup"
    assert "cannot be written" in typed("backup", str(file), code=2)


def _figures(found: dict) -> dict:
    """Without the moment at which it was asked."""
    return {name: value for name, value in found.items() if name != "known_at"}
