"""Settings: environment, then `.env`, then `vernis.toml` in the data folder; all faults at once."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from vernis.errors import ConfigError


def default_home() -> Path:
    """The platform's user data folder, or VERNIS_HOME."""
    if home := os.environ.get("VERNIS_HOME"):
        return Path(home).expanduser()
    from platformdirs import user_data_path

    return user_data_path("vernis")


class Settings(BaseSettings):
    """What an installation can set. Names of environment variables: VERNIS_ + the field's name,
    but DATABASE_URL and REDIS_URL as everybody calls them."""

    model_config = SettingsConfigDict(
        env_prefix="VERNIS_", env_file=".env", extra="ignore", populate_by_name=True
    )

    home: Path = Field(default_factory=default_home)
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    redis_url: str | None = Field(default=None, validation_alias="REDIS_URL")
    secret: str | None = None  # keys the hashes of opted-out numbers; made at first start
    redis_platform: str | None = None  # `whatsapp` or `telegram` for the layout with a platform
    sandbox_forgetful: bool = False  # the sandbox plays a channel that delivers repeats again
    workers: int = Field(default=4, ge=1, le=64)  # dialogs handled side by side in one process
    burst_seconds: float = Field(default=4, ge=0, le=60)  # a dialog is answered once it pauses
    sweep_seconds: float = Field(default=60, gt=0)  # how often the tables are looked through
    heartbeat_seconds: float = Field(default=10, gt=0)  # a worker silent for three of them is dead
    grace_seconds: float = Field(default=6, gt=0, le=6)  # for a call under way when we must stop
    log_level: str = "INFO"

    @field_validator("database_url")
    @classmethod
    def _postgres_only(cls, value: str | None) -> str | None:
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        return value or None

    @field_validator("redis_url")
    @classmethod
    def _redis_only(cls, value: str | None) -> str | None:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value or None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic names it)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, default_home() / "vernis.toml")
        return init_settings, env_settings, dotenv_settings, toml


@lru_cache(maxsize=1)
def load(**overrides: Any) -> Settings:
    """Read the settings. Raises ConfigError that names every fault."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        faults = "; ".join(_fault(fault) for fault in error.errors())
        raise ConfigError(f"These settings are wrong: {faults}.") from None
    except ValueError as error:  # a vernis.toml that is no TOML
        raise ConfigError(f"{default_home() / 'vernis.toml'} cannot be read: {error}.") from None


def _fault(fault: Any) -> str:
    name = ".".join(str(part) for part in fault["loc"])
    return f"{name} {fault['msg'].removeprefix('Value error, ')}"
