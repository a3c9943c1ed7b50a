"""Settings: environment, then `.env`, then `vernis.toml` in the data folder; all faults at once."""

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from vernis.ai_admin_tables import AiAdminTables
from vernis.errors import ConfigError


def default_home() -> Path:
    """The platform's user data folder, or VERNIS_HOME."""
    if home := os.environ.get("VERNIS_HOME"):
        return Path(home).expanduser()
    from platformdirs import user_data_path

    return user_data_path("vernis")


class ModelSettings(BaseModel):
    """A language model that may write: Gemini, or any endpoint that speaks OpenAI's API."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["gemini", "openai"] = "openai"
    model: str = Field(min_length=1)
    api_key: SecretStr | None = None  # a model of one's own may need none
    base_url: str | None = None  # None: the maker's own
    proxy: SecretStr | None = None  # for this model alone; it may hold a password
    output: Literal["native", "tool", "prompted"] = "native"  # how it is made to answer in JSON
    requests_per_minute: int = Field(default=15, ge=1)
    requests_per_day: int = Field(default=1000, ge=1)
    input_price: float = Field(default=0, ge=0)  # US dollars for a million tokens
    output_price: float = Field(default=0, ge=0)
    timeout_seconds: float = Field(default=30, gt=0, le=120)

    @field_validator("api_key")
    @classmethod
    def _key_alone(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value().strip() if value else ""
        if not (text.isascii() and text.isprintable()) or " " in text:
            raise ValueError("must be the key alone, without spaces or other letters")
        return SecretStr(text) if text else None

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value or None

    @field_validator("proxy")
    @classmethod
    def _a_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else ""
        if text and not text.startswith(("http://", "https://", "socks5://", "socks5h://")):
            raise ValueError("must start with http:// or socks5://")
        return value if text else None


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
    sweep_seconds: float = Field(default=20, gt=0)  # how often the tables are looked through
    heartbeat_seconds: float = Field(default=10, gt=0)  # a worker silent for three of them is dead
    grace_seconds: float = Field(default=6, gt=0, le=6)  # for a call under way when we must stop
    log_level: str = "INFO"
    log_format: Literal["text", "json"] = "text"
    otel_endpoint: str | None = None  # traces go to this OTLP receiver over HTTP: http://host:4318
    metrics_token: SecretStr | None = None  # whoever shows it sees /metrics and all of /readyz
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(default=None, ge=0, le=65535)  # of a worker without web
    web: bool = True  # `vernis up` serves the web as well
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8080, ge=0, le=65535)  # 0: any free one
    web_url: str | None = None  # where people reach it, where that is another address: https://...
    # WhatsApp. A channel is there where its address (for the Cloud API: a token or the app's
    # secret) is set; each secret proves who talks to us and to whom we talk.
    bridge_url: str | None = None  # where the bridge answers; `vernis up` starts it at this port
    bridge_secret: SecretStr | None = None
    bridge_dir: Path | None = None  # the bridge's code, to be started by `vernis up`
    ai_admin_url: str | None = None  # AI Admin's own Baileys service, in the bridge's place
    ai_admin_secret: SecretStr | None = None
    cloud_token: SecretStr | None = None  # of accounts that have none of their own
    cloud_app_secret: SecretStr | None = None
    cloud_verify_token: SecretStr | None = None
    cloud_base_url: str = "https://graph.facebook.com/v23.0"
    waha_url: str | None = None
    waha_api_key: SecretStr | None = None
    waha_secret: SecretStr | None = None
    evolution_url: str | None = None
    evolution_api_key: SecretStr | None = None
    evolution_secret: SecretStr | None = None
    # YClients (abroad: Altegio). The partner's token is the installation's; each company has its
    # own user token. Limits are those of the API's description, per company; 0: none.
    yclients_partner_token: SecretStr | None = None
    yclients_base_url: str = "https://api.yclients.com/api/v1"
    yclients_per_second: int = Field(default=5, ge=0)
    yclients_per_minute: int = Field(default=200, ge=0)
    # AI Admin's own database, which is only read from; JSON or a TOML table names its tables.
    ai_admin_database_url: SecretStr | None = None
    ai_admin_tables: AiAdminTables = AiAdminTables()
    sync_minutes: float = Field(default=10, gt=0)  # between two readings of a company's CRM
    # Whether outgoing webhooks may lead into the own network and need no https: to try them out.
    webhooks_private: bool = False
    # The language model. Prices are those of Gemini 3.8 Flash (genai-prices 0.2.3).
    gemini_api_key: SecretStr | None = None
    gemini_model: str = "gemini-flash-latest"
    gemini_base_url: str | None = None
    gemini_proxy: SecretStr | None = None
    gemini_requests_per_minute: int = 15
    gemini_requests_per_day: int = 1000
    gemini_input_price: float = 0.75
    gemini_output_price: float = 3.75
    models: tuple[ModelSettings, ...] = ()  # asked in this order where Gemini is not, or cannot
    # What a model does beside the receptionist: `readings` asks it where code is not sure of a
    # reply, `full` lets it write the answers too, `off` keeps it to the messages.
    assistant: Literal["off", "readings", "full"] = "readings"
    assistant_seconds: float = Field(default=8, gt=0, le=60)  # then the turn goes on without it

    @property
    def web_address(self) -> str:
        """Where people reach the pages, as far as the settings tell."""
        host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
        return (self.web_url or f"http://{host}:{self.web_port}").rstrip("/")

    @property
    def language_models(self) -> tuple[ModelSettings, ...]:
        """All that are configured, in the order in which they are asked."""
        gemini = {
            name.removeprefix("gemini_"): getattr(self, name)
            for name in type(self).model_fields
            if name.startswith("gemini_")
        }
        if self.gemini_api_key is None or not self.gemini_api_key.get_secret_value().strip():
            return self.models
        return (ModelSettings(kind="gemini", **gemini), *self.models)

    @model_validator(mode="after")
    def _gemini_is_sound(self) -> Self:
        try:
            _ = self.language_models
        except ValidationError as error:
            raise ValueError(_faults(error, "gemini_")) from None
        return self

    @field_validator("database_url")
    @classmethod
    def _postgres_only(cls, value: str | None) -> str | None:
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        return value or None

    @field_validator("ai_admin_database_url")
    @classmethod
    def _theirs_is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value().strip() if value else ""
        if text and not text.startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        return SecretStr(text) if text else None

    @field_validator("redis_url")
    @classmethod
    def _redis_only(cls, value: str | None) -> str | None:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value or None

    @field_validator("yclients_base_url")
    @classmethod
    def _yclients_address(cls, value: str) -> str:
        value = value.strip().rstrip("/")
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value

    @field_validator("yclients_partner_token")
    @classmethod
    def _token_alone(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value().strip() if value else ""
        if not (text.isascii() and text.isprintable()) or " " in text or "," in text:
            raise ValueError("must be the token alone, without `Bearer`, spaces or commas")
        return SecretStr(text) if text else None

    @field_validator(
        "web_url",
        "otel_endpoint",
        "bridge_url",
        "ai_admin_url",
        "cloud_base_url",
        "waha_url",
        "evolution_url",
    )
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value or None

    @field_validator(
        "bridge_secret", "ai_admin_secret", "waha_secret", "evolution_secret", "metrics_token"
    )
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value().strip() if value else ""
        if text and len(text) < 16:
            raise ValueError("must have at least 16 characters: `openssl rand -hex 32` makes one")
        return SecretStr(text) if text else None

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
        raise ConfigError(f"These settings are wrong: {_faults(error)}.") from None
    except SettingsError as error:
        name = re.findall(r'field "(\w+)"', str(error))
        what = f"VERNIS_{name[0].upper()}" if name else "A setting"
        raise ConfigError(f"{what} is not the JSON that it should be.") from None
    except ValueError as error:  # a vernis.toml that is no TOML
        raise ConfigError(f"{default_home() / 'vernis.toml'} cannot be read: {error}.") from None


def _faults(error: ValidationError, prefix: str = "") -> str:
    return "; ".join(prefix + _fault(fault) for fault in error.errors())


def _fault(fault: Any) -> str:
    name = ".".join(str(part) for part in fault["loc"])
    return f"{name} {fault['msg'].removeprefix('Value error, ')}".strip()
