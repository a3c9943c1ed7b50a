"""The one place that names adapters: what a command, a worker or a test runs on."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from vernis import tracing
from vernis.adapters import crm_http, schema, secret
from vernis.adapters.channel_bridge import Bridge
from vernis.adapters.channel_cloud import Cloud
from vernis.adapters.channel_evolution import Evolution
from vernis.adapters.channel_http import Http
from vernis.adapters.channel_sandbox import Sandbox
from vernis.adapters.channel_waha import Waha
from vernis.adapters.crm_http import CrmHttp
from vernis.adapters.crm_pace import PATIENCE_SECONDS, SharedPace
from vernis.adapters.crm_router import Crms
from vernis.adapters.postgres import Database
from vernis.adapters.sealing import Sealer
from vernis.adapters.webhook_sender import WebhookSender
from vernis.adapters.writer_templates import TemplateWriter
from vernis.config import Settings
from vernis.domain import Company
from vernis.errors import ConfigError
from vernis.ports import Assistant, Channel, Clock, Crm, CrmSource, DialogStore, Writer
from vernis.stages.crm_connections import CrmConnection

if TYPE_CHECKING:
    from vernis.adapters.assistant_model import ModelAssistant
    from vernis.adapters.crm_ai_admin import AiAdminSource
    from vernis.adapters.crm_yclients import YClientsSource
    from vernis.adapters.writer_model import ModelWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything wired together."""

    settings: Settings
    database_url: str
    db: Database
    open_store: Callable[[], DialogStore]
    channels: Mapping[str, Channel]
    crm: Crm
    writer: Writer
    clock: Clock
    hash_phone: Callable[[str], bytes]
    sealer: Sealer
    assistant: Assistant | None = None
    open_yclients: "OpenYClients | None" = None
    webhook_sender: WebhookSender = field(default_factory=WebhookSender)

    @property
    def store(self) -> DialogStore:
        """The context in Redis, opened by the first who needs it: half of the commands do not."""
        return self.open_store()


class PinnedClock:
    """The real time, until it is pinned to a moment: `--on` and the simulator live there."""

    def __init__(self, moment: datetime | None = None) -> None:
        self._moment = moment

    def __call__(self) -> datetime:
        return self._moment or datetime.now(UTC)

    @property
    def stands_still(self) -> bool:
        return self._moment is not None

    def pin(self, moment: datetime) -> None:
        self._moment = moment


@asynccontextmanager
async def open_app(settings: Settings, *, clock: Clock) -> AsyncIterator[App]:
    """Start what is not running, bring the schema up to date, connect.

    Raises UnavailableError or ConfigError, each with a sentence that says what to do.
    """
    with ExitStack() as stack:
        stack.enter_context(tracing.exporting(settings.otel_endpoint, version=version("vernis")))
        database_url, redis_url = servers(settings, stack)
        schema.ensure(database_url)
        ours = secret.load(settings, database_url)
        hash_phone, sealer = secret.keyed_hash(ours), Sealer(ours)
        async with Database(database_url) as db:

            @cache
            def open_store() -> DialogStore:
                from vernis.adapters.context import RedisDialogStore, connect

                redis = connect(redis_url)
                return RedisDialogStore(redis, clock=clock, platform=settings.redis_platform)

            writer, assistant = _writer(settings, db), _assistant(settings, db)
            channels = _channels(settings, db, clock, sealer)
            to_yclients = crm_http.client(settings.yclients_base_url)
            open_yclients = _yclients(settings, db, to_yclients)
            webhook_sender = WebhookSender(private=settings.webhooks_private)
            try:
                yield App(
                    settings=settings,
                    database_url=database_url,
                    db=db,
                    open_store=open_store,
                    channels=channels,
                    crm=Crms(db, clock, sealer=sealer, open_yclients=open_yclients),
                    writer=writer,
                    clock=clock,
                    hash_phone=hash_phone,
                    sealer=sealer,
                    assistant=assistant,
                    open_yclients=open_yclients,
                    webhook_sender=webhook_sender,
                )
            finally:
                await to_yclients.aclose()
                await webhook_sender.aclose()
                for channel in channels.values():
                    await channel.aclose()
                if assistant is not None:
                    await assistant.aclose()
                if not isinstance(writer, TemplateWriter):
                    await writer.aclose()
                if open_store.cache_info().currsize:
                    await open_store().aclose()


def _channels(settings: Settings, db: Database, clock: Clock, sealer: Sealer) -> dict[str, Channel]:
    """The sandbox, and the channels that are set up."""
    found: dict[str, Channel] = {
        "sandbox": Sandbox(db, clock, forgetful=settings.sandbox_forgetful)
    }
    if settings.bridge_url and settings.bridge_secret:
        found["baileys"] = Bridge(settings.bridge_url, _text(settings.bridge_secret), clock)
    if settings.ai_admin_url:
        secret_ = _text(settings.ai_admin_secret)
        found["ai_admin"] = Bridge(settings.ai_admin_url, secret_, clock, name="ai_admin")
    if settings.cloud_token or settings.cloud_app_secret:
        found["cloud"] = Cloud(
            clock=clock,
            unseal=sealer.unseal,
            token=_text(settings.cloud_token) or None,
            base_url=settings.cloud_base_url,
        )
    if settings.waha_url:
        found["waha"] = Waha(settings.waha_url, _text(settings.waha_api_key), clock)
    if settings.evolution_url:
        key = _text(settings.evolution_api_key)
        found["evolution"] = Evolution(settings.evolution_url, key, clock)
    return found


