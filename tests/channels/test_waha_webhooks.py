"""What WAHA posts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import ANY_JSON, LID, NOW, SAID_AT, damaged, inbound, load, names, storable

from vernis.decide.channels import waha
from vernis.domain import ConnectionState, Event, PauseReason, Status
from vernis.errors import DataError, Refusal

MESSAGES = {
    "waha_text": inbound(),
    "waha_text_again_by_lid": inbound(phone=None, lid=LID),
    "waha_text_noweb_lid": inbound(lid=LID),
    "waha_text_gows_lid": inbound(lid=LID),
    "waha_quoting": inbound(quoted_message_id="3EB0AAAA"),
    "waha_voice": inbound(kind="voice", text=None),
    "waha_photo": inbound(kind="photo", text="Вот такую"),
    "waha_sticker": inbound(kind="sticker", text=None),
    "waha_location": inbound(kind="other", text=None),
    "waha_staff": inbound("3ASTAFF", kind="staff", text="Здравствуйте! Записала вас"),
    "waha_staff_noweb": inbound("3ASTAFF", kind="staff", text="Здравствуйте! Записала вас"),
    "waha_reaction": inbound("3AREACT", kind="reaction", text="👍", quoted_message_id="3EB0AAAA"),
    "waha_edited": inbound(
        "3AEDIT", kind="edited", text="Нет, в пятницу", quoted_message_id="3AIN1"
    ),
    "waha_revoked": inbound("deleted:3AIN1", kind="deleted", text=None, quoted_message_id="3AIN1"),
    "waha_revoked_unknown": inbound(
        "deleted:3AIN1", kind="deleted", text=None, quoted_message_id="3AIN1"
    ),
}
EVENTS = {
    "waha_ack_error": Event.FAILED,
    "waha_ack_server": Event.ACCEPTED,
    "waha_ack_device": Event.DELIVERED,
    "waha_ack_read": Event.READ,
    "waha_ack_played": Event.READ,
}
STATES = {
    "waha_session_working": (ConnectionState.CONNECTED, None),
    "waha_session_scan_qr_code": (ConnectionState.LOGGED_OUT, PauseReason.LOGGED_OUT),
    "waha_session_failed": (ConnectionState.DISCONNECTED, None),
}
NOTHING = {
    "waha_ack_pending",
    "waha_ack_of_theirs",
    "waha_group",
    "waha_newsletter",
    "waha_presence",
    "waha_sent_by_us",
    "waha_status_broadcast",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_every_kind_of_message_is_read(name: str):
    (delivery,) = waha.read(load(name), now=NOW)
    assert (delivery.channel, delivery.address) == ("waha", "salon")
    assert delivery.messages == (MESSAGES[name],)


@pytest.mark.parametrize("name", EVENTS)
def test_every_ack_is_read(name: str):
    (delivery,) = waha.read(load(name), now=NOW)
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
def test_every_state_of_a_session_is_read(name: str):
    (delivery,) = waha.read(load(name), now=NOW)
    (news,) = delivery.news
    assert news.connected is not None
    assert (news.connected.state, news.pause) == STATES[name]


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_groups_channels_and_what_is_not_ours_are_left_out(name: str):
    assert waha.read(load(name), now=NOW) == ()


def test_every_recording_is_in_a_table():
    assert {*MESSAGES, *EVENTS, *STATES, *NOTHING} == set(names("waha"))


@pytest.mark.parametrize(
    ("serialised", "own"),
    [
        ("false_79990000001@c.us_3EB0A", "3EB0A"),
        ("false_123456789012345@lid_3EB0A", "3EB0A"),
        ("false_79990000001@s.whatsapp.net_3EB0A", "3EB0A"),
        ("true_79990009999@c.us_3EB0A_out", "3EB0A"),  # WEBJS, to oneself
        ("false_120363000000000000@g.us_3EB0A_79990000001@c.us", "3EB0A"),
        ("3EB0A", "3EB0A"),
        ("3EB0_A", "3EB0_A"),
    ],
)
def test_one_message_has_one_id_under_all_names_of_its_chat(serialised, own):
    answers = [{"id": serialised}, {"id": {"_serialized": serialised}}, {"key": {"id": serialised}}]
    assert [waha.sent_id(answer) for answer in answers] == [own] * 3


def test_newer_versions_say_when():
    sent = load("waha_ack_read") | {"timestamp": 1711962000000}
    (delivery,) = waha.read(sent, now=NOW)
    assert delivery.statuses[0].at == SAID_AT


@given(st.one_of(ANY_JSON, damaged("waha")))
def test_no_json_breaks_it_and_what_comes_out_can_be_stored(body):
    try:
        deliveries = waha.read(body, now=NOW)
    except DataError:
        return
    assert all(storable(message) for delivery in deliveries for message in delivery.messages)
