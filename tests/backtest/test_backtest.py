import csv
import json
import random
from datetime import date, timedelta

import numpy as np
import pytest
from typer.testing import CliRunner

from vernis.backtest import plot
from vernis.backtest.rolling import predict, rounds
from vernis.backtest.rules import buy_till_you_die, rules
from vernis.backtest.scores import OURS, score
from vernis.backtest.visits import Log, is_personal, log
from vernis.cli import app
from vernis.decide.files.records import BookingRecord
from vernis.domain import BookingState
from vernis.errors import DataError

FIRST = date(2024, 1, 1)
TODAY = date(2026, 1, 1)


def booking(client: str, day: int, state: BookingState = BookingState.COMPLETED) -> BookingRecord:
    return BookingRecord(
        client_key=client,
        client_phone_raw=None,
        client_name=None,
        service="Мужская стрижка",
        staff=None,
        on_date=FIRST + timedelta(days=day),
        at_time=None,
        amount_minor=None,
        quantity=1,
        state=state,
        booked_at=None,
        cancelled_at=None,
        external_key=None,
        line=1,
    )


def salon(clients: int = 150, length: int = 400, seed: int = 3) -> list[BookingRecord]:
    rng = random.Random(seed)
    rows = []
    for client in range(clients):
        own = 30 * rng.lognormvariate(0, 0.4)
        day = rng.randrange(250)
        while day < length:
            rows.append(booking(f"c{client}", day))
            if rng.random() < 0.1:
                break
            day += max(1, round(own * rng.lognormvariate(0, 0.2)))
    return rows


@pytest.fixture(scope="module")
def visits() -> Log:
    return log(salon(), today=TODAY)


@pytest.fixture(scope="module")
def found(visits):
    return predict(visits)


def test_cancellations_no_shows_and_days_to_come_are_no_visits():
    rows = [
        booking("a", 0),
        booking("a", 10, BookingState.CANCELLED),
        booking("a", 20, BookingState.NO_SHOW),
        booking("a", 25, BookingState.BOOKED),
        booking("a", 30),
        booking("a", 5000),
    ]

    assert list(log(rows, today=TODAY).history.gap) == [30, 0]


def test_a_file_without_visits_is_refused_with_a_hint():
    with pytest.raises(DataError, match="completed visits"):
        log([booking("a", 0, BookingState.CANCELLED)], today=TODAY)


def test_every_visit_is_in_one_round_and_after_what_is_known(visits):
    seen = []
    for day, now in rounds(visits):
        assert (visits.history.day[now] > day).all()
        seen += list(now)

    assert sorted(seen) == list(range(len(visits.history)))


def test_what_comes_later_changes_no_prediction(visits, found):
    middle = visits.first + 180  # weekly rounds, however long the log
    rows = [one for one in salon() if one.on_date.toordinal() <= middle]
    short = log(rows, today=TODAY)
    early = predict(short)

    def by_visit(of, estimates):
        return {
            (of.names[client], day): int(days)
            for client, day, days in zip(
                of.history.client, of.history.day, estimates.days, strict=True
            )
        }

    whole = by_visit(visits, found)
    assert all(whole[visit] == days for visit, days in by_visit(short, early).items())


def test_the_estimate_beats_the_rules_where_clients_have_rhythms(visits, found):
    scores = score(visits, found, dict(rules(visits)), since=None)
    ours = scores.ways[OURS]["all"]

    for name in ("fixed 30", "fixed 60", "fixed 90", "company median"):
        assert ours.hit > scores.ways[name]["all"].hit
        assert ours.median_error <= scores.ways[name]["all"].median_error


def test_windows_and_chances_keep_what_they_promise(visits, found):
    scores = score(visits, found, {}, since=None)
    inside = scores.ways[OURS]["all"].inside
    known = visits.history.gap > 0

    assert inside is not None
    assert 0.76 <= inside <= 0.84
    assert scores.ways[OURS]["all"].hit == pytest.approx(found.hit[known].mean(), abs=0.06)
    for promise in scores.back:
        assert promise.kept == pytest.approx(promise.promised, abs=0.12)


def test_calibration_is_scored_for_each_level(visits, found):
    scores = score(visits, found, {}, since=None)

    assert set(scores.by_level) == set(scores.levels)
    for name, promises in scores.by_level.items():
        assert sum(one.visits for one in promises) == scores.levels[name].returns


