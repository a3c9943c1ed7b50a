"""Serving the web application: bound before anything else, stopped when somebody asks."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator

import uvicorn

from vernis.app import App
from vernis.errors import ConfigError
from vernis.web.app import create

log = logging.getLogger(__name__)

GRACE_SECONDS = 5  # for requests under way when we must stop


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any free one. Raises ConfigError."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "no such port"
        raise ConfigError(
            f"The web cannot listen on {host}, port {port} ({reason}): give another with"
            " VERNIS_WEB_HOST and VERNIS_WEB_PORT."
        ) from None


def address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve(
    vernis: App, stopped: Callable[[], Awaitable[None]], *, listening: socket.socket
) -> None:
    """Answer requests until `stopped` returns, then finish those under way."""
    config = uvicorn.Config(
        create(vernis),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    logging.getLogger("uvicorn.access").disabled = True  # it writes addresses as they were sent
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.ensure_future(stopped())
    log.info("web=up address=%s", address(listening))
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        stopping.cancel()
    log.info("web=down")


class _Server(uvicorn.Server):
    """Signals belong to whoever started us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
