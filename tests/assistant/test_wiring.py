"""What is configured is what is asked."""

import pytest
from pydantic import SecretStr

from vernis.app import _assistant
from vernis.config import Settings

KEY = {"gemini_api_key": SecretStr("a-key")}


@pytest.mark.parametrize(
    ("settings", "speaks"),
    [
        ({}, None),
        (KEY, False),
        (KEY | {"assistant": "readings"}, False),
        (KEY | {"assistant": "full"}, True),
        (KEY | {"assistant": "off"}, None),
        ({"assistant": "full"}, None),
    ],
)
async def test_with_a_model_readings_are_the_default(db, settings, speaks):
    assistant = _assistant(Settings(**settings), db)
    assert (assistant.speaks if assistant else None) is speaks
