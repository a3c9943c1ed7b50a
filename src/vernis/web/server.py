"""Serving the web application: bound before anything else, stopped when somebody asks."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime

import uvicorn

from vernis.app import App
from vernis.decide.files.phones import e164
from vernis.decide.replies.reading import read
from vernis.decide.writing.titles import say_title
from vernis.domain import Locale
from vernis.errors import ConfigError
from vernis.web.app import create
from vernis.web.pages import upload_files
from vernis.web.pages.rendering import environment

log = logging.getLogger(__name__)

BACKLOG = 2048  # connections that wait to be accepted
GRACE_SECONDS = 5  # for requests under way when we must stop


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any free one. Raises ConfigError."""
    try:
        return _listening(host, port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "no such port"
        raise ConfigError(
            f"The web cannot listen on {host}, port {port} ({reason}): give another with"
            " VERNIS_WEB_HOST and VERNIS_WEB_PORT, or run `vernis worker`, which has no web."
        ) from None


def _listening(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    family, kind, proto, _, where = found[0]
    # named as TCP, or asyncio leaves Nagle's algorithm on: 40 ms a request with many clients
    with contextlib.ExitStack() as on_failure:
        listening = on_failure.enter_context(socket.socket(family, kind, proto))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(BACKLOG)
        on_failure.pop_all()
    return listening


def address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve(
    vernis: App,
    stopped: Callable[[], Awaitable[None]],
    *,
    listening: socket.socket,
    guest: str | None = None,
) -> None:
    """Answer requests until `stopped` returns, then finish those under way."""
    web = create(vernis, guest=guest)
    config = uvicorn.Config(
        web,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    logging.getLogger("uvicorn.access").disabled = True  # it writes addresses as they were sent
    server = _Server(config)
    await asyncio.to_thread(_warm_up)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.ensure_future(stopped())
    tidying = asyncio.create_task(upload_files.tidy(vernis.settings.home, vernis.clock))
    log.info("web=up address=%s", address(listening))
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        web.state.live.close()  # or open pages would keep us waiting
        server.should_exit = True
        await serving
    finally:
        stopping.cancel()
        tidying.cancel()
        await _hang_up(server)
    log.info("web=down")


async def _hang_up(server: uvicorn.Server) -> None:
    """What is still open after the grace is cut: somebody who does not read must not keep us."""
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    await asyncio.sleep(0)


def _warm_up() -> None:
    """What the first request would wait for: the words, the trained model, the numbering plans,
    the templates."""
    for locale in Locale:
        environment(locale).get_template("account/login.html")
    e164("+1 212 555-01-00", country="US")
    read("Да, давайте завтра", now=datetime.now(UTC))
    say_title("Стрижка")


class _Server(uvicorn.Server):
    """Signals belong to whoever started us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
