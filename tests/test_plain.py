import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

from vernis.domain import Arm
from vernis.plain import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    arm: Arm
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    inner: tuple[Inner, ...]
    counts: dict[Arm, int]
    at: datetime | None


def test_nested_types_become_plain_json():
    outer = Outer(
        inner=(Inner(arm=Arm.CONTACT, on=date(2024, 3, 5)),),
        counts={Arm.HOLDOUT: 2},
        at=datetime(2024, 3, 5, 9, tzinfo=UTC),
    )
    assert json.loads(json.dumps(plain(outer))) == {
        "inner": [{"arm": "contact", "on": "2024-03-05"}],
        "counts": {"holdout": 2},
        "at": "2024-03-05T09:00:00+00:00",
    }
