"""`/metrics` for Prometheus: what this process did and how long it took, and what the tables say.

Durations are of this process alone: each `vernis web` and worker has its own, to be added up.
Figures of the tables are the installation's, the same from whichever process: never add them up.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable
from functools import cache, partial
from importlib.metadata import version
from time import perf_counter
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vernis import tracing
from vernis.app import App
from vernis.config import Settings
from vernis.errors import ConfigError
from vernis.tracing import Span
from vernis.web.errors import Problem
from vernis.web.health import database_answers, redis_answers
from vernis.web.metric_figures import families
from vernis.web.watching import figures_of, may_look, shows

router = APIRouter(include_in_schema=False)
disable_created_metrics()  # a third of the lines, and nobody looks at them

QUICK = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)
SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_CHANNELS = {"bridge", "ai_admin", "cloud", "waha", "evolution", "yclients"}
_SENT = {None: "accepted", "RefusedError": "refused", "OutcomeUnknownError": "unknown"}


class Durations:
    """The histograms of a process, filled by what ends."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._http = self._of("http_request", QUICK, "method", "route", "status")
        self._webhook = self._of("webhook", QUICK, "channel", "status")
        self._stage = self._of("stage", SLOW, "stage", "outcome")
        self._sweep = self._of("sweep", SLOW)
        self._send = self._of("channel_send", SLOW, "channel", "outcome")
        self._crm = self._of("crm_request", SLOW, "crm", "method", "outcome")
        self._model = self._of("model_request", SLOW, "model", "outcome")
        labels = {"version": version("vernis"), "python": ".".join(map(str, sys.version_info[:3]))}
        build = Gauge(
            "vernis_build_info", "What runs here; always 1.", [*labels], registry=self.registry
        )
        build.labels(**labels).set(1)

    def _of(self, name: str, buckets: Iterable[float], *labels: str) -> Histogram:
        says = _SAYS[name]
        return Histogram(
            f"vernis_{name}_duration_seconds",
            says,
            labels,
            buckets=tuple(buckets),
            registry=self.registry,
        )

    def note(self, span: Span) -> None:
        """Count a span that has ended."""
        said: dict[str, Any] = span.attributes
        error = said.get("error")
        match span.name:
            case "http.request":
                self._note_http(span)
            case "stage":
                outcome = "error" if error else "ok"
                self._stage.labels(said["stage"], outcome).observe(span.seconds)
            case "sweep" if not error:
                self._sweep.observe(span.seconds)
            case "channel.send":
                outcome = _SENT.get(error, "error")
                self._send.labels(said["channel"], outcome).observe(span.seconds)
            case "crm.call":
                labels = said["crm"], said["method"], said.get("outcome", "none")
                self._crm.labels(*labels).observe(span.seconds)
            case "model.call":
                outcome = said.get("outcome", "none")
                self._model.labels(said["model"], outcome).observe(span.seconds)

    def _note_http(self, span: Span) -> None:
        said: dict[str, Any] = span.attributes
        status = f"{said.get('http.response.status_code', 500) // 100}xx"
        seconds = said.get("http.seconds", span.seconds)
        route = said["http.route"]
        self._http.labels(said["http.request.method"], route, status).observe(seconds)
        if route.startswith("/webhooks/"):
            self._webhook.labels(said["channel"], status).observe(seconds)


_SAYS = {
    "http_request": "Requests, until their answer began.",
    "webhook": "Webhooks of channels and CRMs, until they were answered.",
    "stage": "Stages of the work, one company's turn each.",
    "sweep": "Looking through the tables for work.",
    "channel_send": "Messages given to a channel, and what it said.",
    "crm_request": "Requests to CRMs; outcome none: no answer.",
    "model_request": "Requests to language models, and what came of them.",
}


@cache
def durations() -> Durations:
    """Those of this process, counted from the first call on."""
    made = Durations()
    tracing.listen(made.note)
    return made


durations()  # what a worker does before the first request counts as well


class Measured:
    """Each request as a span: the route as it is written here, never what was sent to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        method = scope["method"] if scope["method"] in _METHODS else "other"
        with tracing.span("http.request", http__request__method=method) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    status = int(message["status"])
                    seconds = perf_counter() - began  # live updates go on for hours
                    span.set(http__response__status_code=status, http__seconds=seconds)
                await send(message)

            try:
                await self._app(scope, receive, noted)
            finally:
                span.set(http__route=_route(scope), channel=_channel(scope))


def _route(scope: Scope) -> str:
    path: str = getattr(scope.get("route"), "path", "")
    is_static = scope.get("root_path", "").endswith("/static")
    return path or ("/static" if is_static else "unknown")


def _channel(scope: Scope) -> str:
    """Whose webhook it is."""
    said = scope.get("path_params", {}).get("channel")
    if said is None and "yclients" in _route(scope):
        return "yclients"
    return said if said in _CHANNELS else "cloud" if _route(scope).endswith("/cloud") else "other"


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Durations of this process, figures of the tables. 401 for strangers."""
    if not may_look(request):
        raise Problem(
            401,
            "no_token",
            "Show VERNIS_METRICS_TOKEN: Authorization: Bearer ... Where none is set, only"
            " this machine may look.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    counted = figures_of(request)
    database, redis, figures = await asyncio.gather(
        database_answers(request), redis_answers(request), counted.get()
    )
    tables = CollectorRegistry()
    tables.register(_Said(families(figures, database=database, redis=redis)))
    body = await asyncio.to_thread(generate_latest, durations().registry)
    return Response(body + generate_latest(tables), media_type=CONTENT_TYPE_LATEST)


class _Said:
    """A collector of what is counted already."""

    def __init__(self, found: Iterable[Any]) -> None:
        self._found = tuple(found)

    def collect(self) -> Iterable[Any]:
        return self._found


# --- a worker without the web -------------------------------------------------------------------


class Beside:
    """Serves the durations of a worker at VERNIS_METRICS_PORT. Raises ConfigError."""

    def __init__(self, settings: Settings) -> None:
        host, token = settings.metrics_host, settings.metrics_token
        if token is None and host not in {"127.0.0.1", "::1", "localhost"}:
            raise ConfigError("VERNIS_METRICS_HOST is not this machine: set VERNIS_METRICS_TOKEN.")
        try:
            self._server = make_server(
                host, settings.metrics_port or 0, partial(_answer, token), handler_class=_Silent
            )
        except (OSError, OverflowError) as error:
            reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "?"
            raise ConfigError(
                f"The metrics cannot be served at {host}, port {settings.metrics_port} ({reason}):"
                " give another VERNIS_METRICS_PORT."
            ) from None
        self.port: int = self._server.server_port

    async def __call__(self, _: App, stopped: Callable[[], Awaitable[None]]) -> None:
        """Serve in a thread of its own until `stopped` returns: also while the loop is busy."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            await stopped()
        finally:
            await asyncio.to_thread(self._server.shutdown)
            self._server.server_close()


class _Silent(WSGIRequestHandler):
    timeout = 5.0  # of one that says nothing

    def log_message(self, *_: object) -> None:
        return


def _answer(token: SecretStr | None, asked: dict[str, Any], start: Any) -> list[bytes]:
    if asked.get("PATH_INFO") != "/metrics":
        start("404 Not Found", [])
        return []
    if token is not None and not shows(token, asked.get("HTTP_AUTHORIZATION", "")):
        start("401 Unauthorized", [("WWW-Authenticate", "Bearer")])
        return []
    start("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
    return [generate_latest(durations().registry)]
