"""Webhooks that are not what they seem: forged signatures, and bodies that make no sense.

Both go through the web application as it is served, in this process: what is asked is what it
answers, and what it keeps of it.
"""

import gc
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from pydantic import SecretStr
from town import APP_SECRET, BRIDGE_SECRET, letter, message

from vernis.decide.channels import bridge_signature, cloud_signature, gateway_signature
from vernis.web.app import create

SECRETS = {
    "cloud": APP_SECRET,
    "bridge": BRIDGE_SECRET,
    "waha": "a-secret-of-the-chaos-waha",
    "evolution": "a-secret-of-the-chaos-evolution",
}
NOW = datetime(2024, 4, 1, 9, tzinfo=UTC)
RECORDINGS = Path(__file__).parents[1] / "channels" / "recordings"
LARGEST = 1024 * 1024

Headers = dict[str, str]


# --- signatures -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """How a channel proves that a webhook is its own."""

    name: str
    sign: Callable[[str, bytes, int], Headers]
    accepts: Callable[[str, Headers, bytes], bool]
    signs_body: bool = True
    signs_moment: bool = False


def _of_cloud(secret: str, body: bytes, _: int) -> Headers:
    return {"x-hub-signature-256": cloud_signature.signature(body, secret)}


def _of_bridge(secret: str, body: bytes, at: int) -> Headers:
    import hmac

    digest = hmac.digest(secret.encode(), f"{at}.".encode() + body, "sha256").hex()
    return {"x-timestamp": str(at), "x-signature": f"sha256={digest}"}


def _of_waha(secret: str, body: bytes, _: int) -> Headers:
    import hmac

    digest = hmac.digest(secret.encode(), body, "sha512").hex()
    return {"x-webhook-hmac": digest, "x-webhook-hmac-algorithm": "sha512"}


def _of_evolution(secret: str, _: bytes, __: int) -> Headers:
    return {"x-webhook-secret": secret}


SCHEMES = (
    Scheme(
        name="cloud",
        sign=_of_cloud,
        accepts=lambda secret, headers, body: cloud_signature.is_signed(
            body, headers.get("x-hub-signature-256"), secret
        ),
    ),
    Scheme(
        name="bridge",
        sign=_of_bridge,
        accepts=lambda secret, headers, body: bridge_signature.is_of_webhook(
            secret, headers, body, now=NOW
        ),
        signs_moment=True,
    ),
    Scheme(name="waha", sign=_of_waha, accepts=gateway_signature.is_waha),
    Scheme(
        name="evolution",
        sign=_of_evolution,
        accepts=lambda secret, headers, _: gateway_signature.is_evolution(secret, headers),
        signs_body=False,
    ),
)


def forged(scheme: Scheme, *, mutations: int, seed: int = 0) -> int:
    """How many of so many mutations are accepted, each of a webhook that is accepted as it is."""
    draw, accepted = random.Random(f"{scheme.name}{seed}"), 0
    at = int(NOW.timestamp())
    for number in range(mutations):
        body = json.dumps({"text": f"Спасибо {number} 🌸", "n": draw.random()}).encode()
        headers = scheme.sign(SECRETS[scheme.name], body, at)
        assert scheme.accepts(SECRETS[scheme.name], headers, body)
        accepted += scheme.accepts(*_mutated(scheme, draw, headers, body, at))
    return accepted


