"""`vernis webhooks`: made, tried out, changed and removed by hand."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from command_line import Typed


class _Receiver(BaseHTTPRequestHandler):
    status = 204

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append(dict(self.headers))  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    server.asked, server.status = [], 204  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_is_made_tried_out_and_removed(typed: Typed, company: Any, receiver: Any) -> None:
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    assert "starts with https://" in typed("webhooks", "add", url, code=2)
    typed.environment["VERNIS_WEBHOOKS_PRIVATE"] = "1"
    assert "leads" not in typed("webhooks", "list")
    said = typed("webhooks", "add", url, "--event", "booking.created")
    assert said.startswith("whsec_")
    assert typed.json("webhooks", "list")[0]["events"] == ["booking.created"]

    assert "delivered\tHTTP 204" in typed("webhooks", "ping", "1")
    receiver.status = 500
    assert "waiting\tHTTP 500\tattempts 1\tnext" in typed("webhooks", "ping", "1")
    assert [one["state"] for one in typed.json("webhooks", "deliveries")] == [
        "waiting",
        "delivered",
    ]
    receiver.status = 200
    assert "delivered\tHTTP 200" in typed("webhooks", "redeliver", "2")
    assert len({asked["webhook-id"] for asked in receiver.asked}) == 2
    assert "0 attempts" in typed("webhooks", "send")

    assert "account.paused\tactive" in typed("webhooks", "set", "1", "--event", "account.paused")
    assert "paused (by_hand)" in typed("webhooks", "pause", "1")
    assert "resume 1" in typed("webhooks", "ping", "1", code=1)
    assert "active" in typed("webhooks", "resume", "1")
    assert typed("webhooks", "rotate", "1").startswith("whsec_")
    typed("webhooks", "remove", "1")
    assert "no webhook yet" in typed("webhooks", "list")
    assert "has no webhook 1" in typed("webhooks", "ping", "1", code=2)
