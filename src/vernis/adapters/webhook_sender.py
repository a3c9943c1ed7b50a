"""Calling a company's webhooks: over HTTPS, to the very address that was judged, and no further.

A name is resolved here, all its addresses are judged, and the connection is made to one of them by
its number: a name that changes its mind in between (DNS rebinding) leads nowhere else. Host and the
certificate are still those of the name. Redirects are not followed, proxies are not asked, answers
are not read, and no URL is in an error or a log line.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias

from vernis.adapters.channel_http import retry_after_of
from vernis.decide.webhook_addresses import Target, address_in, refusal, target
from vernis.decide.webhook_retries import Answered
from vernis.errors import UsageError

if TYPE_CHECKING:
    import httpx2

SECONDS = 10.0  # for everything: name, connection, answer
CONNECT_SECONDS = 4.0
MOST_ADDRESSES = 3  # of a name that are tried
# Of our own: a name server that says nothing holds a thread for half a minute, given up or not.
_RESOLVERS = ThreadPoolExecutor(32, thread_name_prefix="names")
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, the best first. Raises OSError."""

    def look_up() -> list[tuple[Any, ...]]:
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, look_up)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


class WebhookSender:
    """Sends to receivers on the Internet; with `private` to those in the own network as well.

    `tls` is for receivers whose certificate is not signed by a public authority.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._private = private
        self._resolve = resolve
        self._tls = tls
        self._seconds = seconds
        self._transport: httpx2.AsyncHTTPTransport | None = None

    async def check(self, url: str) -> None:
        """Raises UsageError where nothing would be sent to this URL."""
        wanted = target(url, private=self._private)
        try:
            async with asyncio.timeout(self._seconds):
                addresses = await self._addresses(wanted)
        except (OSError, UnicodeError):  # a TimeoutError is one
            raise UsageError(
                f"The webhook's host {wanted.host} is not found: check the name."
            ) from None
        if why := self._refused(addresses):
            raise UsageError(f"A webhook cannot lead to {wanted.host}: {why}.")

    async def send(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answered:
        """POST once; never raises."""
        try:
            wanted = target(url, private=self._private)
        except UsageError:
            return Answered(fault="url_refused")
        try:
            async with asyncio.timeout(self._seconds):
                return await self._sent(wanted, content, headers)
        except TimeoutError:
            return Answered(fault="timed_out")

    async def aclose(self) -> None:
        if self._transport is not None:
            await self._transport.aclose()

    async def _sent(self, wanted: Target, content: bytes, headers: Mapping[str, str]) -> Answered:
        try:
            addresses = await self._addresses(wanted)
        except TimeoutError:
            raise
        except (OSError, UnicodeError):
            return Answered(fault="name_unknown")
        if self._refused(addresses):
            return Answered(fault="address_refused")
        answered = Answered(fault="not_connected")
        for address in addresses[:MOST_ADDRESSES]:
            answered = await self._posted(wanted, address, content, headers)
            if answered.fault != "not_connected":
                return answered
        return answered

    async def _addresses(self, wanted: Target) -> Sequence[str]:
        if address_in(wanted.host) is not None:
            return [wanted.host]
        return await self._resolve(wanted.host, wanted.port)

    def _refused(self, addresses: Sequence[str]) -> str | None:
        """All of them must do: whoever names a private one beside a public one means it."""
        for address in addresses:
            if why := refusal(address, private=self._private):
                return why
        return None if addresses else "it has no address"

    async def _posted(
        self, wanted: Target, address: str, content: bytes, headers: Mapping[str, str]
    ) -> Answered:
        import httpx2

        number = f"[{address}]" if ":" in address else address
        timeout = httpx2.Timeout(self._seconds, connect=min(CONNECT_SECONDS, self._seconds))
        try:
            request = httpx2.Request(
                "POST",
                f"{wanted.scheme}://{number}:{wanted.port}{wanted.path}",
                content=content,
                headers={
                    **headers,
                    "host": wanted.authority,
                    "user-agent": "Vernis-Webhooks/1",
                    "accept": "*/*",
                    "connection": "close",
                },
                extensions={"timeout": timeout.as_dict(), "sni_hostname": wanted.host},
            )
            response = await self._opened().handle_async_request(request)
        except (httpx2.ConnectTimeout, httpx2.ConnectError) as error:
            return Answered(fault="certificate" if _is_about_tls(error) else "not_connected")
        except httpx2.TimeoutException:
            return Answered(fault="timed_out")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError):
            return Answered(fault="lost")
        try:
            return Answered(
                status=response.status_code, retry_after=retry_after_of(response.headers)
            )
        finally:
            await response.aclose()

    def _opened(self) -> "httpx2.AsyncHTTPTransport":
        """A transport and no client: that one would keep cookies and follow its environment."""
        if self._transport is None:
            import httpx2

            for name in ("httpx2", "httpcore2"):
                logging.getLogger(name).setLevel(logging.WARNING)
            # none is kept open: a connection by number would serve another name at the same one
            limits = httpx2.Limits(max_connections=256, max_keepalive_connections=0)
            self._transport = httpx2.AsyncHTTPTransport(verify=self._tls or True, limits=limits)
        return self._transport


def _is_about_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