class OpenYClients(Protocol):
    """A company's way to YClients by its user's token; one that is not here yet has the id 0.

    `patience` is how many seconds a request may wait for the limits before CrmBusyError is raised.
    """

    def __call__(self, company_id: int, token: str, *, patience: float = ...) -> CrmHttp: ...


@asynccontextmanager
async def open_source(
    app: App,
    *,
    crm: str,
    external_id: str,
    token: str | None,
    company: Company | None = None,
    patience: float = PATIENCE_SECONDS,
) -> AsyncIterator[CrmSource]:
    """A company's CRM as a source. Raises ConfigError where this installation has no way to it.

    AI Admin's has no `token`: all companies are in the one database that the settings name.
    """
    source = _source(app, crm, external_id, token, company, patience)
    try:
        yield source
    finally:
        await source.aclose()


def _source(
    app: App,
    crm: str,
    external_id: str,
    token: str | None,
    company: Company | None,
    patience: float,
) -> "YClientsSource | AiAdminSource":
    zone = company.zone if company else None
    currency = company.currency if company else None
    if crm == "ai_admin":
        url, tables = app.settings.ai_admin_database_url, app.settings.ai_admin_tables
        if url is None:
            raise ConfigError(
                "Set VERNIS_AI_ADMIN_DATABASE_URL to AI Admin's database, with a user who may read."
            )
        from vernis.adapters.crm_ai_admin import AiAdminSource

        return AiAdminSource(_text(url), tables, external_id, zone=zone, currency=currency)
    if crm != "yclients" or token is None:
        raise ConfigError(f"Vernis does not read {crm}: it reads yclients and ai-admin.")
    if app.open_yclients is None:
        raise ConfigError("Set VERNIS_YCLIENTS_PARTNER_TOKEN to the token of your partner account.")
    from vernis.adapters.crm_yclients import YClientsSource

    http = app.open_yclients(company.company_id if company else 0, token, patience=patience)
    return YClientsSource(http, external_id, zone=zone, currency=currency)


def source_of(
    app: App,
    company: Company,
    connection: CrmConnection,
    *,
    patience: float = PATIENCE_SECONDS,
) -> AbstractAsyncContextManager[CrmSource]:
    """`open_source` of a connection that stands. Raises ConfigError where its token is missing."""
    token, sealed = None, connection.sealed_token
    if sealed is not None:
        token = app.sealer.unseal(sealed, company_id=company.company_id, account_id=0)
    elif connection.crm == "yclients":
        raise ConfigError(
            f"The token of {company.name} is missing: `vernis connect {connection.crm}"
            f" --salon {connection.external_id}` takes it again."
        )
    return open_source(
        app,
        crm=connection.crm,
        external_id=connection.external_id,
        token=token,
        company=company,
        patience=patience,
    )


def _yclients(settings: Settings, db: Database, http: Http) -> OpenYClients | None:
    """A company's way to YClients by its user's token, where the partner's is set."""
    if not settings.yclients_partner_token:
        return None

    def opened(company_id: int, token: str, *, patience: float = PATIENCE_SECONDS) -> CrmHttp:
        pace = SharedPace(
            db,
            company_id,
            per_second=settings.yclients_per_second,
            per_minute=settings.yclients_per_minute,
            patience=patience,
        )
        return CrmHttp(
            settings.yclients_base_url,
            partner_token=_text(settings.yclients_partner_token),
            user_token=token,
            pace=pace,
            http=http,
        )

    return opened


def _text(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""


def _writer(settings: Settings, db: Database) -> "TemplateWriter | ModelWriter":
    """The language models that are configured, templates where there is none."""
    if not settings.language_models:
        return TemplateWriter()
    from vernis.adapters.model_budget import Budget
    from vernis.adapters.model_providers import Provider
    from vernis.adapters.writer_model import ModelWriter

    return ModelWriter([Provider(one) for one in settings.language_models], Budget(db))


def _assistant(settings: Settings, db: Database) -> "ModelAssistant | None":
    """The language models beside the receptionist, where any are configured and wanted."""
    if not settings.language_models or settings.assistant == "off":
        return None
    from vernis.adapters.assistant_model import ModelAssistant
    from vernis.adapters.model_budget import Budget

    return ModelAssistant(
        settings.language_models,
        Budget(db),
        seconds=settings.assistant_seconds,
        speaks=settings.assistant == "full",
    )


def servers(settings: Settings, stack: ExitStack) -> tuple[str, str]:
    """The URLs of both servers, ours where the settings name none."""
    if settings.database_url and settings.redis_url:
        return settings.database_url, settings.redis_url
    from vernis.adapters.embedded import running

    ours = stack.enter_context(
        running(settings.home, postgres=not settings.database_url, valkey=not settings.redis_url)
    )
    return settings.database_url or ours.database_url, settings.redis_url or ours.redis_url
