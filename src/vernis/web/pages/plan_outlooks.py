"""Outlooks that were made a moment ago: to look at thousands who are due takes long for a page."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import Request

from vernis.domain import Company
from vernis.stages import outlook
from vernis.stages.outlook import Outlook
from vernis.web.security.viewer import Member

KEPT_FOR = timedelta(minutes=1)
MOST_KEPT = 20  # a few bytes for each client who is due
QUICK = 700  # of the due: looking at more takes longer than a page may, 100 µs each


@dataclass(slots=True)
class Outlooks:
    """By company and day, the newest last."""

    kept: OrderedDict[tuple[int, date], tuple[Company, tuple[Any, ...], Outlook]] = field(
        default_factory=OrderedDict
    )

    def get(
        self, company: Company, on: date, mark: tuple[Any, ...], at: datetime
    ) -> Outlook | None:
        of, seen, found = self.kept.get((company.company_id, on)) or (None, (), None)
        is_good = found and of == company and seen == mark and abs(at - found.at) < KEPT_FOR
        return found if is_good else None

    def put(self, company: Company, mark: tuple[Any, ...], found: Outlook) -> None:
        key = (company.company_id, found.on)
        self.kept[key] = (company, mark, found)
        self.kept.move_to_end(key)
        while len(self.kept) > MOST_KEPT:
            self.kept.popitem(last=False)


async def full(
    request: Request, viewer: Member, on: date, *, is_planned: bool, at_any_cost: bool = False
) -> Outlook | None:
    """The outlook of all who are due, or None where there are too many for a page to wait for:
    then a part of the page asks for it `at_any_cost`, and finds it kept afterwards."""
    state = request.app.state
    if not hasattr(state, "outlooks"):
        state.outlooks = Outlooks()
    kept: Outlooks = state.outlooks
    app, company, now = viewer.app, viewer.company, viewer.now
    mark = await outlook.mark(app.db, company, on=on)
    if found := kept.get(company, on, mark, now):
        return found
    if not at_any_cost and await outlook.number_due(app.db, company, on=on) > QUICK:
        return None
    found = await outlook.look(
        app.db, company, on=on, now=now, hash_phone=app.hash_phone, is_planned=is_planned
    )
    kept.put(company, mark, found)
    return found


async def quick(viewer: Member, on: date, *, is_planned: bool) -> Outlook:
    """As far as the plan itself looks: whom it writes to is right, who waits is only counted."""
    return await outlook.look(
        viewer.app.db,
        viewer.company,
        on=on,
        now=viewer.now,
        hash_phone=viewer.app.hash_phone,
        is_planned=is_planned,
        until_full=True,
    )
