"""A long list that changes while it is read, taken in windows of which each fits on one page.

A CRM numbers its pages anew with every question: whatever is added, moved or deleted between two of
them shifts the rest, and what stood on the border is never seen. One answer is of one moment. So a
list is asked for by a range (of days, or of moments of change) narrow enough to be answered at
once, and what moves from one range to another meanwhile has changed, and comes with the changes.

Only what does not get narrower (a single day, a single second) is read by pages, and from its
first page again where its total changed.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

FULL = 0.75  # how full a page shall be: a window that does not fit is a request in vain
FASTEST = 4  # how much wider the next window may be at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`since` is the first unit of it, `width` how many there are, None for all that follow.

    `usual` is the width that a bounded window is tried with, `left` how many things follow from
    `since` on as far as is known, `total` how many there are in all. `page` counts from 1 within
    a window that cannot be narrower: it held `held` things when its first page was read, `full`
    of them on that page.
    """

    since: int
    width: int | None = None
    usual: int
    left: int | None = None
    total: int | None = None
    page: int = 1
    held: int | None = None
    full: int | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def narrower(window: Window, *, count: int, total: int) -> Window | None:
    """What to ask for instead, where an answer held `count` of `total` things; None: it is whole.

    A window of one unit is read by pages: that is whole as far as it goes.
    """
    if window.page > 1:
        return replace(window, page=1, held=None, full=None) if total != window.held else None
    if count >= total or window.width == 1:
        return None
    if window.width is None:
        # All that follow: how far they reach is not known, so the usual width is tried.
        known = window.total if window.total is not None else total
        return replace(window, width=window.usual, left=total, total=known)
    width = _fitting(window.width, count, total)
    return replace(window, width=min(width, window.width - 1), usual=width)


def following(window: Window, *, count: int, total: int, size: int) -> Window | None:
    """The window after one that was answered; None at the end. `size` is what a page holds."""
    if window.width is None:
        return None
    full = window.full or count  # the CRM may put less on a page than it was asked for
    if window.width == 1 and count and (window.page - 1) * full + count < total:
        return replace(window, page=window.page + 1, held=total, full=full)
    left = max(0, (window.left or 0) - total)
    # Where nothing was, nothing may follow: what was counted can have moved.
    is_end_near = total == 0 or left <= size * FULL
    usual = max(1, min(_fitting(window.width, size, max(total, 1)), window.width * FASTEST))
    return Window(
        since=window.since + window.width,
        width=None if is_end_near else usual,
        usual=usual,
        left=left,
        total=window.total,
    )


def _fitting(width: int, size: int, total: int) -> int:
    return max(1, round(width * FULL * size / total))
