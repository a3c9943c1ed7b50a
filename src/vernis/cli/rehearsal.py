"""The simulated salon: demo and simulate."""

import typer


def register(app: typer.Typer) -> None:
    """Nothing yet."""
