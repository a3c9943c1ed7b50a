"""What Evolution posts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import ANY_JSON, LID, NOW, damaged, inbound, load, names, storable

from vernis.decide.channels import evolution
from vernis.domain import ConnectionState, Event, PauseReason, Status
from vernis.errors import DataError, Refusal

QUOTED = {"quoted_message_id": "3EB0AAAA"}
MESSAGES = {
    "evolution_text": inbound(),
    "evolution_extended_text": inbound(**QUOTED),
    "evolution_quoting": inbound(**QUOTED),
    "evolution_lid_only": inbound(phone=None, lid=LID),
    "evolution_lid_and_phone": inbound(lid=LID),
    "evolution_phone_and_lid": inbound(lid=LID),
    "evolution_disappearing": inbound(),
    "evolution_voice": inbound(kind="voice", text=None),
    "evolution_photo": inbound(kind="photo", text="Вот такую"),
    "evolution_sticker": inbound(kind="sticker", text=None),
    "evolution_contact": inbound(kind="other", text=None),
    "evolution_reaction": inbound("3AREACT", kind="reaction", text="👍", **QUOTED),
    "evolution_staff": inbound("3ASTAFF", kind="staff", text="Здравствуйте! Записала вас"),
    "evolution_deleted": inbound(
        "deleted:3AIN1", kind="deleted", text=None, quoted_message_id="3AIN1", received_at=NOW
    ),
}
EDITED = {"evolution_edited", "evolution_edited_in_upsert"}
EVENTS = {
    "evolution_update_error": Event.FAILED,
    "evolution_update_server_ack": Event.ACCEPTED,
    "evolution_update_delivery_ack": Event.DELIVERED,
    "evolution_update_read": Event.READ,
    "evolution_update_played": Event.READ,
}
STATES = {
    "evolution_open": (ConnectionState.CONNECTED, None),
    "evolution_closed": (ConnectionState.DISCONNECTED, None),
    "evolution_logged_out": (ConnectionState.LOGGED_OUT, PauseReason.LOGGED_OUT),
}
NOTHING = {
    "evolution_deleted_by_us",
    "evolution_edited_under_our_name",
    "evolution_group",
    "evolution_keys_only",
    "evolution_newsletter",
    "evolution_sent_by_us",
    "evolution_sent_by_us_as_upsert",
    "evolution_status_broadcast",
    "evolution_update_of_theirs",
    "evolution_update_pending",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_every_kind_of_message_is_read(name: str):
    (delivery,) = evolution.read(load(name), now=NOW)
    assert (delivery.channel, delivery.address) == ("evolution", "salon")
    assert delivery.messages == (MESSAGES[name],)


def test_an_edit_is_one_message_however_it_is_told():
    told = {
        message
        for name in EDITED
        for delivery in evolution.read(load(name), now=NOW)
        for message in delivery.messages
    }
    (message,) = told
    assert (message.kind, message.text) == ("edited", "Нет, в пятницу")
    assert message.quoted_message_id == "3AIN1"


def test_another_edit_of_the_same_message_is_another_one():
    first, second = load("evolution_edited"), load("evolution_edited")
    second["data"]["editedMessage"]["conversation"] = "Или в субботу"
    ids = {
        delivery.messages[0].provider_message_id
        for sent in (first, second)
        for delivery in evolution.read(sent, now=NOW)
    }
    assert len(ids) == 2


@pytest.mark.parametrize("name", EVENTS)
def test_every_status_is_read(name: str):
    (delivery,) = evolution.read(load(name), now=NOW)
    event = EVENTS[name]
    assert delivery.statuses == (
        Status(
            event=event,
            at=NOW,
            provider_message_id="3EB0A",
            refusal=Refusal.OTHER if event is Event.FAILED else None,
        ),
    )


@pytest.mark.parametrize("name", STATES)
def test_every_state_of_an_instance_is_read(name: str):
    (delivery,) = evolution.read(load(name), now=NOW)
    (news,) = delivery.news
    assert news.connected is not None
    assert (news.connected.state, news.pause) == STATES[name]


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_groups_channels_and_our_own_are_left_out(name: str):
    assert evolution.read(load(name), now=NOW) == ()


def test_every_recording_is_in_a_table():
    assert {*MESSAGES, *EDITED, *EVENTS, *STATES, *NOTHING} == set(names("evolution"))


def test_events_may_be_written_in_capitals_and_come_in_lists():
    sent = load("evolution_text")
    sent |= {"event": "MESSAGES_UPSERT", "data": [sent["data"], sent["data"]]}
    (delivery,) = evolution.read(sent, now=NOW)
    assert delivery.messages == (inbound(), inbound())


@given(st.one_of(ANY_JSON, damaged("evolution")))
def test_no_json_breaks_it_and_what_comes_out_can_be_stored(body):
    try:
        deliveries = evolution.read(body, now=NOW)
    except DataError:
        return
    assert all(storable(message) for delivery in deliveries for message in delivery.messages)
