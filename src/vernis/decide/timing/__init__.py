"""When a client is due: a distribution over the day of return, learned from the visits."""

from vernis.decide.timing.estimates import (
    Estimates,
    Foretold,
    History,
    Model,
    estimate,
    fit,
    history,
    interval,
)

__all__ = [
    "Estimates",
    "Foretold",
    "History",
    "Model",
    "estimate",
    "fit",
    "history",
    "interval",
]
