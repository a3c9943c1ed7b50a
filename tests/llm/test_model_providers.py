"""Each kind of model, asked over HTTP: what can go wrong has a name, and a sentence."""

import gc
import socket
import warnings
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from fake_models import (
    KNOWN_MODEL,
    RIGHT_KEY,
    Asked,
    Fails,
    FakeGemini,
    FakeModel,
    FakeOpenAI,
    Raw,
    Reply,
    Says,
)
from fake_proxy import FakeProxy
from wiring import provider_for

from vernis.adapters.model_providers import ModelError, Provider
from vernis.config import ModelSettings
from vernis.decide.writing.model_health import Outcome
from vernis.decide.writing.prompt import CHECK

KINDS: list[type[FakeModel]] = [FakeGemini, FakeOpenAI]
WORDS = '{"messages": [{"id": "k1", "text": "ok"}]}'
PRICES = {"input_price": 1.0, "output_price": 2.0}


def ok(_: Asked) -> Reply:
    return Says(words=WORDS, tokens=(100, 50))


@pytest.fixture
async def make() -> AsyncIterator[Any]:
    async with AsyncExitStack() as stack:

        def make(asked: FakeModel | ModelSettings, **changes: Any) -> Provider:
            provider = provider_for(asked, **changes)
            stack.push_async_callback(provider.aclose)
            return provider

        yield make


async def error_of(provider: Provider) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await provider.ask(CHECK, 1)
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_has_its_messages_and_its_price(make, kind: type[FakeModel]):
    async with kind(script=ok) as fake:
        answer = await make(fake, **PRICES).ask(CHECK, 1)

    assert [(one.id, one.text) for one in answer.messages] == [("k1", "ok")]
    assert answer.micro_usd == 100 * 1 + 50 * 2


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wrong_key_and_an_unknown_model_are_told_apart(make, kind: type[FakeModel]):
    async with kind(script=ok) as fake:
        assert (await error_of(make(fake, api_key="wrong"))).outcome is Outcome.WRONG_KEY
        assert (await error_of(make(fake, model="flash-9"))).outcome is Outcome.UNKNOWN_MODEL
        assert fake.asked == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("reply", "outcome", "cost"),
    [
        (Fails(how="rate_limit", retry_after=7), Outcome.RATE_LIMITED, 0),
        (Fails(how="quota"), Outcome.QUOTA, 0),
        (Fails(how="server"), Outcome.SERVER_ERROR, 0),
        (Fails(how="overloaded"), Outcome.SERVER_ERROR, 0),
        (Fails(how="rejected"), Outcome.REJECTED, 0),
        (Says(words="Здравствуйте!", tokens=(10, 5)), Outcome.NONSENSE, 20),
        (Says(words="", tokens=(10, 0)), Outcome.NONSENSE, 10),
        (Raw(), Outcome.UNREACHABLE, None),
        (Raw(hang=5), Outcome.TIMEOUT, None),
    ],
    ids=lambda value: getattr(value, "how", None) or str(value)[:12],
)
async def test_what_a_request_came_to_has_a_name_and_a_cost(
    make, kind: type[FakeModel], reply: Reply, outcome: Outcome, cost: int | None
):
    async with kind(script=lambda _: reply) as fake:
        patience = 0.5 if outcome is Outcome.TIMEOUT else 30  # a busy machine is no outcome
        error = await error_of(make(fake, timeout_seconds=patience, **PRICES))

        assert len(fake.asked) == 1  # no retry that the budget does not know of
    assert error.outcome is outcome
    assert error.micro_usd == cost
    assert error.retry_after == getattr(reply, "retry_after", None)


async def test_a_country_without_gemini_is_told_from_a_rejected_request(make):
    async with FakeGemini(script=lambda _: Fails(how="location")) as fake:
        assert (await error_of(make(fake))).outcome is Outcome.LOCATION


async def test_an_address_where_nobody_listens_cannot_be_reached(make):
    error = await error_of(make(_at(f"http://127.0.0.1:{_closed_port()}/v1")))

    assert error.outcome is Outcome.UNREACHABLE
    assert error.micro_usd == 0


def _at(base_url: str, **changes: Any) -> ModelSettings:
    values = {"model": KNOWN_MODEL, "api_key": RIGHT_KEY, "base_url": base_url}
    return ModelSettings(**values, **changes)


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


# --- proxies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_model_is_reached_through_its_own_proxy_alone(
    make, kind: type[FakeModel], scheme: str
):
    async with (
        kind(script=ok) as fake,
        FakeOpenAI(script=ok) as other,
        FakeProxy(scheme=scheme, behind=fake) as proxy,
    ):
        # a name that only the proxy can resolve
        base_url = fake.base_url.replace("127.0.0.1", "model.invalid")
        through = make(fake, proxy=proxy.url, base_url=base_url)
        assert (await through.ask(CHECK, 1)).messages
        assert (await make(other).ask(CHECK, 1)).messages

        assert len(fake.asked) == 1
        assert len(proxy.asked_for) == 1
        assert "model.invalid" in proxy.asked_for[0]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_refuses_is_named(make, scheme: str):
    async with FakeProxy(scheme=scheme) as proxy:
        error = await error_of(make(_at("https://model.invalid/v1", proxy=proxy.url)))

    assert (error.outcome, error.micro_usd) == (Outcome.PROXY_REFUSED, 0)
    del error
    with warnings.catch_warnings():  # httpcore2 leaves a refused SOCKS connection to the collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_not_there_is_named(make, scheme: str):
    proxy = f"{scheme}://127.0.0.1:{_closed_port()}"

    error = await error_of(make(_at("https://model.invalid/v1", proxy=proxy)))

    assert error.outcome is Outcome.PROXY_REFUSED


# --- no test reaches a real model -----------------------------------------------------------------


async def test_nothing_but_the_loopback_can_be_reached_from_a_test(make):
    error = await error_of(make(ModelSettings(model="gpt-4o", api_key="k")))

    assert error.outcome in {Outcome.UNREACHABLE, Outcome.NONSENSE}
    with pytest.raises(RuntimeError, match="only the loopback"):
        socket.create_connection(("192.0.2.1", 443), timeout=1)
