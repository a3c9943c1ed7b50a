"""The bounded version of tests/chaos/quiet_hours.py, and proof that it can see."""

import sys
from datetime import time
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "chaos"))

import quiet_hours
from salons import salon


def test_no_message_leaves_outside_the_hours_of_both_clocks():
    violations, checked = quiet_hours.run(sample=True)

    assert violations == 0
    assert checked > 10_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": "Europe/Kaliningrad"},
        {"public_holidays": False},
        {"send_days": (1, 2, 3, 4, 5, 6)},
        {"send_until": time(20, 30)},
    ],
)
def test_a_wrong_hour_or_day_would_be_seen(wrong, monkeypatch):
    monkeypatch.setattr(quiet_hours, "PLACES", quiet_hours.PLACES[:1])
    monkeypatch.setattr(quiet_hours, "_company", lambda *_: salon(**wrong))

    assert quiet_hours.run(sample=True)[0] > 0