def _mutated(
    scheme: Scheme, draw: random.Random, headers: Headers, body: bytes, at: int
) -> tuple[str, Headers, bytes]:
    secret = SECRETS[scheme.name]
    kinds = ["header", "header", "missing", "secret", "no secret"]
    kinds += ["body"] * 3 if scheme.signs_body else []
    kinds += ["moment", "stale"] if scheme.signs_moment else []
    match draw.choice(kinds):
        case "body":
            return secret, headers, _changed(draw, body)
        case "header":
            name = draw.choice([n for n in headers if n != "x-webhook-hmac-algorithm"])
            value = _other(draw, headers[name])
            if name == "x-signature" and value == headers[name].removeprefix("sha256="):
                value = ""  # the hex alone is AI Admin's own form
            return secret, headers | {name: value}, body
        case "missing":
            gone = draw.choice([n for n in headers if n != "x-webhook-hmac-algorithm"])
            return secret, {n: v for n, v in headers.items() if n != gone}, body
        case "no secret":
            return "", scheme.sign("", body, at), body
        case "moment":
            moved = at + draw.choice([-1, 1, 60, -60, draw.randint(2, 10**8)])
            return secret, headers | {"x-timestamp": str(moved)}, body
        case "stale":
            off = draw.choice([-1, 1]) * draw.randint(301, 10**8)
            return secret, scheme.sign(secret, body, at + off), body
        case _:
            return secret, scheme.sign(_other(draw, secret), body, at), body


def _changed(draw: random.Random, body: bytes) -> bytes:
    place = draw.randrange(len(body))
    match draw.randrange(4):
        case 0:
            return (
                body[:place] + bytes([body[place] ^ (1 << draw.randrange(8))]) + body[place + 1 :]
            )
        case 1:
            return body[:place] + body[place + 1 :]
        case 2:
            return body + draw.choice([b" ", b"\n", b"\x00", b"}"])
    return json.dumps(json.loads(body) | {"more": 1}).encode()  # read and written again


def _other(draw: random.Random, text: str) -> str:
    """A text near this one."""
    place = draw.randrange(len(text))
    choices = [
        text[:place] + draw.choice("0123456789abcdefé") + text[place + 1 :],
        text[:place] + text[place + 1 :],
        text + draw.choice("0a "),
        text.swapcase() if text.swapcase() != text else text[::-1] + "x",
        "",
        text[:place],
    ]
    other = draw.choice(choices)
    return other if other != text else text + "0"


# --- bodies ---------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Malformed:
    """What came of it: answers by status, and the process's memory in MB."""

    bodies: int
    statuses: Counter[int] = field(default_factory=Counter)
    before: float = 0.0  # after the first tenth: pools and caches are full by then
    after: float = 0.0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.bodies} malformed bodies: {dict(sorted(self.statuses.items()))}, memory"
            f" {self.before:.0f} MB after the first tenth, {self.after:.0f} MB at the end"
        )


# So that what can still be read is stored.
ACCOUNTS = """
INSERT INTO accounts (company_id, account_id, channel, name, address)
VALUES (2, 11, 'waha', 'waha', 'salon'), (2, 12, 'evolution', 'evolution', 'salon'),
       (2, 13, 'ai_admin', 'ai_admin', 'default')
"""


async def pester(app: Any, *, bodies: int, seed: int = 0) -> Malformed:
    """Signed bodies of every channel, each bent in some way, to the application over `app`."""
    found, draw = Malformed(bodies=bodies), random.Random(seed)
    web, originals = create(app), _originals()
    for number in range(bodies):
        if number == bodies // 10:
            found.before = _megabytes()
        channel, body = _bent(draw, originals)
        scheme = next(scheme for scheme in SCHEMES if scheme.name == channel)
        headers = scheme.sign(SECRETS[channel], body, int(app.clock().timestamp()))
        status = await posted(web, channel, body, headers)
        found.statuses[status] += 1
        if status >= 500:
            found.faults.append(f"{status} to a body of {channel}: {body[:300]!r}")
    found.after = _megabytes()
    for size in (LARGEST + 1, 3 * LARGEST):
        for said in (True, False):
            status = await posted(web, "cloud", b" " * size, {}, tells_length=said)
            found.statuses[status] += 1
            if status != 413:
                found.faults.append(f"{size} bytes are answered {status}")
    return found


async def posted(
    web: Any, channel: str, body: bytes, headers: Headers, *, tells_length: bool = True
) -> int:
    """The status of the answer. The body comes in pieces, as from a network."""
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    fields += [(b"content-length", str(len(body)).encode())] if tells_length else []
    path = f"/webhooks/{channel}"
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 9),
        "headers": fields,
    }
    pieces = [body[at : at + 65536] for at in range(0, len(body), 65536)] or [b""]
    statuses = []

    async def receive() -> dict[str, Any]:
        piece = pieces.pop(0) if pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(event: dict[str, Any]) -> None:
        if event["type"] == "http.response.start":
            statuses.append(event["status"])

    await web(scope, receive, send)
    return int(statuses[0])


