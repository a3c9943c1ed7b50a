"""What Meta posts, whose it is, and that nothing else is taken for it."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from contract import is_a_sentence
from fake_cloud import APP_SECRET, BUSINESS, NUMBER, VERIFY_TOKEN, FakeCloud
from hypothesis import given
from hypothesis import strategies as st
from recorded import ANNA, ANY_JSON, NOW, SAID_AT, YES, damaged, inbound, load, names, storable
from wire import Letter, Mailbox

from vernis.decide.channels import cloud
from vernis.decide.channels.cloud_signature import challenge, is_signed
from vernis.domain import (
    AccountNews,
    ConnectionState,
    Delivery,
    Event,
    Inbound,
    PauseReason,
    Preference,
    Status,
    TemplateNews,
)
from vernis.errors import DataError, Refusal

OFFICIAL = Path(__file__).parents[3] / "shared/specs/whatsapp/pywa_updates"
UID = "RU.10000000000000000001"
WHOLE = f"waba:{BUSINESS}"


def heard(message_id: str = "wamid.IN1", **values: Any) -> Inbound:
    return inbound(message_id, **values)


def other(text: str | None = None, **values: Any) -> Inbound:
    return heard(kind="other", text=text, **values)


def chosen(text: str) -> Inbound:
    return heard(text=text, quoted_message_id="wamid.OUT1")


def of_staff(text: str, **values: Any) -> Inbound:
    return heard("wamid.STAFF1", kind="staff", text=text, **values)


MESSAGES = {
    "text": heard(),
    "text_from_a_user_id_too": heard(lid=UID),
    "text_of_a_user_name": heard(phone=None, lid=UID),
    "text_of_a_contact_alone": heard(lid=UID),
    "text_beside_another_contact": heard(lid=UID),
    "text_of_another_contact": heard(),  # whose user id is not Anna's
    "quoting": heard(quoted_message_id="wamid.OUT1"),
    "forwarded": heard(),
    "from_an_advertisement": heard(),
    "image": heard(kind="photo", text="Вот такую"),
    "image_without_words": heard(kind="photo", text=None),
    "video": other("Посмотрите"),
    "document": other(),
    "voice": heard(kind="voice", text=None),
    "audio": heard(kind="voice", text=None),
    "sticker": heard(kind="sticker", text=None),
    "location": other(),
    "contacts": other(),
    "reaction": heard(kind="reaction", text="👍", quoted_message_id="wamid.OUT1"),
    "reaction_taken_back": heard(kind="reaction", text=None, quoted_message_id="wamid.OUT1"),
    "button": chosen("Записаться"),
    "button_to_stop": chosen("Стоп"),
    "button_reply": chosen("Да, запишите"),
    "list_reply": chosen("Суббота, 12:00"),
    "form": other(quoted_message_id="wamid.OUT1"),
    "interactive_without_content": other(quoted_message_id="wamid.OUT1"),
    "order": other("Можно сегодня?"),
    "unsupported": other(),
    "of_a_new_type": other(),
    "edited": heard(
        "wamid.EDIT1", kind="edited", text="Нет, в пятницу", quoted_message_id="wamid.IN1"
    ),
    "edited_caption": heard(
        "wamid.EDIT1", kind="edited", text="Вот эту", quoted_message_id="wamid.IN1"
    ),
    "deleted": heard("wamid.GONE1", kind="deleted", text=None, quoted_message_id="wamid.IN1"),
    "staff": of_staff("Здравствуйте! Записала вас"),
    "staff_to_a_user_id": of_staff("Здравствуйте! Записала вас", lid=UID),
    "staff_photo": of_staff("Так будет"),
    "staff_edited": of_staff("Записала на 12:00", quoted_message_id="wamid.STAFF0"),
}
EVENTS = {
    "status_sent": (Event.ACCEPTED, None),
    "status_delivered": (Event.DELIVERED, None),
    "status_read": (Event.READ, None),
    "status_played": (Event.READ, None),
    "status_failed_stopped": (Event.FAILED, Refusal.STOPPED),
    "status_failed_capped": (Event.FAILED, Refusal.CAPPED),
    "status_failed_not_there": (Event.FAILED, Refusal.NOT_ON_CHANNEL),
    "status_failed_outside": (Event.FAILED, Refusal.WINDOW),
    "status_failed_payment": (Event.FAILED, Refusal.RESTRICTED),
    "status_failed_somehow": (Event.FAILED, Refusal.OTHER),
    "status_failed_without_error": (Event.FAILED, Refusal.OTHER),
}
PREFERENCES = {
    "preference_stop": Preference(phone=ANNA, stop=True, at=SAID_AT),
    "preference_resume": Preference(phone=ANNA, stop=False, at=SAID_AT),
    "preference_signup": Preference(phone=ANNA, stop=False, at=SAID_AT),
    "preference_stop_of_a_user_name": Preference(phone=None, lid=UID, stop=True, at=SAID_AT),
}
TEMPLATES: dict[str, dict[str, str]] = {
    "template_approved": {"status": "APPROVED", "category": "MARKETING"},
    "template_rejected": {
        "status": "REJECTED",
        "category": "MARKETING",
        "reason": "Variables stand beside each other.",
    },
    "template_paused": {"status": "PAUSED", "reason": "Paused for three hours."},
    "template_disabled": {"status": "DISABLED", "reason": "ABUSIVE_CONTENT"},
    "template_reinstated": {"status": "APPROVED"},
    "template_quality": {"quality": "YELLOW"},
    "template_category": {"category": "MARKETING"},
    "template_components": {},
}
OURS = {"number": "79990009999"}
UNTIL = {"until": "2024-04-08T09:00:00+00:00"}
CONNECTED, UNKNOWN = ConnectionState.CONNECTED, ConnectionState.UNKNOWN
RESTRICTED, LOGGED_OUT = ConnectionState.RESTRICTED, ConnectionState.LOGGED_OUT
NEWS: dict[str, tuple[ConnectionState, PauseReason | None, dict[str, Any]]] = {
    "number_flagged": (CONNECTED, PauseReason.QUALITY, OURS | {"new_chats": 2_000}),
    "number_downgraded": (CONNECTED, PauseReason.QUALITY, OURS | {"new_chats": 250}),
    "number_unflagged": (CONNECTED, None, OURS | {"new_chats": 2_000}),
    "number_upgraded": (CONNECTED, None, OURS | {"new_chats": 10_000}),
    "number_onboarding": (CONNECTED, None, OURS),
    "number_throughput": (CONNECTED, None, OURS),
    "capability_grew": (CONNECTED, None, {"new_chats": 2_000}),
    "capability_unlimited": (CONNECTED, None, {"new_chats": None}),
    "account_restricted": (RESTRICTED, PauseReason.RESTRICTED, UNTIL),
    "account_restricted_without_end": (RESTRICTED, PauseReason.RESTRICTED, {}),
    "account_disabled": (RESTRICTED, PauseReason.RESTRICTED, {}),
    "account_to_be_disabled": (CONNECTED, None, {}),
    "account_reinstated": (CONNECTED, None, {}),
    "account_violation": (UNKNOWN, None, {}),
    "account_deleted": (LOGGED_OUT, PauseReason.LOGGED_OUT, {}),
    "account_offboarded": (LOGGED_OUT, PauseReason.LOGGED_OUT, {}),
    "account_reconnected": (CONNECTED, None, {}),
    "account_disconnected": (LOGGED_OUT, PauseReason.LOGGED_OUT, {}),
    "account_access_taken_back": (ConnectionState.UNAUTHORISED, PauseReason.UNAUTHORISED, {}),
    "alert_warning": (UNKNOWN, None, {}),
}
NOTHING = {
    "number_changed",
    "identity_changed",
    "chat_opened",
    "in_a_group",
    "from_nobody",
    "staff_deleted",
    "status_in_a_group",
    "status_of_a_new_kind",
    "preference_of_another_category",
    "account_restricted_in_numbers",
    "account_verified",
    "alert_for_information",
    "of_a_new_field",
}
REST = {"everything", "status_without_key"}


def recorded(name: str) -> tuple[Delivery, ...]:
    return cloud.read(load(f"cloud_{name}"), now=NOW)


def test_every_recording_is_in_one_table():
    tables = (MESSAGES, EVENTS, PREFERENCES, TEMPLATES, NEWS, NOTHING, REST)
    listed = [f"cloud_{name}" for table in tables for name in table]
    assert sorted(listed) == names("cloud")


def test_every_kind_of_message_is_read():
    for name, message in MESSAGES.items():
        wanted = Delivery(channel="cloud", address=NUMBER, messages=(message,))
        assert recorded(name) == (wanted,), name


def test_every_status_names_our_key():
    for name, (event, refusal) in EVENTS.items():
        status = Status(
            event=event,
            at=SAID_AT,
            provider_message_id="wamid.OUT1",
            key="r1-12",
            refusal=refusal,
        )
        wanted = Delivery(channel="cloud", address=NUMBER, statuses=(status,))
        assert recorded(name) == (wanted,), name
    ((status,),) = (delivery.statuses for delivery in recorded("status_without_key"))
    assert status.key is None


def test_stop_and_resume_are_read():
    for name, preference in PREFERENCES.items():
        wanted = Delivery(channel="cloud", address=NUMBER, preferences=(preference,))
        assert recorded(name) == (wanted,), name


def test_what_happens_to_a_template_is_told_of_the_whole_account():
    for name, values in TEMPLATES.items():
        news = TemplateNews(name="come_back", language="ru", at=SAID_AT, **values)
        assert recorded(name) == (Delivery(channel="cloud", address=WHOLE, templates=(news,)),), (
            name
        )


def test_what_happens_to_a_number_or_an_account_is_told_of_the_whole_account():
    for name, (state, pause, limits) in NEWS.items():
        (delivery,) = recorded(name)
        assert (delivery.channel, delivery.address) == ("cloud", WHOLE), name
        (news,) = delivery.news
        assert isinstance(news, AccountNews)
        assert news.connected is not None
        assert (news.connected.state, news.pause, news.at) == (state, pause, SAID_AT), name
        assert news.connected.limits == limits, name
        if pause is not None or state is not CONNECTED:
            is_a_sentence(news.connected.says)


def test_what_is_of_no_use_brings_nothing():
    assert {name: recorded(name) for name in NOTHING} == dict.fromkeys(NOTHING, ())


def test_one_body_may_be_of_several_numbers():
    first, second, whole = recorded("everything")
    assert [delivery.address for delivery in (first, second, whole)] == [
        NUMBER,
        "106500000000009",
        WHOLE,
    ]
    assert [message.text for message in first.messages] == ["Первое", "Второе", "Третье"]
    assert [status.event for status in first.statuses] == [Event.READ]
    assert [message.phone for message in second.messages] == ["79990000002"]
    assert [template.status for template in whole.templates] == ["PAUSED"]


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        1,
        {},
        {"object": "page", "entry": []},
        {"object": "whatsapp_business_account"},
    ],
    ids=str,
)
def test_what_is_no_webhook_of_an_account_is_said(body: Any):
    with pytest.raises(DataError) as error:
        cloud.read(body, now=NOW)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        ("1711962000", SAID_AT),
        (1711962000, SAID_AT),
        ("1711962000000", SAID_AT),
        ("9999999999999999", NOW),
        ("soon", NOW),
        (None, NOW),
        ([], NOW),
        ("-1", NOW),
    ],
    ids=str,
)
def test_a_message_without_a_moment_is_not_lost(timestamp: Any, at: datetime):
    body = load("cloud_text")
    body["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] = timestamp
    ((message,),) = (delivery.messages for delivery in cloud.read(body, now=NOW))
    assert message.received_at == at


def test_what_postgresql_cannot_store_is_not_in_a_text():
    body = load("cloud_text")
    body["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = "Да\x00 \ud83d!"
    ((message,),) = (delivery.messages for delivery in cloud.read(body, now=NOW))
    assert storable(message)
    assert (message.text or "").startswith("Да ")


@given(damaged("cloud") | ANY_JSON | st.builds(dict, object=st.just("x"), entry=ANY_JSON))
def test_any_json_is_read_or_refused(body: Any):
    try:
        deliveries = cloud.read(body, now=NOW)
    except DataError:
        return
    for delivery in deliveries:
        assert delivery.address
        assert all(storable(message) for message in delivery.messages)
        assert all(status.provider_message_id for status in delivery.statuses)
        assert all(wish.phone or wish.lid for wish in delivery.preferences)


# --- whose it is ---------------------------------------------------------------------------------

LETTER = FakeCloud().wrote(ANNA, YES + " <3 / \\u0430 «ёлка» 👩🏽‍🦱")
SIGNATURE = LETTER.headers["x-hub-signature-256"]
MUTATIONS = 300  # `make chaos` makes ten thousand


def test_meta_s_own_bytes_are_signed():
    assert is_signed(LETTER.content, SIGNATURE, APP_SECRET)
    assert LETTER.content.isascii()  # letters are escaped, slashes too
    assert b"\\/" in LETTER.content
    known = "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    # of "The quick brown fox jumps over the lazy dog" with "key", as Wikipedia's HMAC has it
    assert is_signed(b"The quick brown fox jumps over the lazy dog", known, "key")


def test_json_that_was_written_again_is_not_what_was_signed():
    for again in (
        json.dumps(LETTER.body).encode(),
        json.dumps(LETTER.body, ensure_ascii=False).encode(),
    ):
        assert json.loads(again) == LETTER.body
        assert not is_signed(again, SIGNATURE, APP_SECRET)


def mutated(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    other = bytes([(data[at] + rng.randrange(1, 255)) % 256])
    return rng.choice(
        [data[:at] + other + data[at + 1 :], data[:at] + data[at + 1 :], data[:at] + other + data]
    )


def test_no_mutation_is_accepted():
    rng = random.Random(6)
    for _ in range(MUTATIONS):
        assert not is_signed(mutated(rng, LETTER.content), SIGNATURE, APP_SECRET)
        header = mutated(rng, SIGNATURE.encode()).decode("latin-1")
        assert not is_signed(LETTER.content, header, APP_SECRET)
        secret = mutated(rng, APP_SECRET.encode()).decode("latin-1")
        assert not is_signed(LETTER.content, SIGNATURE, secret)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        SIGNATURE.upper(),
        SIGNATURE.removeprefix("sha256="),
        "подпись",
        f" {SIGNATURE}",
        f"{SIGNATURE},{SIGNATURE}",
        "sha1=" + SIGNATURE.removeprefix("sha256="),
        "\ud800",
    ],
    ids=repr,
)
def test_odd_headers_are_nobodys_and_break_nothing(header: str | None):
    assert not is_signed(LETTER.content, header, APP_SECRET)


def test_without_a_secret_nothing_is_anybodys():
    letter = FakeCloud(app_secret="").wrote(ANNA, YES)
    assert not is_signed(letter.content, letter.headers["x-hub-signature-256"], "")


QUERY = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444"}


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({}, "1158201444"),
        ({"hub.verify_token": "another"}, None),
        ({"hub.verify_token": ""}, None),
        ({"hub.verify_token": "\ud800"}, None),
        ({"hub.mode": "unsubscribe"}, None),
        ({"hub.mode": ""}, None),
        ({"hub.challenge": ""}, None),
        ({"hub.challenge": "<script>"}, None),
    ],
    ids=str,
)
def test_a_challenge_is_answered_to_who_knows_the_word(more: dict[str, str], answer: str | None):
    assert challenge(QUERY | more, VERIFY_TOKEN) == answer


def test_without_a_word_no_challenge_is_answered():
    assert challenge(QUERY | {"hub.verify_token": ""}, "") is None
    assert challenge({}, VERIFY_TOKEN) is None


async def test_a_webhook_arrives_as_it_was_signed():
    async with Mailbox() as mailbox, FakeCloud() as fake:
        assert await fake.post(f"{mailbox.url}/webhooks/cloud", LETTER) == 200
    (asked,) = mailbox.asked
    assert is_signed(asked.content, asked.headers["x-hub-signature-256"], APP_SECRET)
    letter = Letter(content=asked.content, headers=asked.headers)
    ((message,),) = (delivery.messages for delivery in cloud.read(letter.body, now=NOW))
    assert message.phone == ANNA


# --- against the recorded payloads of others -----------------------------------------------------

# What each file brings: of which sort, and how many of its payloads bring nothing.
BROUGHT = {
    "account_update": ("news", 8),
    "call_connect": ("messages", 2),
    "call_permission_update": ("messages", 0),
    "call_status": ("messages", 1),
    "call_terminate": ("messages", 1),
    "callback_button": ("messages", 0),
    "callback_selection": ("messages", 0),
    "deleted_message": ("messages", 0),
    "edited_message": ("messages", 0),
    "flow_completion": ("messages", 0),
    "message": ("messages", 0),
    "message_status": ("statuses", 1),  # of a group
    "outgoing_message": ("messages", 1),  # deleted by staff
    "system": ("messages", 2),
    "template_category_update": ("templates", 0),
    "template_components_update": ("templates", 0),
    "template_quality_update": ("templates", 0),
    "template_status_update": ("templates", 0),
    "user_marketing_preferences": ("preferences", 0),
}


def official(name: str) -> dict[str, Any]:
    if not OFFICIAL.exists():
        pytest.skip("the recorded payloads are not here")
    payloads: dict[str, Any] = json.loads((OFFICIAL / f"{name}.json").read_text())
    return {key: body for key, body in payloads.items() if "entry" in body}


def test_recorded_payloads_are_read():
    later = datetime(2026, 1, 1, tzinfo=UTC)
    for name, (sort, empty) in BROUGHT.items():
        payloads = official(name)
        read = {key: cloud.read(body, now=later) for key, body in payloads.items()}
        assert sum(not deliveries for deliveries in read.values()) == empty, name
        for key, deliveries in read.items():
            for delivery in deliveries:
                (one,) = getattr(delivery, sort)
                at = one.received_at if isinstance(one, Inbound) else one.at
                assert at < later, (name, key)


def test_the_kinds_of_recorded_messages_are_those_that_their_names_say():
    kinds = {
        "image": "photo",
        "media_with_url": "photo",
        "audio": "voice",
        "voice": "voice",
        "static_sticker": "sticker",
        "animated_sticker": "sticker",
        "reaction": "reaction",
        "unreaction_empty": "reaction",
        "unreaction_no_emoji": "reaction",
    }
    texts = {"text", "reply", "forwarded", "forwarded_many_times", "referral"}
    for key, body in official("message").items():
        ((message,),) = (delivery.messages for delivery in cloud.read(body, now=NOW))
        assert message.kind == kinds.get(key, "text" if key in texts else "other"), key
        assert (message.text is not None) is (key in texts | {"video", "document", "reaction"}), key
        assert (message.phone, message.lid) == ("972987654321", "US.13491208655302741918")


# Of these no official payload is at hand: they are after Meta's reference.
AFTER_THE_REFERENCE = ("of_a_new", "number_", "capability_", "alert_", "in_a_group", "template_")
MORE = {"contacts": {"username"}, "message_echoes": {"image"}}


def test_our_recordings_have_the_fields_of_the_recorded_ones():
    theirs, ours = dict[str, set[str]](), dict[str, set[str]]()
    for name in BROUGHT:
        for body in official(name).values():
            collect(body, theirs)
    for name in names("cloud"):
        if not name.removeprefix("cloud_").startswith(AFTER_THE_REFERENCE):
            collect(load(name), ours)
    for part, fields in ours.items():
        assert fields <= theirs[part] | MORE.get(part, set()), part


def collect(body: dict[str, Any], found: dict[str, set[str]]) -> None:
    """The fields of each part of a webhook."""
    for entry in body["entry"]:
        for change in entry["changes"]:
            value = change["value"]
            if "metadata" not in value:
                found.setdefault(change["field"], set()).update(value)
            for part in ("contacts", "messages", "statuses", "user_preferences", "message_echoes"):
                for item in value.get(part, []):
                    found.setdefault(part, set()).update(item)
