"""The worker."""

from typing import TYPE_CHECKING

import typer

from vernis.errors import ConfigError

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Sequence

    from vernis.app import App
    from vernis.config import Settings
    from vernis.jobs.worker import Beside


def register(app: typer.Typer) -> None:
    app.command()(up)
    app.command(name="worker")(work)


def up() -> None:
    """Do everything: plan each morning, write, send, answer, serve the pages, until it is stopped.

    With VERNIS_WEB=0 it serves no web, with VERNIS_BRIDGE_DIR it runs the WhatsApp bridge.
    """
    from vernis.config import load

    settings = load()
    _run(settings, _beside(settings))


def work() -> None:
    """Run one more worker beside `vernis up`.

    With VERNIS_METRICS_PORT it serves what it measured there: /metrics.
    """
    from vernis.config import load

    settings = load()
    _run(settings, _metrics(settings))


def _run(settings: "Settings", beside: "Sequence[Beside]") -> None:
    import asyncio

    from vernis.cli.logs import log_to_stderr

    log_to_stderr(settings)
    from vernis.jobs.worker import run

    asyncio.run(run(settings, beside))


def _beside(settings: "Settings") -> "list[Beside]":
    """What runs with the worker. The web listens at once: a port that is taken is said before
    anything begins."""
    from functools import partial

    if settings.bridge_dir is not None and not settings.web:
        raise ConfigError("The bridge brings replies to the web: leave VERNIS_WEB at 1.")
    if not settings.web:
        return _metrics(settings)
    from vernis.jobs.bridge import BridgeProcess
    from vernis.web import server

    listening = server.bind(settings.web_host, settings.web_port)
    beside: list[Beside] = [partial(_serve, listening=listening)]
    if settings.bridge_dir is not None:
        beside.append(BridgeProcess(settings, web_address=server.address(listening)))
    return beside


async def _serve(
    app: "App", stopped: "Callable[[], Awaitable[None]]", *, listening: "socket.socket"
) -> None:
    from vernis.cli.web import tell
    from vernis.web import server

    await tell(app, listening)
    await server.serve(app, stopped, listening=listening)


def _metrics(settings: "Settings") -> "list[Beside]":
    """A worker's own durations; where the web runs beside it, its /metrics has them."""
    if settings.metrics_port is None:
        return []
    from vernis.web import metrics

    return [metrics.Beside(settings)]
