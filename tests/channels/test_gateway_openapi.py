"""Adapters, fakes and recordings against the gateways' own OpenAPI files, where these are."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from contract import ANNA, BORIS, LID, Rig
from recorded import load, names
from rigs import evolution_rig, waha_rig
from wire import Asked, FakeServer, How, Reply

from vernis.errors import ChannelError

SPECS = Path(__file__).parents[3] / "shared" / "specs" / "whatsapp"
PAYLOADS = {
    "message": "WAMessage",
    "message.any": "WAMessage",
    "message.reaction": "WAMessageReaction",
    "message.revoked": "WAMessageRevokedBody",
    "message.ack": "WAMessageAckBody",
    "session.status": "WASessionStatusBody",
}
NEWER = {"revokedMessageId", "source"}  # than the file


def spec(name: str) -> dict[str, Any]:
    path = SPECS / name
    if not path.exists():
        pytest.skip("the OpenAPI file is not here")
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def waha_spec() -> dict[str, Any]:
    return spec("waha_openapi_v202409.json")


@pytest.fixture(scope="module")
def evolution_spec() -> dict[str, Any]:
    return spec("evolution_openapi-v2.json")


def faults(spec: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """Against a schema, and for fields that it does not name."""
    whole = schema | {"components": spec.get("components", {})}
    found = [str(fault.message) for fault in jsonschema_rs.validator_for(whole).iter_errors(value)]
    named = schema
    if (reference := schema.get("$ref")) is not None:
        named = spec["components"]["schemas"][reference.rpartition("/")[2]]
    if isinstance(value, dict) and "properties" in named:
        found += [f"{name} is not in it" for name in set(value) - set(named["properties"])]
    return found


def operation(spec: dict[str, Any], asked: Asked) -> dict[str, Any]:
    for path, methods in spec["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", path)
        if re.fullmatch(pattern, asked.path) and asked.method.lower() in methods:
            return methods[asked.method.lower()]
    raise AssertionError(f"there is no {asked.method} {asked.path}")


def judge(spec: dict[str, Any], asked: Asked, reply: Reply) -> list[str]:
    """What is wrong with a request and its answer."""
    found, described = [], operation(spec, asked)
    (scheme,) = spec["components"]["securitySchemes"].values()
    if scheme["name"].lower() not in asked.headers:
        found.append(f"{scheme['name']} is not sent")
    if asked.body is not None:
        schema = described["requestBody"]["content"]["application/json"]["schema"]
        found += faults(spec, schema, asked.body)
    known = {
        p["name"]: p.get("required", False) for p in described["parameters"] if p["in"] == "query"
    }
    found += [f"?{name}" for name in set(asked.query) - set(known)]
    found += [
        f"?{name} is missing" for name, must in known.items() if must and name not in asked.query
    ]
    answers = described["responses"]
    if reply.status < 300:
        schema = answers[str(reply.status)]["content"]["application/json"]["schema"]
        found += faults(spec, schema, reply.body)
    return found


async def exercise(rig: Rig) -> list[tuple[Asked, Reply]]:
    """Everything that a channel can ask of its server."""
    await rig.send()
    await rig.send(None, lid=LID, key="r1-2")
    await rig.channel.look_up(rig.account, [ANNA, BORIS])
    await rig.channel.connection(rig.account)
    rig.fake.behave(BORIS, How.INVALID)
    with pytest.raises(ChannelError):
        await rig.send(BORIS)
    assert isinstance(rig.fake, FakeServer)
    return list(zip(rig.fake.asked, rig.fake.answered, strict=True))


async def test_what_waha_is_asked_and_answers_is_as_its_file_says(waha_spec):
    async with waha_rig() as rig:
        exchanges = await exercise(rig)
    assert len(exchanges) == 6
    assert [fault for exchange in exchanges for fault in judge(waha_spec, *exchange)] == []


async def test_what_evolution_is_asked_and_answers_is_as_its_file_says(evolution_spec):
    async with evolution_rig() as rig:
        exchanges = await exercise(rig)
    assert len(exchanges) == 5
    assert [fault for exchange in exchanges for fault in judge(evolution_spec, *exchange)] == []


def test_recorded_webhooks_of_waha_are_as_its_file_says(waha_spec):
    for name in names("waha"):
        sent = load(name)
        if (schema := PAYLOADS.get(sent["event"])) is None:
            continue  # came after that version, or is of no use
        reference = {"$ref": f"#/components/schemas/{schema}"}
        payload = {key: value for key, value in sent["payload"].items() if key not in NEWER}
        assert (name, faults(waha_spec, reference, payload)) == (name, [])
        envelope = waha_spec["components"]["schemas"]["WAHAWebhookMessage"]["properties"]
        assert set(sent) <= set(envelope)