def test_own_median_is_the_median_of_the_gaps_before():
    rows = [booking("a", day) for day in (0, 10, 40, 60)]
    own = dict(rules(log(rows, today=TODAY)))["own median"]

    assert list(own) == [30, 10, 20, 20]


def test_the_waterfall_takes_the_standard_where_the_company_knows_nothing():
    rows = [booking("a", day) for day in (0, 10)]

    assert list(dict(rules(log(rows, today=TODAY)))["waterfall"]) == [28, 28]


def test_a_buy_till_you_die_model_gives_positive_days(visits):
    days = buy_till_you_die(visits)
    if days is None:
        pytest.skip("lifetimes is not installed")

    assert np.isfinite(days).all()
    assert (days >= 1).all()


def test_the_page_shows_every_level_and_needs_nothing_else(visits, found, tmp_path):
    scores = score(visits, found, dict(rules(visits)), since=None)
    plot.write(tmp_path / "plot.html", scores, "<salon>")
    text = (tmp_path / "plot.html").read_text()

    assert "&lt;salon&gt;" in text
    assert "http" not in text
    assert all(level.replace("_", " ") in text for level in scores.levels)


def test_the_picture_is_a_picture(visits, found, tmp_path):
    pytest.importorskip("matplotlib")
    scores = score(visits, found, dict(rules(visits)), since=None)
    plot.write(tmp_path / "plot.png", scores, "salon")

    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "visits.csv"
    rows = [f"{one.client_key},{one.on_date},{one.service}" for one in salon(60)]
    path.write_text("\n".join(["client_id,date,service", *rows]), encoding="utf-8")
    return path


def test_the_command_prints_scores_that_the_predictions_give_again(file, tmp_path):
    out = tmp_path / "predictions.csv"
    result = CliRunner().invoke(app, ["backtest", str(file), "--json", "--predictions", str(out)])
    assert result.exit_code == 0, result.output
    ours = json.loads(result.stdout)["ways"]["vernis"]["all"]

    with out.open() as opened:
        rows = [row for row in csv.DictReader(opened) if row["actual_days"]]
    hits = [abs(int(row["predicted_days"]) - int(row["actual_days"])) <= 5 for row in rows]
    inside = [int(r["low"]) <= int(r["actual_days"]) <= int(r["high"]) for r in rows]
    assert ours["returns"] == len(rows)
    assert ours["hit"] == pytest.approx(sum(hits) / len(rows))
    assert ours["inside"] == pytest.approx(sum(inside) / len(rows))


@pytest.mark.parametrize(
    ("code", "personal"),
    [
        ("1042", False),
        ("KERT01", False),
        ("client-7", False),
        ("550e8400-e29b-41d4-a716-446655440000", False),
        ("79990000012", True),
        ("+7 900 000-00-12", True),
        ("555-0112", True),
        ("Анна Петрова", True),
        ("Anna", True),
        ("anna@example.org", True),
    ],
)
def test_a_phone_an_address_or_a_name_is_personal_a_code_is_not(code, personal):
    assert is_personal(code) is personal


def test_predictions_of_a_file_that_knows_clients_by_phone_call_them_by_number(tmp_path):
    path, out = tmp_path / "visits.csv", tmp_path / "predictions.csv"
    rows = [
        f"+7 900 000-00-{int(one.client_key[1:]):02d},{one.on_date},{one.service}"
        for one in salon(40)
    ]
    path.write_text("\n".join(["phone,date,service", *rows]), encoding="utf-8")

    result = CliRunner().invoke(app, ["backtest", str(path), "--predictions", str(out)])

    assert result.exit_code == 0, result.output
    assert "c1, c2, ... in the order of their first rows" in result.stderr
    with out.open() as opened:
        clients = [row["client_id"] for row in csv.DictReader(opened)]
    assert set(clients) == {f"c{number}" for number in range(1, 41)}
    assert clients[0] == "c1"


def test_from_scores_only_later_visits(file):
    runner = CliRunner()
    every = json.loads(runner.invoke(app, ["backtest", str(file), "--json"]).stdout)
    later = json.loads(
        runner.invoke(app, ["backtest", str(file), "--json", "--from", "2024-09-01"]).stdout
    )

    assert 0 < later["returns"] < every["returns"]


def test_days_are_the_salons_own_so_a_day_of_23_hours_is_one_day():
    around = (date(2024, 3, 29) - FIRST).days  # clocks change on the 31st
    rows = [booking("a", around), booking("a", around + 7)]

    assert list(log(rows, today=TODAY).history.gap) == [7, 0]
