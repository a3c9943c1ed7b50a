"""The worker."""

from typing import TYPE_CHECKING

import typer

from vernis.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vernis.config import Settings
    from vernis.jobs.worker import Beside


def register(app: typer.Typer) -> None:
    app.command()(up)
    app.command(name="worker")(work)


def up() -> None:
    """Do everything by itself: plan each morning, write, send, answer, until it is stopped.

    With VERNIS_WEB=1 or VERNIS_WEB_PORT it serves the web as well, with VERNIS_BRIDGE_DIR it runs
    the WhatsApp bridge.
    """
    from vernis.config import load

    settings = load()
    _run(settings, _beside(settings))


def work() -> None:
    """Run one more worker beside `vernis up`."""
    from vernis.config import load

    _run(load(), [])


def _run(settings: "Settings", beside: "Sequence[Beside]") -> None:
    import asyncio

    log_to_stderr(settings)
    from vernis.jobs.worker import run

    asyncio.run(run(settings, beside))


def _beside(settings: "Settings") -> "list[Beside]":
    """What runs with the worker. The web listens at once: a port that is taken is said before
    anything begins."""
    from functools import partial

    if settings.bridge_dir is not None and not settings.serves_web:
        raise ConfigError("The bridge brings replies to the web: set VERNIS_WEB=1 as well.")
    if not settings.serves_web:
        return []
    from vernis.jobs.bridge import BridgeProcess
    from vernis.web import server

    listening = server.bind(settings.web_host, settings.web_port_or_usual)
    beside: list[Beside] = [partial(server.serve, listening=listening)]
    if settings.bridge_dir is not None:
        beside.append(BridgeProcess(settings, web_address=server.address(listening)))
    return beside


def log_to_stderr(settings: "Settings") -> None:
    """What a program that runs for long says while it does. Raises ConfigError."""
    import logging

    level = settings.log_level.upper()
    if level not in logging.getLevelNamesMapping():
        raise ConfigError(f"VERNIS_LOG_LEVEL is DEBUG, INFO, WARNING or ERROR, not «{level}».")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s level=%(levelname)s %(message)s")
    logging.getLogger("vernis").setLevel(level)
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # it prints rows with errors
