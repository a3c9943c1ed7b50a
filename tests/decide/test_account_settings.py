from datetime import timedelta

import pytest

from vernis.decide.settings.accounts import changed, default
from vernis.domain import Abilities
from vernis.errors import UsageError

PHONE = Abilities(human_pace=True)
CLOUD = Abilities(free_text_for=timedelta(hours=24))


def test_a_number_like_a_persons_starts_slowly_and_the_cloud_api_at_metas_first_tier():
    phone, cloud = default("desk", PHONE), default("desk", CLOUD)
    assert (phone.gap, phone.daily, phone.hourly, phone.new_chats, phone.warm_up) == (
        60, 60, 15, 14, True
    )  # fmt: skip
    assert (cloud.gap, cloud.new_chats, cloud.warm_up) == (0, 250, False)


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("gap=12.5", "gap", 12.5),
        ("daily=0", "daily", 0),
        ("hourly=none", "hourly", None),
        ("new_chats=OFF", "new_chats", None),
        ("warm_up=no", "warm_up", False),
        ("position=2", "position", 2),
        ("position=none", "position", None),
        (" name = Ресепшен ", "name", "Ресепшен"),
        ("address=session 1", "address", "session 1"),
        ("template=come_back:ru", "template", "come_back:ru"),
        ("template=come_back_2:pt_BR:text", "template", "come_back_2:pt_BR:text"),
        ("template=none", "template", None),
        ("business=1029384756", "business", "1029384756"),
    ],
)
def test_what_is_typed_becomes_a_value(typed, field, value):
    assert getattr(changed(default("desk", CLOUD), [typed], CLOUD), field) == value


@pytest.mark.parametrize(
    "typed",
    [
        "gap=nan", "gap=-1", "gap=soon", "daily=-1", "daily=1e3", "daily=100001", "hourly=x",
        "warm_up=maybe", "position=0", "name=", "name=\x07", "address=" + "x" * 101,
        "template=come back", "template=Come:ru", "template=x:russian", "sped=1", "daily",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_sentence(typed):
    with pytest.raises(UsageError) as caught:
        changed(default("desk", CLOUD), [typed], CLOUD)
    assert str(caught.value).endswith(".")


def test_a_number_like_a_persons_keeps_its_distance():
    with pytest.raises(UsageError, match="bans it"):
        changed(default("desk", PHONE), ["gap=9.9"], PHONE)
    assert changed(default("desk", CLOUD), ["gap=0"], CLOUD).gap == 0
