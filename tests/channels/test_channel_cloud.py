"""The Cloud API: what is sent when, what a refusal means, and how the number stands."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from contract import ANNA, is_a_sentence
from fake_cloud import (
    BODY_RU,
    BUSINESS,
    NUMBER,
    STATUS_OF,
    TOKEN,
    FakeCloud,
    Template,
    refusal,
)
from wire import Reply

from vernis.adapters.channel_cloud import Cloud
from vernis.decide.channels import cloud_standing as standing
from vernis.decide.channels.cloud_errors import MEANINGS, code_of, meaning
from vernis.decide.channels.cloud_request import as_variable, is_open, request
from vernis.domain import Account, ConnectionState, Outgoing, PauseReason
from vernis.errors import ConfigError, OutcomeUnknownError, Refusal, RefusedError

NOON = datetime(2024, 4, 1, 9, tzinfo=UTC)
OPENAPI = Path(__file__).parents[3] / "shared/specs/whatsapp/meta_business-messaging-api_v23.0.yaml"


NOWHERE = "http://127.0.0.1:9/v23.0"  # discard: nobody listens
SEALED = b"sealed"


def unseal(sealed: bytes, *, company_id: int, account_id: int) -> str:
    """Opens one token of one account, and no other."""
    if (sealed, company_id, account_id) != (SEALED, 1, 7):
        raise ConfigError("This token cannot be opened: give it again.")
    return TOKEN


def account(**more: Any) -> Account:
    values: dict[str, Any] = {
        "company_id": 1,
        "account_id": 7,
        "channel": "cloud",
        "address": NUMBER,
        "business": BUSINESS,
        "settings": {"template": {"name": "come_back", "language": "ru"}},
    }
    return Account(**values | more)


def channel(fake: FakeCloud, **more: Any) -> Cloud:
    values: dict[str, Any] = {
        "clock": lambda: fake.now,
        "unseal": unseal,
        "token": TOKEN,
        "base_url": fake.base_url,
    }
    return Cloud(**values | more)


@pytest.fixture
async def fake() -> AsyncIterator[FakeCloud]:
    async with FakeCloud() as fake:
        yield fake


@pytest.fixture
async def cloud(fake: FakeCloud) -> AsyncIterator[Cloud]:
    cloud = channel(fake)
    yield cloud
    await cloud.aclose()


def written(text: str = "Запишу вас на субботу?", **more: Any) -> Outgoing:
    values: dict[str, Any] = {"company_id": 1, "account_id": 7, "key": "r1-12", "phone": ANNA}
    return Outgoing(**values | {"text": text} | more)


# --- free text and the template ------------------------------------------------------------------


async def test_within_24_hours_the_text_goes_as_it_is(fake: FakeCloud, cloud: Cloud):
    fake.heard[ANNA] = NOON - timedelta(hours=23)
    await cloud.send(account(), written("Две\nстроки", last_heard_at=fake.heard[ANNA]))
    (sent,) = fake.asked
    assert sent.body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": ANNA,
        "biz_opaque_callback_data": "r1-12",
        "type": "text",
        "text": {"body": "Две\nстроки", "preview_url": False},
    }
    assert sent.headers["content-type"] == "application/json"


async def test_later_the_text_is_the_template_s_variable(fake: FakeCloud, cloud: Cloud):
    heard = NOON - timedelta(hours=25)
    await cloud.send(account(), written("Две\n\n строки", last_heard_at=heard))
    assert fake.asked[0].body["template"] == {
        "name": "come_back",
        "language": {"policy": "deterministic", "code": "ru"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "Две строки"}]}],
    }
    (arrived,) = fake.reached
    assert arrived.text == BODY_RU.replace("{{1}}", "Две строки")


async def test_a_variable_with_a_name_is_named(fake: FakeCloud, cloud: Cloud):
    fake.templates = [Template(text="Привет! {{words}} Ждём вас.")]
    template = {"name": "come_back", "language": "ru", "variable": "words"}
    await cloud.send(account(settings={"template": template}), written("Это мы."))
    assert fake.reached[0].text == "Привет! Это мы. Ждём вас."


@pytest.mark.parametrize(
    ("ago", "opens"),
    [
        (None, False),
        (timedelta(0), True),
        (timedelta(hours=23, minutes=58), True),
        (timedelta(hours=23, minutes=59, seconds=30), False),  # it might arrive too late
        (timedelta(hours=24), False),
        (timedelta(days=300), False),
    ],
)
def test_the_window_is_24_hours_less_a_minute(ago: timedelta | None, opens: bool):
    assert is_open(None if ago is None else NOON - ago, now=NOON) is opens


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("одна строка", "одна строка"),
        ("a\nb", "a b"),
        ("a\r\n\r\n\tb", "a b"),
        ("a        b", "a b"),
        ("\n a\u2028b\x0bc \n", "a b c"),
        ("100\u00a0%\u202fи  ждём 💇‍♀️", "100\u00a0%\u202fи  ждём 💇‍♀️"),
    ],
)
def test_a_variable_is_one_line(text: str, line: str):
    assert as_variable(text) == line


@pytest.mark.parametrize(
    ("message", "template", "code", "refusal"),
    [
        (written(phone=None, lid="US.134912"), True, "no_phone", Refusal.INVALID),
        (written(phone="../me"), True, "no_phone", Refusal.INVALID),
        (written(" \n "), True, "no_text", Refusal.INVALID),
        (written("ё" * 1025), True, "text_too_long", Refusal.INVALID),
        (written("ё" * 4097, last_heard_at=NOON), True, "text_too_long", Refusal.INVALID),
        (written(), False, "no_template", Refusal.TEMPLATE),
    ],
)
def test_what_cannot_be_sent_is_refused_before_the_call(message, template, code, refusal):
    named = {"name": "come_back", "language": "ru"} if template else None
    with pytest.raises(RefusedError) as refused:
        request(message, named, now=NOON)
    assert (refused.value.code, refused.value.refusal) == (code, refusal)
    assert not refused.value.temporary


def test_the_longest_texts_are_sent():
    named = {"name": "come_back", "language": "ru"}
    free = request(written("ё" * 4096, last_heard_at=NOON), named, now=NOON)
    assert len(free["text"]["body"]) == 4096
    filled = request(written("ё" * 1024), named, now=NOON)
    assert len(filled["template"]["components"][0]["parameters"][0]["text"]) == 1024


# --- the token and the number --------------------------------------------------------------------


async def test_the_account_s_own_token_goes_before_the_installation_s(fake: FakeCloud):
    cloud = channel(fake, token="EAAwrong")
    await cloud.send(account(sealed_token=SEALED), written())
    with pytest.raises(RefusedError):
        await cloud.send(account(), written())
    await cloud.aclose()


@pytest.mark.parametrize(
    ("about", "refusal"),
    [
        ({"sealed_token": b"another's"}, Refusal.UNAUTHORISED),
        ({"address": None}, Refusal.NOT_CONNECTED),
        ({"address": "../me"}, Refusal.NOT_CONNECTED),
    ],
)
async def test_an_account_that_is_not_set_up_asks_nothing(fake, cloud, about, refusal):
    with pytest.raises(RefusedError) as refused:
        await cloud.send(account(**about), written())
    assert refused.value.refusal is refusal
    connected = await cloud.connection(account(**about))
    assert connected.state is not ConnectionState.CONNECTED
    is_a_sentence(connected.says)
    assert fake.asked == []


async def test_without_any_token_nothing_is_asked(fake: FakeCloud):
    cloud = channel(fake, token=None)
    with pytest.raises(RefusedError) as refused:
        await cloud.send(account(), written())
    assert refused.value.code == "no_token"
    assert (await cloud.connection(account())).state is ConnectionState.UNAUTHORISED
    assert fake.asked == []


# --- errors --------------------------------------------------------------------------------------

# What each code has to mean; whole tables stand in cloud_errors.
WANTED = {
    131050: Refusal.STOPPED,
    131049: Refusal.CAPPED,
    130472: Refusal.CAPPED,
    131026: Refusal.NOT_ON_CHANNEL,
    131047: Refusal.WINDOW,
    132000: Refusal.TEMPLATE,
    132001: Refusal.TEMPLATE,
    132012: Refusal.TEMPLATE,
    132015: Refusal.TEMPLATE,
    132016: Refusal.TEMPLATE,
    4: Refusal.RATE_LIMITED,
    80007: Refusal.RATE_LIMITED,
    130429: Refusal.RATE_LIMITED,
    131048: Refusal.RATE_LIMITED,
    131056: Refusal.RATE_LIMITED,
    0: Refusal.UNAUTHORISED,
    3: Refusal.UNAUTHORISED,
    10: Refusal.UNAUTHORISED,
    190: Refusal.UNAUTHORISED,
    200: Refusal.UNAUTHORISED,
    299: Refusal.UNAUTHORISED,
    368: Refusal.RESTRICTED,
    131031: Refusal.RESTRICTED,
    131042: Refusal.RESTRICTED,
    131045: Refusal.LOGGED_OUT,
    133010: Refusal.LOGGED_OUT,
    133004: Refusal.NOT_CONNECTED,
    100: Refusal.INVALID,
    131051: Refusal.INVALID,
    132005: Refusal.INVALID,
}
DOUBTFUL = {1, 2, 131000, 131016}


def test_a_code_means_what_meta_says_it_means():
    assert {code: MEANINGS[code].refusal for code in WANTED} == WANTED


async def test_every_known_code_is_a_refusal_or_a_doubt(fake: FakeCloud, cloud: Cloud):
    once = {code: known for code, known in MEANINGS.items() if code not in range(201, 300)}
    for place, (code, known) in enumerate(once.items()):
        phone = f"7999001{place:04}"
        fake.codes[phone] = code
        with pytest.raises((RefusedError, OutcomeUnknownError)) as raised:
            await cloud.send(account(), written(phone=phone))
        if code in DOUBTFUL:
            assert isinstance(raised.value, OutcomeUnknownError), code
            continue
        assert isinstance(raised.value, RefusedError), code
        assert (raised.value.code, raised.value.refusal) == (str(code), known.refusal)
        assert (raised.value.temporary, raised.value.retry_after) == (known.temporary, known.wait)
    assert fake.reached == []
    assert fake.requests == len(once)


def test_every_code_has_a_sentence_for_a_person():
    for known in MEANINGS.values():
        is_a_sentence(known.says)
    assert {code for code, known in MEANINGS.items() if known.doubtful} == DOUBTFUL


def test_an_unknown_error_has_no_meaning():
    odd: list[Any] = ["131050", True, 10**40, -1, 555_555, [190], 1.0e300, None]
    for error in (None, [], "131050", {}, *({"code": code} for code in odd)):
        assert meaning(error) is None


def test_an_object_that_is_not_there_is_a_matter_of_access():
    error = {"code": 100, "error_subcode": 33}
    assert meaning(error) is MEANINGS[33]
    assert code_of(error) == "100/33"


def unheard(status: int, after: str | None = None) -> Reply:
    answer = refusal(555_555, "Something new", after=after)
    return Reply(status=status, body=answer.body, headers=answer.headers)


@pytest.mark.parametrize(
    ("reply", "refusal", "temporary"),
    [
        (unheard(400), Refusal.INVALID, False),
        (unheard(401), Refusal.UNAUTHORISED, False),
        (unheard(403), Refusal.UNAUTHORISED, False),
        (unheard(429, "90"), Refusal.RATE_LIMITED, True),
        (Reply(status=429, text="slow down"), Refusal.RATE_LIMITED, True),
        (Reply(status=302, text="", headers={"location": "/"}), Refusal.NOT_CONNECTED, True),
        (Reply(status=400, text="{"), Refusal.INVALID, False),
        (unheard(500), None, False),
        (unheard(503), None, False),
        (Reply(status=502, text="<html>"), None, False),
        (Reply(status=200, text="{"), None, False),
        (Reply(status=200, body={"messages": []}), None, False),
        (Reply(status=200, body=[1]), None, False),
        (Reply(status=200, body={"messages": [{"id": 5.0}, "x"]}), None, False),
    ],
)
async def test_an_unknown_answer_is_judged_by_its_status(reply, refusal, temporary):
    class Odd(FakeCloud):
        def reply(self, asked):
            return reply

    async with Odd() as fake:
        cloud = channel(fake)
        with pytest.raises((RefusedError, OutcomeUnknownError)) as raised:
            await cloud.send(account(), written())
        await cloud.aclose()
    assert fake.requests == 1
    assert getattr(raised.value, "refusal", None) is refusal
    assert getattr(raised.value, "temporary", False) is temporary


async def test_meta_s_own_retry_after_goes_before_ours(fake: FakeCloud, cloud: Cloud):
    fake.codes[ANNA], fake.after = 80007, "120"
    with pytest.raises(RefusedError) as refused:
        await cloud.send(account(), written())
    assert refused.value.retry_after == timedelta(minutes=2)


async def test_an_answer_that_never_comes_whole_is_a_doubt(fake: FakeCloud):
    fake.hanging.add(ANNA)
    cloud = channel(fake, seconds=0.3)
    with pytest.raises(OutcomeUnknownError):
        await cloud.send(account(), written())
    await cloud.aclose()


async def test_the_fake_refuses_what_meta_refuses(fake: FakeCloud, cloud: Cloud):
    """The window, a template that is paused, gone or takes two variables, a text too long."""
    rows = [
        ({"last_heard_at": NOON}, Template(), 131047),
        ({}, Template(status="PAUSED"), 132015),
        ({}, Template(status="DISABLED"), 132016),
        ({}, Template(status="PENDING"), 132001),
        ({}, Template(language="en"), 132001),
        ({}, Template(text="{{1}} и {{2}}"), 132000),
        ({"text": "ё" * 1024}, Template(), 132005),
    ]
    for about, template, code in rows:
        fake.templates = [template]
        with pytest.raises(RefusedError) as refused:
            await cloud.send(account(), written(**about))
        assert refused.value.code == str(code)


# --- how the number stands -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tier", "limits"),
    [
        ("TIER_250", {"new_chats": 250}),
        ("TIER_1K", {"new_chats": 1_000}),
        ("TIER_2K", {"new_chats": 2_000}),
        ("TIER_10K", {"new_chats": 10_000}),
        ("TIER_100K", {"new_chats": 100_000}),
        ("TIER_UNLIMITED", {"new_chats": None}),
        ("UNLIMITED", {"new_chats": None}),
        ("TIER_NOT_SET", {}),
        (None, {}),
        ([], {}),
    ],
)
def test_a_tier_is_so_many_new_conversations_in_24_hours(tier: Any, limits: dict[str, Any]):
    connected = standing.of_number({"status": "CONNECTED", "messaging_limit_tier": tier})
    assert (connected.state, connected.limits) == (ConnectionState.CONNECTED, limits)


async def test_limits_quality_and_category_are_told(fake: FakeCloud, cloud: Cloud):
    fake.number |= {"quality_rating": "YELLOW", "messaging_limit_tier": "TIER_10K"}
    connected = await cloud.connection(account())
    assert connected.limits == {
        "new_chats": 10_000,
        "quality": "YELLOW",
        "template_category": "MARKETING",
        "number": "79990009999",
    }


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("CONNECTED", ConnectionState.CONNECTED),
        ("FLAGGED", ConnectionState.CONNECTED),
        ("PENDING", ConnectionState.CONNECTING),
        ("UNVERIFIED", ConnectionState.LOGGED_OUT),
        ("DISCONNECTED", ConnectionState.LOGGED_OUT),
        ("MIGRATED", ConnectionState.LOGGED_OUT),
        ("RESTRICTED", ConnectionState.RESTRICTED),
        ("RATE_LIMITED", ConnectionState.RESTRICTED),
        ("BANNED", ConnectionState.RESTRICTED),
        ("SOMETHING_NEW", ConnectionState.UNKNOWN),
    ],
)
def test_a_number_s_status_is_a_state_and_a_sentence(status: str, state: ConnectionState):
    connected = standing.of_number({"status": status, "quality_rating": "NA"})
    assert (connected.state, connected.limits) == (state, {})
    if status != "CONNECTED":
        is_a_sentence(connected.says)
    is_at_its_limit = status == "RATE_LIMITED"
    assert connected.pause is (PauseReason.RATE_LIMITED if is_at_its_limit else None)


@pytest.mark.parametrize(
    ("templates", "says"),
    [
        ([Template()], None),
        ([Template(status="FLAGGED")], None),
        ([], "not there: create it"),
        ([Template(name="come_back_2")], "not there: create it"),
        ([Template(language="en"), Template(language="de")], "but in de, en"),
        ([Template(status="PENDING")], "not approved yet"),
        ([Template(status="IN_APPEAL")], "not approved yet"),
        ([Template(status="REJECTED")], "rejected"),
        ([Template(status="PAUSED")], "paused"),
        ([Template(status="DISABLED")], "disabled"),
        ([Template(status="PENDING_DELETION")], "deleted"),
        ([Template(status="SOMETHING_NEW")], "SOMETHING_NEW"),
        ([Template(text="Ждём вас!")], "0 variables"),
        ([Template(text="{{1}}, ждём {{2}}!")], "2 variables"),
        ([Template(text="Ждём {{words}}!")], "exactly one"),
    ],
)
async def test_a_template_that_cannot_be_sent_is_one_sentence(fake, cloud, templates, says):
    fake.templates = templates
    connected = await cloud.connection(account())
    if says is None:
        assert (connected.state, connected.says) == (ConnectionState.CONNECTED, None)
        return
    assert connected.state is ConnectionState.TEMPLATE_MISSING
    assert connected.limits["new_chats"] == 250
    assert says in (connected.says or "")
    assert (connected.says or "").endswith(".")


async def test_an_account_without_a_template_says_so(fake: FakeCloud, cloud: Cloud):
    connected = await cloud.connection(account(settings={}))
    assert connected.state is ConnectionState.TEMPLATE_MISSING
    is_a_sentence(connected.says)


async def test_an_unknown_business_account_leaves_the_template_unchecked(fake, cloud):
    connected = await cloud.connection(account(business=None))
    assert connected.state is ConnectionState.CONNECTED
    is_a_sentence(connected.says)


NUMBER_PATH, TEMPLATE_PATH = NUMBER, "message_templates"


@pytest.mark.parametrize("path", [NUMBER_PATH, TEMPLATE_PATH])
@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (refusal(190, "Session has expired", subcode=463), ConnectionState.UNAUTHORISED),
        (refusal(200, "Requires permission"), ConnectionState.UNAUTHORISED),
        (refusal(100, "No such object", subcode=33), ConnectionState.UNAUTHORISED),
        (refusal(368, "Blocked"), ConnectionState.RESTRICTED),
        (refusal(133010, "Not registered"), ConnectionState.LOGGED_OUT),
        (refusal(4, "Too many calls"), ConnectionState.UNKNOWN),
        (refusal(131000, "Something went wrong"), ConnectionState.UNREACHABLE),
        (Reply(status=401, text="no"), ConnectionState.UNAUTHORISED),
        (Reply(status=502, text="<html>"), ConnectionState.UNREACHABLE),
        (Reply(status=200, text="<html>"), ConnectionState.UNREACHABLE),
        (Reply(breaks=True), ConnectionState.UNREACHABLE),
    ],
)
async def test_a_question_that_is_not_answered_is_one_sentence(fake, cloud, path, reply, state):
    fake.failing = (path, reply)
    connected = await cloud.connection(account())
    assert connected.state is state
    is_a_sentence(connected.says)


async def test_newer_versions_are_asked_for_the_business_s_limit(fake: FakeCloud):
    cloud = channel(fake, base_url=f"{fake.url}/v24.0/")
    await cloud.connection(account())
    await cloud.aclose()
    assert "whatsapp_business_manager_messaging_limit" in fake.asked[0].query["fields"]
    connected = standing.of_number({"whatsapp_business_manager_messaging_limit": "TIER_2K"})
    assert connected.limits == {"new_chats": 2_000}


async def test_nobody_there_is_one_sentence(fake: FakeCloud):
    cloud = channel(fake, base_url=NOWHERE)
    assert await cloud.connection(account()) == standing.UNREACHABLE
    await cloud.aclose()


# --- against the official description ------------------------------------------------------------


@cache
def openapi() -> dict[str, Any]:
    import yaml

    if not OPENAPI.exists():
        pytest.skip("the OpenAPI file is not here")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    described: dict[str, Any] = yaml.load(OPENAPI.read_text(), Loader=loader)
    return described


def merged(name: str) -> dict[str, Any]:
    """A message's schema, its `allOf` laid together: beside `additionalProperties: false` of one
    part the file would refuse its own examples. Our key is in Meta's reference only."""
    schemas = openapi()["components"]["schemas"]
    properties: dict[str, Any] = {"biz_opaque_callback_data": {"type": "string", "maxLength": 512}}
    required: list[str] = []
    for part in schemas[name]["allOf"]:
        schema = schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        properties |= schema["properties"]
        required += schema["required"]
    schema = {"type": "object", "properties": properties, "required": required}
    schema |= {"additionalProperties": False, "components": openapi()["components"]}
    return schema


