"""Whether each part works: one sentence a part, and what to do where one does not."""

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from vernis.adapters import schema, secret
from vernis.adapters.model_budget import Budget, Refused
from vernis.adapters.model_providers import ModelError, Provider
from vernis.adapters.postgres import Database
from vernis.app import App, PinnedClock, open_app, servers
from vernis.config import Settings
from vernis.decide import account_words
from vernis.decide.writing.model_health import Outcome, sentence
from vernis.decide.writing.prompt import CHECK
from vernis.domain import Account, Company, ConnectionState
from vernis.errors import VernisError
from vernis.stages import accounts, companies, connections, model_status
from vernis.stages.accounts import Standing

MICRO_USD = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is known of one part, in one sentence."""

    part: str
    ok: bool
    says: str


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Look at every part; a broken one does not keep the others from being looked at.

    Each language model is asked one tiny question.
    """
    providers = [Provider(one) for one in settings.language_models]
    try:
        with ExitStack() as stack:
            try:
                database_url, redis_url = servers(settings, stack)
            except VernisError as error:
                yield Finding(part="servers", ok=False, says=str(error))
                async for finding in _models(providers, None):
                    yield finding
                return
            database = _database(settings, database_url)
            for finding in database:
                yield finding
            yield await _redis(redis_url)
            if all(finding.ok for finding in database):
                async with Database(database_url, size=2) as db:
                    async for finding in _models(providers, Budget(db)):
                        yield finding
                    async for finding in _spending(db):
                        yield finding
                async for finding in _accounts(settings):
                    yield finding
            else:
                async for finding in _models(providers, None):
                    yield finding
    finally:
        for provider in providers:
            await provider.aclose()


def _database(settings: Settings, url: str) -> list[Finding]:
    try:
        schema.ensure(url)
        says = f"The database answers, its schema is at revision {schema.newest()}."
        found = [Finding(part="database", ok=True, says=says)]
    except VernisError as error:
        return [Finding(part="database", ok=False, says=str(error))]
    try:
        secret.load(settings, url)
        says = "The secret is the one that this database was set up with."
        return [*found, Finding(part="secret", ok=True, says=says)]
    except VernisError as error:
        return [*found, Finding(part="secret", ok=False, says=str(error))]


async def _redis(url: str) -> Finding:
    from redis.exceptions import RedisError

    from vernis.adapters.context import connect

    redis = connect(url)
    try:
        await redis.ping()
    except (RedisError, OSError):
        says = "Redis does not answer: check REDIS_URL."
        return Finding(part="redis", ok=False, says=says)
    finally:
        await redis.aclose()
    return Finding(part="redis", ok=True, says="Redis answers.")


async def _models(providers: Sequence[Provider], budget: Budget | None) -> AsyncIterator[Finding]:
    if not providers:
        says = "No language model is configured: messages are written by template."
        yield Finding(part="model", ok=True, says=says)
    for provider in providers:
        try:
            outcome = await _asked(provider, budget)
        except Refused:
            says = f"The model {provider.name} was not asked: its requests are used up for now."
            yield Finding(part="model", ok=True, says=says)
        else:
            works = outcome is Outcome.WORKS
            yield Finding(part="model", ok=works, says=sentence(provider.name, outcome))


async def _asked(provider: Provider, budget: Budget | None) -> Outcome:
    if budget is not None:
        return await budget.check(provider, CHECK)
    try:
        await provider.ask(CHECK, 1)
    except ModelError as error:
        return error.outcome
    return Outcome.WORKS


async def _spending(db: Database) -> AsyncIterator[Finding]:
    for company_id in await companies.names(db):
        company = await companies.get(db, company_id)
        spent = await model_status.spent_micro_usd(db, company) / MICRO_USD
        if company.model_limit_minor is None and not spent:
            continue
        says = f"{company.name} has spent {spent:.2f} US dollars on the language model this month"
        if company.model_limit_minor is not None:
            says += f", of {company.model_limit_minor / 100:.2f}"
        yield Finding(part="money", ok=True, says=f"{says}.")


# --- the numbers that messages leave from ---------------------------------------------------------


async def _accounts(settings: Settings) -> AsyncIterator[Finding]:
    """Each company's accounts, asked at this moment; those outside the cascade are left out."""
    async with open_app(settings, clock=PinnedClock()) as app:
        for company_id in await companies.names(app.db):
            company = await companies.get(app.db, company_id)
            known = await accounts.listed(app.db, company)
            for standing in await accounts.standings(
                app.db, company, app.channels, now=app.clock()
            ):
                if standing.channel != "sandbox" and standing.position is not None:
                    yield await _account(app, company, standing, known[standing.name])


async def _account(app: App, company: Company, standing: Standing, account: Account) -> Finding:
    called = f"{company.name}, {standing.name}"
    if (channel := app.channels.get(standing.channel)) is None:
        says = f"{called}: {account_words.not_set_up(standing.channel)}"
        return Finding(part="account", ok=False, says=says)
    connected = await connections.ask(channel, account)
    works = connected.state in {ConnectionState.CONNECTED, ConnectionState.UNKNOWN}
    says = connected.says or f"{account_words.connection(standing.name, connected.state)}."
    if works and standing.paused is not None:
        paused = account_words.pause(
            standing.name,
            standing.paused,
            since=standing.paused_at,
            until=standing.paused_until,
            zone=company.zone,
        )
        return Finding(part="account", ok=False, says=f"{called}: {paused}.")
    return Finding(part="account", ok=works, says=f"{called}: {says}")
