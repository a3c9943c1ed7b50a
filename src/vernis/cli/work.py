"""The worker."""

import typer


def register(app: typer.Typer) -> None:
    app.command()(up)
    app.command(name="worker")(work)


def up() -> None:
    """Do everything by itself: plan each morning, write, send, answer, until it is stopped."""
    _run()


def work() -> None:
    """Run one more worker beside `vernis up`."""
    _run()


def _run() -> None:
    import asyncio
    import logging

    from vernis.config import load
    from vernis.errors import ConfigError

    settings = load()
    level = settings.log_level.upper()
    if level not in logging.getLevelNamesMapping():
        raise ConfigError(f"VERNIS_LOG_LEVEL is DEBUG, INFO, WARNING or ERROR, not «{level}».")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s level=%(levelname)s %(message)s")
    logging.getLogger("vernis").setLevel(level)
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # it prints rows with errors

    from vernis.jobs.worker import run

    asyncio.run(run(settings))
