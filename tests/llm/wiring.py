"""A writer that asks the fakes."""

from collections.abc import Callable
from typing import Any

from fake_models import KNOWN_MODEL, FakeModel

from vernis.adapters.model_providers import Provider
from vernis.adapters.writer_model import ModelWriter
from vernis.config import ModelSettings

MakeWriter = Callable[..., ModelWriter]


def settings_for(fake: FakeModel, **changes: Any) -> ModelSettings:
    """As a person would configure it, with more requests allowed than a test makes."""
    values: dict[str, Any] = {"kind": fake.kind, "model": KNOWN_MODEL, "api_key": fake.key}
    values |= {"base_url": fake.base_url, "requests_per_minute": 1000, "requests_per_day": 100_000}
    return ModelSettings(**values | changes)


def provider_for(asked: FakeModel | ModelSettings, **changes: Any) -> Provider:
    is_settings = isinstance(asked, ModelSettings)
    return Provider(asked if is_settings else settings_for(asked, **changes))
