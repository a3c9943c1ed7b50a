"""A CRM's API over HTTP: what may be repeated is repeated, everything else is told as a doubt.

Answers are those of YClients' API in its version 2 (`success`, `data`, `meta`); whatever has not
that shape was said by somebody in between and proves nothing. Figures, bodies and addresses are in
no error and no log line.
"""

import asyncio
import random
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from vernis import tracing
from vernis.adapters.channel_http import Answer, Http, Params
from vernis.adapters.crm_pace import LONGEST_SECONDS, Pace
from vernis.errors import (
    BookingUnknownError,
    CrmAccessError,
    CrmRefusedError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    UnavailableError,
)

ACCEPT = "application/vnd.yclients.v2+json"
ANSWER_SECONDS = 30.0
MOST_BYTES = 20 << 20
TRIES = 5
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 20.0
LONGEST_PAUSE_SECONDS = 90.0  # of a Retry-After: a longer one is left to the next sync

assert LONGEST_SECONDS > ANSWER_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A good answer. `total` is how many there are on all pages, where it is a list."""

    data: Any = field(default=None, repr=False)
    total: int | None = None


class _Again(Exception):  # noqa: N818 (an answer, not a fault)
    """No use: `is_untaken` where the request was certainly not carried out."""

    def __init__(
        self, why: str, *, is_untaken: bool = False, wait: timedelta | None = None
    ) -> None:
        super().__init__(why)
        self.why = why
        self.is_untaken = is_untaken
        self.wait = wait


def client(base_url: str) -> Http:
    """What several companies' CrmHttp may share: connections to one API."""
    return Http(
        base_url,
        headers={"accept": ACCEPT},
        seconds=ANSWER_SECONDS,
        by_proxy=base_url.startswith("https://"),
        most_bytes=MOST_BYTES,
    )


class CrmHttp:
    """One company's way to the API, within its limits.

    `http` is shared with other companies where it is given, and left open then. Without
    `user_token` only what the partner may see is answered.
    """

    def __init__(
        self,
        base_url: str,
        *,
        partner_token: str,
        user_token: str | None,
        pace: Pace,
        http: Http | None = None,
        tries: int = TRIES,
        first_wait: float = FIRST_WAIT_SECONDS,
    ) -> None:
        self._http = http or client(base_url)
        self._is_own = http is None
        self._pace = pace
        self._tries = tries
        self._first_wait = first_wait
        both = f", User {user_token}" if user_token else ""
        self._headers = {"authorization": f"Bearer {partner_token}{both}"}

    async def get(self, path: str, params: Params | None = None) -> Any:
        """The data at a path; repeated where it was not told. Errors: see `ask`."""
        return (await self.ask("GET", path, params=params, repeatable=True)).data

    async def post(self, path: str, body: Any, *, repeatable: bool) -> Any:
        return (await self.ask("POST", path, body=body, repeatable=repeatable)).data

    async def put(self, path: str, body: Any, *, repeatable: bool) -> Any:
        return (await self.ask("PUT", path, body=body, repeatable=repeatable)).data

    async def delete(self, path: str, *, repeatable: bool) -> Any:
        return (await self.ask("DELETE", path, repeatable=repeatable)).data

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Any = None,
        repeatable: bool,
    ) -> Told:
        """One request until it is answered, at most `tries` times.

        Raises CrmAccessError (401, 402, 403), NotFoundError (404), CrmRefusedError (what else the
        CRM says no to), UnavailableError where it was certainly not carried out or is
        `repeatable`, and BookingUnknownError where it may have been: nothing is repeated then.
        """
        for attempt in range(self._tries):
            if attempt:
                await asyncio.sleep(self._backoff(attempt))
            try:
                return await self._once(method, path, params, body)
            except _Again as again:
                why = again.why
                if not (repeatable or again.is_untaken):
                    raise BookingUnknownError(
                        f"The CRM did not say what came of it: {why}."
                    ) from None
                if again.wait is not None:
                    await self._wait(again.wait.total_seconds())
        raise UnavailableError(f"The CRM does not answer: {why}. It is asked again later.")

    async def _once(self, method: str, path: str, params: Params | None, body: Any) -> Told:
        taken = await self._pace.take()
        try:
            with tracing.span("crm.call", crm="yclients", method=method) as span:
                answer = await self._http.call(
                    method, path, body=body, params=params, headers=self._headers
                )
                span.set(outcome=f"{answer.status // 100}xx")
        except RefusedError:
            raise _Again("nobody is there", is_untaken=True) from None
        except OutcomeUnknownError:
            raise _Again("no answer came in time") from None
        finally:
            await self._pace.ended(taken)
        return told(answer)

    async def _wait(self, seconds: float) -> None:
        """As long as the CRM asked for, and everybody of this company with us."""
        await self._pace.pause(seconds)
        if seconds > LONGEST_PAUSE_SECONDS:
            raise UnavailableError("The CRM asks for a pause: it is asked again later.")
        await asyncio.sleep(seconds)

    def _backoff(self, attempt: int) -> float:
        longest: float = self._first_wait * 2 ** (attempt - 1)
        return min(longest, LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1)  # noqa: S311

    async def aclose(self) -> None:
        if self._is_own:
            await self._http.aclose()


def told(answer: Answer) -> Told:
    """What an answer comes to. Raises what `CrmHttp.ask` raises, or _Again."""
    status, fields = answer.status, answer.fields
    if status == 429:
        wait = timedelta(seconds=1) if answer.retry_after is None else answer.retry_after
        raise _Again("it has been asked too often", is_untaken=True, wait=wait)
    if status == 204:
        return Told()
    if status >= 500 or status == 408:
        raise _Again(f"it answered {status}", wait=answer.retry_after)
    if "success" not in fields:
        raise _Again(f"what came with {status} is not its JSON")
    words = said(fields)
    match status:
        case 401 | 402 | 403:
            raise CrmAccessError(
                f"The CRM does not let us in ({status}: {words or 'no reason'}): look at the "
                "tokens, the rights of their user and the licence, then connect it again."
            )
        case 404:
            raise NotFoundError(f"The CRM does not have that: {words or 'no reason'}.")
    if not answer.is_success or fields["success"] is not True:
        raise CrmRefusedError(status, words)
    return Told(data=fields.get("data"), total=_total(fields.get("meta")))


def said(fields: Any) -> str:
    """The CRM's own words for a no, short and without long numbers (a phone may be in them)."""
    meta = fields.get("meta")
    words = meta.get("message") if isinstance(meta, dict) else None
    if not isinstance(words, str):
        return ""
    return re.sub(r"\+?\d[\d\s()-]{5,}\d", "…", " ".join(words.split()))[:200].rstrip(" .")


def _total(meta: Any) -> int | None:
    total = meta.get("total_count") if isinstance(meta, dict) else None
    return total if isinstance(total, int) and total >= 0 else None
