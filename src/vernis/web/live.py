"""What changes in dialogs, told to the pages that are open, as it happens.

One connection of this process listens while anybody looks; each open page hears of its company's
dialogs, by number only. Where PostgreSQL drops that connection, all are told every few seconds that
anything may have changed, until it is back.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterator

from psycopg import AsyncConnection, OperationalError

log = logging.getLogger(__name__)

MOST_PAGES = 200  # of one process: each holds a connection of a browser
MOST_OF_ONE = 12  # of one person
MOST_NUMBERS = 50  # that wait to be told; more of them are told as EVERYTHING
AGAIN_SECONDS = 5.0
EVERYTHING = 0


class FullError(Exception):
    """Too many pages listen already: this one has to ask from time to time."""


class Page:
    """An open page. `next` gives the dialogs that changed since the last time."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self._changed: set[int] = set()
        self._woken = asyncio.Event()

    def tell(self, dialog_id: int) -> None:
        self._changed.add(dialog_id)
        if len(self._changed) > MOST_NUMBERS:
            self._changed = {EVERYTHING}
        self._woken.set()

    async def next(self, seconds: float) -> frozenset[int]:
        """Empty where nothing has changed for that long, or all is over."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        changed, self._changed = frozenset(self._changed), set()
        self._woken.clear()
        return changed

    def wake(self) -> None:
        self._woken.set()


class Live:
    """The open pages of this process."""

    def __init__(self, database_url: str, *, again_seconds: float = AGAIN_SECONDS) -> None:
        self.is_over = False
        self._url = database_url
        self._again_seconds = again_seconds
        self._pages: dict[int, set[Page]] = {}
        self._listening: asyncio.Task[None] | None = None

    @property
    def open(self) -> int:
        return sum(map(len, self._pages.values()))

    def is_full(self, user_id: int) -> bool:
        """Whether there is no place for one more page of this person."""
        of_one = sum(page.user_id == user_id for pages in self._pages.values() for page in pages)
        return self.is_over or self.open >= MOST_PAGES or of_one >= MOST_OF_ONE

    @contextlib.contextmanager
    def page(self, company_id: int, user_id: int) -> Iterator[Page]:
        """A page of a company is open for as long as this context. Raises FullError."""
        if self.is_full(user_id):
            raise FullError
        page = Page(user_id)
        self._pages.setdefault(company_id, set()).add(page)
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        else:  # what changed between the page and now
            page.tell(EVERYTHING)
        try:
            yield page
        finally:
            self._pages[company_id].discard(page)
            if not self._pages[company_id]:
                del self._pages[company_id]
            if not self._pages and self._listening is not None:
                self._listening.cancel()
                self._listening = None

    def close(self) -> None:
        """Let every page go: whoever serves them wants to stop."""
        self.is_over = True
        for pages in self._pages.values():
            for page in pages:
                page.wake()

    async def _listen(self) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=10
                ) as connection:
                    await connection.execute("LISTEN vernis_changed")
                    self._tell_all()
                    async for told in connection.notifies():
                        self._tell(told.payload)
            except OperationalError as error:
                log.warning("live=listen error=%s", type(error).__name__)
            self._tell_all()
            await asyncio.sleep(self._again_seconds)

    def _tell(self, payload: str) -> None:
        with contextlib.suppress(ValueError):  # nobody's of ours
            company_id, dialog_id = map(int, payload.split())
            for page in self._pages.get(company_id, ()):
                page.tell(dialog_id)

    def _tell_all(self) -> None:
        for pages in self._pages.values():
            for page in pages:
                page.tell(EVERYTHING)
