"""Webhooks as they were recorded, and any JSON at all."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from vernis.domain import Inbound

FOLDER = Path(__file__).parent / "recordings"
SAID_AT = datetime(2024, 4, 1, 9, tzinfo=UTC)
NOW = SAID_AT + timedelta(minutes=1)
ANNA, LID = "79990000001", "123456789012345"
YES = "Да, давайте в субботу 👍"

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def load(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def names(channel: str) -> list[str]:
    return sorted(path.stem for path in FOLDER.glob(f"{channel}_*.json"))


def inbound(message_id: str = "3AIN1", **values: Any) -> Inbound:
    """Anna's message, as most recordings have it."""
    usual = {"account_id": 0, "received_at": SAID_AT, "phone": ANNA, "text": YES}
    return Inbound(provider_message_id=message_id, **usual | values)


@st.composite
def damaged(draw: st.DrawFn, channel: str) -> Any:
    """A recording in which some values are replaced by any JSON."""
    return _damage(draw, load(draw(st.sampled_from(names(channel)))))


def _damage(draw: st.DrawFn, value: Any) -> Any:
    if draw(st.integers(0, 7)) == 0:
        return draw(ANY_JSON)
    if isinstance(value, dict):
        return {key: _damage(draw, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_damage(draw, inner) for inner in value]
    return value


def storable(message: Inbound) -> bool:
    """Whether PostgreSQL would take it."""
    whole = message.text or ""
    whole.encode()  # raises where half a character is in it
    return (
        "\0" not in whole
        and bool(message.phone or message.lid)
        and 0 < len(message.provider_message_id) <= 250
        and message.received_at <= NOW
    )
