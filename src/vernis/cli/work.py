"""The worker."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from vernis.config import Settings
    from vernis.jobs.worker import Beside


def register(app: typer.Typer) -> None:
    app.command()(up)
    app.command(name="worker")(work)


def up() -> None:
    """Do everything by itself: plan each morning, write, send, answer, until it is stopped.

    With VERNIS_WEB=1 or VERNIS_WEB_PORT it serves the web as well.
    """
    from vernis.config import load

    settings = load()
    _run(settings, _web(settings) if settings.serves_web else None)


def work() -> None:
    """Run one more worker beside `vernis up`."""
    from vernis.config import load

    _run(load(), None)


def _run(settings: "Settings", beside: "Beside | None") -> None:
    import asyncio

    log_to_stderr(settings)
    from vernis.jobs.worker import run

    asyncio.run(run(settings, beside))


def _web(settings: "Settings") -> "Beside":
    """Listens at once: a port that is taken is said before anything begins."""
    from functools import partial

    from vernis.web import server

    listening = server.bind(settings.web_host, settings.web_port_or_usual)
    return partial(server.serve, listening=listening)


def log_to_stderr(settings: "Settings") -> None:
    """What a program that runs for long says while it does. Raises ConfigError."""
    import logging

    from vernis.errors import ConfigError

    level = settings.log_level.upper()
    if level not in logging.getLevelNamesMapping():
        raise ConfigError(f"VERNIS_LOG_LEVEL is DEBUG, INFO, WARNING or ERROR, not «{level}».")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s level=%(levelname)s %(message)s")
    logging.getLogger("vernis").setLevel(level)
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # it prints rows with errors
