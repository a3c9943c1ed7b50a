"""A client of the plan as a page draws it: the window as a bar, the days against today."""

from collections.abc import Mapping
from dataclasses import dataclass

from vernis.stages.drafts import Waiting
from vernis.stages.plan_list import Due, Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The days since the last visit as shares of the track, in percent. Without a window `width`
    is 0."""

    window: float
    width: float
    due: float
    today: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A client with the reason. `planned` is the reactivation where there is one, `draft` what the
    checks say of it where it waits for a person."""

    client: Due
    reason: str
    planned: Planned | None = None
    draft: Waiting | None = None

    @property
    def bar(self) -> Bar | None:
        return bar(self.client)


def bar(client: Due) -> Bar | None:
    """Drawn so that a bit is left after the last of all days; None for those who never came."""
    away, due = client.away_days, client.interval_days
    if away is None or due is None:
        return None
    low, high = client.low_days or due, client.high_days or due
    whole = max(away, high, due, 1) * 1.06

    def share(days: int) -> float:
        return round(100 * max(days, 0) / whole, 2)

    return Bar(window=share(low), width=share(high - low), due=share(due), today=share(away))


def of_plan(planned: list[Planned], drafts: Mapping[int, Waiting]) -> list[Row]:
    return [
        Row(client=one, reason=one.reason, planned=one, draft=drafts.get(one.reactivation_id))
        for one in planned
    ]


def of_clients(clients: list[Due], reasons: Mapping[int, str]) -> list[Row]:
    return [Row(client=one, reason=reasons[one.client_id]) for one in clients]
