"""What the bridge and AI Admin's service post."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import ANNA, ANY_JSON, LID, NOW, SAID_AT, YES, damaged, inbound, load, storable

from vernis.decide.channels import bridge
from vernis.domain import ConnectionState, Delivery, Event, PauseReason, Status
from vernis.errors import DataError, Refusal


def both(message_id: str = "3AIN1", **values: Any):
    return inbound(message_id, **{"lid": LID} | values)


MESSAGES = {
    "bridge_text": [both()],
    "bridge_burst": [
        both(text="Здравствуйте!"),
        both("3AIN2", text="А в воскресенье\nможно?", received_at=SAID_AT + timedelta(seconds=2)),
    ],
    "bridge_lid_only": [both(phone=None)],
    "bridge_quoting": [both(quoted_message_id="3EB0AAAA")],
    "bridge_voice": [both(kind="voice", text=None)],
    "bridge_photo": [both(kind="photo", text="Вот такую")],
    "bridge_sticker": [both(kind="sticker", text=None)],
    "bridge_reaction": [both(kind="reaction", text="👍", quoted_message_id="3EB0AAAA")],
    "bridge_reaction_taken_back": [both(kind="reaction", text="", quoted_message_id="3EB0AAAA")],
    "bridge_edited": [
        both("3AIN2", kind="edited", text="Нет, в пятницу", quoted_message_id="3AIN1")
    ],
    "bridge_deleted": [both("3AIN3", kind="deleted", text=None, quoted_message_id="3AIN1")],
    "bridge_staff": [both(kind="staff", text="Здравствуйте! Записала вас")],
    "bridge_everything": [both()],
}


@pytest.mark.parametrize("name", MESSAGES)
def test_every_kind_of_message_is_read(name: str):
    (delivery,) = bridge.read(load(name), now=NOW)
    assert (delivery.channel, delivery.address) == ("baileys", "salon")
    assert list(delivery.messages) == MESSAGES[name]


def test_statuses_are_read_in_order():
    (delivery,) = bridge.read(load("bridge_statuses"), now=NOW)
    assert [status.event for status in delivery.statuses] == [
        Event.ACCEPTED,
        Event.DELIVERED,
        Event.READ,
        Event.FAILED,
    ]
    assert delivery.statuses[-1] == Status(
        event=Event.FAILED, at=SAID_AT, provider_message_id="3EB0B", refusal=Refusal.RESTRICTED
    )


@pytest.mark.parametrize(
    ("name", "state", "pause"),
    [
        ("bridge_connected", ConnectionState.CONNECTED, None),
        ("bridge_qr", ConnectionState.LOGGED_OUT, None),  # somebody is linking it right now
        ("bridge_logged_out", ConnectionState.LOGGED_OUT, PauseReason.LOGGED_OUT),
        ("bridge_restricted", ConnectionState.RESTRICTED, PauseReason.RESTRICTED),
        ("bridge_everything", ConnectionState.DISCONNECTED, None),
    ],
)
def test_a_state_is_read_with_what_it_stops(name, state, pause):
    (delivery,) = bridge.read(load(name), now=NOW)
    (news,) = delivery.news
    assert news.connected is not None
    assert (news.connected.state, news.pause, news.at) == (state, pause, SAID_AT)


@pytest.mark.parametrize(
    ("code", "pause"), [(429, PauseReason.RATE_LIMITED), (463, PauseReason.RESTRICTED)]
)
def test_whatsapps_own_number_stops_the_account_as_well(code, pause):
    said = {"account": "salon", "state": {"state": "disconnected", "code": code}}
    (delivery,) = bridge.read(said, now=NOW)
    assert delivery.news[0].pause is pause


def test_what_whatsapp_says_of_the_account_is_kept():
    (delivery,) = bridge.read(load("bridge_restricted"), now=NOW)
    connected = delivery.news[0].connected
    assert connected is not None
    assert connected.limits == {
        "restrictedUntil": "2024-04-02T09:00:00.000Z",
        "newChatsLeft": 0,
    }


def test_one_bare_message_is_ai_admins():
    (delivery,) = bridge.read(load("bridge_ai_admin_one"), now=NOW)
    assert delivery == Delivery(channel="ai_admin", address="default", messages=(inbound(),))


def test_ai_admins_messages_are_for_the_company_that_it_names():
    (delivery,) = bridge.read(load("bridge_ai_admin_batch"), now=NOW)
    assert (delivery.channel, delivery.address) == ("ai_admin", "962302")
    assert delivery.messages == (
        inbound(text="Здравствуйте!"),
        inbound("3AIN2", phone=None, lid=LID, text="Можно?"),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"messageId": None},
        {"messageId": ""},
        {"messageId": "3A IN"},
        {"messageId": ["3AIN1"]},
        {"from": None, "phone": None, "lid": None},
        {"from": "79990000001-1600000000@g.us"},
        {"from": "status@broadcast"},
        {"from": "120363000000000000@newsletter"},
        {"from": "Ира", "phone": None, "lid": None},
    ],
    ids=str,
)
def test_what_nobody_wrote_is_left_out_and_the_others_stay(changes):
    good = {"messageId": "3AIN1", "from": ANNA, "message": YES, "timestamp": 1711962000}
    sent = {"account": "salon", "messages": [good | changes, good, "no message", None]}
    (delivery,) = bridge.read(sent, now=NOW)
    assert delivery.messages == (inbound(),)


@pytest.mark.parametrize(
    ("timestamp", "wanted"),
    [
        (1711962000, SAID_AT),
        (1711962000.4, SAID_AT + timedelta(seconds=0.4)),
        ("1711962000", SAID_AT),
        (1711962000000, SAID_AT),
        ("2024-04-01T12:00:00+03:00", SAID_AT),
        (4711962000, NOW),  # nothing happens in the future
        (None, NOW),
        (-1, NOW),
        (True, NOW),
        ("noon", NOW),
        (10**400, NOW),
        (float("nan"), NOW),
    ],
)
def test_a_time_is_read_however_it_is_written(timestamp, wanted):
    sent = {"messageId": "3AIN1", "from": ANNA, "message": YES, "timestamp": timestamp}
    (delivery,) = bridge.read(sent, now=NOW)
    assert delivery.messages[0].received_at == wanted


def test_a_text_that_no_database_takes_is_mended():
    sent = {"messageId": "3AIN1", "from": ANNA, "message": "Да\0, \ud83d конечно", "timestamp": 1}
    (delivery,) = bridge.read(sent, now=NOW)
    assert delivery.messages[0].text == "Да, \N{REPLACEMENT CHARACTER} конечно"


@pytest.mark.parametrize("body", [None, [], "text", 7])
def test_a_body_that_is_no_object_is_said_to_be_none(body):
    with pytest.raises(DataError):
        bridge.read(body, now=NOW)


@given(st.one_of(ANY_JSON, damaged("bridge")))
def test_no_json_breaks_it_and_what_comes_out_can_be_stored(body):
    try:
        deliveries = bridge.read(body, now=NOW)
    except DataError:
        return
    assert all(storable(message) for delivery in deliveries for message in delivery.messages)
