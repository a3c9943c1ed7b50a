"""HTTP as channels need it: whether a request certainly did not leave, or may have.

A connection that was never made is a refusal, and everything that goes wrong later is doubtful.
Nothing is repeated here, and no address or body is in an error or a log line.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from vernis.errors import ChannelError, OutcomeUnknownError, Refusal, RefusedError

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
MOST_BYTES = 1 << 20  # of an answer; what is longer is not read
# Node closes an idle connection after 5 s: one that is used at that moment would be a doubt.
IDLE_SECONDS = 2.0
Params: TypeAlias = Mapping[str, str | int | Sequence[str | int]]
# Nobody took it there, whatever the message: the fault is the account's, not the message's.
_WRONG_ADDRESS = {404, 405, 407, 410, 421}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said. `body` is its JSON, None where it is none or too long to be read."""

    status: int
    body: Any = field(default=None, repr=False)
    retry_after: timedelta | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def fields(self) -> Mapping[str, Any]:
        """The body where it is an object, else nothing."""
        return self.body if isinstance(self.body, dict) else {}


class Http:
    """One server, by its base URL. The client is made at the first call.

    `by_proxy` obeys HTTPS_PROXY and its kin: for servers on the Internet, not for neighbours.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = ANSWER_SECONDS,
        by_proxy: bool = False,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._headers = dict(headers or {})
        self._seconds = seconds
        self._by_proxy = by_proxy
        self._most_bytes = most_bytes
        self._client: httpx2.AsyncClient | None = None

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
    ) -> Answer:
        """Make one request: `body` goes as JSON, `content` as it is. Redirects are not followed.

        Raises RefusedError (not_connected, temporary) where no connection was made, and
        OutcomeUnknownError where it broke later or no answer came in time.
        """
        import httpx2

        sent = dict(headers or {})
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
        if content is not None:
            sent.setdefault("content-type", "application/json")
        unmade = (
            httpx2.ConnectError,
            httpx2.ConnectTimeout,
            httpx2.PoolTimeout,
            httpx2.ProxyError,
            httpx2.UnsupportedProtocol,
            httpx2.LocalProtocolError,
            httpx2.InvalidURL,
            UnicodeEncodeError,  # a key that no header can hold
        )
        try:
            async with asyncio.timeout(self._seconds):
                return await self._exchange(method, path, content, sent, params)
        except unmade:
            raise not_connected() from None
        except TimeoutError:
            raise OutcomeUnknownError("The channel did not answer in time.") from None
        except httpx2.HTTPError as error:
            raise OutcomeUnknownError(f"The answer was lost: {type(error).__name__}.") from None

    async def _exchange(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: Mapping[str, str],
        params: Params | None,
    ) -> Answer:
        url, client = self.base_url + path, self._opened()
        async with client.stream(
            method, url, content=content, headers=headers, params=params
        ) as response:
            received = bytearray()
            async for part in response.aiter_bytes():
                received += part
                if len(received) > self._most_bytes:
                    break
            return Answer(
                status=response.status_code,
                body=self._read(bytes(received)),
                retry_after=retry_after_of(response.headers),
            )

    def _read(self, received: bytes) -> Any:
        if len(received) > self._most_bytes:
            return None
        try:
            return json.loads(received)
        except (ValueError, RecursionError):
            return None

    def _opened(self) -> "httpx2.AsyncClient":
        if self._client is None:
            import httpx2

            # they log whole addresses, and an address may hold a phone
            for name in ("httpx2", "httpcore2"):
                logging.getLogger(name).setLevel(logging.WARNING)
            self._client = httpx2.AsyncClient(
                headers=self._headers,
                timeout=httpx2.Timeout(
                    self._seconds, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS
                ),
                limits=httpx2.Limits(
                    max_connections=256,
                    max_keepalive_connections=20,
                    keepalive_expiry=IDLE_SECONDS,
                ),
                trust_env=self._by_proxy,
            )
        return self._client

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.aclose()


def not_connected(code: str = "not_connected") -> RefusedError:
    """Nobody was there: the message is as new."""
    return RefusedError(code, refusal=Refusal.NOT_CONNECTED, temporary=True)


def judged(answer: Answer, code: str | None = None) -> ChannelError:
    """What an answer other than 2xx comes to, where a channel says nothing better of it.

    `code` is the channel's own word for it. A 5xx is doubtful: the message may have left.
    """
    code = code or f"http_{answer.status}"
    match answer.status:
        case 429:
            return RefusedError(
                code,
                refusal=Refusal.RATE_LIMITED,
                temporary=True,
                retry_after=answer.retry_after,
            )
        case 401 | 403:
            return RefusedError(code, refusal=Refusal.UNAUTHORISED)
        case status if 300 <= status < 400 or status in _WRONG_ADDRESS:
            return not_connected(code)
        case status if 400 <= status < 500 and status != 408:
            return RefusedError(code, refusal=Refusal.INVALID)
    return OutcomeUnknownError(f"The channel answered {code}: the message may have left.")


def retry_after_of(headers: Mapping[str, str]) -> timedelta | None:
    """RFC 9110, 10.2.3: seconds, or a date, which is compared with the answer's own."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return timedelta(seconds=min(int(said[:9]), 86_400))
    try:
        wait = parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(timedelta(0), min(wait, timedelta(days=1)))
