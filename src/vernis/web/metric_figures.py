"""What the tables say, as metrics. No label is a company, a phone or a text of anybody."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from prometheus_client.metrics_core import GaugeMetricFamily as Gauge

from vernis.stages.health import Figures, Jobs

Labels = TypeVar("Labels", bound=tuple[str, ...])


def families(figures: Figures | None, *, database: bool, redis: bool) -> Iterator[Gauge]:
    """Gauges over the whole installation; the first two alone where nothing could be counted."""
    yield _one("database_up", "Whether PostgreSQL answers.", database)
    yield _one("redis_up", "Whether Redis answers.", redis)
    if figures is None:
        return
    yield from _of_jobs(figures.jobs)
    yield from _of_messages(figures)
    yield from _of_others(figures)


def _of_jobs(jobs: Jobs | None) -> Iterator[Gauge]:
    alive, dead = (jobs.alive, jobs.dead) if jobs else (0, 0)
    yield _by(
        "workers",
        "Workers by heartbeat, once for each queue that they staff.",
        ("state",),
        {("alive",): alive, ("dead",): dead},
    )
    queues = jobs.queues if jobs else {}
    says = "Hints that wait for a hand."
    yield _by("queue_hints", says, ("queue",), {(q,): w.count for q, w in queues.items()})
    says = "For how long the oldest hint has waited."
    ages = {(q,): w.oldest_seconds for q, w in queues.items()}
    yield _by("queue_oldest_hint_seconds", says, ("queue",), ages)


def _of_messages(figures: Figures) -> Iterator[Gauge]:
    says = "Campaign messages of the last 24 hours by what became of them."
    yield _by("messages_sent_last_day", says, ("channel", "outcome"), figures.sent)
    yield _one("replies_last_day", "Clients who replied in the last 24 hours.", figures.replies)
    yield _one("bookings_last_day", "Bookings won in the last 24 hours.", figures.bookings)
    says = "Campaign messages that are not sent yet: planned, written and due, or claimed."
    waiting = {(state,): one.count for state, one in figures.waiting.items()}
    yield _by("messages_waiting", says, ("state",), waiting)
    says = "For how long the oldest of them could have left."
    ages = {(state,): one.oldest_seconds for state, one in figures.waiting.items()}
    yield _by("messages_waiting_oldest_seconds", says, ("state",), ages)
    says = "Messages of which nobody knows whether they left."
    unknown = {
        ("campaign",): figures.unknown_reactivations,
        ("answer",): figures.unknown_answers,
    }
    yield _by("messages_unknown", says, ("kind",), unknown)


def _of_others(figures: Figures) -> Iterator[Gauge]:
    yield _one("companies", "Companies.", figures.companies)
    yield _one("companies_started", "Companies that may send.", figures.companies_started)
    yield _by("accounts", "Accounts by state.", ("channel", "state"), figures.accounts)
    crms = {(one.crm, one.state): one.count for one in figures.crms}
    yield _by("crm_connections", "Connections to CRMs.", ("crm", "state"), crms)
    says = "How long ago the connected company was read that has waited longest."
    ages = {(one.crm,): one.oldest_seconds for one in figures.crms if one.state == "connected"}
    yield _by("crm_lag_seconds", says, ("crm",), ages)
    says = "Whether the last request to a language model worked."
    yield _by("model_up", says, ("model",), {(m,): works for m, works in figures.models.items()})
    says = "Templates that stood in for the model in the last 24 hours."
    fallbacks = {(why,): number for why, number in figures.fallbacks.items()}
    yield _by("model_fallbacks_last_day", says, ("reason",), fallbacks)
    says = "Requests to language models this month (UTC)."
    yield _one("model_requests_this_month", says, figures.model_requests)
    says = "US dollars spent on language models this month (UTC)."
    yield _one("model_spent_this_month_dollars", says, figures.model_micro_usd / 1_000_000)


def _one(name: str, says: str, value: float) -> Gauge:
    return Gauge(f"vernis_{name}", says, value=float(value))


def _by(name: str, says: str, labels: tuple[str, ...], values: Mapping[Labels, float]) -> Gauge:
    found = Gauge(f"vernis_{name}", says, labels=labels)
    for of, value in sorted(values.items()):
        found.add_metric(of, float(value))
    return found