def _originals() -> list[tuple[str, Any]]:
    """Webhooks as they are: the recordings of all channels, and what the town writes."""
    found: list[tuple[str, Any]] = []
    for file in sorted(RECORDINGS.rglob("*.json")):
        name = file.relative_to(RECORDINGS).as_posix()
        channel = next((c for c in SECRETS if c in name), None)
        value = json.loads(file.read_text(encoding="utf-8"))
        if channel:
            found += [(channel, one) for one in (value if isinstance(value, list) else [value])]
    for channel, in_town in (("cloud", "cloud"), ("bridge", "baileys")):
        items = {"messages": [message(in_town, "IN1", "79000000001", "Здравствуйте")]}
        found.append((channel, json.loads(letter(in_town, **items)[0])))
        status = {
            "id": "wamid.1",
            "messageId": "3EB01",
            "status": "read",
            "timestamp": "1711962000",
        }
        found.append((channel, json.loads(letter(in_town, statuses=[status])[0])))
    return found


ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, 10**30, -(10**30), "", " ", "0", "null", "\x00",
    "\ud800", "a" * 5000, "79000000001", "+7 900", "😀", "1711962000", "9" * 400, [], {}, [[]],
    [None], {"": {}}, [{}], {"id": None}, "2024-04-01", "١٢٣", float("inf"), float("nan"),
)  # fmt: skip


def _bent(draw: random.Random, originals: list[tuple[str, Any]]) -> tuple[str, bytes]:
    channel, value = draw.choice(originals)
    match draw.randrange(20):
        case 0:
            return channel, draw.randbytes(draw.randrange(200))
        case 1:
            depth = draw.choice([10, 500, 20_000])
            return channel, b"[" * depth + b"]" * draw.choice([depth, 0])
        case 2:
            whole = json.dumps(value).encode()
            return channel, whole[: draw.randrange(len(whole))]
        case 3:
            return channel, json.dumps(draw.choice(ODD)).encode()
        case 4:
            whole = json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")
            place = draw.randrange(len(whole))
            return channel, whole[:place] + draw.randbytes(2) + whole[place + 2 :]
    value = json.loads(json.dumps(value).replace("IN1", f"IN{draw.randrange(10**6)}"))
    for _ in range(draw.randint(1, 4)):
        value = _bend(draw, value, originals)
    return channel, json.dumps(value).encode()


def _bend(draw: random.Random, value: Any, originals: list[tuple[str, Any]]) -> Any:
    """One place of it becomes something else, goes away, or comes twice."""
    places = list(_places(value)) if isinstance(value, dict | list) else []
    if not places:
        return draw.choice(ODD)
    holder, key = draw.choice(places)
    match draw.randrange(6):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.extend([holder[key]] * draw.randint(1, 20))
        case 2:
            holder[key] = [holder[key]]
        case 3:
            holder[key] = draw.choice(originals)[1]
        case _:
            holder[key] = draw.choice(ODD)
    return json.loads(json.dumps(value))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _megabytes() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1024 / 1024


# --- an open app ----------------------------------------------------------------------------------


@asynccontextmanager
async def opened(folder: Path, database_url: str, redis_url: str) -> AsyncIterator[Any]:
    """Vernis with all channels set up, by a real clock."""
    from vernis.app import PinnedClock, open_app
    from vernis.config import Settings

    secrets = {
        "cloud_app_secret": SecretStr(SECRETS["cloud"]),
        "bridge_secret": SecretStr(SECRETS["bridge"]),
        "waha_secret": SecretStr(SECRETS["waha"]),
        "evolution_secret": SecretStr(SECRETS["evolution"]),
    }
    settings = Settings(home=folder, database_url=database_url, redis_url=redis_url, **secrets)
    async with open_app(settings, clock=PinnedClock()) as app:
        yield app
