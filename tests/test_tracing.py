"""Traces: what a receiver of OpenTelemetry gets, and what it never gets."""

import asyncio
import builtins
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from vernis import tracing
from vernis.errors import ConfigError, OutcomeUnknownError


@dataclass
class Receiver:
    """An OTLP receiver that keeps what it was sent."""

    address: str
    bodies: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def spans(self) -> dict[str, dict[str, Any]]:
        """The attributes of each span by its name; `failed` where its status is an error."""
        found = {}
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        said = {
                            one.key: getattr(one.value, str(one.value.WhichOneof("value")))
                            for one in span.attributes
                        }
                        found[span.name] = said | {"failed": span.status.code == 2}
                        assert not span.events  # an exception's text would be in one
                        assert not span.status.message
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.paths.append(self.path)
            kept.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept = Receiver(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


def test_spans_arrive_with_their_attributes(receiver: Receiver) -> None:
    with tracing.exporting(receiver.address, version="1.2.3"):
        with tracing.span("stage", stage="plan", company=7), tracing.span("sweep") as sweep:
            sweep.set(found=3)
        with tracing.span("crm.call", crm="yclients", method="GET") as call:
            call.set(outcome="2xx")

    spans = receiver.spans()
    assert spans["stage"] == {"stage": "plan", "company": 7, "failed": False}
    assert spans["sweep"] == {"found": 3, "failed": False}
    assert spans["crm.call"]["outcome"] == "2xx"
    assert set(receiver.paths) == {"/v1/traces"}
    assert b"1.2.3" in receiver.bodies[0]


def test_of_an_error_its_class_arrives_and_no_word_of_it(receiver: Receiver) -> None:
    with (
        tracing.exporting(receiver.address),
        pytest.raises(OutcomeUnknownError),
        tracing.span("channel.send", channel="sandbox"),
    ):
        raise OutcomeUnknownError("79990000001 said «Да, запишите»")

    spans = receiver.spans()
    assert spans["channel.send"] == {
        "channel": "sandbox",
        "error": "OutcomeUnknownError",
        "failed": True,
    }
    assert b"7999" not in b"".join(receiver.bodies)


def test_an_attribute_that_is_not_known_stays_here(receiver: Receiver) -> None:
    with (
        tracing.exporting(receiver.address),
        tracing.span("channel.send", channel="sandbox", phone="79990000001") as span,
    ):
        span.set(text="Да, запишите")

    assert receiver.spans()["channel.send"] == {"channel": "sandbox", "failed": False}


async def test_a_request_is_named_by_its_route(receiver: Receiver) -> None:
    from fastapi import FastAPI

    from vernis.web.metrics import Measured

    web = FastAPI()

    @web.get("/v1/clients/{phone}")
    async def client(phone: str) -> str:
        return phone

    web.add_middleware(Measured)
    transport = httpx2.ASGITransport(web)
    with tracing.exporting(receiver.address):
        async with httpx2.AsyncClient(transport=transport, base_url="http://x") as asking:
            await asking.get("/v1/clients/79990000001?text=Да", headers={"x-name": "Ann-Canary"})
        await asyncio.sleep(0)

    said = receiver.spans()["GET /v1/clients/{phone}"]
    assert said["http.route"] == "/v1/clients/{phone}"
    assert said["http.response.status_code"] == 200
    body = b"".join(receiver.bodies)
    assert b"7999" not in body
    assert b"Ann-Canary" not in body
    assert "Да".encode() not in body


def test_nothing_is_sent_when_it_is_off(receiver: Receiver) -> None:
    with tracing.exporting(None), tracing.span("sweep"):
        pass

    assert receiver.bodies == []


def test_a_receiver_that_is_away_stops_nobody() -> None:
    with tracing.exporting("http://127.0.0.1:1"), tracing.span("sweep"):
        pass


def test_without_the_packages_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *args)

    for name in [name for name in sys.modules if name.startswith("opentelemetry.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", missing)
    with (
        pytest.raises(ConfigError, match=r'pip install "vernis\[otel\]"'),
        tracing.exporting("http://127.0.0.1:4318"),
    ):
        pass


def test_whoever_listens_hears_of_a_span_once_it_has_ended() -> None:
    heard: list[tracing.Span] = []
    tracing.listen(heard.append)
    try:
        with tracing.span("sweep") as span:
            assert heard == []
    finally:
        tracing._listeners.remove(heard.append)

    assert heard == [span]
    assert span.seconds > 0
