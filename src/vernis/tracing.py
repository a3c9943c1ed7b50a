"""What is done and how long it takes, as spans: for metrics, and for OpenTelemetry where it is on.

A span is a name and a few attributes out of `ATTRIBUTES`: kinds, states, numbers, ids of ours.
Phones, names, texts, addresses and the words of errors are none of them, so that a trace can be
sent anywhere.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeAlias

from vernis.errors import ConfigError

Value: TypeAlias = str | int | float | bool

ATTRIBUTES = frozenset(
    {
        "http.request.method",
        "http.route",
        "http.response.status_code",
        "channel",
        "company",
        "crm",
        "error",  # the class of it
        "method",
        "model",
        "outcome",
        "stage",
        "found",
    }
)
LAST_SECONDS = 2.0  # for what is not exported yet when we end


@dataclass(slots=True)
class Span:
    """Something under way. `seconds` is there once it has ended."""

    name: str
    attributes: dict[str, Value] = field(default_factory=dict)
    seconds: float = 0.0

    def set(self, **attributes: Value) -> None:
        """Tell more of it; a double underscore stands for a dot: http__route."""
        for name, value in attributes.items():
            self.attributes[name.replace("__", ".")] = value


_listeners: list[Callable[[Span], None]] = []
_tracers: list[Any] = []  # of OpenTelemetry: none or one


@contextmanager
def span(name: str, **attributes: Value) -> Iterator[Span]:
    """Measure a block. An error is told by its class."""
    one = Span(name)
    one.set(**attributes)
    began = perf_counter()
    with _exported(one):
        try:
            yield one
        except BaseException as error:
            one.set(error=type(error).__name__)
            raise
        finally:
            one.seconds = perf_counter() - began
            for listener in _listeners:
                listener(one)


def listen(listener: Callable[[Span], None]) -> None:
    """Tell each span to somebody when it has ended, from now on and once."""
    if listener not in _listeners:
        _listeners.append(listener)


@contextmanager
def exporting(endpoint: str | None, *, version: str = "0") -> Iterator[None]:
    """Send the spans of the block to an OTLP receiver over HTTP, like http://127.0.0.1:4318.

    Without an endpoint nothing happens. Raises ConfigError where OpenTelemetry is not installed.
    """
    if endpoint is None or _tracers:
        yield
        return
    provider = _provider(endpoint, version)
    _tracers.append(provider.get_tracer("vernis", version))
    try:
        yield
    finally:
        _tracers.clear()
        provider.shutdown()


@contextmanager
def _exported(one: Span) -> Iterator[None]:
    if not _tracers:
        yield
        return
    with _tracers[0].start_as_current_span(
        one.name, record_exception=False, set_status_on_exception=False
    ) as exported:
        try:
            yield
        finally:
            for name, value in one.attributes.items():
                if name in ATTRIBUTES:
                    exported.set_attribute(name, value)
            if "error" in one.attributes:
                from opentelemetry.trace import StatusCode

                exported.set_status(StatusCode.ERROR)
            if route := one.attributes.get("http.route"):
                exported.update_name(f"{one.attributes['http.request.method']} {route}")


def _provider(endpoint: str, version: str) -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise ConfigError(
            "VERNIS_OTEL_ENDPOINT needs OpenTelemetry, which is not installed:"
            ' pip install "vernis[otel]".'
        ) from None
    resource = Resource({"service.name": "vernis", "service.version": version})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=LAST_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
