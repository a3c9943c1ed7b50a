"""Dates and times as salon software writes them."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.files.dates import DateOrder, Moment, order_evidence, parse_moment, parse_time

DMY, MDY = DateOrder.DMY, DateOrder.MDY
MARCH_12 = date(2024, 3, 12)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("12.03.2024", None),
        ("12.3.24", None),
        ("12/03/2024", DMY),
        ("03/12/2024", MDY),
        ("3/12/24", MDY),
        ("12-03-2024", DMY),
        ("2024-03-12", None),
        ("2024/03/12", MDY),
        ("2024.03.12", None),
        ("20240312", None),
        ("45363", None),
        ("12 марта 2024", None),
        ("12 марта 2024 г.", None),
        ("12 мар. 2024", None),
        ("Вт, 12 марта 2024 года", None),
        ("12.03.2024 (вт)", None),
        ("12 March 2024", None),
        ("12th Mar 2024", None),
        ("12-Mar-24", None),
        ("March 12, 2024", None),
        ("Tuesday, Mar 12th, 2024", None),
    ],
)
def test_a_date_is_read_in_each_usual_way_of_writing_it(text: str, order: DateOrder | None) -> None:
    assert parse_moment(text, order) == Moment(MARCH_12)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("12.03.2024 14:30", time(14, 30)),
        ("12.03.2024, 14:30:15", time(14, 30, 15)),
        ("12.03.2024 в 14:30", time(14, 30)),
        ("12.03.2024 14:00–15:30", time(14)),
        ("12.03.2024 14:00-15:30", time(14)),
        ("12 марта 2024 г., 14:30", time(14, 30)),
        ("12 Mar 2024 at 2:30pm", time(14, 30)),
        ("2024-03-12T14:30", time(14, 30)),
        ("2024-03-12 14:30:00.000", time(14, 30)),
        ("2024-03-12T14:30:00+03:00", time(14, 30)),
        ("45363.604166667", time(14, 30)),
    ],
)
def test_a_time_in_the_same_cell_is_read_too(text: str, at: time) -> None:
    assert parse_moment(text, None) == Moment(MARCH_12, at)


@pytest.mark.parametrize(
    "text", ["", "-", "скоро", "32.13.2024", "30.02.2024", "12 марта", "12.03", "2024",
             "12.03.2024 foo", "12.03.2024 25:00", "123.1.2024", "Итого", "+7 900 000-00-01",
             "12 foo 2024"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_moment(text, DMY) is None


def test_without_an_order_a_date_with_two_readings_is_none() -> None:
    assert parse_moment("03/04/2024", None) is None
    assert parse_moment("25/04/2024", None) == Moment(date(2024, 4, 25))
    assert parse_moment("04/25/2024", None) == Moment(date(2024, 4, 25))
    assert parse_moment("04/04/2024", None) == Moment(date(2024, 4, 4))
    assert parse_moment("03.04.2024", None) == Moment(date(2024, 4, 3))


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2024-03-12T22:30:00Z", datetime(2024, 3, 13, 1, 30)),  # noqa: DTZ001
        ("2024-03-12T22:30:00+03:00", datetime(2024, 3, 12, 22, 30)),  # noqa: DTZ001
        ("2024-03-12T14:30:00-05:00", datetime(2024, 3, 12, 22, 30)),  # noqa: DTZ001
    ],
)
def test_a_moment_with_an_offset_is_moved_to_the_salons_zone(text: str, local: datetime) -> None:
    moment = parse_moment(text, None, ZoneInfo("Europe/Moscow"))
    assert moment == Moment(local.date(), local.time())


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("14:30", time(14, 30)),
        ("9:05", time(9, 5)),
        ("14.30", time(14, 30)),
        ("2:30:00 PM", time(14, 30)),
        ("12:10 am", time(0, 10)),
        ("12 p.m.", time(12)),
        ("2pm", time(14)),
        ("14:00 - 15:00", time(14)),
        ("0.604166667", time(14, 30)),
        ("1899-12-30 14:30:00", time(14, 30)),
        ("960", None),
        ("25:00", None),
        ("13 pm", None),
        ("утро", None),
        ("", None),
    ],
)
def test_times_of_day(text: str, at: time | None) -> None:
    assert parse_time(text) == at


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["03/04/2024", "03/25/2024"], MDY),
        (["03/04/2024", "25/03/2024"], DMY),
        (["03/04/2024", "05/06/2024"], None),
        (["04/04/2024", "2024-03-25"], None),
        (["25/03/2024", "03/25/2024"], None),
        ([f"{day}/03/2024" for day in range(1, 32)] + ["03/25/2024"], None),
        (
            [f"{day}/{month}/2024" for day in range(13, 29) for month in (3, 4)] + ["03/25/2024"],
            DMY,
        ),
    ],
)
def test_the_values_that_fit_one_order_only_decide_it(
    values: list[str], order: DateOrder | None
) -> None:
    assert order_evidence(values).order is order


def test_evidence_shows_a_date_that_fits_both_orders_but_not_one_that_is_the_same_in_both() -> None:
    assert order_evidence(["04/04/2024"]).either == 0
    assert order_evidence(["03.04.2024"]).either == 0
    assert order_evidence(["03/04/2024"]).example == "03/04/2024"


_DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2040, 12, 31))
_FORMATS = st.sampled_from(
    [
        ("%d.%m.%Y", DMY),
        ("%d/%m/%Y", DMY),
        ("%m/%d/%Y", MDY),
        ("%d.%m.%y", DMY),
        ("%Y-%m-%d", None),
        ("%Y%m%d", None),
        ("%d %B %Y", None),
        ("%b %d, %Y", None),
    ]
)


@given(_DAYS, _FORMATS)
def test_a_formatted_date_is_read_back(day: date, shape: tuple[str, DateOrder | None]) -> None:
    form, order = shape
    assert parse_moment(day.strftime(form), order) == Moment(day)


@given(st.times().map(lambda at: at.replace(microsecond=0)), _DAYS)
def test_a_formatted_moment_is_read_back(at: time, day: date) -> None:
    moment = datetime.combine(day, at)
    assert parse_moment(str(moment), None) == Moment(day, at)
    assert parse_moment(moment.strftime("%m/%d/%Y %I:%M:%S %p"), MDY) == Moment(day, at)
    assert parse_time(at.strftime("%I:%M:%S %p")) == at


@given(st.text(), st.sampled_from([None, DMY, MDY]))
def test_any_text_is_a_moment_or_none(text: str, order: DateOrder | None) -> None:
    assert parse_moment(text, order, ZoneInfo("UTC")) is None or text
    parse_time(text)
    order_evidence([text])
