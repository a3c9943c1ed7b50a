"""Cursors: what one list gave is understood by that list only."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.web.errors import Problem
from vernis.web.v1.paging import after, cursor, moment, number


@given(st.integers(0, 10**18 - 1))
def test_a_cursor_is_read_as_it_was_written(id_: int) -> None:
    at = datetime(2024, 4, 1, 9, tzinfo=UTC)
    given_ = cursor("dialogs", [at.isoformat(), id_])
    assert after("dialogs", given_, moment, number) == (at, id_)


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "nonsense",
        "ы",
        packed(["dialogs"]),
        packed(["clients", "2024-04-01T09:00:00+00:00", 1]),
        packed(["dialogs", "2024-04-01T09:00:00", 1]),
        packed(["dialogs", "0001-04-01T09:00:00+00:00", 1]),
        packed(["dialogs", "2024-04-01T09:00:00+00:00", True]),
        packed(["dialogs", "2024-04-01T09:00:00+00:00", 10**30]),
        packed(["dialogs", 1, 1]),
        packed({"dialogs": 1}),
        packed([]),
    ],
)
def test_what_no_list_gave_is_refused_with_a_sentence(wrong: str) -> None:
    with pytest.raises(Problem) as refused:
        after("dialogs", wrong, moment, number)
    assert refused.value.status == 422
    assert "`next`" in refused.value.detail


@given(st.text(max_size=200))
def test_nothing_that_is_sent_as_a_cursor_breaks_it(text: str) -> None:
    with suppress(Problem):
        after("clients", text, number)