def test_what_is_sent_is_what_the_openapi_file_describes():
    import jsonschema_rs

    named = {"name": "come_back", "language": "ru"}
    for schema, message in (
        ("TextMessage", written("Ждём\nвас", last_heard_at=NOON)),
        ("TemplateMessage", written("Ждём\nвас")),
    ):
        body = request(message, named, now=NOON)
        jsonschema_rs.validate(merged(schema), body)
        assert not jsonschema_rs.is_valid(merged(schema), {**body, "recipient": "US.1"})
        body.pop("to")
        assert not jsonschema_rs.is_valid(merged(schema), body)


async def test_what_is_asked_and_answered_is_what_the_openapi_file_describes(fake, cloud):
    import jsonschema_rs

    paths, schemas = openapi()["paths"], openapi()["components"]["schemas"]
    about: Account = account()
    await cloud.connection(about)
    await cloud.send(about, written())
    number, templates, _ = fake.asked
    known = set(schemas["WhatsAppAccountNumber"]["properties"])
    assert set(number.query["fields"].split(",")) <= known
    described = paths["/{Version}/{WABA-ID}/message_templates"]["get"]["parameters"]
    assert set(templates.query) <= {one.get("name") for one in described}
    whole = {"components": openapi()["components"]}
    for reply, schema in zip(
        fake.answered, ("WhatsAppAccountNumber", None, "MessageResponsePayload"), strict=True
    ):
        if schema is not None:
            jsonschema_rs.validate({"$ref": f"#/components/schemas/{schema}", **whole}, reply.body)
    for code in STATUS_OF:
        error = json.loads(json.dumps(refusal(code, "x").body))
        jsonschema_rs.validate({"$ref": "#/components/schemas/GraphAPIError", **whole}, error)
