"""The bridge itself, a process of Node.js with a WhatsApp that is not there (fake-socket.js), and
a place for the webhooks that it posts."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from bridge_package import FOLDER, NODE, install
from wire import Delivered, How, Letter

SECRET = "a-secret-of-the-real-bridge"
# What fake-socket.js does with a phone, by its last four digits.
PHONES = {
    How.NOT_ON_WHATSAPP: "79990000404",
    How.RATE_LIMITED: "79990000429",
    How.LOGGED_OUT: "79990000401",
    How.RESTRICTED: "79990000463",
    How.NOT_CONNECTED: "79990000503",
    How.LOST: "79990000504",
    How.FAULT: "79990000500",
}
REFUSED = {PHONES[How.RATE_LIMITED], PHONES[How.RESTRICTED]}  # by the server itself


@dataclass(kw_only=True)
class RealBridge:
    """A bridge that runs, with what reached its WhatsApp and what it posted."""

    url: str
    folder: Path
    letters: list[Letter] = field(default_factory=list)

    def sent(self, login: str) -> list[dict[str, Any]]:
        """What reached WhatsApp's server, whatever that made of it."""
        path = self.folder / "sent.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [one for line in lines if (one := json.loads(line))["account"] == login]

    def delivered(self, login: str) -> list[Delivered]:
        """What it did not refuse."""
        arrived = [_delivered(one) for one in self.sent(login)]
        return [one for one in arrived if one.phone not in REFUSED]

    def hears(self, **line: Any) -> None:
        """Something happens at the salon's phone: a line of fake-socket.js's inbox."""
        with (self.folder / "inbox.jsonl").open("a") as inbox:
            inbox.write(json.dumps(line, ensure_ascii=False) + "\n")


def _delivered(sent: dict[str, Any]) -> Delivered:
    user, _, server = sent["jid"].partition("@")
    is_lid = server == "lid"
    return Delivered(
        message_id=sent["messageId"],
        text=sent["text"],
        phone=None if is_lid else user,
        lid=user if is_lid else None,
    )


@contextmanager
def running_bridge(folder: Path) -> Iterator[RealBridge]:
    """One bridge in `folder`, until the block ends; its webhooks are kept."""
    letters: list[Letter] = []
    with _mailbox(letters) as webhook:
        quick = {"BRIDGE_SEND_TIMEOUT": "0.3"}
        with bridge_process(folder, webhook, letters=letters, environment=quick) as running:
            yield running


@contextmanager
def bridge_process(
    folder: Path,
    webhook: str,
    *,
    letters: list[Letter] | None = None,
    environment: Mapping[str, str] | None = None,
    before: Sequence[str] = (),
) -> Iterator[RealBridge]:
    """A bridge that posts to `webhook`. `before` are options of Node.js."""
    install()
    usual = {
        "PATH": os.environ.get("PATH", ""),
        "BRIDGE_SECRET": SECRET,
        "BRIDGE_PORT": "0",
        "BRIDGE_DATA": str(folder / "data"),
        "BRIDGE_WEBHOOK": webhook,
        "BRIDGE_SOCKET": str(FOLDER / "test" / "fake-socket.js"),
        "BRIDGE_BACKOFF": "0.02",
        "FAKE_LOG": str(folder / "sent.jsonl"),
        "FAKE_INBOX": str(folder / "inbox.jsonl"),
        "FAKE_DELAY": "1",
    }
    with (
        (folder / "errors").open("w") as errors,
        subprocess.Popen(
            [NODE, *before, str(FOLDER / "src" / "main.js")],
            env=usual | dict(environment or {}),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        drain = threading.Thread(target=_drain, args=(process,), daemon=True)
        try:
            url = _listening(process, folder)
            drain.start()
            yield RealBridge(url=url, folder=folder, letters=[] if letters is None else letters)
        finally:
            process.terminate()
            process.wait()
            if drain.ident:
                drain.join()


def _listening(process: "subprocess.Popen[str]", folder: Path) -> str:
    assert process.stdout
    for line in process.stdout:
        if '"listening"' in line:
            return json.loads(line)["url"]
    pytest.fail(f"The bridge did not start: {(folder / 'errors').read_text()}")


def _drain(process: "subprocess.Popen[str]") -> None:
    assert process.stdout
    for _ in process.stdout:
        pass


@contextmanager
def _mailbox(letters: list[Letter]) -> Iterator[str]:
    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            letters.append(Letter(content=content, headers=headers))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/webhooks/bridge"
        server.shutdown()
        thread.join()


def until(probe: Any) -> Any:
    """What the probe finds, as soon as it finds anything."""
    while not (found := probe()):
        time.sleep(0.01)
    return found
